"""Lays one section out: sentences into paragraphs, items into lists, rows into tables, by listed rules."""

import re
from collections.abc import Mapping, Sequence

from app.generation.schemas import Block, Fact, SectionPlan, Sentence
from app.generation.writers.composer.code import code_language, purpose
from app.generation.writers.composer.coherence import adjoins, hangs_on_previous
from app.generation.writers.composer.rules import (
    LEXICONS,
    LINK,
    apply,
    leading_connective,
    register_rules,
)
from app.language.types import Language

_LONGEST_PARAGRAPH: dict[Language, int] = {"en": 90, "ko": 70}
"""Words from which no further passage joins a paragraph; a reference analyser's limit is 150 (112)."""
_SHORT_PARAGRAPH_SENTENCES = 2


def lay_out(plan: SectionPlan, facts: Mapping[str, Fact], language: Language) -> tuple[Block, ...]:
    """Return the blocks of a section in the plan's order."""
    ordered = [facts[each] for each in plan.fact_ids]
    subheadings = dict(plan.subheadings)
    blocks: list[Block] = []
    for run in _runs(ordered, subheadings, language):
        heading = subheadings.get(run[0].id, "")
        link = "" if heading or blocks else _link(run[0], language)
        if link:
            blocks.append(Block(sentences=(Sentence(text=link, rules=(LINK,)),)))
        block = _block(run, heading, language)
        if block.kind == "code":
            _unlist_lead_in(blocks, block)
        blocks.append(block)
    return tuple(blocks)


def _unlist_lead_in(blocks: list[Block], code: Block) -> None:
    """A bullet of one whole sentence in front of code is what is said of the code; a step keeps its number."""
    if blocks and not code.heading and blocks[-1].kind == "list":
        last = blocks[-1]
        if any(mark.strip()[:1].isdigit() for mark in last.marks):
            return
        if len(last.sentences) == 1 and last.sentences[0].text.rstrip().endswith((".", ":", "다")):
            blocks[-1] = last.model_copy(update={"kind": "paragraph"})


def _runs(
    facts: Sequence[Fact], subheadings: Mapping[str, str], language: Language
) -> list[list[Fact]]:
    """Cut the facts into blocks' worth."""
    runs: list[list[Fact]] = []
    for fact in facts:
        if runs and fact.id not in subheadings and _joins(runs[-1], fact, language):
            runs[-1].append(fact)
        else:
            runs.append([fact])
    return runs


def _joins(run: Sequence[Fact], fact: Fact, language: Language) -> bool:
    last = run[-1]
    if last.kind != fact.kind or fact.kind == "code":
        return False
    if fact.kind in ("item", "row"):
        # Items of one list with some left out between them are still one list.
        return last.snapshot_id == fact.snapshot_id and last.headings == fact.headings
    if last.passage_id == fact.passage_id:
        return True
    if last.snapshot_id != fact.snapshot_id or last.headings != fact.headings:
        return False
    announces = LEXICONS[language].announces
    if announces.search(last.text) or announces.search(fact.text):
        return False
    words = sum(len(each.text.split()) for each in run)
    short = len(run) <= _SHORT_PARAGRAPH_SENTENCES and len({f.passage_id for f in run}) == 1
    return short and words + len(fact.text.split()) <= _LONGEST_PARAGRAPH[language] // 2


def _link(fact: Fact, language: Language) -> str:
    """Return what may announce code that stands right below its section's heading."""
    name = fact.code_language or code_language(fact.text)
    if fact.kind != "code" or not name:
        return ""
    return LEXICONS[language].links[purpose(name)][0]


def _block(run: Sequence[Fact], heading: str, language: Language) -> Block:
    match run[0].kind:
        case "code":
            sentence = _worded(run[0], ("dedent",), language)
            return Block(
                kind="code",
                sentences=(sentence,),
                language=run[0].code_language or code_language(sentence.text),
                heading=heading,
            )
        case "row":
            rows = tuple(_worded(fact, ("align_cells",), language) for fact in run)
            return Block(kind="table", sentences=rows, heading=heading)
        case "item":
            items = tuple(_worded(fact, _ITEM_RULES[language], language) for fact in run)
            marks = tuple(fact.mark for fact in run)
            return Block(kind="list", sentences=items, heading=heading, marks=marks)
        case "sentence":
            return Block(sentences=_prose(run, language), heading=heading)


def _prose(run: Sequence[Fact], language: Language) -> tuple[Sentence, ...]:
    sentences: list[Sentence] = []
    for n, fact in enumerate(run):
        neighbour = n > 0 and adjoins(run[n - 1], fact)
        rules = ["join_lines", "drop_reference_marks", "drop_answer_mark"]
        if not neighbour and _may_lose_connective(fact, language):
            rules += ["drop_connective", *(["capitalise"] if language == "en" else [])]
        if language == "ko":
            rules.append("polite")
        sentences.append(_worded(fact, rules, language))
    return tuple(sentences)


def _may_lose_connective(fact: Fact, language: Language) -> bool:
    length = leading_connective(fact.text, language)
    return length > 0 and not hangs_on_previous(fact.text, LEXICONS[language], language)


_ITEM_RULES: Mapping[Language, tuple[str, ...]] = {
    "en": ("join_lines", "drop_reference_marks"),
    "ko": ("join_lines", "drop_reference_marks", "polite"),
}


def _worded(fact: Fact, rules: Sequence[str], language: Language) -> Sentence:
    """Apply the rules in order and record those that changed something."""
    text = fact.text
    applied: list[str] = []
    for rule in rules:
        if rule == "polite" and not re.search(r"[가-힣]", text):
            continue
        changed = apply(rule, text, language)
        if changed != text:
            named = f"{rule}:{register_rules(text, language)}" if rule == "polite" else rule
            applied.append(named)
            text = changed
    return Sentence(text=text, fact_ids=(fact.id,), rules=tuple(applied))
