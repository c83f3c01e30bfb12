"""Sheets of the request for proposal: they see a `Scope` and two neutral words of the company, no more."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from csanalysis.labels import number, term, text
from csanalysis.model.parameters import Array
from csanalysis.planning.scope import CORE, OPTION, Scope
from csanalysis.report.scope_page import ANSWER, CENTRE, Page, Style, footer, sheet_name
from csanalysis.report.scope_page import OPTION as OPTION_FILL
from csanalysis.workspace.price_sheet_form import fill_price_sheet
from csanalysis.workspace.sheet_style import FIELD, GREY, PALE

QUESTIONS = {
    "quality": 3,
    "roi": 3,
    "security": 4,
    "sub_contracting": 2,
    "data_location": 2,
    "people": 3,
    "start": 3,
}
"""Subjects of the questions, each with their number; quality, ROI and security are CCJ2025's worries."""
_JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
_YEAR = 12
_SCALE, _TASKS_A_PAGE = 70, 9
"""Percent at which twelve months fit an A4 page, and the tasks that then fit below the heads."""
_BLANKS = ("company", "contact", "questions_until", "answer_until")
_PURPOSES = ("purpose", "company", "scope", "option", "start")


def fill_vendor(book: Any, scope: Scope, customer_size: str, product_type: str, lang: str) -> None:
    """Write all sheets of the request for proposal into an empty workbook."""
    _Vendor(book, scope, lang).fill(customer_size, product_type)


def in_language(shown: str, lang: str) -> str:
    """Return the part in a language of text that states both, as "日本語 / English"; else the text.

    Examples
    --------
    >>> in_language("管理画面、メール / admin console, e-mail", "en"), in_language("CRM / CRM", "ja")
    ('admin console, e-mail', 'CRM')
    >>> in_language("call / mail", "en")
    'call / mail'
    """
    parts = [part.strip() for part in shown.split(" / ")]
    if len(parts) != 2:
        return shown
    japanese = [bool(_JAPANESE.search(part)) for part in parts]
    if parts[0] == parts[1]:
        return parts[0]
    if japanese == [True, False]:
        return parts[0] if lang == "ja" else parts[1]
    return shown


class _Vendor:
    """The workbook, sheet by sheet."""

    def __init__(self, book: Any, scope: Scope, lang: str) -> None:
        self.book, self.scope, self.lang = book, scope, lang
        self.tasks: list[dict[Any, Any]] = scope.tasks.to_dict("records")
        self.starts = range(0, len(scope.months), _YEAR)

    def say(self, key: str, **values: object) -> str:
        return text(f"scope.{key}", self.lang, **values)

    def page(
        self, key: str, widths: list[float], *, landscape: bool = False, name: str = "", scale: int = 0
    ) -> Page:
        sheet = self.book.create_sheet(name or sheet_name(key, self.lang))
        mark = self.say("vendor.mark")
        return Page(sheet, self.lang, widths, landscape=landscape, mark=mark, scale=scale)

    def fill(self, customer_size: str, product_type: str) -> None:
        self.cover(customer_size, product_type)
        self.definitions()
        for start in self.starts:
            self.volumes(start)
        self.handling()
        form = self.book.create_sheet()
        fill_price_sheet(form, self.lang)
        footer(form, self.say("vendor.mark"))
        self.questions()

    def cover(self, customer_size: str, product_type: str) -> None:
        page = self.page("cover", [24, 70])
        page.title(self.say("vendor.title"), self.say("cover.how"))
        for key in _BLANKS:
            page.cells([self.say(f"cover.{key}"), ""], [Style(bold=True, fill=PALE), ANSWER], 24)
        page.gap()
        core, option = self.scope.part(CORE), self.scope.part(OPTION)
        values: dict[str, dict[str, object]] = {
            "company": {
                "size": self.say(f"cover.size.{customer_size}"),
                "product": self.say(f"cover.product.{product_type}"),
            },
            "scope": self._extent(core),
            "option": self._extent(option),
            "start": {"month": self._month(0), "last": self._month(len(self.scope.months) - 1)},
        }
        for n, key in enumerate(_PURPOSES, 1):
            if key == "option" and not option:
                continue
            page.band(self.say(f"cover.{key}.head", n=n))
            page.wide(self.say(f"cover.{key}.text", **values.get(key, {})), Style(box=False))
        page.gap()
        page.band(self.say("cover.sheets"))
        page.heads([self.say("cover.sheet"), self.say("cover.asked")], repeat=False)
        asked = {name: self.say(f"asked.{key}") for key, name in self._sheets()}
        for name, what in asked.items():
            page.cells([name, what], [Style(bold=True), Style()], 22)
        page.finish()

    def _sheets(self) -> list[tuple[str, str]]:
        price = text("price_sheet.sheet", self.lang)
        found = [("definitions", sheet_name("definitions", self.lang))]
        found += [("volumes", self._volumes_name(start)) for start in self.starts]
        found += [("handling", sheet_name("handling", self.lang)), ("price", price)]
        return [*found, ("questions", sheet_name("questions", self.lang))]

    def _extent(self, rows: list[int]) -> dict[str, object]:
        low, high = (
            float(a[rows].sum(axis=0).mean()) if rows else 0.0 for a in (self.scope.low, self.scope.high)
        )
        return {"count": len(rows), "low": number(low), "high": number(high)}

    def _month(self, at: int) -> str:
        day = self.scope.months[at]
        return self.say("month", year=day.year, month=day.month)

    def definitions(self) -> None:
        """Write when each task starts, what is done, what counts as done, and when it ends."""
        columns = ("starts_when", "what_is_done", "done_when", "ends_when")
        page = self.page("definitions", [6, 30, 11, 22, 38, 30, 22], landscape=True)
        page.title(self.say("definitions.title"), self.say("definitions.how"))
        page.heads([self.say(f"head.{h}") for h in ("no", "task", "part", *columns)])
        for n, task in enumerate(self.tasks, 1):
            style = self._style(task)
            cells = [n, self._name(task), self.say(f"part.{task['part']}")]
            cells += [self._text(task[column]) for column in columns]
            page.cells(
                cells,
                [self._centred(task), Style(bold=True, fill=style.fill), self._centred(task)] + [style] * 4,
                30,
            )
        page.finish()

    def _style(self, task: dict[Any, Any]) -> Style:
        return Style(fill=OPTION_FILL if task["part"] == OPTION else "")

    def _centred(self, task: dict[Any, Any]) -> Style:
        return Style(fill=self._style(task).fill, align="center")

    def _name(self, task: dict[Any, Any]) -> str:
        one, other = ("name_ja", "name_en") if self.lang == "ja" else ("name_en", "name_ja")
        return str(task[one] or task[other])

    def _text(self, shown: object) -> str:
        return in_language(str(shown), self.lang) or self.say("to_agree")

    def _volumes_name(self, start: int) -> str:
        if len(self.starts) == 1:
            return sheet_name("volumes", self.lang)
        last = min(start + _YEAR, len(self.scope.months))
        return f"{sheet_name('volumes', self.lang)} {start + 1}-{last}"

    def volumes(self, start: int) -> None:
        """Write times, and hours low / base / high, of up to twelve months."""
        months = range(start, min(start + _YEAR, len(self.scope.months)))
        widths = [6, 28, 13, *[7.0] * len(months), 8]
        page = self.page("volumes", widths, landscape=True, name=self._volumes_name(start), scale=_SCALE)
        page.title(self.say("volumes.title"), self.say("volumes.how"))
        heads = [self.say(f"head.{h}") for h in ("no", "task", "figure")]
        years = [f"{self.scope.months[m].year}\n{self._short_month(m)}" for m in months]
        page.heads([*heads, *years, self.say("head.mean")])
        for n, task in enumerate(self.tasks, 1):
            if n > 1 and n % _TASKS_A_PAGE == 1:
                page.page_break()
            figures = {"times": self.scope.times[[n - 1]], **self._hours([n - 1])}
            self._block(page, n, self._name(task), figures, months, task["part"] == OPTION)
        for name, rows in ((CORE, self.scope.part(CORE)), ("all", list(range(len(self.tasks))))):
            totals = {key: a.sum(axis=0, keepdims=True) for key, a in self._hours(rows).items()}
            self._block(page, None, self.say(f"total.{name}"), totals, months, False, total=True)
        page.finish()

    def _hours(self, rows: list[int]) -> dict[str, Array]:
        named = {"low": self.scope.low, "base": self.scope.base, "high": self.scope.high}
        return {key: a[rows] for key, a in named.items()}

    def _short_month(self, at: int) -> str:
        return self.say("short_month", month=self.scope.months[at].month)

    def _block(
        self,
        page: Page,
        no: int | None,
        name: str,
        figures: dict[str, Array],
        months: range,
        option: bool,
        total: bool = False,
    ) -> None:
        fill = OPTION_FILL if option else PALE if total else ""
        first = page.row
        for n, (key, values) in enumerate(figures.items()):
            chosen = [float(v) for v in values[0, list(months)]]
            cells = [no if n == 0 else None, name if n == 0 else None, self.say(f"figure.{key}")]
            bold = key == "base"
            number_style = Style(align="right", form="#,##0.0", fill=fill, bold=bold)
            styles = [
                Style(fill=fill, align="center"),
                Style(bold=True, fill=fill),
                Style(fill=fill, bold=bold),
            ]
            page.put(1, cells[0], styles[0])
            page.put(2, cells[1], styles[1])
            page.put(3, cells[2], styles[2])
            for at, value in enumerate([*chosen, float(np.mean(chosen))], 4):
                page.put(at, round(value, 1), number_style)
            page.next(16)
        for letter in "AB":
            page.sheet.merge_cells(f"{letter}{first}:{letter}{page.row - 1}")

    def handling(self) -> None:
        """Write systems, personal data and service level of each task."""
        page = self.page("handling", [6, 38, 21, 40, 14, 44], landscape=True)
        page.title(self.say("handling.title"), self.say("handling.how"))
        heads = ("no", "task", "stage", "systems", "personal_data", "service_level")
        page.heads([self.say(f"head.{h}") for h in heads])
        for n, task in enumerate(self.tasks, 1):
            style = self._style(task)
            personal = self.say("yes" if task["personal_data"] == 1 else "no")
            cells = [
                n,
                self._name(task),
                term("stage", task["stage"], self.lang),
                self._text(task["systems"]),
            ]
            cells += [personal, self._text(task["service_level"])]
            styles = [
                self._centred(task),
                Style(bold=True, fill=style.fill),
                style,
                style,
                self._centred(task),
                style,
            ]
            page.cells(cells, styles, 26)
        page.finish()

    def questions(self) -> None:
        """Write the questions on readiness, with room for answers."""
        page = self.page("questions", [6, 46, 54])
        page.title(self.say("questions.title"), self.say("questions.how"))
        page.heads([self.say(f"head.{h}") for h in ("no", "question", "answer")])
        number_of = 0
        for subject, count in QUESTIONS.items():
            page.band(self.say(f"questions.{subject}"))
            for n in range(1, count + 1):
                number_of += 1
                asked = self.say(f"questions.{subject}.{n}")
                page.cells([number_of, asked, ""], [CENTRE, Style(), Style(fill=FIELD)], 58)
        page.wide(self.say("questions.end"), Style(box=False, color=GREY))
        page.finish()
