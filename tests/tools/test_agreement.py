"""The figures of agreement are those of the books, and the variants are the same at every call."""

from collections import Counter

import pytest

from app.seo.findings import level_of
from app.seo.registry import BY_ID
from bench.agreement import PAIRS, Case, article_of, compared, kappa, spearman
from bench.variants import CHANGES, drafts


def test_kappa_weighs_how_far_two_differ():
    near = [("bad", "ok"), ("bad", "bad"), ("good", "good"), ("good", "good")]
    far = [("bad", "good"), ("bad", "bad"), ("good", "good"), ("good", "good")]

    assert kappa([("bad", "bad"), ("good", "good")]) == 1
    assert kappa([("bad", "good"), ("good", "bad")]) == -1
    assert kappa([("good", "good")] * 5) is None
    assert kappa(far) == pytest.approx(0.5)  # 3 of 4 agree, chance 1 of 2
    assert kappa(near) > kappa(far)


def test_spearman_is_of_ranks_with_ties():
    assert spearman([(1, 10), (2, 20), (3, 90)]) == 1
    assert spearman([(1, 3), (2, 2), (3, 1)]) == -1
    assert spearman([(1, 1), (1, 2), (2, 3)]) == pytest.approx(0.866)
    assert spearman([(9, 9), (9, 3)]) is None


def test_a_check_counts_only_with_ten_cases_on_either_side():
    def cases(green: int, red: int) -> list[Case]:
        return [
            Case("a", {"kp.intro": p}, {"introductionKeyword": p}) for p in [9] * green + [3] * red
        ]

    assert compared(cases(10, 10))["kp.intro"]["counts"]
    assert not compared(cases(30, 9))["kp.intro"]["counts"]


def test_each_check_of_the_comparison_is_one_of_ours():
    assert set(PAIRS.values()) <= set(BY_ID)


def test_variants_are_the_same_at_every_call_and_the_halves_share_no_article():
    tune, held = list(drafts("tune")), list(drafts("held"))

    assert tune == list(drafts("tune"))
    assert not {d.name.split("+")[0] for d in tune} & {d.name.split("+")[0] for d in held}
    assert len(tune) == len(held) == 17 * 11


def test_every_change_is_made_as_often_as_every_other_and_changes_something():
    made = Counter(name for draft in drafts("tune") for name in draft.name.split("+")[1:])
    whole = {draft.name: draft for draft in drafts("tune") if "+" not in draft.name}
    changed = [draft for draft in drafts("tune") if "+" in draft.name]

    assert set(made) == {change.__name__ for change in CHANGES}
    assert max(made.values()) - min(made.values()) <= 1
    same = [d.name for d in changed if article_of(d) == article_of(whole[d.name.split("+")[0]])]
    assert len(same) <= 2, same  # where an article has nothing of what is taken away


def test_bands_are_those_of_the_reference():
    assert [level_of(points) for points in (9, 8, 7, 5, 4, -50)] == [
        "good",
        "good",
        "ok",
        "ok",
        "bad",
        "bad",
    ]
