"""A model server that writes and judges: it joins two facts to a sentence, and answers a judge's questions as told."""

import json
import re
from collections.abc import Callable
from typing import Any

from tests.infra.llm.scripted import Answer, completion

Claim = tuple[int, str, list[str]]
"""Its number, its words, its passages."""

_CLAIM = re.compile(r"^Claim (\d+): (.*)$", re.MULTILINE)


def user_prompt(asked: dict[str, Any]) -> str:
    return asked["messages"][-1]["content"]


def is_judging(asked: dict[str, Any]) -> bool:
    return any("<claims>" in str(message["content"]) for message in asked.get("messages", ()))


def claims_of(asked: dict[str, Any]) -> list[Claim]:
    """What a question asks about."""
    prompt = next(m["content"] for m in asked["messages"] if "<claims>" in str(m["content"]))
    return [
        (int(n), words, re.findall(rf"^Passage of claim {n}: (.*)$", prompt, re.MULTILINE))
        for n, words in _CLAIM.findall(prompt)
    ]


def judgements(*rows: dict[str, Any]) -> Answer:
    return completion(json.dumps({"judgements": rows}))


def rewords(asked: dict[str, Any]) -> Answer:
    """Two facts to a sentence: in a model's words, and right; nothing usable where a shape is wanted."""
    if "response_format" in asked:
        return completion("no json")
    facts = user_prompt(asked).rpartition("<facts>")[2].partition("</facts>")[0]
    lines = [line.removeprefix("- ").rstrip(".") for line in facts.strip().splitlines()]
    joined = [
        f"{one}, and {two[0].lower()}{two[1:]}."
        for one, two in zip(lines[::2], lines[1::2], strict=False)
    ]
    left = [f"{lines[-1]}."] if len(lines) % 2 else []
    return completion(" ".join((*joined, *left)))


class Judge:
    """The server's script. `says` answers a question; `questions` are those that came, by their claims."""

    def __init__(self, says: Callable[[list[Claim]], Answer] | None = None) -> None:
        self.says = says or (lambda claims: supports(claims))
        self.questions: list[list[Claim]] = []

    def __call__(self, asked: dict[str, Any]) -> Answer:
        if not is_judging(asked):
            return rewords(asked)
        claims = claims_of(asked)
        self.questions.append(claims)
        return self.says(claims)


def supports(claims: list[Claim]) -> Answer:
    return judgements(*({"claim": n, "verdict": "supported"} for n, _words, _passages in claims))
