"""The Python process (kernel) that runs a notebook, and the settings it is given.

The kernel is the interpreter that runs this code; a kernel installed elsewhere under the same name is
never used, and neither are start-up files of the user's IPython. It is reached through sockets in a
private temporary folder (through 127.0.0.1 on Windows), so no network is needed.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from traitlets import Type

_LONGEST_SOCKET_FOLDER = 80
_PREFIX = "CSANALYSIS_"


def kernel_environment(
    workspace: Path,
    *,
    lang: str,
    scenario: str,
    overrides: Mapping[str, object] | None = None,
    show_names: bool = True,
) -> dict[str, str]:
    """Return the environment of a notebook's kernel: this process's, with the choices of this report."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_PREFIX)}
    return environment | {
        "CSANALYSIS_WORKSPACE": str(workspace),
        "CSANALYSIS_SCENARIO": scenario,
        "CSANALYSIS_LANG": lang,
        "CSANALYSIS_SET": json.dumps(dict(overrides or {}), ensure_ascii=False),
        "CSANALYSIS_STRICT": "1",
        "CSANALYSIS_NAMES": "shown" if show_names else "hidden",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }


class _ThisPython(KernelSpecManager):
    """Offers one kernel: the running interpreter."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        options = ["--HistoryManager.enabled=False"]
        return KernelSpec(resource_dir="", **get_kernel_dict(extra_arguments=options))


class KeepingChannel(AsyncZMQSocketChannel):
    """Keeps every message of the kernel, also those that belong to no cell and those cleared later."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept: list[dict[str, Any]] = []

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:  # type: ignore[override]
        """Return the next message and keep it."""
        message: dict[str, Any] = await super().get_msg(timeout)
        self.kept.append(message)
        return message


class _Client(AsyncKernelClient):
    iopub_channel_class = Type(KeepingChannel)


def new_manager(private: Path) -> AsyncKernelManager:
    """Return the manager of a kernel that keeps its connection in the folder `private`."""
    manager = AsyncKernelManager(kernel_spec_manager=_ThisPython(), kernel_name="python3")
    manager.client_factory = _Client
    manager.connection_file = str(private / "k.json")
    if sys.platform != "win32" and len(str(private)) < _LONGEST_SOCKET_FOLDER:
        manager.transport = "ipc"
        manager.ip = str(private / "s")
    return manager
