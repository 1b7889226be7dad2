"""Morphemes are kept packed, so that what is remembered does not make the search for garbage long."""

import gc

from app.language.korean import morphemes, packed

SENTENCE = "콜드브루 커피는 12시간 우려요 😀 그리고 API를 씁니다."


def test_unpacked_morphemes_are_those_that_were_found():
    first = morphemes(SENTENCE)
    forms, tags, starts, ends = packed(SENTENCE)

    assert [(m.form, m.tag, *m.span) for m in first] == list(
        zip(forms, tags, starts, ends, strict=True)
    )
    assert [m.form for m in first if m.span.of(SENTENCE) == m.form][:3] == [
        "콜드브루",
        "커피",
        "는",
    ]
    assert morphemes(SENTENCE) == first


def test_a_search_for_garbage_passes_packed_morphemes_over():
    kept = packed(SENTENCE)
    for _ in range(
        2
    ):  # the first finds nothing to follow in the inner ones, the second in the outer
        gc.collect()

    assert not any(map(gc.is_tracked, (kept, *kept)))
    assert gc.is_tracked(morphemes(SENTENCE))  # as they would be kept otherwise
