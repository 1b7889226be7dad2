"""Every finding can be said in both languages."""

import ast
import re
import string
from pathlib import Path
from typing import get_args

import pytest
from babel.messages.pofile import read_po

import app.seo
from app.seo.ageing import LASTS
from app.seo.analysis import analyse
from app.seo.messages import render
from app.seo.page import GroundingInput, Unit
from tests.seo.articles import KOREAN, article, prose

_ROOM = Path(app.seo.__file__).parent
_UNITS = get_args(Unit)
_PO = _ROOM.parent / "locales" / "ko" / "LC_MESSAGES" / "seo.po"


def _messages() -> set[str]:
    """Every sentence that a check's code can answer with, and why sentences age."""
    found = {each.reason for each in LASTS.values()}
    for file in (_ROOM / "checks").glob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        calls = [
            n
            for n in ast.walk(tree)
            if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "Outcome"
        ]
        assigned = [
            n
            for n in ast.walk(tree)
            if isinstance(n, ast.Assign) and getattr(n.targets[0], "id", "") == "message"
        ]
        for node in (*calls, *assigned):
            parts = (
                [*node.args, *(k.value for k in node.keywords)]
                if isinstance(node, ast.Call)
                else [node.value]
            )
            found |= {
                p.value
                for p in parts
                if isinstance(p, ast.Constant)
                and isinstance(p.value, str)
                and " " in p.value
                and p.value.endswith((".", ".}"))
            }
    return found


def _catalogue() -> dict[str, str]:
    with _PO.open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file) if m.id}


def test_every_message_has_a_korean_translation_and_no_translation_is_left_over():
    messages, catalogue = _messages() | set(_UNITS), _catalogue()

    assert len(messages) > 100
    assert messages - set(catalogue) == set()
    assert set(catalogue) - messages == set()


@pytest.mark.parametrize(
    ("english", "korean"),
    [pair for pair in _catalogue().items() if pair[0] not in _UNITS],
    ids=lambda text: text[:30],
)
def test_a_translation_is_korean_polite_and_takes_no_other_values(english: str, korean: str):
    def names(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert re.search("[가-힣]", korean)
    assert re.search(r"(?:니다|세요)(?:\([^()]*\))?[.:]", korean)
    assert names(korean) <= names(english)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_finding_of_real_articles_is_said_whole(language):
    known = GroundingInput(("10 seconds",))
    articles = [
        article(prose(400), meta="Short."),
        article(
            "# A\n\n# B\n\n#### C\n\nIt is 4. “Quoted words that nobody said”", title="", slug=""
        ),
        article(KOREAN, keyphrase="수평 확장", language="ko", title="확장"),
        article("Horizontal scaling " * 60, keyphrase="horizontal scaling"),
    ]

    said = [
        render(f, language) for given in articles for f in analyse(given, grounding=known).findings
    ]

    assert len(said) > 50
    assert not [one for one in said if "{" in one.message + one.hint or not one.message]
