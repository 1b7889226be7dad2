"""The desk's page of thresholds: set, refused with what was typed, undone, and nobody overwritten."""

from tests.desk.conftest import Desk


async def test_an_owner_sets_one_and_takes_it_back(quick_desk: Desk) -> None:
    async with quick_desk.as_("owner") as client:
        form = {"language": "ko", "version": "0", "title_px": "580", "heading_share": "0.2, 0.8"}
        saved = await client.post("/desk/thresholds", data=form)
        page = (await client.get(saved.headers["location"])).text
        again = {"language": "ko", "version": "1", "title_px": "", "heading_share": "0.2, 0.8"}
        await client.post("/desk/thresholds", data=again)
        after = (await client.get("/desk/thresholds?language=ko")).text
        undo = {"language": "ko", "version": "2", "to": "1"}
        back = await client.post("/desk/thresholds/restore", data=undo)
        restored = (await client.get(back.headers["location"])).text

    assert saved.status_code == 303
    assert 'name="title_px" value="580"' in page
    assert 'name="heading_share" value="0.2, 0.8"' in page
    assert 'name="title_px" value=""' in after
    assert 'name="title_px" value="580"' in restored


async def test_what_cannot_be_used_is_told_and_stays_in_its_field(quick_desk: Desk) -> None:
    async with quick_desk.as_("owner", **{"accept-language": "ko"}) as client:
        form = {"language": "en", "version": "0", "title_px": "wide", "note": "왜"}
        answer = await client.post("/desk/thresholds", data=form)

    assert answer.status_code == 422
    assert "title_px" in answer.text
    assert "쉼표" in answer.text
    assert 'value="wide"' in answer.text
    assert 'value="왜"' in answer.text


async def test_who_looked_at_an_older_version_overwrites_nothing(quick_desk: Desk) -> None:
    async with quick_desk.as_("owner") as client:
        await client.post(
            "/desk/thresholds", data={"language": "en", "version": "0", "title_px": "500"}
        )
        late = await client.post(
            "/desk/thresholds", data={"language": "en", "version": "0", "title_px": "700"}
        )

    assert late.status_code == 422
    assert "meanwhile" in late.text
    assert 'value="700"' in late.text
