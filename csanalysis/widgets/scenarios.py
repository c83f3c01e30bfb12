"""The bar below a panel: name and save a scenario, load, put away, compare. All of it through `workspace`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

import ipywidgets

from csanalysis.errors import DataContractError, ScenarioExistsError, ScenarioNotChosenError, WorkspaceError
from csanalysis.labels import text
from csanalysis.model.dataset import Dataset
from csanalysis.model.scenario import Scenario
from csanalysis.widgets.checklist import Checklist
from csanalysis.widgets.compare import MOST, compare_scenarios
from csanalysis.workspace.saving import put_away, read_scenario, save_scenario, scenario_names, version_of
from csanalysis.workspace.scenario_names import check_name


class ScenarioBar:
    """Name, list and buttons. What went wrong is told in `status`, and no value on screen is lost by it.

    Attributes
    ----------
    name, status, table : ipywidgets widgets
        Field of the name, what happened last, and the comparison.
    saved : Checklist
        The saved scenarios.
    buttons : dict
        save, load, put_away, compare -> ipywidgets.Button.
    box : ipywidgets.VBox
    """

    def __init__(
        self,
        ds: Dataset,
        lang: str,
        views: Sequence[str],
        now: Callable[[], Scenario],
        load: Callable[[Scenario], None],
    ) -> None:
        self._ds, self._lang, self._views, self._now, self._load = (
            ds.with_language(lang),
            lang,
            views,
            now,
            load,
        )
        self._known: dict[str, str] = {}
        self._asked: tuple[str, str] = ("", "")
        self._with_now = False
        self.name = ipywidgets.Text(
            description=self._say("name"),
            placeholder=self._say("name_hint"),
            tooltip=self._say("name_hint"),
            layout={"width": "26em", "max_width": "100%"},
            style={"description_width": "9em"},
        )
        self.saved = Checklist(self._say("saved"), self._say("saved_hint", most=MOST))
        actions = {"save": self.save, "load": self.load, "put_away": self.put_away, "compare": self.compare}
        self.buttons = {key: self._button(key, act) for key, act in actions.items()}
        self.status, self.table = ipywidgets.HTML(), ipywidgets.HTML()
        wrap = {"flex_flow": "row wrap", "align_items": "flex-start"}
        several = [*(self.buttons[key] for key in ("load", "compare", "put_away"))]
        self.box = ipywidgets.VBox(
            [
                ipywidgets.HTML(f'<p class="csa-group">{escape(self._say("title"))}</p>'),
                ipywidgets.HBox([self.name, self.buttons["save"]], layout=wrap),
                self.saved.box,
                ipywidgets.HBox(several, layout=wrap),
                self.status,
                self.table,
            ]
        )
        self.refresh()

    def _say(self, key: str, **values: object) -> str:
        return text(f"bar.{key}", self._lang, **values)

    def _button(self, key: str, act: Callable[[], None]) -> ipywidgets.Button:
        button = ipywidgets.Button(description=self._say(key), tooltip=self._say(f"{key}_hint"))
        button.on_click(lambda _: self._carefully(act))
        return button

    def _carefully(self, act: Callable[[], None]) -> None:
        """Run an action; what the workspace refuses is told, and the values on screen stay."""
        try:
            act()
        except (WorkspaceError, DataContractError, ValueError, OSError) as error:
            self._tell(str(error), alert=True)

    def _tell(self, message: str, *, alert: bool = False) -> None:
        role = "alert" if alert else "status"
        self.status.value = f'<p role="{role}">{escape(message)}</p>'

    def refresh(self) -> None:
        """Read the list of saved scenarios again; others may have saved meanwhile."""
        names = scenario_names(self._ds)
        chosen = [name for name in self.saved.value if name in names]
        self.saved.options = names
        self.saved.value = chosen

    def save(self) -> None:
        """Write what the controls say under the name of the field; an existing one only when asked twice."""
        name = self.name.value.strip()
        there = version_of(self._ds, name) if name else ""
        again = self._asked == ("save", f"{name} {there}")
        self._asked = ("", "")
        try:
            known = there if again else self._known.get(name)
            self._known[name] = save_scenario(self._ds, self._now(), name, known=known)
        except ScenarioExistsError:
            self._asked = ("save", f"{name} {there}")
            self.refresh()
            raise
        except ScenarioNotChosenError:
            self.refresh()
            self._known[name] = version_of(self._ds, name)
            raise
        self.refresh()
        self.saved.value = [self._one_of(name)]
        self._tell(self._say("saved_as", name=self._one_of(name)))

    def _one_of(self, name: str) -> str:
        """Return a name as the list has it: the file system's own form."""
        return next(str(each) for each in self.saved.options if each == check_name(name))

    def load(self) -> None:
        """Put the values of the chosen scenario on screen."""
        name = self._single()
        known = version_of(self._ds, name)
        found = read_scenario(self._ds, name)
        self._known[name] = known
        self._load(found)
        self.name.value = name
        self._tell(self._say("loaded", name=name))

    def put_away(self) -> None:
        """Take the chosen scenario out of the list, when asked twice; its file stays in ``.earlier``."""
        name = self._single()
        if self._asked != ("put_away", name):
            self._asked = ("put_away", name)
            self._tell(self._say("put_away_sure", name=name), alert=True)
            return
        self._asked = ("", "")
        kept = put_away(self._ds, name)
        self.refresh()
        self._tell(self._say("put_away_done", name=name, file=kept.name))

    def outdated(self) -> None:
        """Take a comparison with the values on screen away: they have moved."""
        if self._with_now:
            self.table.value, self._with_now = "", False
            self._tell(self._say("moved_on"))

    def _single(self) -> str:
        """Return the one chosen name."""
        self.refresh()
        if len(self.saved.value) != 1:
            raise WorkspaceError(self._say("choose_one"))
        return str(self.saved.value[0])

    def compare(self) -> None:
        """Show the chosen scenarios beside what the controls say; without a choice of one to three, ask."""
        self.refresh()
        names = list(self.saved.value)
        if not 1 <= len(names) <= MOST:
            raise WorkspaceError(self._say("choose_some", most=MOST))
        self._tell(self._say("computing"))
        scenarios = {name: read_scenario(self._ds, name) for name in names}
        self._with_now = len(names) < MOST
        if self._with_now:
            scenarios = {self._say("now"): self._now(), **scenarios}
        self.table.value = compare_scenarios(self._ds, scenarios, self._views).html(self._lang)
        self._tell(self._say("compared", names=" / ".join(scenarios)))
