"""What is withheld cannot be computed back, is said in words, and only where something is withheld."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from csanalysis.labels import text
from csanalysis.model.disclosure import (
    LEAST,
    VARIABLE,
    covered,
    hiding,
    names_are_hidden,
    noted,
    pseudonyms,
    renamed,
    withheld,
)


@given(st.lists(st.integers(0, 30), max_size=7))
def test_what_is_withheld_cannot_be_had_by_subtraction(counts: list[int]) -> None:
    """Total less what is shown is nothing, or five customers and more, unless all of them are fewer."""
    few = withheld(counts)
    together = sum(n for n, cover in zip(counts, few, strict=True) if cover)
    assert all(cover for n, cover in zip(counts, few, strict=True) if 0 < n < LEAST)
    assert together == 0 or together >= LEAST or sum(counts) == together
    assert not any(cover for n, cover in zip(counts, few, strict=True) if n == 0)
    assert any(few) or all(n == 0 or n >= LEAST for n in counts)


def test_unknown_counts_are_no_group_and_owners_see_all(monkeypatch: pytest.MonkeyPatch) -> None:
    assert withheld([float("nan"), 12]) == [False, False] and withheld([]) == []
    assert withheld([4]) == [True] and withheld([5]) == [False]
    monkeypatch.setenv(VARIABLE, "shown")
    assert withheld([1, 40]) == [False, False]


def test_pseudonyms_are_one_to_one() -> None:
    others = pseudonyms([f"name {n}" for n in range(1200)], "account_id", "ja")
    assert len(set(others.values())) == 1200 and others["name 0"] == "顧客 0001"
    assert pseudonyms(["b", "", "a", "b"], "csm", "en") == {"b": "CSM 001", "a": "CSM 002"}
    assert pseudonyms(["x"], "stranger", "en") == {"x": "account without contract 001"}


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ([40, 3, 12, 7], [1, 3]),
        ([40, 4, 4, 7], [1, 2]),
        ([40, 1, 1, 7], [1, 2, 3]),
        ([40, 2, 2, 7, 9], [1, 2, 3]),
        ([40, 4.5, 12], [1, 2]),
        ([3, 0], [0]),
        ([5, 6], []),
        ([2, 3, 10], [0, 1]),
    ],
)
def test_the_smallest_groups_go(counts: list[float], hidden: list[int]) -> None:
    assert withheld(counts) == [n in hidden for n in range(len(counts))]


def test_names_are_hidden_only_where_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not names_are_hidden()
    for value, hidden in (("hidden", True), ("shown", False), ("", False)):
        monkeypatch.setenv(VARIABLE, value)
        assert names_are_hidden() == hidden
        assert withheld([1, 40]) == ([False, False] if value == "shown" else [True, True])


def test_accounts_are_renamed_and_others_keep_their_names() -> None:
    frame = pd.DataFrame({"account_id": ["a", "b", ""], "mrr": [1, 2, 3]})
    found = renamed(frame, {"a": "account 001"})
    assert found["account_id"].tolist() == ["account 001", "b", ""] and found["mrr"].tolist() == [1, 2, 3]
    assert found["account_id"].dtype == frame["account_id"].dtype and frame["account_id"].iloc[0] == "a"


def test_what_is_withheld_is_said() -> None:
    for lang in ("ja", "en"):
        word = text("disclosure.cell", lang)
        assert covered(["1", "2"], [False, True], lang) == ["1", word]
        assert noted("x", [False, False], lang) == "x" and noted("x", [], lang) == "x"
    assert noted("x", [True], "en") == f"x. {text('disclosure.note', 'en', least=LEAST)}"
    assert noted("x.", [False, True], "en") == f"x. {text('disclosure.note', 'en', least=LEAST)}"
    assert noted("x", [True], "ja") == f"x。{text('disclosure.note', 'ja', least=LEAST)}"
    with pytest.raises(ValueError):
        covered(["1"], [True, False], "en")


def test_names_in_texts() -> None:
    """The longest name goes first, in every width and case; parts of longer words and short codes stay."""
    names = {
        "アルファ": "顧客 1",
        "アルファ商事": "顧客 2",
        "Acme": "顧客 3",
        "AB": "顧客 4",
        "2024": "顧客 5",
    }
    texts = ["ｱﾙﾌｧ商事の月報", "アルファの件", "ACME, Acmeter", "AB 2024", "①の件"]
    assert list(map(hiding(names, texts), texts)) == [
        "顧客 2の月報",
        "顧客 1の件",
        "顧客 3, Acmeter",
        "AB 2024",
        "①の件",
    ]


def test_companies_are_hidden_without_their_legal_form_too() -> None:
    """Nobody writes 株式会社 in a sentence; a form that two companies share stands for both."""
    names = {
        "株式会社アルファ商事": "顧客 1",
        "ベータ物産㈱": "顧客 2",
        "Acme Co., Ltd.": "顧客 3",
        "株式会社ガンマ": "顧客 4",
        "有限会社ガンマ": "顧客 5",
        "株式会社AB": "顧客 6",
        "デルタ": "顧客 7",
        "デルタ株式会社": "顧客 8",
    }
    texts = ["アルファ商事向け", "ﾍﾞｰﾀ物産(株)とベータ物産", "acme, Acmeter", "ガンマの件", "AB", "デルタの件"]
    assert list(map(hiding(names, texts), texts)) == [
        "顧客 1向け",
        "顧客 2と顧客 2",
        "顧客 3, Acmeter",
        "顧客 4 / 顧客 5の件",
        "AB",
        "顧客 7の件",
    ]
