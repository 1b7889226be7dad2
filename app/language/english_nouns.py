"""English noun runs without a dictionary: what a word is used as is told by the words around it.

A word after an article or a preposition and before a function word or a sign is used as a noun; one after
a pronoun, `to` or a modal, or before an article, as a verb. The whole text is asked, so that a word that is
now this, now that (`filter`) is what it mostly is. Lists settle what a short text does not show.
"""

import re
from collections import Counter
from typing import NamedTuple

from app.language.english import FUNCTION_WORDS, stem
from app.language.nominal import Unit
from app.language.types import Span

_WORD = re.compile(r"[A-Za-zÀ-ɏ0-9]+(?:[-'’.+#/&][A-Za-zÀ-ɏ0-9]+)*[+#]*")
_PASSED = re.compile(r"[ \t\n]*")
"""What may stand between two words of a run."""
_POSSESSIVE = re.compile(r"['’]s?$")

_DETERMINERS = frozenset(
    "a an the this these those my your his her its our their each every some any no both such another many "
    "few several other whose".split()
)
_PREPOSITIONS = frozenset(
    "of in on at by for with within into onto from over under above below between among through during before "
    "after about against across along around behind beside beyond near per via toward towards without than as "
    "like and or".split()
)
_BEFORE_VERBS = frozenset(
    "i you he she it we they who to will would shall should can could may might must cannot can't "
    "don't doesn't didn't won't not never let lets please".split()
)
_MODALS = frozenset(
    "is are was were be been has have had do does did will would shall should can could may might must cannot "
    "of in on at by for with within into onto from over under between among through during before after about "
    "against across along around and or but so if when while because that which who than as to isn't aren't "
    "doesn't don't can't won't".split()
)
"""After a noun one of these often follows."""
_VERBS = frozenset(
    """
    keep bring want become seem put take give go come know think say tell see find mean allow require
    contain include provide depend choose buy sell pay believe begin happen hear hold learn leave lose meet
    remember send speak spend understand write read eat grow fall feel carry add ask avoid belong break
    catch choose cover decide destroy draw earn enjoy exist expect explain fill follow forget get happen
    hide hurt ignore improve increase invite join kill lay lie live look lift lean make melt need notice
    obey offer own pick pour pull push reach receive recommend reduce remain remove replace return rub save
    show sit sleep solve stand stay steal stop suffer suit tend think throw tie treat tear try turn use wait
    wear weigh win wipe worry apply appear affect assume base compare compute consider consist define derive
    describe determine develop discuss enable establish evaluate examine exhibit illustrate introduce
    investigate involve obtain occur perform present propose prove refer regard relate report represent
    satisfy select specify suggest yield employ handle achieve arise perceive let run call lower raise rise
    drop prefer like love hate help prevent protect produce cause create cut dry deliver hang hit knock
    identify die bring saw made took came went got meant met ran said sat spoke stood taught thought woke
    wore fell felt flew brought bought caught drew drove ate heard hid knew laid led rose shook shut slept
    sold spent threw became understood deal bear
    """.split()
)
"""Verbs that are seldom nouns, or whose noun says little of a text. Our own list."""
_NEVER_HEADS = frozenset(
    """
    external internal digital national international central original final annual
    good best better bad worse worst new old large larger largest small smaller smallest big bigger long
    longer longest short shorter high higher highest low lower lowest easy easier hard harder wide wider
    narrow deep deeper thick thin early late later last next first second third fourth fifth same different
    own main major minor simple single double full empty whole half right wrong left true false real sure
    able ready free clear open closed warm cold hot cool wet dry clean dirty dark bright light heavy soft
    loud quiet fast slow quick strong weak rich poor cheap expensive young fresh round flat sharp stiff
    steady great fine nice fair usual common general special important possible necessary available likely
    similar various certain particular specific additional local global public private recent current modern
    ordinary normal natural useful harmless dangerous safe healthy sick alone afraid worth enough far close
    cheapest fastest slowest strongest weakest hardest longest youngest oldest richest widest deepest back
    away together apart upwards sideways forward backwards else almost nearly twice once today tomorrow
    yesterday tonight soon ago now well much little just roughly exactly still yet least more less overnight
    anyway maybe perhaps one two three four five six seven eight nine ten eleven twelve twenty thirty forty
    fifty hundred thousand million billion dozen zero due based per non eg ie etc e.g i.e vs
    """.split()
)
"""Words that describe, count or place: no phrase ends with one. Our own list."""
_STRIPPED = frozenset(
    """
    good best better bad worse worst new old other same different own main big bigger large larger small
    smaller long longer short shorter whole half last next first second third fourth such one two three four
    five six seven eight nine ten eleven twelve twenty thirty forty fifty hundred thousand million billion
    dozen several various certain sure able ready real true nearly almost exactly roughly usual common
    general special important possible necessary available likely similar particular specific additional
    recent current great fine nice far else away back together apart well much little just still yet least
    more less ago now today soon per due based eg ie etc e.g i.e vs enough anyway maybe perhaps twice once
    later early late only full empty higher lower highest lowest upper simple easy easier hard harder single
    most
    """.split()
)
"""Of those, what a phrase does not begin with either: it belongs to the sentence, not to the phrase."""
_GENERIC = frozenset(
    """
    way ways thing things time times people person example examples number numbers part parts kind kinds
    sort sorts case cases fact facts reason reasons result results lot lots bit day days week weeks month
    months year years hour hours minute minutes second seconds end side sides place places point points
    problem problems question questions answer answers step steps rule rules sign signs use uses work works
    need needs help care matter matters moment morning evening night nights afternoon noon world life man
    woman men women child children something anything word words name names page pages article articles
    guide list lists table tables section chapter figure fig piece pieces pair pairs rest top bottom middle
    front back left right difference differences change changes order form forms level levels set sets group
    groups type types amount amounts share percent size idea ideas feature features method methods approach
    paper study studies work term terms basis area areas issue issues degree degrees metre metres meters
    centimetres kilograms kilos grams litre litres mm cm kg km gb mb ms chance hand hands mistake mistakes
    everybody everyone somebody someone nobody anybody home room half course one two good third quarter
    dozen january february march april may june july august september october november december monday
    tuesday wednesday thursday friday saturday sunday
    """.split()
)
"""Nouns that by themselves do not say what a text is about. Our own list."""
_JOINING = frozenset({"of", "for"})
"""Within a run: fear of flying, beekeeping for beginners."""


_BREAKS = frozenset(
    "everybody everyone somebody someone nobody anybody anyone others itself o'clock am pm whatever wherever "
    "born done seen known shown told said gone put worth bc ad awake asleep".split()
)
"""Words that are in no phrase, though they are no function words in `english`."""


_NUMBERS = frozenset(
    "one two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty hundred "
    "thousand million billion dozen ones".split()
)


class _Word(NamedTuple):
    text: str
    lower: str
    stem: str
    span: Span
    glued: bool
    """Nothing but blanks parts it from the word before."""


def english_runs(texts: list[str]) -> list[list[tuple[Unit, ...]]]:
    """The noun runs of each block of an article. What words are used as is asked of all blocks together."""
    read = [_words(text) for text in texts]
    usage = _usage(read)
    return [_runs(words, usage) for words in read]


def _words(text: str) -> list[_Word]:
    found: list[_Word] = []
    end = 0
    for match in _WORD.finditer(text):
        word = match.group()
        bare = _POSSESSIVE.sub("", word)
        lower = word.lower().replace("’", "'")
        if lower not in FUNCTION_WORDS:
            lower = bare.lower().replace("’", "'")
        glued = bool(found) and not text[end : match.start()].strip(" \t\n")
        span = Span(match.start(), match.start() + len(bare if lower != word.lower() else word))
        found.append(_Word(span.of(text), lower, _stem(lower), span, glued))
        end = match.end()
    return found


def _stem(word: str) -> str:
    return "-".join(stem(part) for part in word.split("-"))


def _usage(blocks: list[list[_Word]]) -> Counter[str]:
    """How often a word is used as a noun less how often as a verb, by form."""
    usage: Counter[str] = Counter()
    for words in blocks:
        for at, word in enumerate(words):
            if word.lower in FUNCTION_WORDS or word.lower[0].isdigit():
                continue
            before = words[at - 1].lower if at and word.glued else ""
            after = words[at + 1] if at + 1 < len(words) and words[at + 1].glued else None
            ends = after is None or after.lower in _MODALS
            if before in _BEFORE_VERBS or (
                after is not None and after.lower in _DETERMINERS and before not in _DETERMINERS
            ):
                usage[word.lower] -= 1
            elif before in _DETERMINERS and ends:
                usage[word.lower] += 2
            elif ends and before and word.stem not in _VERB_STEMS:
                usage[word.lower] += before in _PREPOSITIONS or before not in FUNCTION_WORDS
    return usage


def _runs(words: list[_Word], usage: Counter[str]) -> list[tuple[Unit, ...]]:
    runs: list[tuple[Unit, ...]] = []
    run: list[Unit] = []

    def end() -> None:
        while run and run[-1].stem in _JOINING:
            run.pop()
        if run:
            runs.append(tuple(run))
        run.clear()

    for at, word in enumerate(words):
        if not word.glued:
            end()
        if word.lower in _JOINING and run and at + 1 < len(words) and words[at + 1].glued:
            run.append(
                Unit(
                    word.lower,
                    word.span,
                    opens=False,
                    closes=False,
                    strong=False,
                    alone=False,
                    words=0,
                )
            )
            continue
        before = words[at - 1].lower if at and word.glued else ""
        if word.lower in FUNCTION_WORDS or word.lower in _BREAKS or _is_verb(word, usage, before):
            end()
            continue
        run.append(_unit(word, usage))
    end()
    return runs


def _is_verb(word: _Word, usage: Counter[str], before: str) -> bool:
    if word.text[:1].isupper() and word.glued:
        return False
    used = usage[word.lower]
    if word.lower.endswith("ly") and len(word.lower) > 4 and used <= 0:
        return True
    if before in _BEFORE_VERBS and used <= 1:
        return True
    return used < 0 or (word.stem in _VERB_STEMS and used <= 0 and not word.lower.endswith("ing"))


_VERB_STEMS = frozenset(stem(verb) for verb in _VERBS)


def _unit(word: _Word, usage: Counter[str]) -> Unit:
    used = usage[word.lower]
    digits = word.lower.replace(".", "").replace(",", "").replace("-", "").isdigit()
    stripped = word.lower in _STRIPPED
    participle = word.lower.endswith("ed") and used <= 1 and len(word.lower) > 3
    adjective = (
        word.lower in _NEVER_HEADS
        or participle
        or (
            word.lower.endswith(("ful", "ous", "able", "ible", "ish", "less", "ical", "ive"))
            and used <= 0
        )
    )
    closes = not (adjective or digits or stripped or word.lower in _NUMBERS)
    alone = closes and word.lower not in _GENERIC and len(word.lower) > 1
    return Unit(
        word.stem,
        word.span,
        opens=not (digits and "-" not in word.lower) and word.lower not in _NUMBERS,
        strong=not stripped,
        closes=closes,
        alone=alone,
    )
