"""What holds of any text: no crash, no place outside, and worse writing is never scored better.

The guide (docs/guide/analysing.md, "What always holds") lists the monotone checks; each has its test here.
"""

import time
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.language.types import Language
from app.seo.analysis import Analysis, analyse
from app.seo.document import Article
from app.seo.page import GroundingInput

FEW = settings(max_examples=40, deadline=None)
SOURCES = (
    "The pool holds 10 connections and 3 servers.",
    "연결 풀에는 연결이 10개, 서버가 3대 있습니다.",
)
KEYPHRASES: dict[Language, str] = {"en": "horizontal scaling", "ko": "수평 확장"}

_SENTENCES: dict[Language, list[str]] = {
    "en": [
        "Horizontal scaling adds servers.",
        "The pool holds 10 connections.",
        "However, nobody waits for long.",
        "The queue is emptied by the workers.",
        "A [guide to pools](https://example.org/pools) tells more.",
        "One server fails, and the other two go on with what was asked of them until it is there again, slowly.",
        "Costs fell by 40 % in 2024.",
        "Stated there.[^1]",
        "“Nobody ever waits for the database” is what they say.",
    ],
    "ko": [
        "수평 확장은 서버를 늘립니다.",
        "연결 풀에는 연결이 10개 있습니다.",
        "하지만 아무도 오래 기다리지 않습니다.",
        "[연결 풀 안내서](https://example.org/pools)에 자세히 나옵니다.",
        "한 대가 멈추더라도 나머지 두 대가 다시 살아날 때까지 맡은 요청을 빠짐없이 이어서 조금 느리게나마 모두 처리해 줍니다.",
        "비용은 2024년에 40% 줄었습니다.",
        "자료에 나옵니다.[^1]",
        "“아무도 데이터베이스를 기다리지 않는다”고 말합니다.",
    ],
}
_WORSE: dict[Language, dict[str, str]] = {
    "en": {
        "number": "It took 77 minutes.",
        "passive": "It was written by a friend.",
        "untied": "Nobody waits there.",
        "quotation": "“Every pool in the world is far too small” is what it says.",
    },
    "ko": {
        "number": "77분이 걸렸습니다.",
        "untied": "서버가 돕니다.",
        "quotation": "“세상의 모든 연결 풀은 너무 작다”고 말합니다.",
    },
}

languages = st.sampled_from(["en", "ko"])


def _paragraphs(language: Language) -> st.SearchStrategy[list[str]]:
    sentences = st.lists(st.sampled_from(_SENTENCES[language]), min_size=1, max_size=6)
    heading = st.sampled_from(["## Horizontal scaling", "### 수평 확장", "# Top", "## Else"])
    image = st.sampled_from(["![A rack of servers](a.png)", "![수평 확장](b.png)", "![](c.png)"])
    listed = st.builds("- {}\n- {}".format, *[st.sampled_from(_SENTENCES[language])] * 2)
    block = st.one_of(sentences.map(" ".join), sentences.map(" ".join), heading, image, listed)
    return st.lists(block, min_size=1, max_size=10)


@st.composite
def texts(draw: st.DrawFn) -> tuple[Language, list[str]]:
    """A language and the blocks of a text in it, the first a paragraph."""
    language = draw(languages)
    return language, [_SENTENCES[language][0], *draw(_paragraphs(language))]


def judged(language: Language, blocks: list[str] | str, **known: object) -> Analysis:
    markdown = (
        blocks
        if isinstance(blocks, str)
        else "\n\n".join((*blocks, "[^1]: <https://example.net/s>"))
    )
    keyphrase = KEYPHRASES[language]
    given_ = Article(
        keyphrase, f"{keyphrase}.", keyphrase.replace(" ", "-"), keyphrase, language, markdown
    )
    return analyse(replace(given_, **known), grounding=GroundingInput(SOURCES, others=SOURCES))


def points(analysis: Analysis, check_id: str) -> int | None:
    return next((f.points for f in analysis.findings if f.check_id == check_id), None)


def not_better(before: Analysis, after: Analysis, check_id: str) -> bool:
    """Whether the check, if it judged before, does not judge better after."""
    one, two = points(before, check_id), points(after, check_id)
    return one is None or (two is not None and two <= one)


any_text = st.text(max_size=150) | st.text(
    alphabet="가나다한다것수줄. 서버 확장이3만12%aZ\n#-*|`[]()!<>\\&;ㄱ\u1100\u1161\u200d\u202e\ufeff\x00😀\ud800",
    max_size=120,
)


@settings(max_examples=150, deadline=None)
@given(any_text, languages, st.booleans(), st.text(max_size=20))
def test_no_text_breaks_a_check_and_no_place_is_outside(
    markdown: str, language: Language, exact: bool, keyphrase: str
):
    analysis = judged(language, markdown, exact=exact, keyphrase=keyphrase, title=keyphrase)

    for finding in analysis.findings:
        assert all(0 <= span.start <= span.end <= len(markdown) for span in finding.spans)


@FEW
@given(texts(), st.text(alphabet=" \n\t", max_size=6))
def test_blanks_at_the_end_change_no_finding(text: tuple[Language, list[str]], tail: str):
    language, blocks = text
    markdown = "\n\n".join(blocks)

    assert judged(language, markdown).findings == judged(language, markdown + "\n" + tail).findings


@FEW
@given(texts())
def test_an_analysis_says_the_same_twice(text: tuple[Language, list[str]]):
    language, blocks = text

    assert judged(language, blocks) == judged(language, blocks)


@FEW
@example(
    ("en", ["Costs fell by 40 % in 2024.", "A [guide](https://example.org/x) tells more."]), 1, True
)  # hypothesis takes its examples by place
@given(texts(), st.integers(0, 20), st.booleans())
def test_a_number_that_no_source_has_never_raises_grounding(
    text: tuple[Language, list[str]], at: int, joined: bool
):
    language, blocks = text
    worse = _WORSE[language]["number"]
    place = at % len(blocks)
    more = list(blocks)
    if joined and not blocks[place].startswith(("#", "!", "-")):
        more[place] = f"{blocks[place]} {worse}"
    else:
        more.insert(place, worse)

    before, after = judged(language, blocks), judged(language, more)

    assert not_better(before, after, "geo.numbers")
    assert not_better(before, after, "geo.citation_coverage")
    assert before.scores.grounding is None or after.scores.grounding <= before.scores.grounding
    assert not after.publishable


@FEW
@given(texts())
def test_an_invented_quotation_never_raises_quotes(text: tuple[Language, list[str]]):
    language, blocks = text

    before, after = (
        judged(language, blocks),
        judged(language, [*blocks, _WORSE[language]["quotation"]]),
    )

    assert points(after, "geo.quotes") == 3
    assert not_better(before, after, "geo.quotes")


@FEW
@given(texts(), st.integers(1, 6))
def test_a_copied_passage_never_raises_originality(text: tuple[Language, list[str]], times: int):
    language, blocks = text
    copied = SOURCES[0 if language == "en" else 1]

    before, after = judged(language, blocks), judged(language, [*blocks, *[copied] * times])

    assert not_better(before, after, "geo.originality")


@FEW
@given(texts(), st.sampled_from(["/a", "https://example.org/b"]))
def test_a_vague_link_never_raises_generic_links_nor_a_vaguer_one_the_score(
    text: tuple[Language, list[str]], address: str
):
    language, blocks = text
    vague = "here" if language == "en" else "여기"
    said = [*blocks, f"[connection pools]({address})"]
    vaguer = [*blocks, f"[{vague}]({address})"]

    assert points(judged(language, vaguer), "links.generic") == 3
    assert not_better(judged(language, blocks), judged(language, vaguer), "links.generic")
    assert judged(language, vaguer).scores.seo <= judged(language, said).scores.seo


@FEW
@given(texts(), st.integers(1, 30), st.booleans())
def test_the_keyphrase_once_more_beyond_the_ceiling_never_raises_density(
    text: tuple[Language, list[str]], times: int, exact: bool
):
    language, blocks = text
    keyphrase = KEYPHRASES[language]
    # So often that density is over its ceiling whatever else the text says, in short texts as well.
    stuffed = [*blocks, " ".join([f"{keyphrase}."] * 60)]
    more = [*stuffed, " ".join([f"{keyphrase}."] * times)]

    before, after = judged(language, stuffed, exact=exact), judged(language, more, exact=exact)

    assert (points(before, "kp.density") or 0) < 0
    assert not_better(before, after, "kp.density")
    assert not_better(before, after, "geo.stuffing")


@FEW
@given(texts())
def test_a_long_sentence_more_never_raises_sentence_length(text: tuple[Language, list[str]]):
    language, blocks = text
    long = _SENTENCES[language][5 if language == "en" else 4]

    before, after = judged(language, blocks), judged(language, [*blocks, long])

    assert not_better(before, after, "sentence.length")


@FEW
@given(texts())
def test_an_untied_sentence_never_raises_transitions(text: tuple[Language, list[str]]):
    language, blocks = text

    before, after = (
        judged(language, blocks),
        judged(language, [*blocks, _WORSE[language]["untied"]]),
    )

    assert not_better(before, after, "sentence.transitions")


@FEW
@given(_paragraphs("en"))
def test_a_passive_sentence_never_raises_passive(blocks: list[str]):
    before, after = judged("en", blocks), judged("en", [*blocks, _WORSE["en"]["passive"]])

    assert not_better(before, after, "sentence.passive")


@pytest.mark.parametrize("check_id", ["paragraph.length", "section.length"])
@FEW
@given(text=texts(), times=st.integers(1, 60))
def test_a_longer_last_paragraph_never_raises_lengths(
    check_id: str, text: tuple[Language, list[str]], times: int
):
    language, blocks = text
    last = " ".join([_WORSE[language]["untied"]] * 20)

    before = judged(language, [*blocks, last])
    after = judged(language, [*blocks, " ".join([last, *[_WORSE[language]["untied"]] * times])])

    assert not_better(before, after, check_id)


@FEW
@given(texts(), st.integers(0, 10))
def test_a_cut_text_never_raises_text_length(text: tuple[Language, list[str]], left: int):
    language, blocks = text

    assert not_better(judged(language, blocks), judged(language, blocks[: left + 1]), "text.length")


@FEW
@given(texts())
def test_a_top_heading_or_a_bare_image_more_never_raises_their_checks(
    text: tuple[Language, list[str]],
):
    language, blocks = text
    before = judged(language, blocks)

    assert not_better(before, judged(language, [*blocks, "# Again"]), "h1.single")
    assert not_better(before, judged(language, [*blocks, "![](d.png)"]), "images.alt")


@FEW
@given(st.text(min_size=1, max_size=60), st.text(max_size=30))
def test_a_wider_title_never_raises_its_width(title: str, more: str):
    wider = title.strip() + more
    if not title.strip():
        return

    before, after = judged("en", "Text.", title=title.strip()), judged("en", "Text.", title=wider)

    assert not_better(before, after, "title.width")


@pytest.mark.parametrize(
    ("language", "piece"),
    [
        ("en", "Horizontal scaling of servers. "),
        ("en", "“Horizontal scaling.” "),
        ("ko", "수평 확장은 서버를 늘립니다. "),
        ("ko", "수평확장은서버를늘린것"),
    ],
)
def test_work_grows_with_the_length_of_a_paragraph_and_not_with_its_square(
    language: Language, piece: str
):
    judged(language, piece)  # loads what is loaded once

    def seconds(times: int) -> float:
        start = time.process_time()
        judged(language, f"{times}. {piece * times}")
        return time.process_time() - start

    def is_linear(more: int) -> bool:
        short = min(seconds(more + n) for n in (400, 401, 402))
        long = min(seconds(more + n) for n in (3200, 3201))
        return long < 24 * short + 0.1  # 8 times is linear, 64 the square

    # Again on a busy machine, whose caches others empty: with other texts, since these are remembered.
    assert any(is_linear(10 * n) for n in range(3))
