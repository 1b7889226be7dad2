"""The marks that a model's working leaves in its prose: template tokens, prompt text, list marks, refusals."""

import re
from collections.abc import Sequence
from typing import Literal

from app.language.types import Language

Trace = Literal["empty", "refusal", "template", "prompt", "example", "marks", "cut", "heading"]

_TEMPLATE = re.compile(
    r"<\|[^|<>\n]{1,40}\|>"  # ChatML, Llama 3, Phi
    r"|\[/?(?:INST|SYS|AVAILABLE_TOOLS|TOOL_CALLS)\]|<</?SYS>>"  # Llama 2, Mistral
    r"|</?s>|<(?:unk|pad|bos|eos|mask)>"
    r"|</?(?:start|end)_of_turn>|</?(?:think|thinking|answer|tool_call|response|facts?|example)>"
    r"|<｜[^｜\n]{1,40}｜>"  # DeepSeek writes them with wide bars
    r"|^\s*(?:system|user|assistant|human|model)\s*:?\s*$"
    r"|^\s*(?:###\s*)?(?:User|Assistant|Human|System|Instruction|Response|Input|Output"
    r"|Prose|Topic|Facts?|Title|Introduction|Conclusion)\s*:",
    re.IGNORECASE | re.MULTILINE,
)
_THINKING = re.compile(r"<think(?:ing)?>", re.IGNORECASE)

_REFUSAL: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\bas an? (?:AI|artificial intelligence|(?:large )?language model)\b"
        r"|\bI(?:'m| am) (?:sorry|an AI|a language model|unable to|not able to|happy to)\b"
        r"|\bI (?:cannot|can't|can not|could not|do not have|don't have|apologi[sz]e)\b"
        r"|\b(?:here is|here's|here are|below is) (?:the|a|an|your|one|some)\b.{0,40}"
        r"\b(?:paragraph|section|article|rewrit\w*|summary|text|version|revised)\b"
        r"|^(?:sure|certainly|of course|absolutely|okay)\b[,!.]"
        r"|\b(?:let me know|feel free to|I hope this|is there anything else)\b"
        r"|\bthe (?:provided|given|above) (?:facts?|text|information|sources?)\b"
        r"|\b(?:fact|facts) (?:no\. ?)?\d+\b",
        re.IGNORECASE,
    ),
    "ko": re.compile(
        r"죄송하지만|죄송합니다|(?:인공지능|언어 모델)(?:으?로서|이기|이므로|이라|입니다)|AI로서"
        r"|도와드릴 수|도움이 필요하|제공된 (?:사실|정보|텍스트|문장)|주어진 (?:사실|정보|문장)"
        r"|다음은 .{0,20}(?:문단|글|문장|요약)입니다|답변(?:할|드릴) 수 없"
        r"|(?:사실|문장) ?\d+(?:번|에)"
    ),
}

_MARKS = re.compile(
    r"^\s*(?:[-*•‣▪·]\s|#{1,6}\s|>\s|\|\s?\S.*\||\d{1,2}[.)]\s|[a-z]\)\s|\[\d+\])"
    r"|\*\*|__\w|```|~~|^\s*={3,}|^\s*-{3,}|\]\(|<[a-z/][^>]*>"
)
_END = re.compile(r"[.!?…。][\"'”’)\]」』]*$")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")

_PROMPT_RUN = 6
"""Words in a row that only the instructions have: shorter runs are everybody's."""
_EXAMPLE_RUN = 4


def whole_text(text: str, language: Language) -> tuple[Trace, str, str] | None:
    """What spoils all of it, with the beginning of the text; None where sentences can be judged."""
    if not _WORD.search(text):
        return "empty", text.strip()[:80], "no words"
    thinking = _THINKING.search(text)
    if thinking:
        return "template", text.strip()[:80], thinking.group()
    first = text.strip().split("\n", 1)[0]
    refusal = _REFUSAL[language].search(first)
    # One that begins with an apology goes on with it.
    if refusal and refusal.start() == 0 and "sorry" in refusal.group().lower():
        return "refusal", first[:80], refusal.group()
    return None


def of_sentence(
    sentence: str,
    language: Language,
    *,
    heading: str,
    prompt: str,
    examples: Sequence[str],
    facts: Sequence[str],
) -> tuple[Trace, str] | None:
    """The first trace in a sentence and the words that show it; None for clean prose.

    What the facts themselves say is no trace, whatever it looks like.
    """
    known = "\n".join(facts)
    patterns: tuple[tuple[Trace, re.Pattern[str]], ...] = (
        ("template", _TEMPLATE),
        ("refusal", _REFUSAL[language]),
        ("marks", _MARKS),
    )
    for trace, pattern in patterns:
        found = pattern.search(sentence)
        # A mark that opens a line is the model's list, even where the facts have such marks.
        opens = trace == "marks" and found is not None and found.start() == 0
        if found and (opens or found.group() not in known):
            return trace, found.group().strip()
    if heading and _same_words(sentence, heading):
        return "heading", heading
    if not _END.search(sentence):
        return "cut", sentence[-20:]
    return _copied(sentence, known, prompt=prompt, examples=examples)


def _copied(
    sentence: str, known: str, *, prompt: str, examples: Sequence[str]
) -> tuple[Trace, str] | None:
    """Words in a row that are the instructions' or an example's, and not the facts'."""
    leaked = (_runs(sentence, _PROMPT_RUN) & _runs(prompt, _PROMPT_RUN)) - _runs(known, _PROMPT_RUN)
    if leaked:
        return "prompt", " ".join(min(leaked))
    own = _runs(known, _EXAMPLE_RUN)
    for example in examples:
        copied = (_runs(sentence, _EXAMPLE_RUN) & _runs(example, _EXAMPLE_RUN)) - own
        if copied:
            return "example", " ".join(min(copied))
    return None


def _same_words(sentence: str, heading: str) -> bool:
    """The heading alone, or as the label that opens a sentence."""
    words = _words(heading)
    mine = _words(sentence)
    label = sentence.partition(":")[0]
    return bool(words) and (mine == words or (":" in sentence and _words(label) == words))


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _runs(text: str, size: int) -> set[tuple[str, ...]]:
    words = _words(text)
    return {tuple(words[n : n + size]) for n in range(len(words) - size + 1)}
