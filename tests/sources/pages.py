"""Writes HTML pages for tests: an article of three paragraphs, and what is put around and between them."""

from collections.abc import Sequence

FACTS = (
    "Cold brew steeps for twelve hours at four degrees and loses a third of its acid.",
    "It needs no heat at all, only time and a coarse grind that lets the water through.",
    "The Toddy of 1964 made it known, and the canned drinks of 2015 made it cheap.",
)
KOREAN_FACTS = (
    "콜드브루는 찬물로 열두 시간 동안 천천히 우려낸 커피이며 산미가 삼분의 일 줄어듭니다.",
    "열은 전혀 필요하지 않고 시간과 굵게 간 원두만 있으면 누구나 집에서 만들 수 있습니다.",
    "똠방각하 카페는 1964년에 문을 열었고 2015년부터 캔에 담아 전국에 팔기 시작했습니다.",
)


def paragraphs(words: Sequence[str] = FACTS) -> str:
    return "".join(f"<p>{sentence}</p>\n" for sentence in words)


def page(
    *, inside: str = "", around: str = "", head: str = "", words: Sequence[str] = FACTS
) -> str:
    """A page titled "Cold brew" whose article holds the words and then `inside`."""
    return (
        f"<!doctype html><html><head>{head}<title>Cold brew</title></head><body>{around}"
        f"<main><article><h1>Cold brew</h1>{paragraphs(words)}{inside}</article></main></body></html>"
    )
