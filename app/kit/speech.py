"""Says things in the language of whoever listens. English is the message id; Korean is in `messages.po`."""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, Literal, get_args

from app.kit.translations import translations

Spoken = Literal["en", "ko"]
SPOKEN: tuple[Spoken, ...] = get_args(Spoken)
_BY_NAME: Mapping[str, Spoken] = {each: each for each in SPOKEN}

_listener: ContextVar[str] = ContextVar("listener", default="en")


def speak(language: str) -> None:
    """From here on in this context (a request, a job's step, the command line), speak `language`."""
    _listener.set(language if language in SPOKEN else "en")


def spoken() -> str:
    """The language spoken now."""
    return _listener.get()


def say(message: str, /, **values: Any) -> str:
    """`message` in the language spoken now, with `{names}` filled in.

    Values stand as they are: what a person gave is theirs, not ours to translate.
    """
    return translations("messages", spoken()).gettext(message).format_map(values)


def say_count(one: str, several: str, count: int, /, **values: Any) -> str:
    """As `say`, by number: `one` for a single thing, `several` for any other `{count}` of them.

    Languages have their own forms (gettext's `Plural-Forms`); Korean has one.
    """
    said = translations("messages", spoken()).ngettext(one, several, count)
    return said.format_map({"count": count, **values})


def spoken_as(name: str) -> Spoken | None:
    """The spoken language of that name, if it is one."""
    return _BY_NAME.get(name)


def language_wanted(accepted: str) -> Spoken:
    """The spoken language an Accept-Language field (RFC 9110, 12.5.4) prefers; English where it names none."""
    best: Spoken = "en"
    weight = 0.0
    for part in accepted[:1000].split(","):
        tag, _, parameter = part.strip().lower().partition(";")
        primary = tag.split("-")[0].strip()
        try:
            quality = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
        except ValueError:
            quality = 0.0
        language = spoken_as(primary)
        if language is not None and quality > weight:
            best, weight = language, quality
    return best


def language_of(environment: Mapping[str, str]) -> Spoken:
    """What a terminal is set to: the first of LC_ALL, LC_MESSAGES and LANG that says something (POSIX, 8.2)."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = environment.get(name, "")
        if value:
            return "ko" if value.lower().startswith("ko") else "en"
    return "en"
