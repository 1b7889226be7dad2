"""Every finding of an audit can be said in both languages."""

import ast
import re
import string
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import app.review.page_audit

_ROOM = Path(app.review.page_audit.__file__).parent
_PO = _ROOM.parents[1] / "locales" / "ko" / "LC_MESSAGES" / "audit.po"


def _messages() -> set[str]:
    """What the checks' code can say: second of a Fault, good, why and hint of a PageCheck, and `message`."""
    found: set[str] = set()
    for file in _ROOM.glob("checks_*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            parts: list[ast.expr] = []
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Fault":
                parts = [node.args[1]]
            elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "PageCheck":
                parts = node.args[4:7]
            elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "message":
                parts = [node.value]
            for part in parts:
                found |= {
                    each.value
                    for each in ast.walk(part)
                    if isinstance(each, ast.Constant) and isinstance(each.value, str)
                }
    return found


def _catalogue() -> dict[str, str]:
    with _PO.open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file) if m.id}


def test_every_message_has_a_korean_translation_and_no_translation_is_left_over():
    messages, catalogue = _messages(), _catalogue()

    assert len(messages) > 100
    assert messages - set(catalogue) == set()
    assert set(catalogue) - messages == set()


@pytest.mark.parametrize(("english", "korean"), _catalogue().items(), ids=lambda text: text[:30])
def test_a_translation_is_korean_polite_and_takes_the_same_values(english: str, korean: str):
    def names(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert re.search("[가-힣]", korean)
    assert re.search(r"(?:니다|세요)(?:\([^()]*\))?[.:]", korean)
    assert names(korean) == names(english)
