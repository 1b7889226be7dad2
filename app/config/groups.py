"""The groups of settings, each about one part of the program: written `APP_GROUP__NAME`."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator


class Group(BaseModel):
    """Settings of one part: frozen, and without names that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FetchSettings(Group):
    """Limits of the safe fetcher."""

    max_bytes: int = Field(
        default=5 * 1024 * 1024, description="Largest page, bytes, also after decompression."
    )
    seconds: float = Field(
        default=20.0, description="Longest time for one page, redirects included."
    )
    connect_s: float = Field(default=5.0, description="Longest time to open a connection.")
    redirects: int = Field(default=5, description="Most redirects followed.")


class JobSettings(Group):
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


class LogSettings(Group):
    """What is logged."""

    requests: bool = Field(
        default=True,
        description="A line for every request but probes and kept pages; slow and failed ones always.",
    )
    slow_request_s: float = Field(
        default=1.0, gt=0, description="From here on a request is logged as slow, seconds."
    )
    slow_query_s: float = Field(
        default=0.5, gt=0, description="From here on a query is logged as slow, seconds."
    )


class PublishingSettings(Group):
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


class WritingSettings(Group):
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
    repair_rounds: int = Field(
        default=2,
        ge=0,
        le=5,
        description="Most rounds in which what an article failed is repaired, before it is scored.",
    )
    links: int = Field(
        default=5, ge=0, le=5, description="Most links to own articles set in a new one; 0: none."
    )
    judge: str = Field(
        default="off",
        description=(
            "A model that reads again what a model wrote and the rules let pass; it can only lower a verdict. "
            "`off`, `writer` (the one that wrote it) or a hosted model as in `LLM_MODEL`; each question costs."
        ),
    )

    @field_validator("judge")
    @classmethod
    def _known_judge(cls, value: str) -> str:
        prefix, separator, name = value.partition(":")
        if prefix == "local":
            raise ValueError(
                f"APP_WRITING__JUDGE={value} is too small to judge; "
                "write a hosted model such as openai:gpt-5-mini, or off"
            )
        if value not in {"off", "writer"} and not (separator and prefix and name):
            raise ValueError(
                f"APP_WRITING__JUDGE={value} is no judge; "
                "write off, writer, or a hosted model such as openai:gpt-5-mini"
            )
        return value


class SeoSettings(Group):
    """What the analyser calls good."""

    thresholds: str = Field(
        default="",
        description=(
            "JSON that replaces thresholds of a language, by the names in `docs/reference/checks.md`: "
            '`{"ko": {"sentence_words": 18}}`.'
        ),
    )


class ModelSettings(Group):
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


class PriceSettings(Group):
    """What models cost."""

    file: Path | None = Field(
        default=None,
        description=(
            "A TOML file with prices of your own, in USD a million tokens, and their date; they stand over "
            "the library's (docs/guide/models-and-cost.md)."
        ),
    )


class CapSettings(Group):
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


class SiteSettings(Group):
    """The public pages."""

    name: str = Field(default="AI SEO Blogger", description="The blog's name, in titles and feeds.")
    byline: str = Field(default="Editorial desk", description="The author named on articles.")
    byline_kind: Literal["organization", "person"] = Field(
        default="organization",
        description="What the author is to search engines: organization · person.",
    )
    disclose_ai: bool = Field(default=True, description="Say on each article how it was written.")


class CacheSettings(Group):
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


class LimitSettings(Group):
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


class SessionSettings(Group):
    """Sessions of people."""

    idle_s: float = Field(
        default=7 * 86400.0, gt=0, description="A session unused for so long ends, seconds."
    )
    absolute_s: float = Field(
        default=30 * 86400.0, gt=0, description="Every session ends after so long, seconds."
    )


class FleetSettings(Group):
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


class BalancerSettings(Group):
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


class DrainSettings(Group):
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


class MetricsSettings(Group):
    """What Prometheus reads."""

    port: int = Field(
        default=0,
        ge=0,
        le=65535,
        description=(
            "Port of 127.0.0.1 at which `/metrics` answers without a key, also while the database is away; "
            "0: none."
        ),
    )


class MediaSettings(Group):
    """Uploaded files."""

    max_bytes: int = Field(default=10 * 1024 * 1024, ge=1, description="Largest upload, bytes.")
