"""Korean noun runs, by morphemes: particles and endings end them, so they never stand in a phrase."""

from app.language.korean import Morpheme, morphemes
from app.language.nominal import Unit
from app.language.types import Span

_NOUNS = ("NNG", "NNP", "SL", "SH", "XR", "XSN", "XPN", "W_SERIAL", "W_HASHTAG", "SN")
_LEADING = ("XPN", "SN", "W_SERIAL")
_MEASURE_AFTER = ("SL", "SW", "NNB", "NR")
_PLURAL = "들"
_HYPHENS = frozenset("-‐·/+")
_GENERIC = frozenset(
    """
    경우 방법 사람 정도 생각 이유 까닭 필요 문제 부분 내용 사실 다음 이전 이후 최근 오늘 내일 어제 지금 처음
    마지막 하나 모두 자체 스스로 대부분 대신 전체 일부 나머지 차이 결과 과정 상태 상황 가능 사용 이용 확인
    시작 끝 앞 뒤 위 아래 안 밖 옆 속 곳 쪽 중 가운데 사이 동안 시간 시기 날 해 말 일 수 점 면 목적 기준
    종류 모양 도움 표시 뜻 이야기 예 때 번 첫째 둘째 셋째 오전 오후 아침 저녁 하루 이틀 일주일 누구 무엇
    어디 언제 순서 차례 자리 안내 설명 참고 소개 정리 목록 관련 이상 이하 미만 초과 약간 조금 거의 보통 대개
    서로 저마다 무렵 자신 우리 집 몸 손 중요 생활 하기 전 후 간 한쪽 양쪽 바닥 크기 숫자 지난해 올해 내년
    작년 이번 당시 현재 수준 대상 분야 특징 장점 단점 효과 영향 역할
    """.split()
)
"""Nouns that by themselves do not say what a text is about. Our own list."""
_WEAK = frozenset(
    """
    때 경우 때문 정도 이상 이하 미만 초과 무렵 동안 뒤 앞 전 후 쪽 곳 중 사이 안 수 다음 모두 하나 가운데
    가지 날 대신 속 법 간 등 점
    """.split()
)
"""Nouns that a phrase neither begins nor ends with."""


def korean_runs(text: str) -> list[tuple[Unit, ...]]:
    """The noun runs of a block of text, in order. Any sign but a hyphen within a word ends a run."""
    reader = _Reader(text)
    for token in morphemes(text):
        if token.span.start < token.span.end:
            reader.read(token)
    reader.end_run()
    return reader.runs


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.runs: list[tuple[Unit, ...]] = []
        self.run: list[Unit] = []
        self.unit: list[Morpheme] = []
        self.verb: Morpheme | None = None

    def read(self, token: Morpheme) -> None:
        joined = self.unit and token.span.start == self.unit[-1].span.end
        if self.verb is not None:
            verb, self.verb = self.verb, None
            if token.tag == "ETN" and token.form == "기":
                # 별 보기, 발효종 만들기: what one does with the noun before.
                span = Span(verb.span.start, token.span.end)
                form = span.of(self.text)
                self.run.append(Unit(form, span, opens=False, alone=False, strong=False))
            self.end_run()
            return
        if token.tag.startswith(_NOUNS) and token.form != _PLURAL:
            if not joined:
                self.end_unit()
                if self.run and self.text[self.run[-1].span.end : token.span.start].strip(" \t\n"):
                    self.end_run()
            self.unit.append(token)
        elif token.form in _HYPHENS and joined and token.tag in {"SO", "SP", "SS", "SW", "SF"}:
            self.unit.append(token)
        elif token.tag.startswith("VV") and not joined and (self.unit or self.run):
            self.end_unit()
            self.verb = token
        else:
            self.end_unit(before=token if joined else None)
            self.end_run()

    def end_unit(self, before: Morpheme | None = None) -> None:
        """Close the unit that is being read; `before` is what is joined to it and no noun."""
        unit, self.unit = self.unit, []
        while unit and unit[-1].form in _HYPHENS:
            unit.pop()
        if not unit:
            return
        tag = before.tag if before else ""
        if tag == "XSA" or tag.startswith("NNB") or _measures(unit):
            self.end_run()  # 안전하다 is no noun, and 20분 none that a text is about
            return
        form = unit[0].span.start, unit[-1].span.end
        stem = "".join(token.form for token in unit).lower()
        weak = stem in _WEAK
        counted = unit[0].tag in {"SN", "W_SERIAL"}
        alone = not (
            counted
            or weak
            or stem in _GENERIC
            or tag == "XSV"
            or (len(stem) == 1 and stem.isascii())
        )
        words = sum(not token.tag.startswith(("XS", "XPN", "SO")) for token in unit)
        self.run.append(
            Unit(
                stem,
                Span(*form),
                opens=not weak,
                closes=not weak and not (counted and not self.run),
                alone=alone,
                words=max(1, words),
            )
        )

    def end_run(self) -> None:
        self.end_unit()
        if self.run:
            self.runs.append(tuple(self.run))
            self.run = []


def _measures(unit: list[Morpheme]) -> bool:
    """Whether it is an amount: 100g, 0.75퍼센트, or digits alone."""
    if unit[0].tag not in {"SN", "W_SERIAL"}:
        return False
    if len(unit) == 1:
        return unit[0].tag == "SN"
    return unit[1].tag.startswith(_MEASURE_AFTER) or unit[1].form in _UNITS


_UNITS = frozenset(
    "퍼센트 킬로미터 미터 유로 달러 킬로그램 그램 리터 센티미터 제곱미터 숟가락 시간".split()
)
