"""Articles for the analyser's tests, and a short way to ask one check."""

from app.language.types import Language
from app.seo.analysis import analyse
from app.seo.document import Article
from app.seo.findings import Finding
from app.seo.page import GroundingInput, Site

WORDS = [
    "machines",
    "share",
    "work",
    "and",
    "every",
    "request",
    "finds",
    "a",
    "place",
    "while",
    "the",
    "balancer",
    "counts",
    "what",
    "is",
    "open",
    "so",
    "that",
    "nobody",
    "waits",
    "for",
    "long",
]


def prose(words: int, *, sentence: int = 12) -> str:
    """So many words of running text in sentences of one length."""
    out = []
    for start in range(0, words, sentence):
        size = min(sentence, words - start)
        picked = [WORDS[(start + n * 3) % len(WORDS)] for n in range(size)]
        out.append(" ".join(picked).capitalize() + ".")
    return " ".join(out)


def article(
    markdown: str,
    *,
    title: str = "Horizontal scaling explained",
    meta: str = "",
    slug: str = "horizontal-scaling",
    keyphrase: str = "horizontal scaling",
    language: Language = "en",
) -> Article:
    return Article(title, meta, slug, keyphrase, language, markdown)


def ask(
    check_id: str,
    given: Article,
    *,
    grounding: GroundingInput | None = None,
    site: Site | None = None,
) -> Finding | None:
    found = analyse(given, grounding=grounding, site=site).findings
    return next((finding for finding in found if finding.check_id == check_id), None)


def points(check_id: str, given: Article, **known) -> int | None:
    finding = ask(check_id, given, **known)
    assert finding is not None, f"{check_id} was not measured"
    return finding.points


KOREAN = """수평 확장은 더 큰 서버를 사는 대신 서버의 수를 늘리는 방법입니다.[^1] 로드 밸런서는 10초마다 각 인스턴스의 상태를 확인합니다.[^1]

## 수평 확장이 필요한 때

서버 한 대의 메모리가 부족해지면 요청이 밀리기 시작합니다.[^1] 이때 서버를 3대로 늘리면 부하가 나뉩니다.[^1]

## 세션을 두는 곳

세션을 서버의 메모리에 두면 재시작할 때 세션이 사라집니다.[^2] 그래서 세션은 데이터베이스에 둡니다.[^2]

- 상태를 인스턴스 밖에 둡니다.
- 파일은 공유 저장소에 올립니다.

[^1]: 확장 안내서
[^2]: 세션 안내서
"""
