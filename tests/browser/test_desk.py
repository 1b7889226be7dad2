"""The desk in a browser: live progress, the keyboard, unsaved words, Korean, a phone, and no script."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.browser.conftest import PATIENCE_MS, Opener
from tests.doors.conftest import serving

expect.set_options(timeout=PATIENCE_MS)


STEPS = [
    "Read the request",
    "Read the sources",
    "Choose and group the facts",
    "Write the sections",
    "Check every sentence against its source",
    "Title, description and address",
    "Measure the article",
    "Keep it",
]


def finished(page: Page) -> list[str]:
    """The steps that are done; rounds of repair, which only some articles need, left out."""
    shown = page.locator(".steps li[data-state=finished] .what").all_inner_texts()
    names = [re.split(r"[:\n]", text)[0].strip() for text in shown]
    return [name for name in dict.fromkeys(names) if name != "Repair what failed"]


def write(page: Page, keyword: str, text: str) -> None:
    """Have an article written, by the keyboard; ends on its job's page when it is done."""
    page.goto("/desk/new")
    page.locator("#keyword").fill(keyword)
    page.locator("#text").fill(text)
    page.locator("#text").press("Control+Enter")
    _write_another(page)
    page.wait_for_url("**/desk/jobs/*")
    expect(page.locator("#progress .state").first).to_have_class("state succeeded")


def _write_another(page: Page) -> None:
    """Answer the question whether another article is meant, where tests before have written one."""
    expect(page.locator("#ask, #progress").first).to_be_visible()
    if page.locator("#ask").count():
        page.get_by_role("button", name="Write another all the same").press("Enter")


def test_from_a_pasted_text_to_the_published_page_by_the_keyboard(
    open_desk: Opener, source: str
) -> None:
    page = open_desk()

    write(page, "horizontal scaling", source)
    steps = finished(page)
    page.get_by_role("link", name="To the article").press("Enter")
    page.get_by_role("link", name="Edit", exact=True).press("Enter")
    page.locator("#title").fill("Horizontal scaling, told by hand")
    page.locator("#title").press("Control+Enter")
    expect(page.get_by_role("status")).to_have_text("Submitted for review.")
    page.get_by_role("button", name="Approve").press("Enter")
    expect(page.get_by_role("status")).to_have_text("Approved. It can be published now.")
    page.get_by_role("button", name="Publish").press("Enter")
    expect(page.get_by_role("status")).to_have_text("Published. Readers see it.")
    page.get_by_role("link", name="Read it on the blog").press("Enter")

    assert steps == STEPS
    expect(page.get_by_role("heading", level=1)).to_have_text("Horizontal scaling, told by hand")
    assert page.locator("script:not([type='application/ld+json'])").count() == 0


@pytest.mark.processes
def test_a_job_is_followed_live_while_another_instance_writes(
    open_desk: Opener,
    tmp_path_factory: pytest.TempPathFactory,
    module_database: Callable[[str], str],
    source: str,
) -> None:
    url = module_database("postgresql")
    with serving(tmp_path_factory.mktemp("web"), url, ROLE="web") as web:
        page = open_desk(web)
        page.goto("/desk/new")
        page.locator("#keyword").fill("horizontal scaling")
        page.locator("#text").fill(source)
        page.get_by_role("button", name="Start writing").click()
        expect(page.locator("#status")).to_have_text("Waiting for an instance to take it up.")
        page.evaluate("document.body.dataset.same = 'yes'")
        with serving(tmp_path_factory.mktemp("worker"), url, ROLE="worker"):
            expect(page.locator("#status")).to_have_text("The article is written.")

        assert page.locator("body").get_attribute("data-same") == "yes"
        assert finished(page) == STEPS
        expect(page.get_by_role("link", name="To the article")).to_be_visible()


def test_a_job_is_stopped_and_gone_on_with(
    open_desk: Opener,
    tmp_path_factory: pytest.TempPathFactory,
    module_database: Callable[[str], str],
) -> None:
    with serving(tmp_path_factory.mktemp("web"), module_database("sqlite"), ROLE="web") as web:
        page = open_desk(web)
        page.goto("/desk/new")
        page.locator("#keyword").fill("scaling")
        page.locator("#text").fill("A few words.")
        page.get_by_role("button", name="Start writing").click()
        page.get_by_role("button", name="Stop it").click()
        expect(page.locator("#status")).to_have_text("The job is stopped.")
        page.get_by_role("button", name="Go on with it").click()

        expect(page.locator("#status")).to_have_text("Waiting for an instance to take it up.")


def test_saving_keeps_the_place_and_leaving_asks_only_for_what_is_unsaved(
    open_desk: Opener, source: str
) -> None:
    page = open_desk()
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    write(page, "horizontal scaling", source)
    page.get_by_role("link", name="To the article").click()
    page.get_by_role("link", name="Edit", exact=True).click()
    text = page.locator("#markdown")
    text.press("Control+End")
    text.press_sequentially("\nOne more line.")
    page.get_by_role("link", name="Jobs", exact=True).click(no_wait_after=True)
    page.wait_for_function("() => document.activeElement !== null")
    expect(page).to_have_url(re.compile("/edit$"))
    text.press("Control+s")
    expect(page.locator("#told")).to_have_text("Saved.")
    focused = page.evaluate("document.activeElement.id")
    revision = page.locator("[name=revision]").input_value()
    page.get_by_role("link", name="Jobs", exact=True).click()
    page.wait_for_url("**/desk/jobs")

    assert asked == ["beforeunload"]
    assert focused == "markdown"
    assert revision == "2"


def test_two_who_edit_at_once_lose_nothing(open_desk: Opener, source: str) -> None:
    first, second = open_desk(), open_desk()
    write(first, "horizontal scaling", source)
    first.get_by_role("link", name="To the article").click()
    one = first.url
    for page in (first, second):
        page.goto(one + "/edit")
    first.locator("#markdown").fill("What the first wrote.")
    first.locator("#markdown").press("Control+s")
    expect(first.locator("#told")).to_have_text("Saved.")
    second.locator("#markdown").fill("What the second wrote.")
    second.locator("#markdown").press("Control+s")

    expect(second.get_by_role("alert")).to_contain_text("Nothing is lost")
    expect(second.locator("#markdown")).to_have_value("What the second wrote.")
    expect(second.locator(".diff").first).to_contain_text("What the first wrote.")
    second.get_by_role("button", name="Save and look").click()
    expect(second.locator(".prose")).to_contain_text("What the second wrote.")


def test_a_korean_article_at_a_korean_desk_on_a_phone(
    open_desk: Opener, korean_source: str
) -> None:
    page = open_desk(width=390, locale="ko-KR")
    wide: list[str] = []

    page.goto("/desk/new")
    page.locator("#keyword").fill("로드 밸런싱")
    page.locator("#text").fill(korean_source)
    page.get_by_role("button", name="작성 시작").click()
    expect(page.locator("#status")).to_have_text("글을 다 썼습니다.")
    page.get_by_role("link", name="글 보기").click()
    one = page.url
    job = page.get_by_role("link", name="작성 과정 보기").get_attribute("href")
    for path in (
        *("/desk/", "/desk/new", "/desk/jobs", str(job), "/desk/articles"),
        *(one, one + "/edit", one + "/delete", one + "/revisions/1"),
    ):
        page.goto(path)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(path)
        assert page.locator("html").get_attribute("lang") == "ko"

    assert wide == []


def test_the_first_tab_leads_past_the_navigation(open_desk: Opener) -> None:
    page = open_desk()
    page.goto("/desk/articles")

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "content"


def test_everything_works_without_script(open_desk: Opener, source: str) -> None:
    page = open_desk(script=False)

    page.goto("/desk/new")
    page.locator("#keyword").fill("horizontal scaling")
    page.locator("#text").fill(source)
    page.get_by_role("button", name="Start writing").click()
    _write_another(page)
    for _ in range(200):
        if page.get_by_role("link", name="To the article").count():
            break
        page.wait_for_timeout(200)
        page.reload()
    page.get_by_role("link", name="To the article").click()
    page.get_by_role("link", name="Edit", exact=True).click()
    page.locator("#title").fill("Without script")
    page.get_by_role("button", name="Save and submit for review").click()
    page.get_by_role("button", name="Publish").click()
    page.get_by_role("button", name="Take down").click()
    page.get_by_role("link", name="Delete…").click()
    page.get_by_role("button", name="Delete it for good").click()

    expect(page.get_by_role("status")).to_have_text("The article is deleted.")


def test_a_finding_is_gone_to_by_the_keyboard_and_underlined_in_the_text(
    open_desk: Opener, source: str
) -> None:
    page = open_desk()
    write(page, "horizontal scaling", source)
    page.get_by_role("link", name="To the article").press("Enter")
    page.get_by_role("link", name="Edit", exact=True).press("Enter")
    expect(page.locator("#findings .lamps")).to_be_visible()
    text = page.locator("#markdown")
    written = text.input_value()

    # What stands before it takes two of the script's units and one of the server's.
    text.fill("🙂 " + written.replace("instances", "9917 instances", 1))
    place = page.locator("#findings .place", has_text="9917").first
    place.focus()
    place.press("Enter")

    expect(page.locator(".mirror mark").first).to_have_text("9917")
    chosen = text.evaluate("field => field.value.slice(field.selectionStart, field.selectionEnd)")
    assert chosen == "9917"
    expect(page.locator("#findings")).to_contain_text("Holds publishing.")
    expect(page.locator("#checked")).to_contain_text("To improve")


def test_without_script_a_button_checks_what_is_written(open_desk: Opener, source: str) -> None:
    page = open_desk(script=True)
    write(page, "horizontal scaling", source)
    page.get_by_role("link", name="To the article").press("Enter")
    address = page.url
    plain = open_desk(script=False, width=390)
    plain.goto(f"{address}/edit")
    plain.locator("#title").fill("Written without a script")
    plain.get_by_role("button", name="Check").click()

    expect(plain.locator("#findings .lamps")).to_be_visible()
    expect(plain.locator("#title")).to_have_value("Written without a script")
    width = plain.evaluate("document.documentElement.scrollWidth")
    assert width <= 390


def test_what_there_is_already_is_told_while_typing_and_asked_about_once(
    open_desk: Opener, source: str
) -> None:
    page = open_desk()
    write(page, "horizontal scaling", source)
    page.goto("/desk/new")
    told = page.locator("#existing")

    page.locator("#keyword").fill("horizontal scaling with sessions")
    expect(told).to_contain_text("On a near topic:")
    page.locator("#keyword").fill("horizontally scaled")
    expect(told).to_contain_text("You have an article with this keyphrase:")
    page.locator("#keyword").fill("tax return")
    expect(told).to_have_text("")
    page.locator("#keyword").fill("horizontally scaled")
    page.locator("#text").fill(source)
    page.locator("#keyword").press("Enter")
    expect(page.locator("#ask")).to_be_focused()
    page.locator("#keyword").press("Enter")  # asks again, and does not answer
    expect(page.locator("#ask")).to_be_focused()
    expect(page.locator("#text")).to_have_value(source)
    page.get_by_role("button", name="Write another all the same").press("Enter")

    page.wait_for_url("**/desk/jobs/*")


def test_a_link_to_an_own_article_is_written_into_the_text_and_undone(
    open_desk: Opener, source: str
) -> None:
    page = open_desk()
    write(page, "horizontal scaling", source)
    page.get_by_role("link", name="To the article").press("Enter")
    page.get_by_role("button", name="Submit for review").press("Enter")
    page.get_by_role("button", name="Publish").press("Enter")
    expect(page.get_by_role("status")).to_have_text("Published. Readers see it.")
    write(page, "instances", source)
    page.get_by_role("link", name="To the article").press("Enter")
    page.get_by_role("link", name="Edit", exact=True).press("Enter")
    text = page.locator("#markdown")
    text.fill("🙂 What horizontal scaling costs.\n")

    page.get_by_text("Links to own articles").press("Enter")
    insert = page.locator(".linking button").first
    insert.press("Enter")

    expect(text).to_have_value(
        re.compile(r"^🙂 What \[horizontal scaling\]\(/en/[^)]+\) costs\.\n$")
    )
    expect(page.locator(".linking button")).to_have_count(0)
    expect(page.locator("#findings")).to_contain_text("The text now")
    text.press("Control+z")
    expect(text).to_have_value("🙂 What horizontal scaling costs.\n")
