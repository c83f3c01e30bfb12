"""Command line: init, check, report, export, lab, app. Exit 0 = done, 1 = input at fault, 2 = usage."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from csanalysis import labels
from csanalysis.errors import DataContractError, Failure, ReportError, WorkspaceError
from csanalysis.labels import LANGUAGES

if TYPE_CHECKING:
    from csanalysis.model.dataset import Dataset

DONE, INPUT_AT_FAULT, USAGE = 0, 1, 2
Command = Callable[[argparse.Namespace, str], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    _speak_utf8()
    lang = _screen_language(words)
    arguments = _parser(lang).parse_args(words)
    command: Command = arguments.command
    try:
        return command(arguments, lang)
    except (DataContractError, WorkspaceError, ReportError, ValueError, OSError) as error:
        print(error, file=sys.stderr)
    except KeyboardInterrupt:
        print(labels.text("cli.interrupted", lang), file=sys.stderr)
        return 130
    return INPUT_AT_FAULT


def _speak_utf8() -> None:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


def _screen_language(words: Sequence[str]) -> str:
    """Return the language of ``--lang`` if named, else of ``CSANALYSIS_LANG``, else Japanese."""
    named = os.environ.get("CSANALYSIS_LANG", "ja")
    for n, word in enumerate(words):
        if word == "--lang" and n + 1 < len(words):
            named = words[n + 1]
        elif word.startswith("--lang="):
            named = word.removeprefix("--lang=")
    return named if named in LANGUAGES else "ja"


def _parser(lang: str) -> argparse.ArgumentParser:
    def say(key: str) -> str:
        return labels.text(f"cli.{key}", lang)

    top = argparse.ArgumentParser(
        prog="csanalysis",
        description=say("description"),
        epilog=say("examples"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=_version())
    commands = top.add_subparsers(title=say("commands"), required=True, metavar="COMMAND")

    def add(name: str, command: Command) -> argparse.ArgumentParser:
        sub = commands.add_parser(
            name,
            help=say(f"{name}.help"),
            description=say(f"{name}.help"),
            epilog=say(f"{name}.examples"),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        sub.set_defaults(command=command)
        sub.add_argument("--lang", choices=LANGUAGES, help=say("lang"))
        return sub

    init = add("init", _init)
    init.add_argument("dir", metavar="DIR", nargs="?", help=say("init.dir"))
    init.add_argument("--minimal", metavar="FILE", nargs="?", const="", help=say("init.minimal"))
    init.add_argument("--minimal-template", metavar="FILE", help=say("init.minimal_template"))
    init.add_argument("--accept", action="store_true", help=say("init.accept"))

    check = add("check", _check)
    check.add_argument("dir", metavar="DIR", nargs="?", help=say("dir"))
    check.add_argument("--json", action="store_true", help=say("check.json"))

    report = add("report", _report)
    report.add_argument("dir", metavar="DIR", nargs="?", help=say("dir"))
    report.add_argument("--out", metavar="OUT", default="report", help=say("report.out"))
    report.add_argument("--show-code", action="store_true", help=say("report.show_code"))
    report.add_argument("--show-names", action="store_true", help=say("report.show_names"))

    export = add("export", _export)
    export.add_argument("dir", metavar="DIR", nargs="?", help=say("dir"))
    export.add_argument("--out", metavar="FILE", help=say("export.out"))
    export.add_argument(
        "--audience", choices=("vendor", "internal"), default="vendor", help=say("export.audience")
    )
    for sub in (report, export):
        sub.add_argument("--scenario", metavar="NAME", help=say("report.scenario"))
        sub.add_argument(
            "--set",
            metavar="KEY=VALUE",
            dest="overrides",
            action="append",
            default=[],
            help=say("report.set"),
        )

    for sub in (add("lab", _lab), add("app", _app)):
        sub.add_argument("dir", metavar="DIR", nargs="?", help=say("dir"))
        sub.add_argument("--no-browser", action="store_true", help=say("lab.no_browser"))
        sub.add_argument("--port", type=int, metavar="PORT", help=say("lab.port"))
    return top


def _version() -> str:
    from importlib.metadata import version

    return f"csanalysis {version('csanalysis')}"


def _program() -> str:
    """Return how this was started, for messages that name the next command."""
    return os.environ.get("CSANALYSIS_PROGRAM", "csanalysis")


def _language_of(root: Path, arguments: argparse.Namespace) -> str:
    """Return the language named on the command line or by the environment, else the workspace's."""
    from csanalysis.workspace.marker import read_marker

    named = arguments.lang or os.environ.get("CSANALYSIS_LANG")
    return str(named) if named in LANGUAGES else read_marker(root).lang


def _init(arguments: argparse.Namespace, lang: str) -> int:
    from csanalysis.workspace import create_workspace

    if arguments.minimal_template:
        from csanalysis.workspace.minimal_sheet import write_minimal_template

        if arguments.dir or arguments.minimal is not None:
            print(labels.text("cli.init.template_alone", lang), file=sys.stderr)
            return USAGE
        file = write_minimal_template(arguments.minimal_template, lang)
        print(labels.text("cli.init.template_done", lang, file=file))
        return DONE
    if not arguments.dir:
        print(labels.text("cli.init.no_dir", lang), file=sys.stderr)
        return USAGE
    if arguments.minimal is not None:
        return _init_minimal(arguments, lang)
    folder = create_workspace(arguments.dir, arguments.lang, templates=True)
    print(labels.text("cli.init.done", lang, folder=folder, name=arguments.dir, program=_program()))
    return DONE


def _init_minimal(arguments: argparse.Namespace, lang: str) -> int:
    """Make a workspace of a filled sheet, or of answers given on the terminal."""
    from csanalysis.workspace.create import check_target
    from csanalysis.workspace.minimal_ask import ask_minimal
    from csanalysis.workspace.minimal_read import read_minimal_sheet
    from csanalysis.workspace.minimal_tables import create_minimal_workspace

    check_target(arguments.dir)
    accept, told = arguments.accept, list[str]()
    if arguments.minimal:
        sheet = read_minimal_sheet(arguments.minimal, arguments.lang, otherwise=lang)
        answers, lang, told = sheet.answers, arguments.lang or sheet.lang, list(sheet.notes)
    elif sys.stdin is not None and sys.stdin.isatty():
        try:
            answers, accept = ask_minimal(input, print, lang), True
        except EOFError:
            raise KeyboardInterrupt from None
    else:
        print(labels.text("minimal.ask.no_terminal", lang, dir=arguments.dir), file=sys.stderr)
        return USAGE
    made = create_minimal_workspace(arguments.dir, answers, lang, accept=accept)
    notes = "".join(f"  {note}\n" for note in (*told, *made.notes))
    values = {"folder": made.folder, "name": arguments.dir, "prefilled": made.prefilled, "notes": notes}
    print(labels.text("cli.init.minimal_done", lang, program=_program(), **values))
    return DONE


def _check(arguments: argparse.Namespace, lang: str) -> int:
    from csanalysis.model.dataset import repair_sentences
    from csanalysis.workspace import find_workspace, load_dataset

    try:
        root = find_workspace(arguments.dir)
        ds = load_dataset(root, lang=arguments.lang)
    except (ValueError, OSError) as error:
        log = error.repairs if isinstance(error, DataContractError) else ()
        if arguments.json:
            faults = error.to_records() if isinstance(error, DataContractError) else [_fault(error, lang)]
            told = {"ok": False, "failures": faults, "repairs": list(log)}
            print(json.dumps(told, ensure_ascii=False, indent=2))
            return INPUT_AT_FAULT
        print(error, file=sys.stderr)
        if isinstance(error, DataContractError) and log:
            _print_log(repair_sentences(log, error.failures[0].lang), error.failures[0].lang, sys.stderr)
        return INPUT_AT_FAULT
    if arguments.json:
        print(json.dumps(_as_json(ds), ensure_ascii=False, indent=2))
        return DONE
    print(labels.text("cli.check.done", ds.lang, folder=root, scenario=ds.scenario.name or "-"))
    for source in ds.sources:
        key = "cli.check.file" if source.rows >= 0 else "cli.check.large"
        print(labels.text(key, ds.lang, file=source.file, rows=source.rows))
    _print_log(ds.repairs_told(), ds.lang, sys.stdout)
    return DONE


def _print_log(told: Sequence[tuple[str, str]], lang: str, stream: TextIO) -> None:
    key = "cli.check.repairs" if told else "cli.check.no_repairs"
    print(labels.text(key, lang, count=len(told)), file=stream)
    for file, words in told:
        print(f"  {file}: {words}", file=stream)


def _fault(error: Exception, lang: str) -> dict[str, object]:
    """Return an error that belongs to no cell in the form of those that do."""
    return asdict(Failure(file="", expected=str(error), fix="", lang=lang))


def _as_json(ds: Dataset) -> dict[str, object]:
    return {
        "ok": True,
        "workspace": str(ds.root),
        "scenario": ds.scenario.name,
        "files": [
            {"table": s.table, "file": s.file, "rows": s.rows, "encoding": s.encoding, "sha256": s.sha256}
            for s in ds.sources
        ],
        "repairs": ds.repairs.to_dict("records"),
    }


def _report(arguments: argparse.Namespace, lang: str) -> int:
    from csanalysis.report import build_report
    from csanalysis.report.memo import summarise
    from csanalysis.workspace import find_workspace

    root = find_workspace(arguments.dir)
    lang = _language_of(root, arguments)
    overrides = _overrides(arguments, lang)
    if overrides is None:
        return USAGE
    index = build_report(
        root,
        Path(arguments.out),
        lang=arguments.lang,
        scenario=arguments.scenario,
        overrides=overrides,
        show_code=arguments.show_code,
        show_names=arguments.show_names,
        summarise=summarise,
    )
    print(labels.text("cli.report.done", lang, page=index))
    return DONE


def _overrides(arguments: argparse.Namespace, lang: str) -> dict[str, str] | None:
    """Return the values of ``--set``; None, with a message, where one is no KEY=VALUE or stands twice."""
    found: dict[str, str] = {}
    for pair in arguments.overrides:
        key, equals, value = (part.strip() for part in pair.partition("="))
        if key in found or not (key and equals and value):
            print(labels.text("cli.report.bad_set", lang, pair=pair), file=sys.stderr)
            return None
        found[key] = value
    return found


def _export(arguments: argparse.Namespace, lang: str) -> int:
    """Write the request for proposal, or the evaluation sheet that stays inside."""
    from csanalysis.report.scope import write_scope
    from csanalysis.workspace import find_workspace, load_dataset

    root = find_workspace(arguments.dir)
    lang = _language_of(root, arguments)
    overrides = _overrides(arguments, lang)
    if overrides is None:
        return USAGE
    internal = arguments.audience == "internal"
    out = Path(arguments.out or ("scope_internal.xlsx" if internal else "scope.xlsx"))
    if out.suffix.lower() != ".xlsx":
        print(labels.text("cli.export.not_xlsx", lang, file=out), file=sys.stderr)
        return USAGE
    ds = load_dataset(root, lang=lang, scenario=arguments.scenario, overrides=overrides or None)
    file = write_scope(ds, ds.scenario, out, audience=arguments.audience, lang=lang)
    print(labels.text(f"cli.export.done_{arguments.audience}", lang, file=file))
    return DONE


def _lab(arguments: argparse.Namespace, lang: str) -> int:
    from csanalysis.report.lab import run_lab
    from csanalysis.workspace import find_workspace, load_dataset, notebooks_dir

    root = find_workspace(arguments.dir)
    lang = _language_of(root, arguments)
    load_dataset(root, lang=arguments.lang)
    folder = notebooks_dir(root)
    print(labels.text("cli.lab.starting", lang, folder=folder), file=sys.stderr)
    return run_lab(root, folder, arguments.lang, port=arguments.port, browser=not arguments.no_browser)


def _app(arguments: argparse.Namespace, lang: str) -> int:
    from csanalysis.report.app import run_app
    from csanalysis.workspace import find_workspace, load_dataset

    root = find_workspace(arguments.dir)
    lang = _language_of(root, arguments)
    load_dataset(root, lang=lang)

    def say(address: str) -> None:
        print(labels.text("cli.app.ready", lang, address=address), file=sys.stderr, flush=True)

    print(labels.text("cli.app.starting", lang), file=sys.stderr, flush=True)
    return run_app(root, lang, port=arguments.port, browser=not arguments.no_browser, say=say)


if __name__ == "__main__":
    raise SystemExit(main())
