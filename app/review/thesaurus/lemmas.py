"""Dictionary forms: irregular English verbs and comparisons, which no ending shows, and stems for the rest."""

from functools import lru_cache

from app.language.english import stem
from app.language.types import Language

_IRREGULAR = """
arise arose arisen; be am is are was were been being; bear bore borne born; beat beaten; become became;
begin began begun; bend bent; bind bound; bite bit bitten; bleed bled; blow blew blown; break broke broken;
breed bred; bring brought; build built; burn burnt; buy bought; catch caught; choose chose chosen; cling
clung; come came; creep crept; deal dealt; dig dug; do did done does; draw drew drawn; drink drank drunk;
drive drove driven; eat ate eaten; fall fell fallen; feed fed; feel felt; fight fought; find found; flee
fled; fly flew flown; forbid forbade forbidden; forget forgot forgotten; freeze froze frozen; get got
gotten; give gave given; go went gone goes; grind ground; grow grew grown; hang hung; have has had; hear
heard; hide hid hidden; hold held; keep kept; know knew known; lay laid; lead led; lean leant; leap leapt;
learn learnt; leave left; lend lent; lie lain; light lit; lose lost; make made; mean meant; meet met;
overtake overtook overtaken; pay paid; ride rode ridden; ring rang rung; rise rose risen; run ran; say said;
see saw seen; seek sought; sell sold; send sent; shake shook shaken; shine shone; shoot shot; show shown;
shrink shrank shrunk; sing sang sung; sink sank sunk; sit sat; sleep slept; slide slid; sow sown; speak
spoke spoken; spend spent; spin spun; spring sprang sprung; stand stood; steal stole stolen; stick stuck;
strike struck stricken; swear swore sworn; sweep swept; swim swam swum; swing swung; take took taken; teach
taught; tear tore torn; tell told; think thought; throw threw thrown; understand understood; wake woke
woken; wear wore worn; weave wove woven; win won; withdraw withdrew withdrawn; write wrote written; rebuild
rebuilt; outgrow outgrew outgrown; undergo underwent undergone; good well; better; worse; bad badly; far
further farther; child children; person people; man men; woman women; foot feet; tooth teeth; mouse mice;
goose geese; ox oxen; wife wives; knife knives; shelf shelves; wolf wolves; loaf loaves; thief thieves; calf
calves; analysis analyses; crisis crises; basis bases; free freed; agree agreed; die died dying dies; dye
dyed; tie tied tying; use used using; big bigger biggest; small smaller smallest; large larger largest; high
higher highest; low lower lowest; long longer longest; short shorter shortest; fast faster fastest; slow
slower slowest; old older oldest elder; young younger youngest; new newer newest; cheap cheaper cheapest;
dear dearer dearest; costly costlier costliest; early earlier earliest; late later latest; soon sooner
soonest; hot hotter hottest; cold colder coldest; warm warmer warmest; cool cooler coolest; strong stronger
strongest; weak weaker weakest; deep deeper deepest; heavy heavier heaviest; light lighter lightest; easy
easier easiest; hard harder hardest; rich richer richest; poor poorer poorest; wide wider widest; dry drier
driest; wet wetter wettest; safe safer safest; thick thicker thickest; thin thinner thinnest; dirty dirtier
dirtiest; clean cleaner cleanest; rare rarer rarest; near nearer nearest; great greater greatest; tall
taller tallest; simple simpler simplest; quick quicker quickest; healthy healthier healthiest; busy busier
busiest; steep steeper steepest; harsh harsher harshest; fine finer finest
"""
_LEMMAS = {
    form: forms[0]
    for forms in (part.split() for part in _IRREGULAR.replace("\n", " ").split(";"))
    for form in forms
}


@lru_cache(maxsize=16384)
def lemma(word: str, language: Language) -> str:
    """The form under which a lower-case word is compared; Korean morphemes are their own."""
    if language == "ko":
        return word
    return stem(_LEMMAS.get(word, word))
