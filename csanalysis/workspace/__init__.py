"""Load, make and find workspaces: the folders of tables, scenarios and notebooks that analysts own."""

from csanalysis.workspace.create import create_workspace, example_dir, notebooks_dir
from csanalysis.workspace.loading import load_dataset, start
from csanalysis.workspace.marker import find_workspace
from csanalysis.workspace.price_sheet_offers import read_price_sheet
from csanalysis.workspace.saving import read_scenario, save_scenario

__all__ = [
    "create_workspace",
    "example_dir",
    "find_workspace",
    "load_dataset",
    "notebooks_dir",
    "read_price_sheet",
    "read_scenario",
    "save_scenario",
    "start",
]
