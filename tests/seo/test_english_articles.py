"""The English articles are whole, and both sides of each check that can be counted plainly are there.

Passive voice, transitions and the density are judged by the analysers that the set compares.
"""

import re
from collections import Counter
from pathlib import Path

from tests.seo.labelled import Labelled, read_article

_FOLDER = Path(__file__).with_name("english")
_NOFOLLOW = re.compile(r'<a href="https://[^"]+" rel="[^"]*nofollow')


def _articles() -> list[Labelled]:
    paths = sorted(path for path in _FOLDER.glob("*.md") if path.name != "README.md")
    return [read_article(path) for path in paths]


def _prose(article: Labelled) -> list[str]:
    """The paragraphs, without headings, tables, lists of code and pictures."""
    return [block for block in article.blocks() if not block.startswith(("#", "|", "`", "!"))]


def _title(article: Labelled) -> str:
    title, keyphrase = article.fields["title"].lower(), article.fields["keyphrase"].lower()
    if title.startswith(keyphrase):
        return "title starts with the keyphrase"
    return "title has the keyphrase" if keyphrase in title else "title without the keyphrase"


def _description(article: Labelled) -> str:
    length = len(article.fields["description"])
    if length == 0:
        return "no description"
    if length <= 120:
        return "short description"
    return "long description" if length >= 157 else "good description"


def _classes(article: Labelled) -> set[str]:
    """The classes of an article by name; see the README for what they mean."""
    keyphrase = article.fields["keyphrase"].lower()
    first = _prose(article)[0].lower()
    external = any(address.startswith("https://") for _, address in article.links())
    alternatives = [text for text, _ in article.pictures()]
    longest = max(len(block.split()) for block in _prose(article))
    return {
        _title(article),
        _description(article),
        "long title" if len(article.fields["title"]) > 70 else "short title",
        "keyphrase first" if keyphrase in first else "keyphrase not first",
        "several h1" if len(article.headings(1)) > 1 else "one h1 at most",
        "headings" if article.headings(2) else "no headings",
        "external" if external else "no external",
        "nofollow" if _NOFOLLOW.search(article.markdown) else "no nofollow",
        "internal" if any(a.startswith("/") for _, a in article.links()) else "no internal",
        "picture" if alternatives else "no picture",
        "alternative text" if any(alternatives) else "no alternative text",
        "long paragraph" if longest > 150 else "no long paragraph",
        "short text" if article.words() < 320 else "no short text",
    }


def test_every_article_has_its_front_matter():
    for article in _articles():
        assert list(article.fields) == ["title", "description", "slug", "keyphrase"], article.name
        assert article.fields["title"], article.name
        assert re.fullmatch(r"[a-z0-9-]+", article.fields["slug"]), article.name
        assert article.fields["keyphrase"], article.name


def test_there_are_thirty_of_different_subjects_and_lengths():
    articles = _articles()

    assert len(articles) >= 30
    assert len({article.fields["keyphrase"] for article in articles}) == len(articles)
    assert len({article.fields["slug"] for article in articles}) == len(articles)
    for article in articles:
        assert 250 <= article.words() <= 960, article.name


def test_nothing_is_repeated_between_articles():
    seen = Counter(
        sentence
        for article in _articles()
        for block in _prose(article)
        for sentence in set(re.split(r"(?<=[.!?])\s+", block))
        if len(sentence.split()) >= 6
    )

    assert [sentence for sentence, times in seen.items() if times > 1] == []


def test_both_sides_of_each_check_are_there():
    seen = Counter(name for article in _articles() for name in _classes(article))
    scarce = {
        "no description": 5,
        "short description": 5,
        "long description": 5,
        "nofollow": 8,
        "short text": 4,
        "title has the keyphrase": 5,
    }

    assert len(seen) == 2 * 11 + 3 + 4
    for name, times in seen.items():
        assert times >= scarce.get(name, 10), name
