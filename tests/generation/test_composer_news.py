"""What news and notes are like: no headings, the point first, links of the site below, lists alone."""

import re

from app.generation.writers.composer.relevance import read
from app.generation.writers.composer.terms import name_for
from tests.generation.composing import compose, facts_of, snapshot

NEWS = snapshot(
    """# Council approves new flood barrier

The city council voted 9 to 4 on Thursday to build a flood barrier across the harbour. The barrier will cost $48 million and is expected to be finished in autumn 2029. No public work in the city has cost more since the tram line opened in 2011.

"We cannot keep pumping water out of the same cellars every winter," said Mayor Helen Osei after the vote. The decision follows two floods in three years. In January 2024 the water rose 2.1 metres above the normal level and damaged 340 homes. A second flood in November 2025 closed the central station for six days. Insurers paid out $31 million for both, according to the water authority.

The design consists of four steel gates, each 18 metres wide. They rest on the harbour floor and are raised by compressed air in about 25 minutes. The gates close when the water authority forecasts a level of 1.5 metres or more. Engineers expect the gates to close six to eight times a year at first.

The national government pays 60 percent of the flood barrier, the region 15 percent and the city the rest. The city will borrow its share over 30 years. Finance director Amal Haddad told the council that an average household would pay $14 more a year.

**Related articles**

- Five things to know about the tram line
- Why the quays were raised in 1998
""",
    origin="news.md",
    title="Council approves new flood barrier",
)

KOREAN_NEWS = snapshot(
    """# 서울시, 따릉이 5만 대로 늘린다

서울시가 2027년까지 공공 자전거 따릉이를 현재 4만 3천 대에서 5만 대로 늘린다고 12일 밝혔다. 사업비는 모두 214억 원이다. 시는 올해 3천 대, 내년에 4천 대를 새로 들여온다.

시에 따르면 지난해 따릉이 이용 건수는 4,490만 건으로 2024년보다 6.2% 늘었다. 하루 평균 이용 건수는 12만 3천 건이다. 출근 시간인 오전 7시부터 9시까지의 이용이 전체의 18%를 차지했다.

현재 따릉이 대여소는 2,780곳이다. 시는 대여소를 3,200곳까지 늘릴 계획이다. 이 시간을 목표 도보 시간이라고 한다. 새 자전거에는 무게를 2kg 줄인 알루미늄 차체를 쓴다.

고장 난 따릉이를 수거하는 데 걸리는 시간은 평균 38시간에서 12시간으로 줄어들 것으로 시는 기대한다. 요금은 당분간 그대로 둔다. 따릉이 이용자는 앱에서 고장을 신고할 수 있다. 지난해 서울의 자전거 사고는 3,412건이었고 17명이 숨졌다.
""",
    language="ko",
    origin="news.ko.md",
    title="서울시, 따릉이 5만 대로 늘린다",
)

LISTS = snapshot(
    """# Sourdough starter cheat sheet

- Flour: whole wheat or rye works best for a new sourdough starter
- Water: use filtered or boiled water, since chlorine slows the yeast
- Temperature: keep it between 24 and 27 °C, for example in the oven with its light on
- Jar: clean glass, loosely covered, twice as large as the starter

## Day by day

1. Day 1: mix 50 g of whole wheat flour and 50 g of water in the jar
2. Day 2: stir it once in the morning and do nothing else
3. Day 3: discard half of it, then feed 50 g of flour and 50 g of water
4. Day 4 to 6: discard half and feed once a day at the same hour
5. Day 7: feed twice a day; the sourdough starter should double in 6 hours

## Signs of trouble

- Pink or orange streaks: throw the whole starter away and clean the jar
- Grey liquid on top: the starter is hungry; stir it in and feed it
- No bubbles after 7 days: move the jar to a warmer place
""",
    origin="starter.md",
    title="Sourdough starter cheat sheet",
)


async def test_a_source_that_says_its_point_first_opens_the_article_with_it() -> None:
    article = await compose("따릉이", KOREAN_NEWS)

    assert article.markdown.startswith("서울시가 2027년까지 공공 자전거 따릉이를")


async def test_links_below_a_line_that_says_related_are_left_out() -> None:
    article = await compose("flood barrier", NEWS)

    assert "tram line opened" in article.markdown
    assert "Five things" not in article.markdown
    assert "quays were raised" not in article.markdown


async def test_a_heading_names_what_its_whole_stretch_is_about() -> None:
    article = await compose("flood barrier", NEWS)

    headings = re.findall(r"^## (.+)$", article.markdown, re.MULTILINE)
    assert "Water authority" not in headings  # named twice in nine sentences


def test_a_korean_heading_is_made_of_nouns() -> None:
    cut_roads = snapshot(
        "따릉이가 다니는 길이 끊긴 곳은 610곳이다. 시는 끊긴 120곳을 올해 안에 잇는다. "
        "이용자는 끊긴 구간을 알릴 수 있다. 끊긴 구간은 강남에 많다.",
        language="ko",
    )
    facts = facts_of(cut_roads)

    assert name_for(facts, facts, read(facts, "따릉이", "ko")) == "구간"


async def test_this_time_is_no_word_about_the_text() -> None:
    article = await compose("따릉이", KOREAN_NEWS)

    assert "이 시간을 목표 도보 시간이라고 합니다." in article.markdown


async def test_lists_alone_give_a_description_that_says_more_than_the_title() -> None:
    snippet = (await compose("sourdough starter", LISTS)).snippet

    assert snippet.meta_description != snippet.title
    assert 100 <= len(snippet.meta_description) <= 156
    assert "whole wheat" in snippet.meta_description
