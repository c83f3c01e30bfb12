"""Create and repair the virtual environment `.venv` from a lock with hashes.

There are two sets of packages: `runtime` (what an analyst needs) and `test` (that and the check tools).
A stamp in `.venv` says which set stands there complete; it is taken away before anything is changed and
written last, so that an interrupted set-up is seen and done again.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import re
import shutil
import sys
import sysconfig
from pathlib import Path

from tools import processes
from tools.console import SetupError, say, write

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCKS = {"runtime": "requirements.lock", "test": "requirements-test.lock"}

# Settings of the caller's Python or pip that would point a fresh environment elsewhere.
FOREIGN = ("PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__", "PIP_USER", "PIP_TARGET", "PIP_PREFIX")

# pip's settings that a company network may need, and what uv calls them.
PIP_TO_UV = {"index-url": "UV_DEFAULT_INDEX", "cert": "SSL_CERT_FILE", "proxy": "ALL_PROXY"}

NO_ENSUREPIP = """\
csanalysis: this Python ({executable}) cannot create virtual environments: the module "{module}" is missing.
            この Python では仮想環境を作成できません（モジュール {module} がありません）。
    Debian/Ubuntu:   sudo apt install python3-venv     (or / または  python{version}-venv)
    openSUSE:        sudo zypper install python3-base python3-pip
    Fedora, RHEL:    sudo dnf install python3 python3-pip
    otherwise:       install Python {version} with its standard library complete, or use conda:
                     conda env create -f environment.yml
Then run the same command again / その後、同じコマンドをもう一度実行してください。
"""

NOT_INSTALLED = """\
the packages could not be installed; the messages above say why.
            パッケージをインストールできませんでした（理由は上のメッセージをご覧ください）。
    - No network? Set up once with it; later runs work without. / 初回のみネットワーク接続が必要です。
    - Behind a proxy or a company mirror: set HTTPS_PROXY, or index-url in pip's configuration.
      プロキシや社内ミラーがある場合は、HTTPS_PROXY または pip の index-url を設定してください。
    - Disk full? About 1 GB is needed. / 約 1 GB の空き容量が必要です。
Then run the same command again / その後、同じコマンドをもう一度実行してください。"""


def venv_python(venv: Path = VENV) -> Path:
    """Return the path of the environment's Python."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def site_packages(venv: Path = VENV) -> Path:
    """Return the folder of the environment's packages."""
    base = {"base": str(venv), "platbase": str(venv), "installed_base": str(venv)}
    return Path(sysconfig.get_path("purelib", scheme="venv", vars=base))


def digest(kind: str, root: Path = ROOT) -> str:
    """Return the hash of all that the complete environment depends on: locks, project file, Python, place."""
    whole = hashlib.sha256()
    for name in (LOCKS[kind], "pyproject.toml"):
        whole.update((root / name).read_bytes())
    for part in (*sys.version_info[:2], platform.machine(), sys.platform, root):
        whole.update(f"\0{part}".encode("utf-8", "surrogateescape"))
    return whole.hexdigest()


def stamp(kind: str, venv: Path = VENV) -> Path:
    """Return the file that holds the digest of a complete set."""
    return venv / f"csanalysis-{kind}.stamp"


def is_ready(kind: str) -> bool:
    """Tell whether `.venv` holds the whole set as the lock has it now."""
    try:
        return stamp(kind).read_text(encoding="utf-8") == digest(kind) and venv_python().exists()
    except OSError:
        return False


def usable_home() -> bool:
    """Tell whether there is a home folder that can be written to."""
    home = os.environ.get("HOME", "")
    return os.name == "nt" or (os.path.isdir(home) and os.access(home, os.W_OK | os.X_OK))


def child_environment() -> dict[str, str]:
    """Return the environment variables for everything that runs in `.venv`."""
    env = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    env["VIRTUAL_ENV"] = str(VENV)
    env["PATH"] = os.pathsep.join([str(venv_python().parent), env.get("PATH", os.defpath)])
    env["PYTHONUTF8"] = "1"
    if not usable_home():
        home = VENV / "home"
        home.mkdir(parents=True, exist_ok=True)
        env["HOME"] = str(home)
    return env


def lock_entry(lock: str, name: str) -> str:
    """Return the lines of one package in the text of a lock, hashes included."""
    found = re.search(rf"^{re.escape(name)}==.*(?:\n +--hash=.*)*\n?", lock, flags=re.MULTILINE)
    if found is None:
        raise SetupError(f"{name} is not in the lock")
    return found.group()


def create_venv() -> None:
    """Make an empty environment in `.venv`, in place of whatever stands there."""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    for module in ("venv", "ensurepip"):
        if importlib.util.find_spec(module) is None:
            write(NO_ENSUREPIP.format(executable=sys.executable, module=module, version=version))
            raise SetupError(f'Python\'s module "{module}" is missing')
    if VENV.exists() or VENV.is_symlink():
        remove_venv()
    say(f"creating .venv with Python {platform.python_version()}", "仮想環境 .venv を作成しています")
    base = getattr(sys, "_base_executable", None) or sys.executable
    env = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    code, output = processes.capture([base, "-m", "venv", str(VENV)], cwd=ROOT, env=env)
    if code != 0:
        write(output)
        raise SetupError(".venv could not be created / 仮想環境を作成できませんでした")


def remove_venv() -> None:
    """Remove `.venv`, a link, a file or a folder."""
    try:
        if VENV.is_dir() and not VENV.is_symlink():
            shutil.rmtree(VENV)
        else:
            VENV.unlink()
    except OSError as error:
        raise SetupError(
            f"{error}\n    .venv cannot be replaced: close JupyterLab and what else uses it, and try again"
            "\n    .venv を置き換えられません。JupyterLab などを終了してから、もう一度実行してください"
        ) from error


def venv_works() -> bool:
    """Tell whether `.venv` was made in this place and has a Python of this version, with pip.

    A folder that was moved or copied has the old path in its scripts.
    """
    try:
        made_here = str(VENV) in (VENV / "pyvenv.cfg").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return False
    if not made_here or not venv_python().exists():
        return False
    probe = f"import sys, pip; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    command = [str(venv_python()), "-c", probe]
    return processes.run(command, cwd=ROOT, env=child_environment(), quiet=True) == 0


def pip_settings_for_uv(env: dict[str, str]) -> dict[str, str]:
    """Return the variables that tell uv, which does not read pip's configuration, about a company network."""
    command = [str(venv_python()), "-m", "pip", "config", "list"]
    _, listing = processes.capture(command, cwd=ROOT, env=env)
    settings = {}
    for option, variable in PIP_TO_UV.items():
        found = re.search(rf"^(?::env:|global|install)\.{option}='(.+)'$", listing, flags=re.MULTILINE)
        if found and variable not in env:
            settings[variable] = found.group(1)
    return settings


def install_with_uv(lock: Path, env: dict[str, str]) -> bool:
    """Install uv from the lock, then the whole lock with uv; tell whether that went well."""
    python = str(venv_python())
    entry = VENV / "uv.requirement"
    entry.write_text(lock_entry(lock.read_text(encoding="utf-8"), "uv"), encoding="utf-8")
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--require-hashes"]
    if processes.run([*pip, "--no-deps", "--only-binary=:all:", "-r", str(entry)], cwd=ROOT, env=env) != 0:
        return False
    uv = [python, "-m", "uv", "pip", "install", "--python", python]
    if not sys.stderr.isatty():
        uv.append("--quiet")
    env = env | pip_settings_for_uv(env)
    if processes.run([*uv, "--require-hashes", "--no-deps", "-r", str(lock)], cwd=ROOT, env=env) != 0:
        return False
    project = ["--no-build-isolation", "--no-deps", "--no-index", "-e", str(ROOT)]
    return processes.run([*uv, *project], cwd=ROOT, env=env) == 0


def install_with_pip(lock: Path, env: dict[str, str]) -> bool:
    """Install the whole lock, but for uv, with pip; tell whether that went well."""
    text = lock.read_text(encoding="utf-8")
    rest = VENV / "pip.requirements"
    rest.write_text(text.replace(lock_entry(text, "uv"), ""), encoding="utf-8")
    pip = [str(venv_python()), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    if processes.run([*pip, "--require-hashes", "--no-deps", "-r", str(rest)], cwd=ROOT, env=env) != 0:
        return False
    project = ["--no-build-isolation", "--no-deps", "--no-index", "-e", str(ROOT)]
    return processes.run([*pip, *project], cwd=ROOT, env=env) == 0


def settle_project() -> None:
    """Point the environment to the project by a relative path, and drop a copy of the example workspace.

    Python up to 3.12 reads `.pth` files in the encoding of the system, which on a Japanese Windows cannot
    read the UTF-8 that installers write: a relative path is plain ASCII. And an editable install leaves a
    copy of the bundled files in `site-packages`, which would grow stale beside the ones in the repository.
    """
    folder = site_packages()
    for path in folder.glob("*csanalysis*.pth"):
        path.write_text(Path(os.path.relpath(ROOT, folder)).as_posix() + "\n", encoding="ascii")
    shutil.rmtree(folder / "csanalysis", ignore_errors=True)


def ensure(kind: str) -> Path:
    """Bring `.venv` to the state of the lock if it is not there yet, and return its Python.

    Parameters
    ----------
    kind : str
        `runtime` or `test`; `test` holds all of `runtime`.

    Raises
    ------
    SetupError
        If it cannot be done.
    """
    if is_ready(kind):
        return venv_python()
    if VENV.is_dir():
        for each in LOCKS:
            stamp(each).unlink(missing_ok=True)
    if not venv_works():
        create_venv()
    lock = ROOT / LOCKS[kind]
    count = len(re.findall(r"^[\w.-]+==", lock.read_text(encoding="utf-8"), flags=re.MULTILINE))
    say(
        f"installing {count} packages from {lock.name} (the first time this may take some minutes)",
        f"{count} 個のパッケージをインストールしています（初回は数分かかることがあります）",
    )
    env = child_environment()
    if not install_with_uv(lock, env):
        say(
            "uv did not succeed, trying pip (a few minutes)",
            "uv では失敗したため pip で試します（数分かかります）",
        )
        if not install_with_pip(lock, env):
            raise SetupError(NOT_INSTALLED)
    settle_project()
    for each in LOCKS if kind == "test" else (kind,):
        stamp(each).write_text(digest(each), encoding="utf-8")
    say("set-up is complete", "準備が完了しました")
    return venv_python()
