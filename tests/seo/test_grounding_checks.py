"""Checks 38, 40 and 41, and what they do to the gate and the score."""

from app.language.types import Span
from app.seo.analysis import analyse
from app.seo.page import GroundingInput
from tests.seo.articles import article, ask, points

_SOURCE = GroundingInput(
    ("The balancer probes 3 machines every 10 seconds. She said “stateless is a promise” there.",)
)


def test_factual_sentences_want_a_citation_in_their_sentence_or_paragraph():
    cited = "The balancer probes 3 machines.[^1]\n\n[^1]: Source."
    bare = "The balancer probes 3 machines.\n\nIt waits 10 seconds."

    assert points("geo.citation_coverage", article(cited)) == 9
    assert points("geo.citation_coverage", article(bare)) == 3


def test_one_citation_serves_a_whole_list():
    listed = "- It probes 3 machines.\n- It waits 10 seconds.[^1]\n\n[^1]: Source."

    assert points("geo.citation_coverage", article(listed)) == 9


def test_a_lead_in_shares_the_citation_of_its_list():
    led = "It probes 3 machines:\n\n- It waits 10 seconds.[^1]\n\n[^1]: Source."

    assert points("geo.citation_coverage", article(led)) == 9


def test_a_text_without_facts_is_not_judged_for_citations():
    assert ask("geo.citation_coverage", article("it is nice here.")) is None


def test_numbers_and_quotations_are_judged_only_where_sources_are_known():
    given = article("It probes 4 machines. “Stateless is a promise”, she said.")

    assert ask("geo.numbers", given) is None
    assert ask("geo.quotes", given) is None


def test_a_number_of_no_source_closes_the_gate():
    given = article(
        "The balancer probes 4 machines every 10 seconds.", title="Probes", keyphrase="probes"
    )

    analysis = analyse(given, grounding=_SOURCE)

    assert [finding.check_id for finding in analysis.gate] == ["geo.numbers"]
    assert not analysis.publishable
    (finding,) = analysis.gate
    assert finding.spans[0].of(given.markdown).startswith("4")


def test_a_number_in_the_title_must_stand_in_a_source_too():
    given = article("The balancer probes 3 machines.", title="7 ways to probe", keyphrase="probes")

    assert points("geo.numbers", given, grounding=_SOURCE) == 3


def test_the_authors_own_calculation_passes_the_gate():
    known = GroundingInput(_SOURCE.sources, own_numbers=frozenset({"4 machines"}))
    given = article("It probes 4 machines.", title="Probes", keyphrase="probes")

    assert points("geo.numbers", given, grounding=known) == 9


def test_a_quotation_is_verbatim_and_attributed():
    said = "“Stateless is a promise”, she said."

    assert points("geo.quotes", article(f"{said}[^1]\n\n[^1]: S."), grounding=_SOURCE) == 9
    assert points("geo.quotes", article(said), grounding=_SOURCE) == 6
    assert (
        points("geo.quotes", article("“Stateless is a threat”, she said."), grounding=_SOURCE) == 3
    )


def test_the_grounding_score_is_never_above_the_share_of_supported_claims():
    given = article(
        "The balancer probes 3 machines.[^1]\n\n[^1]: S.", title="Probes", keyphrase="probes"
    )
    claims = ((Span(0, 31), "supported"), (Span(0, 31), "unsupported"))

    free = analyse(given, grounding=_SOURCE)
    bound = analyse(given, grounding=GroundingInput(_SOURCE.sources, claims=claims))

    assert free.scores.grounding == 100
    assert bound.scores.grounding == 50


def test_more_wrong_numbers_never_raise_the_score():
    scores = []
    for wrong in range(4):
        text = " ".join(
            ["It probes 3 machines.[^1]", *[f"It waits {70 + n} hours.[^1]" for n in range(wrong)]]
        )
        analysis = analyse(
            article(text + "\n\n[^1]: S.", title="P", keyphrase="p"), grounding=_SOURCE
        )
        scores.append(analysis.scores.grounding)

    assert scores == sorted(scores, reverse=True)
