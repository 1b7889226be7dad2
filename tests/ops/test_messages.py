"""Every word of the checks exists in Korean, with the same things filled in."""

import re
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

APP = Path(__file__).resolve().parents[2] / "app"


def test_every_phrase_is_translated_and_every_translation_used() -> None:
    found = extract_from_dir(str(APP), [("**.py", "python")], {}, keywords={"phrase": None})
    phrases = {str(message) for _file, _line, message, _comments, _context in found}

    with (APP / "locales/ko/LC_MESSAGES/ops.po").open("rb") as po:
        catalogue = {str(one.id): str(one.string) for one in read_po(po) if one.id}

    assert set(catalogue) == phrases
    for english, korean in catalogue.items():
        assert sorted(re.findall(r"\{\w+\}", english)) == sorted(re.findall(r"\{\w+\}", korean))
        assert re.search("[가-힣]", korean), english
