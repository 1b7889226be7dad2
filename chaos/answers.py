"""What the scripted model answers: prose made of the prompt's own facts, so that the guard lets it stand.

A prompt is recognised by its instructions. The same prompt has the same answer, always.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

Stage = Literal["headings", "section", "snippet", "mend", "other"]
"""Which of the pipeline's calls it is: `outline` names sections, `draft` writes one, `optimise` the snippet;
`repair` words anew what the analyser faults."""

_INSTRUCTIONS: dict[str, Stage] = {
    "You name the sections": "headings",
    "You join facts": "section",
    "You write the title and description": "snippet",
}
_TOPIC = re.compile(r"^(?:Topic|Keyword): (.+)$", re.MULTILINE)
_LABEL = re.compile(r"^Section \d+, labelled “(.+)”:$", re.MULTILINE)
_JOINED = re.compile(r"(?:A|An|The|Each|Every) ")
"""Beginnings that may stand in the middle of a sentence when they are written small."""
_PARAGRAPH = 4
_TITLE = 60
_DESCRIPTION = 155


@dataclass(frozen=True, slots=True)
class Asked:
    """A prompt, taken apart. `key` is the same for the same prompt and for no other one."""

    key: str
    stage: Stage
    keyword: str = ""
    heading: str = ""
    """The section's; empty for the introduction, and where no section is asked for."""
    labels: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    repair: bool = False
    """Whether a first answer was refused."""
    mends: bool = False
    """Whether a text that stands is to be written without its faults."""


def read_prompt(body: Mapping[str, Any]) -> Asked:
    """Take the body of a chat completion apart."""
    messages = cast("list[dict[str, Any]]", body.get("messages") or [])
    system = "\n".join(_text(each) for each in messages if each.get("role") != "user")
    user = "\n".join(_text(each) for each in messages if each.get("role") == "user")
    key = hashlib.sha256(f"{system}\0{user}".encode()).hexdigest()[:16]
    stage: Stage = "other"
    for words, meant in _INSTRUCTIONS.items():
        stage = meant if words in system else stage
    topics = _TOPIC.findall(user)
    if not topics:
        return Asked(key, stage)
    keyword, _, heading = topics[-1].partition(" — ")
    fenced = user.rpartition("<facts>")[2].partition("</facts>")[0]
    listed = re.findall(r"^Headings: (.*)$", user, re.MULTILINE)
    labels = _LABEL.findall(user) if stage == "headings" else listed[-1:]
    return Asked(
        key,
        stage,
        keyword=keyword,
        heading=heading,
        labels=tuple(label for each in labels for label in each.split("; ")),
        facts=tuple(line.removeprefix("- ") for line in fenced.strip().splitlines()),
        repair="A first try was refused for:" in user,
        mends="The text as it stands has:" in user,
    )


def answer_to(asked: Asked) -> str:
    """The answer's text; JSON where a shape is asked for."""
    match asked.stage:
        case "headings":
            return json.dumps({"headings": list(asked.labels)}, ensure_ascii=False)
        case "snippet":
            title = f"{asked.keyword}: {asked.labels[0] if asked.labels else 'how it works'}"
            found = {"title": title[:_TITLE], "description": _described(asked)}
            return json.dumps({"candidates": [found]}, ensure_ascii=False)
        case "section":
            return _prose(asked.facts, join=not asked.repair)
        case "mend" | "other":
            return "Yes."


def _prose(facts: Sequence[str], *, join: bool) -> str:
    """The facts in their order, in paragraphs; the first two of each joined where that reads well."""
    paragraphs: list[str] = []
    for n in range(0, len(facts), _PARAGRAPH):
        some = list(facts[n : n + _PARAGRAPH])
        if join and len(some) > 1 and _JOINED.match(some[1]) and some[0].endswith("."):
            some[:2] = [f"{some[0][:-1]}, and {some[1][0].lower()}{some[1][1:]}"]
        paragraphs.append(" ".join(some))
    return "\n\n".join(paragraphs)


def _described(asked: Asked) -> str:
    """As many facts as fit, from the first one that names the keyword on."""
    named = [n for n, fact in enumerate(asked.facts) if asked.keyword.lower() in fact.lower()]
    text = ""
    for fact in asked.facts[named[0] if named else 0 :]:
        if len(text) + len(fact) >= _DESCRIPTION:
            break
        text = f"{text} {fact}".strip()
    return text or asked.keyword


def _text(message: Mapping[str, Any]) -> str:
    content: object = message.get("content")
    if isinstance(content, list):
        parts = cast("list[dict[str, Any]]", content)
        return "\n".join(str(part.get("text", "")) for part in parts)
    return str(content or "")
