"""A site may set thresholds of its own; what it gets wrong is one sentence."""

import pytest

from app.config import BadSettings
from app.seo.analysis import analyse
from app.seo.thresholds import ENGLISH, KOREAN, read_limits
from tests.seo.articles import article, prose


def test_nothing_set_is_ours():
    assert read_limits("").of("en") == ENGLISH
    assert read_limits("{}").of("ko") == KOREAN


def test_a_site_s_threshold_moves_its_check_and_no_other():
    limits = read_limits('{"en": {"text_words": [200, 150, 100, 50]}}')
    given = article(prose(220))

    ours = {f.check_id: f.points for f in analyse(given).findings}
    theirs = {f.check_id: f.points for f in analyse(given, limits=limits.of("en")).findings}

    assert (ours["text.length"], theirs["text.length"]) == (3, 9)
    assert {k: v for k, v in ours.items() if k != "text.length"} == {
        k: v for k, v in theirs.items() if k != "text.length"
    }
    assert limits.of("ko") == KOREAN


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "no JSON"),
        ("[1]", "an object by language"),
        ('{"de": {}}', "'de' is no language"),
        ('{"en": {"sentence_word": 1}}', "did you mean sentence_words?"),
        ('{"en": {"sentence_words": "many"}}', "sentence_words: "),
        ('{"en": {"density": [1, 2]}}', "density"),
    ],
)
def test_a_mistake_is_told(text: str, said: str):
    with pytest.raises(BadSettings, match="APP_SEO__THRESHOLDS") as told:
        read_limits(text)

    assert said in str(told.value)
