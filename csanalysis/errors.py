"""Errors that tell an analyst where the input is at fault and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from csanalysis.labels import text


@dataclass(frozen=True)
class Failure:
    """One thing that is wrong with the input.

    Attributes
    ----------
    file : str
        File as named in the workspace.
    sheet : str
        Sheet of a workbook; empty for CSV.
    row : int or None
        Row as a spreadsheet counts it (the header is row 1); None if the whole file or column is meant.
    column, value : str
        Column name and the value found, as entered.
    expected, fix : str
        What was expected, and what to do, in `lang`.
    lang : {"ja", "en"}
        Language of the texts.
    """

    file: str
    expected: str
    fix: str
    sheet: str = ""
    row: int | None = None
    column: str = ""
    value: str = ""
    lang: str = "ja"

    def place(self) -> str:
        """Return file, sheet, row and column in one line."""
        parts = [self.file]
        if self.sheet:
            parts.append(f"[{self.sheet}]")
        if self.row is not None:
            parts.append(text("error.row", self.lang, row=self.row))
        if self.column:
            parts.append(text("error.column", self.lang, column=self.column))
        return " ".join(parts)

    def __str__(self) -> str:
        found = f" = {self.value!r}" if self.value else ""
        return f"{self.place()}{found}\n    {self.expected}\n    -> {self.fix}"


class DataContractError(ValueError):
    """The input breaks the data contract.

    Attributes
    ----------
    failures : tuple of Failure
        Every fault of the run.
    repairs : tuple of dict
        The repairs log up to there: it tells which sheet or header was taken.
    """

    def __init__(self, failures: Iterable[Failure], repairs: Iterable[dict[str, object]] = ()) -> None:
        self.failures = tuple(failures)
        self.repairs = tuple(repairs)
        lang = self.failures[0].lang if self.failures else "ja"
        head = text("error.failures", lang, count=len(self.failures))
        body = "\n".join(f"{n}. {failure}" for n, failure in enumerate(self.failures, 1))
        super().__init__(f"{head}\n{body}")

    def __reduce__(
        self,
    ) -> tuple[type[DataContractError], tuple[tuple[Failure, ...], tuple[dict[str, object], ...]]]:
        return type(self), (self.failures, self.repairs)

    def to_records(self) -> list[dict[str, object]]:
        """Return the failures as plain dictionaries (for JSON and tables)."""
        return [asdict(failure) for failure in self.failures]


class WorkspaceError(ValueError):
    """A workspace cannot be found, made or read."""


class ScenarioExistsError(WorkspaceError):
    """A scenario of this name is there already, or somebody else has saved it meanwhile."""


class ScenarioNotChosenError(WorkspaceError):
    """A scenario was saved, but could not be made the one that notebooks use."""


class ReportError(RuntimeError):
    """A report could not be made; the message names notebook, cell and cause."""


class InfeasiblePlanError(ValueError):
    """No plan keeps all limits.

    Attributes
    ----------
    limits : tuple of (str, str)
        Kind of each limit that stands in the way, and the resource it belongs to (empty: the team).
    """

    def __init__(self, limits: Iterable[tuple[str, str]]) -> None:
        self.limits = tuple(limits)
        super().__init__(" / ".join(self._told(lang) for lang in ("en", "ja")))

    def _told(self, lang: str) -> str:
        named = (text(f"plan.limit.{name}", lang, resource=resource) for name, resource in self.limits)
        return text("plan.infeasible", lang, limits="; ".join(named))

    def __reduce__(self) -> tuple[type[InfeasiblePlanError], tuple[tuple[tuple[str, str], ...]]]:
        return type(self), (self.limits,)
