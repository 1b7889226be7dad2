"""Which of many articles a text is compared with."""

from datetime import date

from app.review.analysing import Sources, Text, analyse_text, read_text
from app.review.others.choosing import Choice
from app.seo.findings import Finding
from app.seo.page import Site
from app.seo.thresholds import SiteLimits
from tests.seo.articles import prose


def _text(title: str, keyphrase: str = "", body: str = "Text.", description: str = "") -> Text:
    head = f"title: {title}\nkeyphrase: {keyphrase}\ndescription: {description}"
    return read_text(f"---\n{head}\n---\n\n{body}\n")


def _finding(text: Text, site: Site, check: str) -> Finding:
    found = analyse_text(text, Sources(), SiteLimits(), today=date(2026, 11, 29), site=site)
    return next(each for each in found.analysis.findings if each.check_id == check)


MINE = _text("Cold brew at home", "cold brew coffee", description="How to make it.")


def test_nothing_to_compare_with_leaves_nothing_to_collide_with():
    site = Choice(MINE).site()

    assert (site.others, site.linkable, site.broken) == ((), False, None)


def test_titles_descriptions_and_keyphrases_are_found_however_they_are_written():
    choice = Choice(MINE)
    choice.add(_text("COLD  brew at home"), "a.md")
    choice.add(_text("Other", description="how to make it."), "b.md")
    choice.add(_text("Third", "Cold brew coffees"), "c.md")
    choice.add(_text("Taxes of a small shop", "tax return"), "d.md")

    site = choice.site()

    assert _finding(MINE, site, "title.unique").values["address"] == "a.md"
    assert _finding(MINE, site, "meta.unique").values["address"] == "b.md"
    assert _finding(MINE, site, "site.cannibalisation").values["address"] == "c.md"
    assert "d.md" not in {other.address for other in site.others}


def test_a_korean_keyphrase_is_the_same_with_and_without_its_blank():
    mine = _text("집에서 만들기", "콜드브루 커피")
    choice = Choice(mine)
    choice.add(_text("콜드브루의 모든 것", "콜드브루커피"), "a.md")

    assert _finding(mine, choice.site(), "site.cannibalisation").level == "ok"


def test_articles_in_another_language_compete_with_nothing():
    choice = Choice(MINE)

    taken = choice.add(_text("Cold brew at home 집에서 만드는 커피", body="커피는 차다."), "a.md")

    assert (taken, choice.left, choice.site().others) == (False, 1, ())


def test_a_copy_among_many_is_found_and_its_text_compared():
    words = " ".join(f"word{n}" for n in range(400))
    mine = _text("Mine", "one thing", words)
    choice = Choice(mine)
    for n in range(30):
        choice.add(_text(f"Title {n}", f"thing {n}", prose(200)), f"{n}.md")
    choice.add(_text("Copied", "another subject", words), "copy.md")

    site = choice.site()

    assert len(site.others) <= 21
    assert (finding := _finding(mine, site, "site.duplicate")).level == "bad"
    assert finding.values["address"] == "copy.md"


def test_the_nearest_of_more_than_are_kept_stay_whatever_the_order():
    titles = [f"Cold brew coffee {' '.join(f'w{n}x{m}' for m in range(n))}" for n in range(25)]

    found = []
    for order in (titles, titles[::-1]):
        choice = Choice(MINE)
        for title in order:
            choice.add(_text(title), title)
        found.append({other.address for other in choice.site().others})

    assert found[0] == found[1] == set(titles[:10])


def test_hostile_words_do_no_harm():
    choice = Choice(_text("\x00", "%_'\";--", "가" * 50_000))
    for words in ("", "\x00" * 9, "\ud800", "[" * 3000, "# " * 3000):
        choice.add(Text(words, words, title=words, keyphrase=words, meta_description=words), words)

    assert choice.compared + choice.left == 5
