"""Register is told from meaning by a predicate's letters."""

import pytest

from app.review.endings import same_predicate

_SAME = """한다 합니다, 이다 입니다, 서버다 서버입니다, 것이다 것입니다, 만든다 만듭니다, 길다 깁니다, 있다 있습니다,
했다 했습니다, 된다 됩니다, 않는다 않습니다, 크다 큽니다, 낮춘다 낮춥니다, 걸린다 걸립니다, 먹는다 먹습니다, 해요 합니다,
돼요 됩니다, 있어요 있습니다, 이에요 입니다, 예요 입니다, 써요 씁니다, 봐요 봅니다, 내려요 내립니다, 함 합니다, 임 입니다,
있음 있습니다, 하는가 합니까, 하라 하십시오, 하자 합시다, 아니다 아닙니다, 빠르다 빠릅니다, 하세요 하십시오,
몰라요 모릅니다, 빨라요 빠릅니다, 쉬워요 쉽습니다, 도와요 돕습니다, 그래요 그렇습니다, 하얘요 하얗습니다, 아니에요 아닙니다,
나아요 낫습니다, 들어요 듣습니다, API다 API입니다"""

_DIFFERENT = """있다 없습니다, 한다 했습니다, 된다 되지, 크다 작습니다, 늘린다 줄입니다, 빠르다 느립니다, 않는다 합니다,
간다 옵니다, 이다 아닙니다, 감소한다 증가합니다, 준다 주었습니다, 된다 안됩니다, 높다 높습니까, 쓴다 쓰십시오, 산다 팝니다,
간다 갈다, 만든다 만납니다, 서버다 서비스입니다, 합니다 했습니다, 한다 하라, 10개다 11개입니다"""


def _pairs(text: str) -> list[tuple[str, str]]:
    return [(pair.split()[0], pair.split()[1]) for pair in text.split(",")]


@pytest.mark.parametrize(("plain", "polite"), _pairs(_SAME))
def test_one_predicate_in_two_registers_is_recognised(plain: str, polite: str):
    assert same_predicate(plain, polite)
    assert same_predicate(polite, plain)


@pytest.mark.parametrize(("one", "other"), _pairs(_DIFFERENT))
def test_another_verb_tense_mood_or_number_is_not_a_register(one: str, other: str):
    assert not same_predicate(one, other)
