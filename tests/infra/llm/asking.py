"""A hosted model before a scripted server, and how tests ask it."""

from pydantic import BaseModel

from app.infra.llm import Limits, Question
from app.infra.llm.providers import (
    HostedModel,
    build_compatible,
)
from tests.infra.llm.scripted import Script

SECRET = "sk-verysecret-0123456789"


class Colour(BaseModel):
    name: str
    warm: bool


def hosted(script: Script, *, seconds: float = 5.0, attempts: int = 3) -> HostedModel:
    return HostedModel(
        "compatible:scripted",
        build_compatible("scripted", SECRET, f"{script.url}/v1"),
        limits=Limits(seconds=seconds, attempts=attempts),
        secret=SECRET,
        base_url=script.url,
    )


async def ask(model, output=str, **more):
    try:
        return await model.complete(
            Question(system="Be brief.", prompt="A colour?", output=output, max_tokens=50, **more)
        )
    finally:
        await model.aclose()
