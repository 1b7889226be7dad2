"""The replayed path takes a sentence for its source's own words, or not at all."""

import pytest

from app.review.claims import Claim, check_claim, count_claims
from tests.review.mutations import BASES, Base, Mutation, mutations


def _replay_of(base: Base):
    """Stands in for the composer: knows the one sentence that its rules make of the source."""

    def replay(source: str, rules: tuple[str, ...]) -> str:
        if rules != ("known",):
            raise ValueError(rules)
        return base.sentence if source == base.source else source

    return replay


@pytest.mark.parametrize("base", BASES, ids=lambda base: base.sentence[:20])
def test_what_the_rules_make_of_the_source_is_supported(base: Base):
    verdict = check_claim(
        base.sentence, [base.source], base.language, rules=("known",), replay=_replay_of(base)
    )

    assert (verdict.status, verdict.coverage) == ("supported", 1.0)


@pytest.mark.parametrize("mutation", list(mutations()), ids=lambda m: f"{m.kind}-{m.text[:40]}")
def test_every_mutation_is_caught_by_replay(mutation: Mutation):
    base = mutation.base

    verdict = check_claim(
        mutation.text, [base.source], base.language, rules=("known",), replay=_replay_of(base)
    )

    assert verdict.status == "unsupported"


def test_a_rule_that_does_not_fit_is_unsupported_not_an_error():
    base = BASES[0]

    verdict = check_claim(
        base.sentence, [base.source], "en", rules=("invented",), replay=_replay_of(base)
    )

    assert [problem.kind for problem in verdict.problems] == ["replay"]


def test_no_passage_or_two_originals_support_nothing():
    base = BASES[0]

    without = check_claim(base.sentence, [], "en")
    two = check_claim(
        base.sentence, [base.source] * 2, "en", rules=("known",), replay=_replay_of(base)
    )

    assert (without.status, two.status) == ("unsupported", "unsupported")


def _claim(start: int, verdict) -> Claim:
    return Claim("S.", start, start + 2, "s", "p", "S.", 0, 2, verdict)


def test_a_sentence_with_two_passages_is_one_claim_and_its_worst_verdict_holds():
    counts = count_claims([_claim(0, "supported"), _claim(0, "partly"), _claim(9, "supported")])

    assert (counts.total, counts.supported, counts.partly, counts.unsupported) == (2, 1, 1, 0)
