"""Stability: settings, seeds, chunks, eligibility, plugged rules, raters, and what the findings say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import csanalysis as cs
from csanalysis.assignment.rating_stats import agreement, apply_medians, medians, views
from csanalysis.assignment.smaa_kernel import stream
from csanalysis.assignment.stability import Stability
from csanalysis.assignment.suitability import suitability_scores
from csanalysis.labels import LANGUAGES
from csanalysis.model.dataset import Dataset
from csanalysis.vocabulary import TRAITS, ResourceKind

N = 3_000


def rated(ds: Dataset, *rows: tuple[str, str, str, float]) -> Dataset:
    """Return the dataset with ratings: (task_id, rater, trait, value)."""
    table = pd.DataFrame(rows, columns=["task_id", "rater", "trait", "value"])
    return replace(ds, tables={**ds.tables, "ratings": table.assign(row=range(2, 2 + len(rows)))})


def test_probabilities_are_shares_of_draws(example: Dataset) -> None:
    found = cs.assess_stability(example, example.base, N)
    assert found.probability.shape == (len(example.tasks), len(ResourceKind))
    np.testing.assert_allclose(found.probability.sum(axis=1), 1)
    np.testing.assert_allclose(found.probability * N, np.round(found.probability * N))
    p = found.probability
    np.testing.assert_allclose(found.standard_error, np.sqrt(p * (1 - p) / N))


def test_frames_are_tidy_and_label_each_task_once(example: Dataset) -> None:
    found = cs.assess_stability(example, example.base, N)
    frame, tasks = found.to_frame(), found.tasks_frame()
    columns = ["task_id", "kind", "probability", "standard_error", "label", "unit"]
    assert list(frame.columns) == list(tasks.columns) == columns
    assert len(frame) == len(example.tasks) * 7 and list(tasks["task_id"]) == list(example.tasks["task_id"])
    np.testing.assert_allclose(tasks["probability"], found.probability.max(axis=1))
    assert list(tasks["kind"]) == list(found.top)
    assert ((tasks["probability"] >= 0.8) == (tasks["label"] == "decide")).all()
    assert (frame.groupby("task_id")["label"].nunique() == 1).all()


def test_eighty_percent_itself_is_decided(example: Dataset) -> None:
    found = cs.assess_stability(example, example.base, 10)
    half = replace(found, probability=np.tile([0.8, 0.2, 0, 0, 0, 0, 0], (len(example.tasks), 1)))
    assert set(half.labels) == {"decide"}


@pytest.mark.parametrize("settings", [{}, {"noise": 0}, {"weights": "uniform"}])
def test_chunks_change_nothing(example: Dataset, settings: dict[str, object]) -> None:
    first, *others = (
        cs.assess_stability(example, example.base, 1_000, chunk=size, **settings).probability  # type: ignore[arg-type]
        for size in (1_000, 333, 64, 4_096)
    )
    for other in others:
        np.testing.assert_array_equal(first, other)


def test_zero_is_a_seed_and_seeds_differ(example: Dataset) -> None:
    runs = [cs.assess_stability(example, example.base, 500, seed).probability for seed in (0, 0, 1, 2)]
    np.testing.assert_array_equal(runs[0], runs[1])
    assert len({run.tobytes() for run in runs}) == 3


def test_a_larger_run_begins_with_the_smaller_one(example: Dataset) -> None:
    """More draws refine a result and do not replace it: the streams are the same."""
    one, two = stream(3, "task a"), stream(3, "task a")
    np.testing.assert_array_equal(one.random(5), two.random(9)[:5])
    assert stream(3, "task a").random() != stream(3, "task b").random()


def test_only_eligible_kinds_are_chosen_and_csm_does_what_nobody_may(example: Dataset) -> None:
    allowed = np.zeros((len(example.tasks), 7), dtype=bool)
    allowed[1:, 1] = True  # bpo, but nobody for the first task
    for noise in (0.0, 1.0):
        found = cs.assess_stability(example, example.base, 200, eligible=allowed, noise=noise)
        frame = found.tasks_frame()
        assert frame["kind"][0] == "csm" and frame["probability"][0] == 1
        # bpo scores 0 where the value is highest, as for consulting: then csm too.
        assert found.probability[1:, [0, 1]].sum(axis=1) == pytest.approx(1)
        consulting = list(example.tasks["task_id"]).index("ado_outcome_consulting")
        if noise == 0:
            assert found.top[consulting] == "csm"


def test_a_kind_without_offer_is_not_eligible(example: Dataset) -> None:
    card = example.resources.query("kind != 'intern'")
    found = cs.assess_stability(
        replace(example, tables={**example.tables, "resources": card}), example.base, 99
    )
    assert not found.probability[:, found.kinds.index("intern")].any()


def test_a_rule_can_be_plugged_in(example: Dataset) -> None:
    """The rule sees suitability between 0 and 1, -1 where not eligible, and its choice is what counts."""
    allowed = np.ones((len(example.tasks), 7), dtype=bool)
    allowed[:, 6] = False
    seen: list[tuple[int, ...]] = []

    def best(scores: np.ndarray) -> np.ndarray:
        seen.append(scores.shape)
        assert (scores[:, 6] == -1).all() and ((scores[:, :6] >= 0) & (scores[:, :6] <= 1)).all()
        return scores.argmax(axis=1)

    for noise in (0.0, 1.0):
        settings = {"eligible": allowed, "noise": noise, "chunk": 150}
        plugged = cs.assess_stability(example, example.base, 400, choose=best, **settings)  # type: ignore[arg-type]
        default = cs.assess_stability(example, example.base, 400, **settings)  # type: ignore[arg-type]
        np.testing.assert_array_equal(plugged.probability, default.probability)
    assert {shape[2] for shape in seen} == {150, 100}


def test_without_any_spread_the_choice_is_certain(example: Dataset) -> None:
    """Very concentrated weights and no noise give the deterministic choice with probability 1."""
    found = cs.assess_stability(example, example.base, 200, concentration=1e9, noise=0)
    scores = suitability_scores(example, example.base)
    clear = np.sort(scores.scores, axis=1)[:, -1] - np.sort(scores.scores, axis=1)[:, -2] > 1e-3
    assert (found.probability.max(axis=1)[clear] == 1).all()
    best = [scores.kinds[i] for i in scores.scores.argmax(axis=1)]
    assert [t for t, c in zip(found.top, clear, strict=True) if c] == [
        b for b, c in zip(best, clear, strict=True) if c
    ]


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"n": 0}, "n"),
        ({"seed": -1}, "seed"),
        ({"weights": "any"}, "weights"),
        ({"concentration": 0.5}, "concentration"),
        ({"noise": 5.0}, "noise"),
        ({"decide": 0.0}, "decide"),
        ({"chunk": 0}, "chunk"),
    ],
)
def test_settings_out_of_range_are_named(example: Dataset, settings: dict[str, object], name: str) -> None:
    with pytest.raises(ValueError, match=f"settings out of range: {name} "):
        cs.assess_stability(example, example.base, **settings)  # type: ignore[arg-type]


def test_one_scenario_and_a_fitting_mask_are_needed(example: Dataset) -> None:
    many = example.base.replace({"tasks.faq_write.value_added": np.array([1.0, 2.0])})
    with pytest.raises(ValueError, match="one scenario"):
        cs.assess_stability(example, many, 10)
    with pytest.raises(ValueError, match=r"\(50, 7\).*\(7, 50\)"):
        cs.assess_stability(example, example.base, 10, eligible=np.ones((7, 50), dtype=bool))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_findings_say_that_one_person_rated(example: Dataset, lang: str) -> None:
    alone = cs.assess_stability(example, example.base, N)
    by_one = rated(example, ("faq_write", "Suzuki", "value_added", 3))
    told = cs.assess_stability(by_one, example.base, N).sentences(lang)
    view = {"en": "one person's view", "ja": "1人の見方"}[lang]
    assert any(view in sentence for sentence in alone.sentences(lang))
    assert any(view in sentence and "Suzuki" in sentence for sentence in told)


def test_findings_count_name_and_admit(example: Dataset) -> None:
    found = cs.assess_stability(example, example.base, N)
    first, second, *_ = found.sentences("en")
    decided = found.labels.count("decide")
    assert first.startswith(f"{decided} of 50 tasks") and f"{50 - decided} should be discussed" in first
    least = found.tasks_frame().sort_values("probability")["task_id"].iloc[0]
    assert example.tasks.set_index("task_id")["name_en"][least] in second
    few = cs.assess_stability(example, example.base, 20).sentences("en")
    assert any("20 draws cannot tell" in sentence for sentence in few)


def settled(found: Stability) -> Stability:
    return replace(found, probability=np.tile([1.0, 0, 0, 0, 0, 0, 0], (len(found.tasks), 1)))


def test_nothing_to_discuss_is_possible(example: Dataset) -> None:
    told = settled(cs.assess_stability(example, example.base, 10)).sentences("en")
    assert told[0].startswith("50 of 50") and not any("Least settled" in sentence for sentence in told)


def test_every_draw_takes_one_raters_view(example: Dataset) -> None:
    """Two people, far apart: without noise and spread of weights each decides half of the draws."""
    task = "rnw_billing_update"
    clerical = {t: float(example.tasks.set_index("task_id")[t][task]) for t in TRAITS}
    expert = {**dict.fromkeys(TRAITS, 0.0), "value_added": 5, "repeatability": 1, "periodicity": 1}
    expert |= {"domain_knowledge": 5, "lead_days": 60, "customer_contact": 1}
    both = rated(
        example,
        *((task, name, t, v) for name, r in (("A", clerical), ("B", expert)) for t, v in r.items()),
    )
    found = cs.assess_stability(both, both.base, 10_000, noise=0, concentration=1e9)
    row = found.probability[list(example.tasks["task_id"]).index(task)]
    assert row[found.kinds.index("contract_staff")] == pytest.approx(0.5, abs=4 * 0.005)
    assert row.max() == pytest.approx(0.5, abs=4 * 0.005) and np.count_nonzero(row) == 2
    others = np.delete(found.probability, list(example.tasks["task_id"]).index(task), axis=0)
    assert ((others == 0) | (others == 1)).mean() > 0.95


def test_views_fill_gaps_and_let_a_what_if_win(example: Dataset) -> None:
    ds = rated(
        example,
        ("faq_write", "A", "value_added", 2),
        ("faq_write", "B", "value_added", 4),
        ("faq_write", "B", "lead_days", 9),
    )
    at, value, lead = list(ds.tasks["task_id"]).index("faq_write"), 0, TRAITS.index("lead_days")
    seen = views(ds, ds.base)
    assert seen.by_task[at].shape == (2, 8) and seen.by_task[0].shape == (1, 8)
    inventory = float(ds.tasks["lead_days"][at])
    assert sorted(seen.by_task[at][:, value]) == [2, 4]
    assert sorted(seen.by_task[at][:, lead]) == sorted([inventory, 9])
    assert seen.not_taken_on == 1  # the median of 2 and 4 is the inventory's 3, 9 days are not
    what_if = views(ds, ds.base.replace({"tasks.faq_write.value_added": 5.0}))
    assert set(what_if.by_task[at][:, value]) == {5} and what_if.not_taken_on == 1
    taken_on = views(ds, apply_medians(ds, ds.base))
    assert sorted(taken_on.by_task[at][:, value]) == [2, 4] and taken_on.not_taken_on == 0


def test_medians_are_taken_on_with_their_origin(example: Dataset) -> None:
    ds = rated(
        example, *(("faq_write", name, "value_added", v) for name, v in zip("ABC", (1, 2, 5), strict=True))
    )
    frame = medians(ds)
    assert frame.to_dict("records") == [
        {"task_id": "faq_write", "trait": "value_added", "value": 2.0, "raters": 3, "unit": "rating"}
    ]
    sc = apply_medians(ds, ds.base)
    assert sc.changed() == {"tasks.faq_write.value_added": 2.0}
    assert "3 rater" in sc.stated("tasks.faq_write.value_added").source
    with pytest.raises(ValueError, match="no ratings"):
        medians(example)


def test_agreement_ranks_where_people_differ(example: Dataset) -> None:
    ds = rated(
        example,
        ("faq_write", "A", "value_added", 1),
        ("faq_write", "B", "value_added", 5),
        ("faq_write", "A", "rules_fixed", 0.5),
        ("faq_write", "B", "rules_fixed", 0.6),
        ("faq_write", "A", "lead_days", 5),
        ("faq_write", "B", "lead_days", 10),
        ("nws_write", "A", "value_added", 3),
    )
    found = agreement(ds)
    assert found is not None and found.raters == ("A", "B")
    frame = found.to_frame()
    assert list(frame["trait"]) == ["value_added", "lead_days", "rules_fixed"]
    assert list(frame["value"]) == pytest.approx([1, 0.5, 0.1])
    assert list(frame["raters"]) == [2, 2, 2]
    assert set(found.alpha_frame()["trait"]) == set(TRAITS)


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([(1, 1), (3, 3), (5, 5)], "raters agree"),
        ([(1, 1), (2, 2), (3, 4), (4, 3), (5, 5), (1, 3)], "conclusions are tentative"),
        ([(1, 5), (5, 1), (3, 4)], "disagree on value added"),
        ([(3, 3), (3, 3)], "cannot be computed"),
    ],
)
def test_findings_read_the_agreement(example: Dataset, pairs: list[tuple[int, int]], said: str) -> None:
    """Krippendorff 2004: 0.8 and more agree, below 0.667 nothing should be concluded."""
    rows = [
        (task, name, "value_added", value)
        for task, pair in zip(example.tasks["task_id"], pairs, strict=False)
        for name, value in zip("AB", pair, strict=True)
    ]
    ds = rated(example, *rows)
    told = cs.assess_stability(ds, ds.base, 100).sentences("en")
    assert any(said in sentence for sentence in told), told
    assert len(cs.assess_stability(ds, ds.base, 100).sentences("ja")) == len(told)
