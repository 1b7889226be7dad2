"""What the verify step keeps, removes and flags."""

from app.review.claims import check_claim
from app.review.repair import Judged, repair
from app.review.verdict import Problem, Verdict

_GOOD = Verdict("supported")
_HALF = Verdict("partly", (Problem("coverage", "cheap"),), 0.6)


def _wrong(coverage: float = 0.9) -> Verdict:
    return Verdict("unsupported", (Problem("number", "20"),), coverage)


def test_supported_sentences_and_linking_phrases_are_kept():
    done = repair([Judged("Facts.", 0, _GOOD), Judged("In short:", 0, None)])

    assert [one.sentence for one in done.kept] == ["Facts.", "In short:"]


def test_an_unsupported_sentence_is_removed_with_its_reason():
    done = repair([Judged("Right.", 0, _GOOD), Judged("It is 20.", 0, _wrong())])

    assert [(one.index, one.reasons) for one in done.removed] == [(1, ("number: 20",))]


def test_a_partly_supported_sentence_is_flagged():
    done = repair([Judged("Right.", 0, _GOOD), Judged("It is cheap.", 0, _HALF)])

    assert [one.sentence for one in done.flagged] == ["It is cheap."]


def test_a_contradicted_sentence_is_removed_and_the_reason_says_what_the_source_says():
    denied = check_claim("It opened in 1931.", ["It opened in 1928."], "en")

    done = repair([Judged("Right.", 0, _GOOD), Judged("It opened in 1931.", 0, denied)])

    assert [one.reasons for one in done.removed] == [
        ("contradicted: the source says: It opened in 1928.", "number: 1931")
    ]


def test_what_a_source_denies_stays_only_where_a_section_has_nothing_else():
    denied = Verdict("contradicted", (Problem("number", "20"),), 0.95)

    both = repair([Judged("Denied.", 0, denied), Judged("Unknown.", 0, _wrong(0.2))])
    alone = repair([Judged("Denied.", 0, denied)])

    assert [one.sentence for one in both.flagged] == ["Unknown."]
    assert [one.sentence for one in alone.flagged] == ["Denied."]


def test_a_section_never_loses_its_last_claim():
    done = repair(
        [Judged("A.", 0, _GOOD), Judged("B.", 1, _wrong(0.5)), Judged("C.", 1, _wrong(0.8))]
    )

    assert [one.sentence for one in done.flagged] == ["C."]
    assert [one.sentence for one in done.removed] == ["B."]


def test_every_sentence_is_decided_once():
    judged = [
        Judged(str(n), n % 3, verdict)
        for n, verdict in enumerate((_GOOD, _HALF, _wrong(), None) * 3)
    ]

    done = repair(judged)

    assert sorted(d.index for d in (*done.kept, *done.removed, *done.flagged)) == list(range(12))
