"""The writer that uses a language model: it joins the facts into prose, code decides what may stand.

The composer plans the article and lays every section out first. A model then rewords only the
prose of that, a few facts a call; what the guard refuses, or the model leaves out, stands in the
composer's words instead. Lists, tables and code blocks are the composer's always.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from app.generation.domain import WriterAway, WriterRefused
from app.generation.schemas import (
    Block,
    Brief,
    Fact,
    Outline,
    Section,
    SectionPlan,
    Snippet,
    Usage,
    Written,
)
from app.generation.writers import prompts, titling
from app.generation.writers.guard import MODEL, Asked, Guarded, guard
from app.generation.writers.port import Writer
from app.generation.writers.repair import (
    PROSE_FAULTS,
    SNIPPET_FAULTS,
    Faulty,
    Mended,
    Patch,
    told_faults,
    worst_sections,
)
from app.generation.writers.runs import Run, merge, runs_of
from app.infra.llm import (
    Completion,
    LanguageModel,
    ModelAway,
    ModelFailed,
    ModelInvalid,
    ModelRefused,
    Question,
)
from app.infra.llm.port import Spent
from app.language.keyphrase import Keyphrase

T = TypeVar("T")

_SMALL_FACTS = 4
"""Facts a call: with more a small model drops some."""
_HOSTED_FACTS = 40
_TRIES = ((0.2, 11), (0.5, 23))
"""Temperature and seed of the first try and of the repair."""
_HOSTED_TOKENS = 6000
"""Room for a model that thinks before it writes."""
_FORBIDDEN = frozenset("*#|<>[]{}")
"""Signs that the grammar has not: facts with one are worded without a grammar."""


class ModelWriter:
    """A `Writer` around a `LanguageModel`. Raises `WriterAway` or `WriterRefused` when it is that."""

    def __init__(
        self,
        model: LanguageModel,
        composer: Writer,
        *,
        fall_back: bool = False,
        reword_headings: bool = True,
    ) -> None:
        """With `fall_back` the composer goes on alone, with a note, when the model is away.

        `reword_headings` is for strong models; a small one never words a heading.
        """
        self._model = model
        self._composer = composer
        self._fall_back = fall_back
        self._reword_headings = reword_headings and not model.is_small

    @property
    def name(self) -> str:
        return self._model.name

    async def outline(self, brief: Brief, facts: Sequence[Fact]) -> tuple[Outline, Usage]:
        """The composer's grouping; a strong model may word its headings."""
        outline, usage = await self._composer.outline(brief, facts)
        if not self._reword_headings or not outline.sections:
            return outline, usage
        texts = {fact.id: fact.text for fact in facts}
        covers = [
            (plan.heading, [texts[each] for each in plan.fact_ids[:6]]) for plan in outline.sections
        ]
        try:
            answer = await self._ask(
                prompts.headings_system(brief.language),
                prompts.headings_prompt(brief.keyword, covers),
                prompts.Headings,
            )
        except ModelInvalid as error:
            return outline, usage + usage_of(error.spent)
        except (ModelAway, ModelRefused) as error:
            self._give_up(error)
            return outline, usage
        wordings = titling.check_headings(answer.value.headings, outline.sections, texts, brief)
        sections = tuple(
            plan
            if wording == plan.heading
            else plan.model_copy(update={"heading": wording, "heading_fact_ids": ()})
            for plan, wording in zip(outline.sections, wordings, strict=True)
        )
        return outline.model_copy(update={"sections": sections}), usage + usage_of(answer.spent)

    async def section(self, brief: Brief, plan: SectionPlan, facts: Mapping[str, Fact]) -> Section:
        """The composer's layout with its prose reworded, as far as the guard lets it."""
        composed = await self._composer.section(brief, plan, facts)
        if plan.heading.endswith(("?", "？")):
            return composed  # an answer is short, and right as it stands
        work = _Work(brief, plan, facts)
        for run in runs_of(
            composed.blocks, _SMALL_FACTS if self._model.is_small else _HOSTED_FACTS
        ):
            if run.prose:
                try:
                    await self._reword(run, work)
                except (ModelAway, ModelRefused) as error:
                    self._give_up(error)
                    return composed.model_copy(
                        update={"usage": work.usage, "notes": (*work.notes, f"composer: {error}")}
                    )
            else:
                work.blocks.extend(run.blocks)
        blocks = tuple(work.blocks)
        if work.loses_keyphrase(composed.blocks):
            work.notes.append("composer: the model's introduction lost the keyphrase")
            blocks, work.writer = composed.blocks, ""
        return composed.model_copy(
            update={
                "blocks": blocks,
                "usage": work.usage,
                "writer": work.writer or composed.writer,
                "notes": tuple(work.notes),
            }
        )

    async def snippet(self, brief: Brief, sections: Sequence[Section]) -> Snippet:
        """The best of the model's candidates that holds; else the composer's."""
        composed = await self._composer.snippet(brief, sections)
        limits = titling.lengths(brief.language)
        sentences = titling.prose_of(sections)
        try:
            answer = await self._ask(
                prompts.snippet_system(brief.language, *limits),
                prompts.snippet_prompt(
                    brief.keyword,
                    [section.heading for section in sections if section.heading],
                    sentences[:8],
                ),
                prompts.Candidates,
                max_tokens=500,
            )
        except ModelInvalid as error:
            return composed.model_copy(update={"usage": usage_of(error.spent)})
        except (ModelAway, ModelRefused) as error:
            self._give_up(error)
            return composed
        headings = [section.heading for section in sections if section.heading]
        chosen = titling.choose(answer.value.candidates, sentences, headings, brief, composed)
        writer = composed.writer if chosen == composed else answer.model
        return chosen.model_copy(update={"usage": usage_of(answer.spent), "writer": writer})

    async def mend(self, faulty: Faulty) -> Mended:
        """The snippet anew, and the sections with most faulty sentences, told what is wrong with them.

        A small model is not asked: what it could not word at first it does not mend.
        """
        if self._model.is_small:
            return Mended()
        patches: list[Patch] = []
        usage = Usage()
        if wrong := told_faults(faulty.faults, SNIPPET_FAULTS):
            snippet = await self._snippet(faulty.brief, faulty.written, wrong)
            usage += snippet.usage
            fresh = snippet.model_copy(update={"usage": faulty.written.snippet.usage})
            if fresh != faulty.written.snippet:
                patches.append(Patch(snippet=fresh))
        if wrong := told_faults(faulty.faults, PROSE_FAULTS):
            for n in worst_sections(faulty):
                section = await self._mend_section(faulty, n, wrong)
                usage += section.usage
                if section.blocks != faulty.written.sections[n].blocks:
                    patches.append(Patch(sections={n: section}))
        return Mended(tuple(patches), usage)

    async def _snippet(self, brief: Brief, written: Written, mend: str) -> Snippet:
        """The best candidate that holds; the one there is where none does."""
        kept = written.snippet.model_copy(update={"usage": Usage()})
        headings = [section.heading for section in written.sections if section.heading]
        sentences = titling.prose_of(written.sections)
        try:
            answer = await self._ask(
                prompts.snippet_system(brief.language, *titling.lengths(brief.language)),
                prompts.snippet_prompt(brief.keyword, headings, sentences[:8], mend=mend),
                prompts.Candidates,
                max_tokens=500,
            )
        except ModelInvalid as error:
            return kept.model_copy(update={"usage": usage_of(error.spent)})
        except (ModelAway, ModelRefused) as error:
            raise WriterRefused(str(error)) from error
        chosen = titling.choose(answer.value.candidates, sentences, headings, brief, kept)
        return chosen.model_copy(update={"usage": usage_of(answer.spent)})

    async def _mend_section(self, faulty: Faulty, n: int, mend: str) -> Section:
        """Section `n` composed again of its own facts, and reworded; as it is where the model fails."""
        old = faulty.written.sections[n]
        ids = dict.fromkeys(
            each
            for block in old.blocks
            for sentence in block.sentences
            for each in sentence.fact_ids
        )
        plan = SectionPlan(heading=old.heading, fact_ids=tuple(ids))
        composed = await self._composer.section(faulty.brief, plan, faulty.facts)
        work = _Work(faulty.brief, plan, faulty.facts, mend)
        for run in runs_of(composed.blocks, _HOSTED_FACTS):
            if not run.prose:
                work.blocks.extend(run.blocks)
                continue
            try:
                await self._reword(run, work)
            except (ModelAway, ModelRefused) as error:
                raise WriterRefused(str(error)) from error
        if work.loses_keyphrase(composed.blocks):
            return old.model_copy(update={"usage": work.usage})
        return old.model_copy(
            update={
                "blocks": tuple(work.blocks),
                "usage": work.usage,
                "writer": work.writer or old.writer,
                "notes": (*old.notes, *work.notes),
            }
        )

    def _give_up(self, error: ModelFailed) -> None:
        if self._fall_back:
            return
        if isinstance(error, ModelAway):
            raise WriterAway(
                str(error),
                retry_after_s=error.retry_after_s,
                may_be_billed=error.may_be_billed,
            ) from error
        raise WriterRefused(str(error)) from error

    async def _ask(
        self, system: str, prompt: str, output: type[T], *, max_tokens: int = 1500
    ) -> Completion[T]:
        tokens = max_tokens if self._model.is_small else _HOSTED_TOKENS
        return await self._model.complete(
            Question(system, prompt, output, tokens, seed=_TRIES[0][1])
        )

    async def _reword(self, run: Run, work: "_Work") -> None:
        """Word one run: the better of two tries, the facts it leaves out in the composer's words."""
        language = work.brief.language
        best: Guarded | None = None
        writer, faults = "", ""
        for temperature, seed in _TRIES:
            answer = await self._prose(run, work, temperature, seed, faults)
            if answer is None:
                continue
            found = guard(answer.value.strip(), self._asked(run, work))
            if best is None or _worth(found) > _worth(best):
                best, writer = found, answer.model
            if not found.refusals and not found.uncovered:
                break
            # To a small model a longer prompt is only more to copy from.
            faults = "" if self._model.is_small else _faults(found)
        if best is not None:
            work.notes.extend(str(refusal) for refusal in best.refusals)
            whole = not best.refusals and not best.uncovered
            # Small models turn Korean facts around in ways no check sees: all of it, or nothing.
            if best.sentences and (whole or language != "ko" or not self._model.is_small):
                merged = merge(run, best)
                work.blocks.extend(merged)
                if any(MODEL in each.rules for block in merged for each in block.sentences):
                    work.writer = writer
                else:
                    work.notes.append("composer: the model repeated the facts word for word")
                return
        work.notes.append(f"composer: {len(run.sentences)} sentences in the sources' own words")
        work.blocks.extend(run.blocks)

    async def _prose(
        self, run: Run, work: "_Work", temperature: float, seed: int, faults: str
    ) -> Completion[str] | None:
        language, small = work.brief.language, self._model.is_small
        texts = [sentence.text for sentence in run.sentences]
        free = any(_FORBIDDEN & set(text) for text in texts)
        try:
            answer = await self._model.complete(
                Question(
                    system=prompts.system_prompt(language, small=small),
                    prompt=prompts.section_prompt(
                        work.brief.keyword,
                        work.plan.heading,
                        texts,
                        language,
                        faults=faults,
                        mend=work.mend,
                    ),
                    output=str,
                    max_tokens=_tokens(texts) if small else _HOSTED_TOKENS,
                    temperature=temperature,
                    seed=seed,
                    grammar=None if free else prompts.GRAMMAR[language],
                )
            )
        except ModelInvalid as error:
            work.usage += usage_of(error.spent)
            work.notes.append(str(error))
            return None
        work.usage += usage_of(answer.spent)
        return answer

    def _asked(self, run: Run, work: "_Work") -> Asked:
        language = work.brief.language
        before = [sentence.text for block in work.blocks for sentence in block.sentences]
        return Asked(
            language=language,
            facts=[work.facts[each] for sentence in run.sentences for each in sentence.fact_ids],
            heading=work.plan.heading,
            prompt=prompts.system_prompt(language, small=self._model.is_small),
            examples=[example.prose for example in prompts.EXAMPLES[language]],
            composed=run.sentences,
            before=before,
            small=self._model.is_small,
        )


class _Work:
    """A section on its way: what is written, what it took, and what was refused."""

    def __init__(
        self, brief: Brief, plan: SectionPlan, facts: Mapping[str, Fact], mend: str = ""
    ) -> None:
        self.mend = mend
        """What is wrong with the text so far."""
        self.brief = brief
        self.plan = plan
        self.facts = facts
        self.blocks: list[Block] = []
        self.usage = Usage()
        self.notes: list[str] = []
        self.writer = ""
        """The model that wrote some of it; empty while none did."""

    def loses_keyphrase(self, composed: Sequence[Block]) -> bool:
        """Whether the introduction's first paragraph named the keyphrase and now does not."""
        if self.plan.heading or not composed or not self.blocks:
            return False
        phrase = Keyphrase(self.brief.keyword, self.brief.language)
        return bool(phrase.find(_text(composed[0]))) and not phrase.find(_text(self.blocks[0]))


def _text(block: Block) -> str:
    return " ".join(sentence.text for sentence in block.sentences)


def _worth(found: Guarded) -> tuple[int, int]:
    return -len(found.uncovered), -len(found.refusals)


def _faults(found: Guarded) -> str:
    """What the guard found, in words of ours: those of the answer may be a stranger's."""
    rules = sorted({refusal.rule for refusal in found.refusals})
    return ", ".join((*rules, *(["facts left out"] if found.uncovered else [])))


def _tokens(texts: Sequence[str]) -> int:
    """Room for the facts and some joining words; Korean takes about a token a syllable."""
    signs = sum(len(text.encode()) for text in texts)
    return 40 + signs // 2


def usage_of(spent: Spent) -> Usage:
    """What a call took, as a job counts it."""
    return Usage(
        calls=spent.calls,
        input_tokens=spent.input_tokens,
        output_tokens=spent.output_tokens,
        cost_usd=spent.cost_usd,
        seconds=spent.seconds,
    )
