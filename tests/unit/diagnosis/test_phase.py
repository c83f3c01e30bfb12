"""Bands by persons as CCJ2025 gives them; the overlap at 20 is told, and nonsense gets a clear answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csanalysis.diagnosis.phase import diagnose_phase
from csanalysis.model.dataset import Dataset
from csanalysis.model.phases import BANDS, phase_of
from csanalysis.vocabulary import Phase

PUBLISHED = {
    1: "launch",
    2: "launch",
    3: "growth",
    10: "growth",
    11: "efficiency",
    20: "efficiency",
    21: "mature",
}


@pytest.mark.parametrize(("persons", "phase"), PUBLISHED.items())
def test_bands(example: Dataset, persons: int, phase: str) -> None:
    diagnosis = diagnose_phase(example, example.base.replace(cs_headcount=persons))
    assert diagnosis.phase == Phase(phase)
    assert diagnosis.to_frame().query("current")["phase"].tolist() == [phase]


def test_the_overlap_at_20_is_told_and_only_there(example: Dataset) -> None:
    for persons in (19, 20, 21):
        keys = [f.key for f in diagnose_phase(example, example.base.replace(cs_headcount=persons)).findings]
        assert ("phase.overlap" in keys) == (persons == 20)


def test_nobody_and_half_a_person_get_a_clear_answer() -> None:
    with pytest.raises(ValueError, match=r"begin at 1 person.*1 名から"):
        phase_of(0)
    with pytest.raises(ValueError, match=r"whole numbers.*整数"):
        phase_of(2.5)
    for nonsense in (-1, float("nan"), float("inf")):
        with pytest.raises(ValueError):
            phase_of(nonsense)


@given(st.integers(1, 10_000))
def test_every_team_has_exactly_one_band_and_more_persons_never_step_back(persons: int) -> None:
    assert sum(band.first <= persons <= band.last for band in BANDS) == 1
    order = [band.phase for band in BANDS]
    assert order.index(phase_of(persons)) <= order.index(phase_of(persons + 1))


def test_more_fte_than_persons_is_asked_about(example: Dataset) -> None:
    sc = example.base.replace(cs_headcount=3, cs_fte=4.0)
    assert "phase.fte_above_persons" in [f.key for f in diagnose_phase(example, sc).findings]


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_sentences_are_in_one_language(example: Dataset, lang: str) -> None:
    for persons in (2, 5, 20, 30):
        for sentence in diagnose_phase(example, example.base.replace(cs_headcount=persons)).sentences(lang):
            assert ("。" in sentence) == (lang == "ja"), sentence
