"""Settings: the seed's names, a frozen object, and typing errors that are told."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from app.config import BadSettings, Settings, load_settings


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "SESSION_STORAGE", "LLM_MODEL"):
        monkeypatch.delenv(name, raising=False)


def env_file(folder: Path, text: str) -> Path:
    file = folder / ".env"
    file.write_text(text, encoding="utf-8")
    return file


def test_defaults_need_nothing_and_use_a_file_in_the_data_folder(tmp_path: Path) -> None:
    settings, warnings = load_settings(tmp_path / "absent")

    assert warnings == []
    assert settings.effective_database_url.startswith("sqlite:///")
    assert settings.effective_database_url.endswith("data/blog.db")
    assert settings.llm_model == "composer"


def test_the_seed_s_names_are_read_to_the_letter(tmp_path: Path) -> None:
    file = env_file(
        tmp_path,
        "DATABASE_URL=postgresql://user:password@localhost:5432/ai_seo_blogger\n"
        "REDIS_URL=redis://localhost:6379/0\nSESSION_STORAGE=redis\n",
    )

    settings, _ = load_settings(file)

    assert settings.database_url.endswith("/ai_seo_blogger")
    assert settings.redis_url == "redis://localhost:6379/0"
    assert settings.session_storage == "redis"


def test_nested_settings_are_read_and_the_environment_stands_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = env_file(tmp_path, "APP_JOBS__POLL_S=2\nAPP_JOBS__CONCURRENCY=9\n")
    monkeypatch.setenv("APP_JOBS__POLL_S", "1")

    settings, _ = load_settings(file)

    assert settings.jobs.poll_s == 1
    assert settings.jobs.concurrency == 9


@pytest.mark.parametrize(
    ("line", "suggestion"),
    [
        ("DATABSE_URL=x", "DATABASE_URL"),
        ("REDIS_URI=x", "REDIS_URL"),
        ("LLM_MODLE=x", "LLM_MODEL"),
        ("APP_JOBS__POL_S=1", "APP_JOBS__POLL_S"),
    ],
)
def test_an_unknown_key_in_the_file_is_an_error_that_suggests_the_right_name(
    tmp_path: Path, line: str, suggestion: str
) -> None:
    with pytest.raises(BadSettings, match=f"Did you mean {suggestion}"):
        load_settings(env_file(tmp_path, line + "\n"))


def test_a_near_miss_in_the_environment_only_warns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URLS", "x")
    monkeypatch.setenv("AI_SEO_BLOGGER_SERVICE_HOST", "10.0.0.1")

    _, warnings = load_settings(tmp_path / "absent")

    assert warnings == [
        "DATABASE_URLS in the environment is no setting; did you mean DATABASE_URL?"
    ]


def test_redis_sessions_without_redis_are_an_error_that_says_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="needs REDIS_URL"):
        load_settings(env_file(tmp_path, "SESSION_STORAGE=redis\n"))


def test_an_error_never_repeats_a_password(tmp_path: Path) -> None:
    with pytest.raises(BadSettings) as error:
        load_settings(env_file(tmp_path, "DATABASE_URL=mysql://root:hunter2@db/x\n"))

    assert "mysql" in str(error.value)
    assert "hunter2" not in str(error.value)


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        Settings().llm_model = "other"


def test_secrets_are_not_shown() -> None:
    settings = Settings(openai_api_key="sk-very-secret", secret_key="also-secret")

    assert "secret" not in repr(settings).replace("secret_key", "").replace("SecretStr", "")
