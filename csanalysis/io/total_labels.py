"""By which words a row says that it sums others up, or is reckoned from them."""

from __future__ import annotations

import re
import unicodedata

SURE = re.compile(
    r"[【<(]?(.*[^合総累]?(総?合計|小計|総計)|(グランド|サブ)?トータル|(grand|sub)?[ -]?totals?|totals?[:：]?"
    r"|sum)[】>)]?",
    re.I,
)
_MAYBE = re.compile(
    r".{0,8}(?<![会設時統家集度重])(計|総数)|.{0,8}[合小総]計(金?額|[人件回個点本台]?数|時間|値)"
    r"|全国|全体|全社|総額"
)
_SUBTOTAL = re.compile(r".+\s(集計|計|totals?)|集計|.*年度計", re.I)
"""What the outline of a spreadsheet calls its subtotals (東京 集計, East Total, 2023年度 計)."""
RATIO = re.compile(
    r"構成(比率?|割合)|(対?前[年期月](同[月期])?|計画|目標)比([(]%[)])?|最[大小高低]値?|中央値|標準偏差|max|min|median",
    re.I,
)
"""What is no sum, but is reckoned from the rows all the same."""
_MARKS = re.compile(
    "[計総全均比割最央差]|トータル|ﾄｰﾀﾙ|total|sum|average|mean|avg|max|min|median|[ｔＴｓＳａＡｍＭ]", re.I
)
_COUNT = re.compile(r"[(:]?\d[\d,]*(件|行|社|名|レコード|records?|rows?|items?)\)?$", re.I)
"""How many rows a total counts: 合計 (12 レコード)."""
MEAN = re.compile(r"(.{0,6}平均(値)?|(overall )?(average|mean|avg)\.?)", re.I)


def total_label(cell: str) -> str:
    """Return the words by which a cell says that its row is a total, or ""."""
    if len(cell) > 24 or (cell[:1].isdigit() and cell.isascii()) or not _MARKS.search(cell):
        return ""
    plain = _COUNT.sub("", re.sub(r"\s+", "", unicodedata.normalize("NFKC", cell)))
    named = any(form.fullmatch(plain) for form in (SURE, _MAYBE, MEAN, RATIO)) or _SUBTOTAL.fullmatch(
        cell.strip()
    )
    return plain if named else ""
