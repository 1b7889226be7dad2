"""One frozen object with everything that can be set.

The seed's names stay bare (`DATABASE_URL`, `REDIS_URL`, `SESSION_STORAGE`). `docs/reference/settings.md` is
generated from here and held to it.
"""

from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.config.groups import (
    BalancerSettings,
    CacheSettings,
    CapSettings,
    DrainSettings,
    FetchSettings,
    FleetSettings,
    JobSettings,
    LimitSettings,
    LogSettings,
    MediaSettings,
    MetricsSettings,
    ModelSettings,
    PriceSettings,
    PublishingSettings,
    SeoSettings,
    SessionSettings,
    SiteSettings,
    WritingSettings,
)

Names = Annotated[frozenset[str], NoDecode]
"""A comma-separated list in the environment."""


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
        description="Host names answered to, comma-separated; "
        "`PUBLIC_URL`'s and the instance's own are always among them.",
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

    otel_exporter_otlp_endpoint: str = Field(
        default="",
        description=(
            "Where a collector takes traces by OTLP over HTTP (usually port 4318); unset: nothing is traced."
        ),
    )
    otel_exporter_otlp_traces_endpoint: str = Field(
        default="", description="The same as the whole address, path included; stands over it."
    )
    otel_exporter_otlp_headers: SecretStr = Field(
        default=SecretStr(""),
        description="Headers for the collector, such as its key: `name=value`, comma-separated.",
    )
    otel_service_name: str = Field(
        default="", description="What traces call the program; unset: `ai-seo-blogger`."
    )
    otel_resource_attributes: str = Field(
        default="", description="More to say of this instance: `name=value`, comma-separated."
    )
    otel_traces_sampler: str = Field(
        default="",
        description="Which requests are traced, such as `parentbased_traceidratio`; unset: all.",
    )
    otel_traces_sampler_arg: str = Field(
        default="", description="The sampler's argument, such as `0.1` for a tenth."
    )
    otel_traces_exporter: str = Field(
        default="otlp", description="`otlp`, or `none` to trace nothing."
    )
    otel_sdk_disabled: bool = Field(default=False, description="`true`: nothing is traced either.")

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
    seo: SeoSettings = Field(
        default_factory=SeoSettings, validation_alias=AliasChoices("app_seo", "seo")
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
    logs: LogSettings = Field(
        default_factory=LogSettings, validation_alias=AliasChoices("app_logs", "logs")
    )
    media: MediaSettings = Field(
        default_factory=MediaSettings, validation_alias=AliasChoices("app_media", "media")
    )

    metrics: MetricsSettings = Field(
        default_factory=MetricsSettings, validation_alias=AliasChoices("app_metrics", "metrics")
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

    @property
    def traces_wanted(self) -> bool:
        """Whether spans are to be told to a collector."""
        there = self.otel_exporter_otlp_endpoint or self.otel_exporter_otlp_traces_endpoint
        return bool(there) and self.otel_traces_exporter != "none" and not self.otel_sdk_disabled

    @property
    def otel_variables(self) -> dict[str, str]:
        """The variables of OpenTelemetry that are set here, as its SDK reads them."""
        given = {
            name: getattr(self, name)
            for name in type(self).model_fields
            if name.startswith("otel_")
        }
        written = {
            name.upper(): value.get_secret_value() if isinstance(value, SecretStr) else value
            for name, value in given.items()
            if not isinstance(value, bool)
        }
        return {name: value for name, value in written.items() if value}
