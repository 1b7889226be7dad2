"""Settings: one frozen object, read once from the environment and `.env`, passed to everybody.

The seed's names stay bare (`DATABASE_URL`, `REDIS_URL`, `SESSION_STORAGE`); nested groups are
written `APP_GROUP__NAME`. `docs/reference/settings.md` is generated from this file and held to it.
"""

import difflib
import os
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Names = Annotated[frozenset[str], NoDecode]
"""A comma-separated list in the environment."""


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FetchSettings(_Group):
    """Limits of the safe fetcher."""

    max_bytes: int = Field(
        default=5 * 1024 * 1024, description="Largest page, bytes, also after decompression."
    )
    seconds: float = Field(
        default=20.0, description="Longest time for one page, redirects included."
    )
    connect_s: float = Field(default=5.0, description="Longest time to open a connection.")
    redirects: int = Field(default=5, description="Most redirects followed.")


class JobSettings(_Group):
    """The durable pipeline."""

    concurrency: int = Field(default=5, ge=1, description="Articles one instance works on at once.")
    per_person: int | None = Field(
        default=None,
        ge=1,
        description="Of these, one person's at most; unset: all but one, so that others can start.",
    )
    llm_concurrency: int = Field(
        default=8, ge=1, description="Model calls at once over the whole fleet."
    )
    llm_per_person: int | None = Field(
        default=None,
        ge=1,
        description="Of these, one person's at most; unset: three quarters.",
    )
    poll_s: float = Field(
        default=0.25, gt=0, description="How often queues are looked at, seconds."
    )
    max_attempts: int = Field(
        default=5, ge=1, description="Starts of a job before it is parked as poison."
    )
    keep_days: int = Field(
        default=30,
        ge=1,
        description=(
            "Days that the steps of a job that ended are kept; until then it can be gone on with. "
            "The job itself and its events stay."
        ),
    )

    @property
    def most_of_one(self) -> int:
        """Articles of one person that an instance works on at once."""
        return min(self.per_person or max(1, self.concurrency - 1), self.concurrency)

    @property
    def most_calls_of_one(self) -> int:
        """Model calls of one person at once, over the fleet."""
        return min(
            self.llm_per_person or max(1, self.llm_concurrency * 3 // 4), self.llm_concurrency
        )


class PublishingSettings(_Group):
    """How articles go out."""

    per_hour: int | None = Field(
        default=None,
        ge=1,
        description="Most articles published for the first time in any hour; unset: no limit.",
    )
    per_day: int | None = Field(
        default=None,
        ge=1,
        description="Most articles published for the first time in any 24 hours; unset: no limit.",
    )


class WritingSettings(_Group):
    """What an article is made of."""

    fall_back: bool = Field(
        default=False, description="Let the composer go on when the chosen model is down."
    )
    min_facts: int = Field(default=8, ge=1, description="Fewest usable facts to write from.")
    third_party_share: float = Field(
        default=0.25,
        gt=0,
        le=1,
        description="Largest share of an article from one third-party source.",
    )
    third_party_run: int = Field(
        default=3, ge=1, description="Most consecutive sentences from one third-party source."
    )


class ModelSettings(_Group):
    """Calls to language models."""

    seconds: float = Field(
        default=120.0,
        gt=0,
        description="Longest time for one model call; the local model has five times that.",
    )
    attempts: int = Field(
        default=3, ge=1, description="Tries of one call on 429, 5xx and lost connections."
    )
    circuit_failures: int = Field(
        default=3,
        ge=1,
        description="Calls that fail in a row until nobody in the fleet asks that provider for a while.",
    )
    circuit_rest_s: float = Field(
        default=15.0, gt=0, description="How long that is the first time, seconds; then doubled."
    )
    circuit_most_s: float = Field(default=300.0, gt=0, description="The longest it gets, seconds.")
    wait_s: float = Field(
        default=86400.0,
        ge=0,
        description="How long a job waits in all while every model is down, seconds; 0: it fails at once.",
    )
    wait_first_s: float = Field(
        default=15.0,
        gt=0,
        description="Its first pause before it tries again, seconds; then doubled.",
    )
    wait_most_s: float = Field(default=900.0, gt=0, description="Its longest pause, seconds.")
    wait_timeouts: int = Field(
        default=10,
        ge=1,
        description="Tries of a step that time out or are cut off, and so may cost, until it fails.",
    )
    cache_dir: Path = Field(
        default=Path("~/.cache/ai-seo-blogger/models"), description="Where pulled models are kept."
    )
    path: Path | None = Field(
        default=None, description="A GGUF file of your own for LLM_MODEL=local."
    )
    threads: int | None = Field(
        default=None, description="Threads of the local model; unset: by cores."
    )


class PriceSettings(_Group):
    """What models cost."""

    file: Path | None = Field(
        default=None,
        description=(
            "A TOML file with prices of your own, in USD a million tokens, and their date; they stand over "
            "the library's (docs/guide/models-and-cost.md)."
        ),
    )


class CapSettings(_Group):
    """The most that may be spent on models, USD; held before each paid call. Days are UTC."""

    job_usd: float | None = Field(default=None, ge=0, description="One job; unset: no limit.")
    person_day_usd: float | None = Field(
        default=None, ge=0, description="One person or key in a day; unset: no limit."
    )
    fleet_day_usd: float | None = Field(
        default=None, ge=0, description="Everybody in a day; unset: no limit."
    )
    allow_unknown_price: bool = Field(
        default=False,
        description="Let models without a known price be called although there is a cap.",
    )


class SiteSettings(_Group):
    """The public pages."""

    name: str = Field(default="AI SEO Blogger", description="The blog's name, in titles and feeds.")
    byline: str = Field(default="Editorial desk", description="The author named on articles.")
    disclose_ai: bool = Field(default=True, description="Say on each article how it was written.")


class CacheSettings(_Group):
    """The cache: a level in each process, and a shared one when there is `REDIS_URL`."""

    memory_bytes: int = Field(
        default=64 * 1024 * 1024, ge=1024 * 1024, description="Most memory one process uses for it."
    )
    first_level_s: float = Field(
        default=30.0,
        gt=0,
        description="How long a process keeps a copy of a shared entry, seconds.",
    )
    shared_s: float = Field(default=3600.0, gt=0, description="How long an entry is kept, seconds.")
    outage_s: float = Field(default=5.0, gt=0, description="The same while Redis is away, seconds.")
    pages: bool = Field(default=True, description="Answer public pages from the cache.")


class LimitSettings(_Group):
    """Rate limits, counted over the whole fleet."""

    address_per_minute: int = Field(
        default=1200, ge=1, description="Requests of one address to the API and the desk."
    )
    key_per_minute: int = Field(default=1200, ge=1, description="Requests of one API key.")
    person_per_minute: int = Field(default=600, ge=1, description="Requests of one person.")
    sign_in_attempts: int = Field(
        default=10, ge=1, description="Failed sign-ins of one address, and of one account."
    )
    sign_in_window_s: float = Field(
        default=900.0, gt=0, description="Within how long these are counted, seconds."
    )


class SessionSettings(_Group):
    """Sessions of people."""

    idle_s: float = Field(
        default=7 * 86400.0, gt=0, description="A session unused for so long ends, seconds."
    )
    absolute_s: float = Field(
        default=30 * 86400.0, gt=0, description="Every session ends after so long, seconds."
    )


class FleetSettings(_Group):
    """Instances and their leases."""

    heartbeat_s: float = Field(
        default=1.0, gt=0, description="How often an instance says that it lives, seconds."
    )
    ttl_s: float = Field(
        default=6.0, gt=0, description="How long it counts as live without, seconds."
    )
    address: str = Field(
        default="",
        description="Where other instances and balancers reach this one; unset: where it listens.",
    )
    git_revision: str = Field(
        default="", description="Revision shown for this instance; unset: the checkout's."
    )


class BalancerSettings(_Group):
    """One policy, from which every balancer's configuration is written."""

    path: str = Field(default="/health", description="Where balancers ask whether one may be used.")
    interval_s: int = Field(default=10, ge=1, description="How often they ask, seconds.")
    timeout_s: int = Field(default=5, ge=1, description="How long they wait for it, seconds.")
    healthy: int = Field(default=2, ge=1, description="Good answers until one is used.")
    unhealthy: int = Field(default=3, ge=1, description="Bad answers until one is not used.")
    grace_s: int = Field(default=60, ge=0, description="Time an instance has to start, seconds.")
    deregistration_s: int = Field(
        default=30, ge=0, description="Time requests have to end on one that leaves, seconds."
    )
    stream_s: int = Field(default=3600, ge=1, description="Longest stream of events, seconds.")
    keepalive_s: int = Field(
        default=60,
        ge=5,
        description="How long they keep unused connections to an instance; it keeps them 15 s longer.",
    )


class DrainSettings(_Group):
    """What happens between SIGTERM and the end."""

    wait_s: float = Field(
        default=35.0,
        ge=0,
        description=(
            "How long it goes on answering after it says that it leaves, so that balancers notice; "
            "not waited for when none has asked."
        ),
    )
    deadline_s: float = Field(
        default=90.0, gt=0, description="After so long it ends whatever is running, seconds."
    )


class MediaSettings(_Group):
    """Uploaded files."""

    max_bytes: int = Field(default=10 * 1024 * 1024, ge=1, description="Largest upload, bytes.")


class Settings(BaseSettings):
    """Everything that can be set. Frozen: a running process never changes its mind."""

    model_config = SettingsConfigDict(
        frozen=True,
        env_nested_delimiter="__",
        env_ignore_empty=True,
        extra="forbid",
        populate_by_name=True,
        case_sensitive=False,
        hide_input_in_errors=True,  # a wrong DATABASE_URL would print its password
    )

    database_url: str = Field(
        default="",
        description=(
            "`sqlite:///file`, `postgresql://…` or `postgres://…`. Unset: a file in `DATA_DIR`."
        ),
    )
    redis_url: str = Field(default="", description="Redis or Valkey; unset: this process's memory.")
    session_storage: Literal["", "memory", "database", "redis"] = Field(
        default="",
        description="`memory`, `database` or `redis`; unset: redis if `REDIS_URL`, else database.",
    )
    blob_url: str = Field(default="", description="Where files go; unset: a folder in `DATA_DIR`.")
    secret_key: SecretStr = Field(
        default=SecretStr(""),
        description="Signs what leaves the program; unset: made in `DATA_DIR`.",
    )
    data_dir: Path = Field(
        default=Path("data"), description="Where embedded defaults keep their files."
    )
    public_url: str = Field(
        default="", description="Address readers use; unset: the address the server listens on."
    )
    allowed_hosts: Names = Field(
        default=frozenset({"127.0.0.1", "localhost", "[::1]"}),
        description="Host names answered to, comma-separated; `PUBLIC_URL`'s is always among them.",
    )
    trusted_proxies: Names = Field(
        default=frozenset(),
        description="Addresses and networks whose X-Forwarded-* is believed, comma-separated.",
    )
    role: Literal["all", "web", "worker"] = Field(
        default="all", description="What this process does."
    )
    migrate_on_start: bool = Field(
        default=True, description="Bring the database up to date at start."
    )
    timezone: str = Field(default="UTC", description="Time zone of dates on pages (IANA name).")
    article_lang: Literal["en", "ko"] = Field(default="en", description="Language of `quickstart`.")
    llm_model: str = Field(
        default="composer",
        description=(
            "`composer`, `local[:name]`, `openai:…`, `anthropic:…`, `google:…` or `compatible:…`."
        ),
    )
    llm_base_url: str = Field(default="", description="Base URL of an OpenAI-compatible server.")
    llm_fallbacks: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Models tried in order when the first is down, comma-separated."
    )
    llm_api_key: SecretStr = Field(default=SecretStr(""), description="Key for `compatible:…`.")
    openai_api_key: SecretStr = Field(default=SecretStr(""), description="Key for `openai:…`.")
    anthropic_api_key: SecretStr = Field(
        default=SecretStr(""), description="Key for `anthropic:…`."
    )
    google_api_key: SecretStr = Field(default=SecretStr(""), description="Key for `google:…`.")
    fetch_allow: Names = Field(
        default=frozenset(), description="`host:port` pairs the fetcher may reach although private."
    )

    setup_token: SecretStr = Field(
        default=SecretStr(""),
        description="Whoever knows it may create the first owner in the browser; unset: only by command.",
    )

    fetch: FetchSettings = Field(
        default_factory=FetchSettings, validation_alias=AliasChoices("app_fetch", "fetch")
    )
    jobs: JobSettings = Field(
        default_factory=JobSettings, validation_alias=AliasChoices("app_jobs", "jobs")
    )
    writing: WritingSettings = Field(
        default_factory=WritingSettings, validation_alias=AliasChoices("app_writing", "writing")
    )
    publishing: PublishingSettings = Field(
        default_factory=PublishingSettings,
        validation_alias=AliasChoices("app_publishing", "publishing"),
    )
    models: ModelSettings = Field(
        default_factory=ModelSettings, validation_alias=AliasChoices("app_models", "models")
    )
    prices: PriceSettings = Field(
        default_factory=PriceSettings, validation_alias=AliasChoices("app_prices", "prices")
    )
    caps: CapSettings = Field(
        default_factory=CapSettings, validation_alias=AliasChoices("app_caps", "caps")
    )
    site: SiteSettings = Field(
        default_factory=SiteSettings, validation_alias=AliasChoices("app_site", "site")
    )
    cache: CacheSettings = Field(
        default_factory=CacheSettings, validation_alias=AliasChoices("app_cache", "cache")
    )
    limits: LimitSettings = Field(
        default_factory=LimitSettings, validation_alias=AliasChoices("app_limits", "limits")
    )
    sessions: SessionSettings = Field(
        default_factory=SessionSettings, validation_alias=AliasChoices("app_sessions", "sessions")
    )
    fleet: FleetSettings = Field(
        default_factory=FleetSettings, validation_alias=AliasChoices("app_fleet", "fleet")
    )
    balancer: BalancerSettings = Field(
        default_factory=BalancerSettings, validation_alias=AliasChoices("app_balancer", "balancer")
    )
    drain: DrainSettings = Field(
        default_factory=DrainSettings, validation_alias=AliasChoices("app_drain", "drain")
    )
    media: MediaSettings = Field(
        default_factory=MediaSettings, validation_alias=AliasChoices("app_media", "media")
    )

    @field_validator("allowed_hosts", "trusted_proxies", "fetch_allow", mode="before")
    @classmethod
    def _split_set(cls, value: object) -> object:
        if isinstance(value, str):
            return frozenset(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("llm_fallbacks", mode="before")
    @classmethod
    def _split_list(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        scheme = urlsplit(value).scheme if value else "sqlite"
        if scheme not in {"sqlite", "postgres", "postgresql"}:
            message = (
                f"DATABASE_URL starts with {scheme or 'nothing'}://; "
                "write sqlite:///file.db or postgresql://user:password@host:5432/name"
            )
            raise ValueError(message)
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: frozenset[str]) -> frozenset[str]:
        for name in value:
            try:
                ip_network(name, strict=False)
            except ValueError as error:
                message = f"TRUSTED_PROXIES: {name} is no address; write 10.0.0.0/8 or 192.0.2.1"
                raise ValueError(message) from error
        return value

    @field_validator("redis_url")
    @classmethod
    def _known_redis(cls, value: str) -> str:
        scheme, separator, _ = value.partition("://")
        known = {"redis", "rediss", "valkey", "valkeys", "redis+sentinel", "valkey+sentinel"}
        if value and (not separator or scheme not in known):
            started = (
                f"{scheme}://" if separator else "no scheme"
            )  # never the rest: it has a password
            raise ValueError(f"REDIS_URL starts with {started}; write redis://host:6379/0")
        return value

    @model_validator(mode="after")
    def _sessions_have_a_store(self) -> Self:
        if self.session_storage == "redis" and not self.redis_url:
            message = "SESSION_STORAGE=redis needs REDIS_URL, for example redis://localhost:6379/0"
            raise ValueError(message)
        return self

    @property
    def effective_database_url(self) -> str:
        """`DATABASE_URL`, or the embedded file."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'blog.db'}"


class BadSettings(Exception):
    """The settings cannot be used. The message says which line to change, and to what."""


def setting_names() -> list[str]:
    """Every name that may stand in `.env`, in the order of declaration."""
    names: list[str] = []
    for name, field in Settings.model_fields.items():
        group = field.annotation
        if isinstance(group, type) and issubclass(group, _Group):
            names += [f"APP_{name.upper()}__{inner.upper()}" for inner in group.model_fields]
        else:
            names.append(name.upper())
    return names


def unknown_keys(keys: Iterable[str], *, near_only: bool) -> dict[str, str | None]:
    """Map each unknown key to the name most like it.

    `near_only` leaves out keys like nothing of ours, for the process environment, which is full of
    other programs' names.
    """
    known = setting_names()
    found: dict[str, str | None] = {}
    for key in keys:
        if key.upper() in known:
            continue
        near = difflib.get_close_matches(key.upper(), known, n=1, cutoff=0.82 if near_only else 0.6)
        if near or not near_only:
            found[key] = near[0] if near else None
    return found


def load_settings(env_file: Path | None = Path(".env")) -> tuple[Settings, list[str]]:
    """Read the settings; the environment stands over the file.

    Returns the settings and warnings for names in the environment that look misspelt (orchestrators
    inject names of their own, so those are no errors).

    Raises:
        BadSettings: a key of the file is unknown, or a value cannot be used.
    """
    from_file = dotenv_values(env_file) if env_file and env_file.is_file() else {}
    for key, near in unknown_keys(from_file, near_only=False).items():
        hint = f" Did you mean {near}?" if near else ""
        raise BadSettings(
            f"{env_file}: unknown setting {key}.{hint} See docs/reference/settings.md."
        )
    warnings = [
        f"{key} in the environment is no setting; did you mean {near}?"
        for key, near in unknown_keys(os.environ, near_only=True).items()
        if not key.startswith("AI_SEO_BLOGGER_")
    ]
    try:
        return Settings(_env_file=env_file), warnings  # pyright: ignore[reportCallIssue]  # pydantic-settings' own argument, not a field
    except ValueError as error:
        raise BadSettings(str(error)) from error


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The process's settings. Only `main`, `cli` and the façade call this."""
    return load_settings()[0]
