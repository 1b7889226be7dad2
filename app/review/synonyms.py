"""Words and phrases that say the same: a claim may be worded in either. Small closed lists of our own.

Synonyms only fill coverage: numbers, names, negations and directions are compared as they stand. No
group may hold two words of opposite sense, nor a whole and its part.
"""

import re
from functools import lru_cache

from app.language.english import stem
from app.language.types import Language

_PHRASES: dict[Language, tuple[tuple[str, str], ...]] = {
    "en": (
        (
            r"\bwithout (?:an? |any |the )?(?:internet|network|data|online)(?: connection| access)?\b",
            "offline",
        ),
        (r"\b(?:free of charge|for free|at no (?:extra )?(?:cost|charge))\b", "free"),
        (r"\bemergency (?:department|ward)\b", "emergency room"),
        (r"\bpaid back\b", "refunded"),
        (r"\bpays? back\b", "refund"),
        (r"\b(?:was |were )?burn(?:ed|t) (?:down|to the ground)\b", "was destroyed by fire"),
        (r"\bburns? (?:down|to the ground)\b", "is destroyed by fire"),
        (r"\bbefore noon\b", "in the morning"),
        (r"\bturn(?:s|ed|ing)? (?:in)?to ice\b", "freezes"),
        (r"\b(?:its|their|the) volume (?:grows?|increases?|rises?)\b", "it expands"),
        (r"\bgain(?:s|ed)? volume\b", "expands"),
        (r"\b(?:a|the) (?:large |great |clear )?majority of\b", "most"),
        (r"\b(?:is|are) (not )?(?:allowed|permitted) to\b", r"may \1"),
        (r"\b(?:is|are) able to\b", "can"),
        (r"\bset up\b", "founded"),
        (r"\bshut(?:s|ting)? down\b", "closed"),
        (r"\bcall(?:ed|s|ing)? off\b", "cancelled"),
        (r"\b(?:put|puts|putting) off\b", "postponed"),
        (r"\bturn(?:ed|s)? down\b", "rejected"),
        (r"\b(?:hand(?:ed|s)?|turn(?:ed|s)?) in\b", "submitted"),
        (r"\b(?:go|goes|went|gone|going) up\b", "rose"),
        (r"\b(?:go|goes|went|gone|going) down\b", "fell"),
        (r"\b(?:take|takes|took|taken|taking) part\b", "participated"),
        (r"\bpass(?:ed|es)? away\b", "died"),
        (r"\b(?:carry|carries|carried) out\b", "performed"),
        (r"\b(?:calls? for|need(?:s|ed)?(?! not))\b", "requires"),
        (r"\b(?:is|are|was|were) made up of\b", "consists of"),
        (r"\b(?:took|takes?|taking) on (?=\S+ (?:staff|workers|trainees|apprentices))", "hired "),
        (r"\bpieces? of (?=\w+ ?(?:baggage|luggage|furniture|advice))", ""),
    ),
    "ko": (
        (r"쉬는 시간", "휴식"),
        (r"(?:연간|한 해에|일 년에)(?=\s)", "1년에"),
        (r"(?<![가-힣])(집|땅|쌀|기름|물)값", r"\1 값"),
        (r"공짜", "무료"),
        (r"빈속", "공복"),
        (r"하룻밤|밤새(?:도록)?", "하룻밤"),
        (r"(\d+)분 간격으로", r"\1분마다"),
    ),
}
"""Each written as one before anything is compared, in the claim and in the source."""
_COMPILED = {
    language: tuple((re.compile(words, re.IGNORECASE), other) for words, other in pairs)
    for language, pairs in _PHRASES.items()
}


@lru_cache(maxsize=8192)
def reworded(text: str, language: Language) -> str:
    """The text with each phrase of the list written in one way."""
    for pattern, other in _COMPILED[language]:
        text = pattern.sub(other, text)
    return text


_ENGLISH = """
pay paid; sell sold sale; buy bought purchase; leave left depart departure; go went gone; come came
tell told; say said; see saw seen; make made produce; know known knew; think thought; bring brought
teach taught; catch caught; win won; lose lost loss; meet met; feel felt; read; rise rose risen rising
fall fell fallen; drive drove driven; ride rode ridden; speak spoke spoken; swim swam swum; sing sang sung
drink drank drunk; eat ate eaten; fly flew flown flight; throw threw thrown; draw drew drawn; know knew known
stand stood; spend spent; lend lent; bend bent; lead led; feed fed; shoot shot; fight fought; seek sought
steal stole stolen; wear wore worn; tear tore torn; freeze froze frozen; forget forgot forgotten
hide hid hidden; bite bit bitten; strike struck; stick stuck; sink sank sunk; dig dug; hang hung
sleep slept; sweep swept; lay laid; lie lain; burn burnt; learn learnt; mean meant; deal dealt; show shown
refund repay repaid reimburse; close closing shut; open opening; start begin beginning commence
end finish conclude; last take duration; use usage utilise utilize; need require requirement necessary
allow permit permission let may; forbid forbidden ban prohibit; help assist assistance; choose pick select
get receive obtain; give provide supply; show display; hire employ engage recruit; dismiss fire sack
employ employee work worker staff; trainee apprentice; firm company business; shop store; car automobile
bag baggage luggage suitcase; population inhabitant resident people; child kid; doctor physician
film movie; picture image; house home; street road; town city; ship boat vessel; plane aircraft
sea ocean; stone rock; forest wood; job occupation; wage salary pay; price cost fee charge; cheap inexpensive
big large; small little; rapid quick fast; slow; rich wealthy; sick ill; correct right; wrong incorrect
expand expansion grow; shrink contract; destroy destruction demolish ruin; build built construct erect
repair mend fix; apply applicant application; visit visitor come; travel trip journey voyage
arrive arrival reach; appear appearance; die died death; born birth; marry marriage wedding; divorce
grow grew grown growth; move relocate; invent invention; discover discovery; develop development
decide decision; agree agreement; refuse refusal reject rejection decline
accept acceptance approve approval adopt
approve approval pass; vote ballot; elect election; demand ask request; answer reply respond response
explain explanation; describe description; announce announcement; report; warn warning; advise advice recommend
suggest suggestion propose proposal; measure measurement; calculate calculation compute; count
test examine examination exam; study investigate investigation research; treat treatment; cure heal
injure injury hurt wound; kill; save rescue; protect protection; attack; defend defence; win victory
main mainly mostly chiefly primarily most; nearly almost; often frequently; rarely seldom; always
yearly annual annually; daily; weekly; monthly; entire whole complete; empty; full; main principal
morning; noon midday; evening; purchase buy; possible can; free; run operate function work use
consist comprise contain include; replace substitute; add; remove delete erase
keep retain store preserve; send ship dispatch; gather collect; divide split; join; connect link; combine
increase grow rise; decrease fall decline drop; improve improvement; damage harm; cause; result
attempt try; stop cease halt; return; enter entry; guess; reveal disclose
publish publication; write wrote written author; paint painter painting; translate translation; compose composer
located situated; dwell live reside; own possess belong; found founded establish establishment
draw attract; gathering meeting; crew; pupil student; teacher; teach instruct; lawyer attorney
autumn fall; holiday vacation; lift elevator; flat apartment; rubbish waste garbage; petrol gasoline
cross crossing; descend descent; ascend ascent climb; depth deep; high height; long length; wide width broad
warm warmth; hot heat heated; cold; strong strength; weak weakness; mushroom fungus; soluble dissolve
"""

_KOREAN = """
먹 복용 섭취 드시; 사 구입 구매 사들이; 팔 판매 매각; 떠나 출발; 도착 닿 이르
짓 건설 건축 세우 건립 지어지 세워지
내 부담 지불 납부 치르; 받 수령 접수; 뽑 채용 고용 선발; 옮기 이전 이동; 번역 옮기; 늘 늘어나 증가 커지
줄 줄어들 감소 작아지; 얼 얼음 결빙; 쉬 휴관 휴무 휴업; 죽 사망 숨지 별세; 태어나 출생; 살 거주
일하 근무 일; 쓰 사용 이용; 쓰 적 작성 집필 저술; 고치 수리 보수 수선; 찾 방문 찾아오 찾아가 다녀가
지나 통과 통행 지나가; 타 탑승 승차; 타 불타 소실 전소; 아이 어린이 아동; 집 주택; 값 가격 요금 비용 료
회사 기업 업체; 가게 점포 상점 매장; 직원 종업원 사원; 자동차 차량 차; 길 도로; 아내 부인; 불 화재
신청 접수 지원 응모; 나오 발행 출간 출시 발간 발매 펴내; 끝나 종료 마치 끝내 끝; 시작 개시; 열리 개최 열
다치 부상; 무게 중량; 관객 관람객; 손님 고객; 택배 배송 배달; 절반 반; 해마다 매년; 날마다 매일; 주마다 매주
처음 첫 최초; 필요 들; 알리 발표 밝히 공표; 돕 도움 지원; 막 금지 차단; 허용 허락 허가; 바꾸 변경 교체 교환 바뀌
늦추 미루 연기; 없애 폐지 제거; 더하 추가; 이기 승리; 지 패배; 오르 상승 인상; 내리 하락 인하; 결혼 혼인
배우 학습 공부; 가르치 교육; 참가 참여 출전; 나누 분배; 보내 발송 송부; 심 식재; 캐 수확 거두; 빌리 대여 임차
만들 제작 제조; 만들어지 제작 제조; 고르 선택 택하; 넘 넘기 초과 돌파; 걸리 소요; 이어지 계속 지속
막 방지 예방; 지키 보호 보존; 키우 기르 재배 사육; 모으 수집; 모이 집결; 섞 혼합; 나오 등장; 나타나 등장 출현
잃 상실 분실; 얻 획득 취득; 뜻 의미; 까닭 이유 원인; 잘못 오류 실수; 모자라 부족; 넉넉 충분
비슷 유사; 다르 상이
크기 규모; 넓이 면적; 길이; 빠르기 속도; 나이 연령; 이름 명칭; 사람 인원 명; 나라 국가; 마을 동네; 바다 해양
병 질병 질환; 약 의약품; 의사 의료진; 학교; 선생 교사; 책 도서 서적; 글 문장; 그림 회화; 노래 곡; 영화
시민; 주민 거주자; 투표 표결; 통과 가결; 반대 반대표; 찬성 찬성표 동의; 설립 창립 세우; 숨기 은폐; 드러나 밝혀지
오래되; 낡 노후; 깨끗 청결; 더럽 오염; 싸 저렴; 비싸 고가; 쉽 간단 용이; 어렵 곤란
입장 들어가 들어오; 퇴장 나가
묵 숙박 투숙; 팔리 판매; 쓰이 사용 이용; 뽑히 선발 선정; 불리 호칭; 열 개관 개장 개점 개업 재개관 재개장
닫 휴관 폐관 폐점 폐업; 입 착용; 씻 세척 세탁; 마시 음용; 자르 절단; 얹 올리; 담그 담 절이
"""


def _grouped(listed: str) -> dict[str, frozenset[str]]:
    groups = [frozenset(part.split()) for part in re.split(r"[;\n]", listed) if part.split()]
    words = {word for group in groups for word in group}
    return {
        word: frozenset().union(*(group for group in groups if word in group)) for word in words
    }


def _stemmed(listed: str) -> str:
    return "\n".join(
        " ".join(stem(word) for word in part.split()) for part in re.split(r"[;\n]", listed)
    )


_GROUPS: dict[Language, dict[str, frozenset[str]]] = {
    "en": _grouped(_stemmed(_ENGLISH)),
    "ko": _grouped(_KOREAN),
}

_IDIOMS = (
    (frozenset("문 열".split()), frozenset("개관 개장 개점 개업 재개관 재개장".split())),
    (frozenset("문 닫".split()), frozenset("휴관 휴무 휴업 폐관 폐점 폐업 쉬".split())),
    (frozenset("세상 떠나".split()), frozenset("죽 사망 별세 숨지".split())),
    (frozenset("화재 타".split()), frozenset("타 불타 소실 전소".split())),
    (frozenset("상 받".split()), frozenset("수상".split())),
    (frozenset("글 쓰".split()), frozenset("집필".split())),
    (frozenset("돈 벌".split()), frozenset("수익".split())),
    (frozenset("빛 보".split()), frozenset("공개".split())),
)
"""Korean: a noun with its verb, and one word for both."""


def synonyms(word: str, language: Language) -> frozenset[str]:
    """The stems that may stand for a stem, itself among them."""
    return _GROUPS[language].get(word, frozenset((word,)))


def idioms(stems: frozenset[str] | set[str], there: set[str]) -> set[str]:
    """Those of a claim's Korean stems that the other text says in one word, or in two."""
    found: set[str] = set()
    for pair, words in _IDIOMS:
        if pair <= stems and there & words:
            found |= pair
        if pair <= there:
            found |= stems & words
    return found
