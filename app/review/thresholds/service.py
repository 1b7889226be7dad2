"""What may be done with a site's thresholds. Ours, then the setting, then what the site keeps: the last stands.

Whoever analyses asks the database each time: one small row by its key, which costs less than an analysis
by far, and no instance knows another state than the rest of the fleet.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.errors import Conflict, NotFound
from app.kit.speech import say
from app.language.types import LANGUAGES, Language
from app.review.thresholds.repository import Thresholds
from app.review.thresholds.schemas import Origin, Overrides, ThresholdOut, ThresholdsOut, Version
from app.review.thresholds.words import about
from app.seo.thresholds import (
    NAMES,
    BadThreshold,
    SiteLimits,
    check_name,
    difference,
    limits_for,
    override,
    plain,
)

log = structlog.get_logger()


async def limits_in_force(session: AsyncSession, setting: SiteLimits) -> SiteLimits:
    """The thresholds that hold now: the setting's, with what the site keeps above it."""
    return _above(setting, (await Thresholds(session).current()).overrides)


def _above(setting: SiteLimits, overrides: Overrides) -> SiteLimits:
    """What another release kept and this one cannot use is passed over, and told in the log."""
    limits = setting
    for language, values in overrides.items():
        for name, value in values.items():
            try:
                limits = override(limits, {language: {name: value}})
            except BadThreshold as error:
                log.warning("threshold_passed_over", name=name, reason=str(error))
    return limits


async def change_thresholds(
    thresholds: Thresholds,
    changes: Mapping[Language, Mapping[str, Any]],
    *,
    by: str,
    now: datetime,
    based_on: int | None = None,
    note: str = "",
) -> Version:
    """Set thresholds of the site, or take them back where the value is None. Nothing changed: no version.

    Raises:
        BadThreshold: a name or a value cannot be used; says what to write.
        Conflict: another version than `based_on` stands.
    """
    before = await thresholds.current()
    _check_base(before, based_on)
    kept: Overrides = {language: dict(values) for language, values in before.overrides.items()}
    for language, values in changes.items():
        mine = kept.setdefault(language, {})
        for name, value in values.items():
            check_name(name)
            if value is None:
                mine.pop(name, None)
                continue
            # As it is read back: a list of the right length, whole numbers whole.
            checked = override(SiteLimits(), {language: {name: value}}).of(language)
            mine.update(difference(checked, [name]))
    kept = {language: values for language, values in kept.items() if values}
    return await _keep(thresholds, before, kept, by=by, now=now, note=note)


async def restore_thresholds(
    thresholds: Thresholds,
    n: int | None,
    *,
    by: str,
    now: datetime,
    based_on: int | None = None,
) -> Version:
    """Bring back version `n`, or that before the last change, as a new version: this can be undone as well.

    Raises:
        NotFound: there is no such version.
        Conflict: another version than `based_on` stands, or nothing was ever changed.
    """
    before = await thresholds.current()
    _check_base(before, based_on)
    if before.n == 0:
        raise Conflict(say("No threshold was changed yet: there is nothing to undo."))
    wanted = before.n - 1 if n is None else n
    old = await thresholds.version(wanted)
    if old is None:
        raise NotFound(
            say(
                "There is no version {n} of the thresholds; the last is {last}.",
                n=wanted,
                last=before.n,
            )
        )
    return await _keep(thresholds, before, old.overrides, by=by, now=now, note=f"version {wanted}")


def _check_base(before: Version, based_on: int | None) -> None:
    if based_on is not None and based_on != before.n:
        raise Conflict(
            say("Somebody else changed the thresholds meanwhile. Look again, then repeat yours.")
        )


async def _keep(
    thresholds: Thresholds,
    before: Version,
    overrides: Overrides,
    *,
    by: str,
    now: datetime,
    note: str,
) -> Version:
    if overrides == before.overrides:
        return before
    version = Version(n=before.n + 1, overrides=overrides, changed_by=by, changed_at=now, note=note)
    await thresholds.add(version)
    return version


def describe_thresholds(version: Version, setting: SiteLimits) -> ThresholdsOut:
    """All thresholds in force, each with what it is about in the language spoken."""
    limits = _above(setting, version.overrides)
    said = about()

    def one(language: Language, name: str) -> ThresholdOut:
        value, ours = getattr(limits.of(language), name), getattr(limits_for(language), name)
        kept = name in version.overrides.get(language, {})
        set_ = getattr(setting.of(language), name) != ours
        origin: Origin = "site" if kept else "setting" if set_ else "ours"
        return ThresholdOut(
            name=name, value=plain(value), ours=plain(ours), origin=origin, about=said[name]
        )

    return ThresholdsOut(
        version=version.n,
        changed_by=version.changed_by,
        changed_at=version.changed_at,
        languages={each: [one(each, name) for name in NAMES] for each in LANGUAGES},
    )
