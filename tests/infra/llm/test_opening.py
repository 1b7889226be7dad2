import subprocess
import sys

import pytest

from app.config import Settings
from app.generation.writers.choice import check_spec
from app.infra.llm import Keys, Limits, ModelRefused, Question, in_order, open_model, provider_of
from app.kit.errors import Invalid


def opened(spec, tmp_path, **more):
    return open_model(
        spec,
        keys=more.pop("keys", Keys()),
        limits=Limits(),
        cache_dir=tmp_path,
        **more,
    )


@pytest.mark.parametrize("spec", ["", "gpt-5", "openai", "openai:", "azure:gpt", "composer"])
def test_a_spec_that_is_none_lists_the_forms(spec, tmp_path):
    with pytest.raises(ModelRefused, match=r"local:NAME, openai:MODEL.*LLM_BASE_URL"):
        opened(spec, tmp_path)


@pytest.mark.parametrize(
    ("spec", "setting"),
    [
        ("openai:gpt-4o", "OPENAI_API_KEY"),
        ("anthropic:claude-sonnet-4-5", "ANTHROPIC_API_KEY"),
        ("google:gemini-2.5-pro", "GOOGLE_API_KEY"),
        ("compatible:qwen", "LLM_BASE_URL"),
    ],
)
def test_what_a_model_lacks_is_named(spec, setting, tmp_path):
    with pytest.raises(ModelRefused, match=setting):
        opened(spec, tmp_path)


def test_an_unknown_local_model_lists_the_catalogue(tmp_path):
    with pytest.raises(ModelRefused, match=r"qwen2\.5-coder-1\.5b, qwen2\.5-coder-0\.5b"):
        opened("local:llama", tmp_path)


@pytest.mark.parametrize(
    ("spec", "small"),
    [
        ("openai:gpt-4o", False),
        ("anthropic:claude-sonnet-4-5", False),
        ("google:gemini-2.5-pro", False),
        ("compatible:qwen", False),
        ("local", True),
        ("local:qwen2.5-coder-0.5b", True),
    ],
)
def test_every_form_opens_without_connecting(spec, small, tmp_path):
    keys = Keys(openai="k", anthropic="k", google="k")

    model = opened(spec, tmp_path, keys=keys, base_url="http://127.0.0.1:9")

    assert (model.name, model.is_small) == (spec, small)


def test_fallbacks_are_models_too(tmp_path):
    keys = Keys(openai="k")

    model = in_order([opened("openai:gpt-4o", tmp_path, keys=keys), opened("local", tmp_path)])

    assert model.name == "openai:gpt-4o"
    assert model.is_small


def test_a_wrong_fallback_is_an_error_before_a_job_is_accepted(tmp_path):
    settings = Settings(openai_api_key="k", llm_fallbacks=("nonsense",), data_dir=tmp_path)

    with pytest.raises(Invalid, match="LLM_MODEL=nonsense"):
        check_spec("openai:gpt-4o", settings)


@pytest.mark.parametrize(
    ("spec", "provider"),
    [
        ("openai:gpt-4o", "openai"),
        ("compatible:qwen", "compatible:models.example:8000"),
        ("local", ""),
    ],
)
def test_failures_are_shared_by_who_answers_and_never_show_a_password(spec, provider):
    assert provider_of(spec, "http://name:secret@models.example:8000/v1") == provider


def test_opening_a_model_imports_no_provider_library():
    program = (
        "import sys, pathlib; from app.infra.llm import *; "
        "open_model('openai:m', keys=Keys(openai='k'), limits=Limits(), cache_dir=pathlib.Path()); "
        "print(sorted({'pydantic_ai', 'openai', 'anthropic', 'google.genai', 'xllamacpp'}"
        " & set(sys.modules)))"
    )

    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert ran.stdout.strip() == "[]"


async def test_the_local_model_has_five_times_as_long(tmp_path):
    with pytest.raises(ModelRefused, match="not here yet"):
        await opened("local", tmp_path).complete(
            Question(system="", prompt="", output=str, max_tokens=1)
        )

    limits = opened("local", tmp_path).limits
    assert (limits.seconds, limits.concurrency) == (600.0, 1)
