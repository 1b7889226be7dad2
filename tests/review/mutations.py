"""Makes sentences wrong on purpose: a changed number, unit, name, negation, date, comparison or quotation."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from app.language.types import Language

Kind = Literal["number", "unit", "name", "negation", "date", "direction", "swap", "quotation"]


@dataclass(frozen=True)
class Base:
    """A sentence of an article and the source's sentence that it repeats."""

    language: Language
    source: str
    sentence: str


@dataclass(frozen=True)
class Mutation:
    kind: Kind
    base: Base
    text: str


BASES = (
    Base("en", "The balancer probes each instance every 10 seconds.", "The balancer probes each instance every 10 seconds."),
    Base("en", "However, the bridge was opened by Maria Keller on May 27, 1937.", "The bridge was opened by Maria Keller on May 27, 1937."),
    Base("en", "The new index is faster than the old table.", "The new index is faster than the old table."),
    Base("en", "By default the pool holds at least 5 connections and uses 512 MB.", "By default the pool holds at least 5 connections and uses 512 MB."),
    Base("en", "also, PostgreSQL writes the row to its log before it commits.", "PostgreSQL writes the row to its log before it commits."),
    Base("en", "The session is not lost when the server in Berlin restarts.", "The session is not lost when the server in Berlin restarts."),
    Base("en", "Latency increased by 12 % after the release of Redis.", "Latency increased by 12 % after the release of Redis."),
    Base("en", "Anna Schmidt said: “Stateless is a promise.”", "Anna Schmidt said: “Stateless is a promise.”"),
    Base("en", "All instances share one database, and none keeps a file of 3 GB.", "All instances share one database, and none keeps a file of 3 GB."),
    Base("en", "The lighthouse is 31 metres tall and was built in March 1858.", "The lighthouse is 31 metres tall and was built in March 1858."),
    Base("ko", "로드 밸런서는 10초마다 각 인스턴스의 상태를 확인한다.", "로드 밸런서는 10초마다 각 인스턴스의 상태를 확인합니다."),
    Base("ko", "그러나 이 다리는 1937년 5월 27일에 김민수가 개통했다.", "이 다리는 1937년 5월 27일에 김민수가 개통했습니다."),
    Base("ko", "새 색인은 이전 표보다 빠르다.", "새 색인은 이전 표보다 빠릅니다."),
    Base("ko", "연결 풀은 연결을 5개 이상 유지하고 메모리를 512MB 사용한다.", "연결 풀은 연결을 5개 이상 유지하고 메모리를 512MB 사용합니다."),
    Base("ko", "PostgreSQL은 커밋하기 전에 행을 로그에 쓴다.", "PostgreSQL은 커밋하기 전에 행을 로그에 씁니다."),
    Base("ko", "서울의 서버가 재시작해도 세션은 사라지지 않는다.", "서울의 서버가 재시작해도 세션은 사라지지 않습니다."),
    Base("ko", "배포 후 지연 시간이 12% 증가했다.", "배포 후 지연 시간이 12% 증가했습니다."),
    Base("ko", "박지영은 “상태를 두지 않는 것은 약속이다”라고 말했다.", "박지영은 “상태를 두지 않는 것은 약속이다”라고 말했습니다."),
    Base("ko", "모든 인스턴스가 데이터베이스를 함께 쓰고 3GB 파일을 둘 수 있다.", "모든 인스턴스가 데이터베이스를 함께 쓰고 3GB 파일을 둘 수 있습니다."),
    Base("ko", "등대의 높이는 31미터이고 1858년 3월에 세워졌다.", "등대의 높이는 31미터이고 1858년 3월에 세워졌습니다."),
)  # fmt: skip

_SWAPS: dict[Language, tuple[tuple[Kind, str, str], ...]] = {
    "en": (
        ("unit", "seconds", "minutes"), ("unit", "MB", "KB"), ("unit", "GB", "TB"),
        ("unit", "metres", "feet"), ("unit", " %", " points"),
        ("name", "Maria Keller", "Peter Keller"), ("name", "Berlin", "Lisbon"),
        ("name", "PostgreSQL", "MySQL"), ("name", "Redis", "Memcached"),
        ("name", "Anna Schmidt", "Anna Weber"),
        ("negation", "is not lost", "is lost"), ("negation", "was opened", "was not opened"),
        ("negation", "is faster", "is not faster"), ("negation", "writes", "never writes"),
        ("negation", "probes", "does not probe"), ("negation", "none keeps", "each keeps"),
        ("negation", "is 31", "is not 31"), ("negation", "Stateless is", "Stateless is not"),
        ("date", "May", "June"), ("date", "March", "April"),
        ("direction", "faster", "slower"), ("direction", "at least", "at most"),
        ("direction", "before", "after"), ("direction", "increased", "decreased"),
        ("direction", "after", "before"), ("direction", "All", "No"),
        ("swap", "new index is faster than the old table", "old table is faster than the new index"),
        ("quotation", "promise", "threat"),
    ),
    "ko": (
        ("unit", "초", "분"), ("unit", "MB", "KB"), ("unit", "GB", "TB"), ("unit", "미터", "피트"),
        ("unit", "12%", "12배"),
        ("name", "김민수", "박민수"), ("name", "서울", "부산"), ("name", "PostgreSQL", "MySQL"),
        ("name", "박지영", "최지영"),
        ("negation", "사라지지 않습니다", "사라집니다"), ("negation", "있습니다", "없습니다"),
        ("negation", "확인합니다", "확인하지 않습니다"), ("negation", "증가했습니다", "증가하지 않았습니다"),
        ("negation", "빠릅니다", "빠르지 않습니다"), ("negation", "개통했습니다", "개통하지 못했습니다"),
        ("date", "5월", "6월"), ("date", "3월", "4월"),
        ("direction", "빠릅니다", "느립니다"), ("direction", "이상", "이하"), ("direction", "전에", "후에"),
        ("direction", "증가", "감소"), ("direction", "배포 후", "배포 전"),
        ("swap", "새 색인은 이전 표보다", "이전 표는 새 색인보다"),
        ("quotation", "약속", "위협"),
    ),
}  # fmt: skip


def mutations() -> Iterator[Mutation]:
    """Every mutation of every base sentence; each differs from its sentence."""
    for base in BASES:
        for number in re.finditer(r"\d+", base.sentence):
            kind: Kind = "date" if len(number[0]) == 4 else "number"
            for wrong in (str(int(number[0]) + 1), number[0] + "0"):
                text = base.sentence[: number.start()] + wrong + base.sentence[number.end() :]
                yield Mutation(kind, base, text)
        for kind, right, wrong in _SWAPS[base.language]:
            text = re.sub(
                rf"(?<![A-Za-z]){re.escape(right)}(?![A-Za-z])", wrong, base.sentence, count=1
            )
            if text != base.sentence:
                yield Mutation(kind, base, text)
