"""The grounded path on labelled pairs and on mutations: what it catches, and what it costs.

The pairs were labelled before the rules were tuned, on the half marked `tuning`. Looked at once, the
`held` half gave precision 15 of 15 and recall 15 of 18; two mistakes that it showed were then mended
("rather than", a noun parted differently), so it is no longer blind.
"""

import json
from collections import Counter
from pathlib import Path

import pytest

from app.language.types import Language
from app.review.claims import check_claim
from app.review.verdict import FAILING
from tests.review.mutations import BASES, Base, mutations

_PAIRS = json.loads(Path(__file__).with_name("pairs.json").read_text(encoding="utf-8"))


def _kinds(claim: str, source: str, language: Language = "en") -> list[str]:
    return [problem.kind for problem in check_claim(claim, [source], language).problems]


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("half", ["tuning", "held"])
def test_hardly_a_wrong_pair_passes_and_most_paraphrases_do(language: Language, half: str):
    table: Counter[tuple[str, str]] = Counter()
    for pair in _PAIRS:
        if pair["language"] == language and pair["half"] == half:
            verdict = check_claim(pair["claim"], [pair["source"]], language)
            table[pair["label"], verdict.status] += 1

    passed = sum(count for (_, status), count in table.items() if status == "supported")
    right = table["supported", "supported"]
    meant = sum(count for (label, _), count in table.items() if label == "supported")
    print(f"\n{language} {half}: precision {right}/{passed}, recall {right}/{meant}, {dict(table)}")  # noqa: T201  # the figure is the test's report
    assert passed - right <= 1
    assert right / meant >= 0.85


def test_there_are_enough_labelled_pairs():
    labels = Counter((pair["language"], pair["label"]) for pair in _PAIRS)

    assert len(_PAIRS) >= 80
    assert min(labels.values()) >= 14


@pytest.mark.parametrize("base", BASES, ids=lambda base: base.sentence[:20])
def test_a_sentence_that_repeats_its_source_is_supported(base: Base):
    assert check_claim(base.sentence, [base.source], base.language).status == "supported"


def test_nearly_every_mutation_is_caught():
    caught: Counter[tuple[str, str]] = Counter()
    total: Counter[tuple[str, str]] = Counter()
    for mutation in mutations():
        key = (mutation.base.language, mutation.kind)
        verdict = check_claim(mutation.text, [mutation.base.source], mutation.base.language)
        caught[key] += verdict.status in FAILING
        total[key] += 1

    print(f"\n{caught.total()} of {total.total()} mutations caught:")  # noqa: T201  # the figure is the test's report
    for key in sorted(total):
        print(f"  {key[0]} {key[1]}: {caught[key]}/{total[key]}")  # noqa: T201  # as above
    assert caught.total() / total.total() >= 0.95


@pytest.mark.parametrize(
    ("claim", "source", "kind"),
    [
        ("It took 12 minutes.", "It took 12 seconds.", "number"),
        ("In May 1938 it opened.", "It opened on May 27, 1937.", "number"),
        ("MySQL writes a log.", "PostgreSQL writes a log.", "name"),
        ("Peter Keller wrote the log.", "Maria Keller wrote the log.", "name"),
        ("She said “no more files”.", "She said “no more logs”.", "quotation"),
        ("The log is not written.", "The log is written.", "negation"),
        ("The log is larger.", "The log is smaller.", "direction"),
        ("Reading is faster than writing.", "Writing is faster than reading.", "comparison"),
        ("It fell from 5 to 10 seconds.", "It fell from 10 to 5 seconds.", "order"),
        ("Elephants dream of clouds.", "The log is written.", "coverage"),
    ],
)
def test_a_problem_is_called_by_its_name(claim: str, source: str, kind: str):
    assert kind in _kinds(claim, source)


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("It opened in 1937.", "It opened on 27 May 1937."),
        ("It takes 12 to 18 hours.", "It takes 12-18 hours."),
        ("It took 5 seconds.", "It took five seconds."),
    ],
)
def test_one_amount_may_be_written_in_several_ways(claim: str, source: str):
    assert "number" not in _kinds(claim, source)


def test_a_clause_may_be_told_without_the_negation_of_another_clause():
    source = "The file is kept, but the session is not shared by the servers."

    assert _kinds("The file is kept.", source) == []


def test_passages_support_a_sentence_together():
    passages = ["The balancer probes each instance.", "The probe runs every 10 seconds."]

    verdict = check_claim("The balancer probes each instance every 10 seconds.", passages, "en")

    assert verdict.status == "supported"


@pytest.mark.parametrize(
    ("claim", "source", "kinds"),
    [
        ("Oslo offers the option for this.", "HAProxy offers the option for this.", ["name"]),
        ("Zanzibar nginx offers it too.", "Open-source nginx offers it too.", ["name"]),
        ("It offers the option for this.", "HAProxy offers the option for this.", []),
        ("HAProxy offers the option for this.", "HAProxy offers the option for this.", []),
    ],
)
def test_a_subject_put_in_another_s_place_is_seen(claim: str, source: str, kinds: list[str]):
    assert _kinds(claim, source) == kinds
