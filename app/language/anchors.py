"""Link words that say nothing of where the link leads. Our own lists.

The rule is documented by Google (Search Essentials, *Link best practices*: descriptive anchor text) and
WCAG 2.4.4; Lighthouse's `link-text` audit looks for the same kind of words.
"""

from app.language.types import Language

GENERIC: dict[Language, frozenset[str]] = {
    "en": frozenset(
        {
            "here", "click", "click here", "click this", "this", "this link", "this page",
            "this site", "this website", "this article", "this post", "link", "read", "read more",
            "read on", "more", "learn more", "see more", "find out more", "more info",
            "more information", "more details", "details", "go", "go here", "start", "continue",
            "continue reading", "right here", "website", "page", "source", "view", "view more",
            "see here", "check it out", "download", "info",
        }
    ),
    "ko": frozenset(
        {
            "여기", "여기를", "이곳", "여기에서", "여기서", "여기를 클릭", "여기를 클릭하세요",
            "클릭", "클릭하세요", "바로 가기", "바로가기", "링크", "이 링크", "자세히",
            "자세히 보기", "더 보기", "더보기", "더 알아보기", "더 읽기", "알아보기", "보기",
            "계속", "계속 읽기", "이동", "전체 보기", "상세 보기", "이 글", "이 페이지",
            "이 사이트", "홈페이지", "원문", "출처", "확인하기", "다운로드",
        }
    ),
}  # fmt: skip
_EDGES = " \t\n.,:;!?…»›→>()[]\"'“”‘’"


def is_generic(words: str) -> bool:
    """Whether a link's words, in either language, say nothing of its target."""
    bare = " ".join(words.casefold().split()).strip(_EDGES)
    return any(bare in known for known in GENERIC.values())
