"""Korean speech levels: what becomes 합니다체, and what is left as it is because no rule is sure."""

import pytest

from app.language.register import register_of, to_polite

EVENED = """
좋다 → 좋습니다
되었다 → 되었습니다
조용하다 → 조용합니다
필요하다 → 필요합니다
캐시다 → 캐시입니다
세션이다 → 세션입니다
빠르다 → 빠릅니다
그렇다 → 그렇습니다
아니다 → 아닙니다
없다 → 없습니다
한다 → 합니다
늘린다 → 늘립니다
만든다 → 만듭니다
나눈다 → 나눕니다
먹는다 → 먹습니다
읽는다 → 읽습니다
높다 → 높습니다
길다 → 깁니다
멀다 → 멉니다
크다 → 큽니다
중요하지 않다 → 중요하지 않습니다
할 수 있다 → 할 수 있습니다
알 수 없다 → 알 수 없습니다
것이다 → 것입니다
때문이다 → 때문입니다
셈이다 → 셈입니다
편이다 → 편입니다
줄어든다 → 줄어듭니다
늘어난다 → 늘어납니다
느려진다 → 느려집니다
빨라진다 → 빨라집니다
처리한다 → 처리합니다
응답한다 → 응답합니다
멈춘다 → 멈춥니다
움직인다 → 움직입니다
보낸다 → 보냅니다
받는다 → 받습니다
고른다 → 고릅니다
정한다 → 정합니다
쓴다 → 씁니다
적는다 → 적습니다
본다 → 봅니다
둔다 → 둡니다
준다 → 줍니다
온다 → 옵니다
간다 → 갑니다
산다 → 삽니다
안다 → 압니다
모른다 → 모릅니다
부른다 → 부릅니다
흐른다 → 흐릅니다
돕는다 → 돕습니다
눕는다 → 눕습니다
가깝다 → 가깝습니다
어렵다 → 어렵습니다
쉽다 → 쉽습니다
많다 → 많습니다
적다 → 적습니다
같다 → 같습니다
다르다 → 다릅니다
작다 → 작습니다
낮다 → 낮습니다
넓다 → 넓습니다
좁다 → 좁습니다
젊다 → 젊습니다
밝다 → 밝습니다
했다 → 했습니다
보였다 → 보였습니다
썼다 → 썼습니다
나왔다 → 나왔습니다
있었다 → 있었습니다
없었다 → 없었습니다
컸다 → 컸습니다
달랐다 → 달랐습니다
골랐다 → 골랐습니다
시작됐다 → 시작됐습니다
밝혀졌다 → 밝혀졌습니다
것으로 나타났다 → 것으로 나타났습니다
해야 한다 → 해야 합니다
하면 된다 → 하면 됩니다
해도 된다 → 해도 됩니다
하지 못한다 → 하지 못합니다
하고 있다 → 하고 있습니다
되어 있다 → 되어 있습니다
쓰이지 않는다 → 쓰이지 않습니다
필요했다 → 필요했습니다
서버였다 → 서버였습니다
문제였다 → 문제였습니다
가능하다 → 가능합니다
불가능하다 → 불가능합니다
안전하다 → 안전합니다
위험하다 → 위험합니다
일정하다 → 일정합니다
알려져 있다 → 알려져 있습니다
알려졌다 → 알려졌습니다
뜻한다 → 뜻합니다
가리킨다 → 가리킵니다
이룬다 → 이룹니다
이른다 → 이릅니다
일으킨다 → 일으킵니다
막는다 → 막습니다
낳는다 → 낳습니다
싣는다 → 싣습니다
짓는다 → 짓습니다
걷는다 → 걷습니다
듣는다 → 듣습니다
묻는다 → 묻습니다
갖는다 → 갖습니다
놓는다 → 놓습니다
잡는다 → 잡습니다
찾는다 → 찾습니다
맞는다 → 맞습니다
낫다 → 낫습니다
하겠다 → 하겠습니다
되겠다 → 되겠습니다
이겠다 → 이겠습니다
좋아요 → 좋습니다
사용해요 → 사용합니다
이름이에요 → 이름입니다
캐시예요 → 캐시입니다
날아가요 → 날아갑니다
오래가요 → 오래갑니다
예뻐요 → 예쁩니다
몰라요 → 모릅니다
도와요 → 돕습니다
커요 → 큽니다
써요 → 씁니다
있어요 → 있습니다
없어요 → 없습니다
했어요 → 했습니다
됐어요 → 됐습니다
돼요 → 됩니다
빨라요 → 빠릅니다
만들어요 → 만듭니다
열어요 → 엽니다
어려워요 → 어렵습니다
쉬워요 → 쉽습니다
아니에요 → 아닙니다
해야 해요 → 해야 합니다
하면 돼요 → 하면 됩니다
보내요 → 보냅니다
봐요 → 봅니다
와요 → 옵니다
줘요 → 줍니다
배워요 → 배웁니다
골라요 → 고릅니다
흘러요 → 흐릅니다
눌러요 → 누릅니다
"""
KEPT = """
걸어요
들어요
지어요
마셔요
하세요
하네요
하죠
하지요
할게요
처리합니다
처리합니까
처리함
수평 확장
쓰지 않음
“빠르다”
처리하고
"""


def lines(table: str) -> list[str]:
    return table.strip().splitlines()


@pytest.mark.parametrize("row", lines(EVENED))
def test_the_last_predicate_becomes_polite(row: str) -> None:
    given, wanted = row.split(" → ")

    assert to_polite(f"서버가 {given}.").text == f"서버가 {wanted}."


@pytest.mark.parametrize("row", lines(EVENED))
def test_what_is_polite_stays(row: str) -> None:
    polite = f"서버가 {row.split(' → ')[1]}."

    assert to_polite(polite) == (polite, None)
    assert register_of(polite) == "polite"


@pytest.mark.parametrize("given", lines(KEPT))
def test_what_no_rule_is_sure_of_stays(given: str) -> None:
    sentence = f"서버가 {given}."

    assert to_polite(sentence) == (sentence, None)


@pytest.mark.parametrize(
    ("sentence", "register"),
    [
        ("서버가 느리다.", "plain"),
        ("서버가 느려졌다!", "plain"),
        ("서버가 느려요.", "casual"),
        ("서버가 느립니다(측정값).", "polite"),
        ("서버 한 대의 처리량", "nominal"),
        ("세션은 공유 저장소에 둠.", "nominal"),
        ("", "other"),
    ],
)
def test_the_level_is_told(sentence: str, register: str) -> None:
    assert register_of(sentence) == register
