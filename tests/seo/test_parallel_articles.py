"""The parallel articles are pairs: same flaws, same shape, same lengths by the measure of each language."""

import re
from collections import Counter
from pathlib import Path

import pytest

from app.language.types import Language
from app.seo.analysis import analyse
from app.seo.document import Article
from tests.seo.labelled import Labelled, read_article

_FOLDER = Path(__file__).with_name("parallel")
_MORE = Path(__file__).with_name("parallel_more")
_FLAWS = {
    "description_too_short",
    "keyphrase_not_in_introduction",
    "keyphrase_stuffing",
    "long_paragraphs",
    "long_sentences",
    "no_citations",
    "no_headings",
    "no_links",
    "numbers_without_sources",
    "slug_without_keyphrase",
    "title_too_long",
}


def _pairs(*folders: Path) -> list[tuple[Labelled, Labelled]]:
    return [
        (read_article(path), read_article(path.with_name(path.name.replace(".en.", ".ko."))))
        for folder in folders or (_FOLDER,)
        for path in sorted(folder.glob("*.en.md"))
    ]


def test_there_are_twelve_pairs_and_nothing_single():
    english = {path.name[: -len(".en.md")] for path in _FOLDER.glob("*.en.md")}
    korean = {path.name[: -len(".ko.md")] for path in _FOLDER.glob("*.ko.md")}

    assert english == korean
    assert len(english) == 12


def test_there_are_six_longer_pairs_more():
    pairs = _pairs(_MORE)

    assert len(pairs) == 6
    for english, korean in pairs:
        assert 500 <= english.words() <= 750, english.name
        assert 0.55 <= korean.words() / english.words() <= 0.85, english.name


@pytest.mark.parametrize("folder", [_FOLDER, _MORE], ids=lambda folder: folder.name)
def test_the_same_article_scores_alike_in_both_languages(folder: Path):
    apart = [
        abs(_overall(english, "en") - _overall(korean, "ko")) for english, korean in _pairs(folder)
    ]

    assert sum(apart) / len(apart) <= 5


def _overall(article: Labelled, language: Language) -> int:
    told = article.fields
    given = Article(
        told["title"],
        told["description"],
        told["slug"],
        told["keyphrase"],
        language,
        article.markdown,
    )
    return analyse(given).scores.overall or 0


def test_every_article_has_its_front_matter():
    for pair in _pairs(_FOLDER, _MORE):
        for article in pair:
            assert list(article.fields) == ["title", "description", "slug", "keyphrase", "flaws"]
            assert all(article.fields.values()), article.name
            assert set(article.listed("flaws")) <= _FLAWS, article.name


def test_both_languages_have_the_same_flaws_and_the_same_shape():
    for english, korean in _pairs(_FOLDER, _MORE):
        assert english.listed("flaws") == korean.listed("flaws"), english.name
        assert len(english.blocks()) == len(korean.blocks()), english.name
        assert len(english.headings(2)) == len(korean.headings(2)), english.name
        assert [address for _, address in english.pictures()] == [
            address for _, address in korean.pictures()
        ]
        assert [re.sub("^/en/", "/ko/", address) for _, address in english.links()] == [
            address for _, address in korean.links()
        ]


def test_both_are_of_one_length():
    for english, korean in _pairs():
        assert 300 <= english.words() <= 450, english.name
        assert 0.55 <= korean.words() / english.words() <= 0.85, english.name


def test_some_are_good_and_the_flaws_are_where_they_are_said_to_be():
    seen: Counter[str] = Counter()
    for pair in _pairs():
        for article in pair:
            flaws = article.listed("flaws")
            seen.update(flaws or ["good"])
            assert ("no_headings" in flaws) == (not article.headings(2)), article.name
            assert ("no_links" in flaws) == (not article.links()), article.name
            cites = any(address.startswith("https://") for _, address in article.links())
            assert ("no_citations" in flaws) == (not cites), article.name

    assert seen["good"] >= 8
    assert set(seen) == _FLAWS | {"good"}
