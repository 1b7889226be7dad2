"""A number stands in a source if its amount, unit and date do."""

import pytest

from app.language.types import Language
from app.seo.amounts import Known, amounts


def _stands(claim: str, source: str, language: Language) -> bool:
    known = Known([source], language)
    return all(known.holds(forms) for _, forms in amounts(claim, language))


@pytest.mark.parametrize(
    ("claim", "source", "language"),
    [
        ("12 hours", "12 to 18 hours", "en"),
        ("12-18 hours", "12 to 18 hours", "en"),
        ("in 1937", "on May 27, 1937", "en"),
        ("May 1937", "27 May 1937", "en"),
        ("five connections", "5 connections", "en"),
        ("3만 명", "30,000명", "ko"),
        ("12시간에서 18시간", "12~18시간", "ko"),
        ("5월", "1937년 5월 27일", "ko"),
        ("세 번", "3번", "ko"),
    ],
)
def test_one_amount_in_another_writing_stands(claim: str, source: str, language: Language):
    assert _stands(claim, source, language)


@pytest.mark.parametrize(
    ("claim", "source", "language"),
    [
        ("12 minutes", "12 to 18 hours", "en"),
        ("13 hours", "12 to 18 hours", "en"),
        ("on May 27, 1937", "in 1937", "en"),
        ("June 1937", "27 May 1937", "en"),
        ("512 MB", "512 KB", "en"),
        ("30만 명", "30,000명", "ko"),
        ("12%", "12배", "ko"),
        ("6월", "1937년 5월 27일", "ko"),
    ],
)
def test_another_amount_unit_or_date_does_not(claim: str, source: str, language: Language):
    assert not _stands(claim, source, language)
