"""The words of one paragraph, heading, item or cell: inline Markdown without its marks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from markdown_it.token import Token

from app.sources.characters import opens_with_decoration, without_decoration

_TAG = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z][\w-]*)(?P<rest>[^>]*)>")
_NOT_READ = frozenset({"script", "style", "template", "del", "s", "strike", "noscript"})
_HIDING = re.compile(r"\bhidden\b|display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_TASK_BOX = re.compile(r"\[[ xX]\]\s+")
_LABEL = re.compile(r"\S[^:：\n]{0,30}[:：]\s+\S")
_BLANKS = re.compile(r"\s+")


@dataclass(slots=True)
class _Line:
    words: list[str] = field(default_factory=list)
    bold: bool = False
    """Whether it opens in bold."""
    own: bool = False
    """Whether the break before it was meant."""

    def text(self) -> str:
        return _BLANKS.sub(" ", "".join(self.words)).strip()


def as_lines(tokens: Sequence[Token]) -> list[str]:
    """Return the words, one string for each line that is a line of its own; none for images alone."""
    if all(token.type in _AROUND_IMAGES for token in tokens):
        return []
    joined: list[str] = []
    previous = ""
    for line in _Reader().read(tokens):
        text = line.text()
        if not text:
            continue
        apart = line.own or opens_with_decoration(text) or _is_labelled(line, text, previous)
        if joined and not apart:
            joined[-1] += f" {text}"
        else:
            joined.append(text)
        previous = text
    lines = (_TASK_BOX.sub("", without_decoration(line), count=1) for line in joined)
    return [line for line in lines if line.strip()]


_AROUND_IMAGES = frozenset(
    {"image", "link_open", "link_close", "softbreak", "hardbreak", "html_inline"}
)


def _is_labelled(line: _Line, text: str, previous: str) -> bool:
    label = _LABEL.match(text)
    return label is not None and (line.bold or _LABEL.match(previous) is not None)


class _Reader:
    """Collects lines, leaving out what is struck out or hidden."""

    def __init__(self) -> None:
        self._lines = [_Line()]
        self._struck = 0
        self._hidden: list[str] = []

    def read(self, tokens: Sequence[Token]) -> list[_Line]:
        for token in tokens:
            self._take(token)
        return self._lines

    def _take(self, token: Token) -> None:
        line = self._lines[-1]
        match token.type:
            case "html_inline":
                self._tag(token.content)
            case "s_open" | "s_close":
                self._struck += token.nesting
            case _ if self._struck or self._hidden:
                pass
            case "text" | "text_special":
                line.words.append(token.content)
            case "code_inline":
                mark = "``" if "`" in token.content else "`"
                line.words.append(f"{mark}{token.content}{mark}")
            case "strong_open":
                line.bold = line.bold or not line.text()
            case "image":
                line.words += as_lines(token.children or [])
            case "softbreak":
                self._lines.append(_Line())
            case "hardbreak":
                self._lines.append(_Line(own=True))
            case _:
                pass  # emphasis, links, footnote marks

    def _tag(self, html: str) -> None:
        tag = _TAG.match(html)
        if tag is None:
            return
        name = tag["name"].lower()
        if name == "br" and not self._hidden:
            self._lines.append(_Line(own=True))
        elif tag["close"]:
            if name in self._hidden:
                del self._hidden[self._hidden.index(name) :]
        elif tag["rest"].endswith("/"):
            pass
        elif self._hidden or name in _NOT_READ or _HIDING.search(tag["rest"]):
            self._hidden.append(name)
