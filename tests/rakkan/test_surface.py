"""The public surface for Python: what is promised, how it is called, and what importing costs."""

import inspect
import subprocess
import sys
import tomllib
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import pytest

import rakkan

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]

SURFACE = {
    *("AiEvidence", "Answer", "Claim", "CopyMatch", "CopyVerdict", "CreatorMatch"),
    *("CreatorVerdict", "EvidenceKind", "ImageFacts", "Judge", "Judgement", "PixelEvidence"),
    *("Provenance", "RakkanError", "Reason", "Signal", "SimilarityEvidence", "Verdict"),
    *("Withheld", "WorkMatch", "open"),
}
SIGNATURES = {
    "open": ["index", "model", "trust_anchors", "threads"],
    "Judge.judge": ["self", "image", "declared_ai", "expects_metadata", "account"],
    "Judge.judge_many": ["self", "paths", "account", "workers"],
    "Judge.close": ["self"],
}
HEAVY = {
    *("PIL", "c2pa", "cv2", "faiss", "lxml", "numpy", "openvino", "pyarrow", "pydantic"),
    *("safetensors", "scipy", "sqlalchemy", "torch", "typer"),
}


def test_the_surface_is_what_is_promised() -> None:
    """Whoever changes this list changes other people's programs: say so in the changelog."""
    assert set(rakkan.__all__) == SURFACE
    assert len(rakkan.__all__) == len(SURFACE)


@pytest.mark.parametrize("name", rakkan.__all__)
def test_all_of_it_is_documented(name: str) -> None:
    public = getattr(rakkan, name)
    assert inspect.getdoc(public)
    if inspect.isclass(public) and public.__module__.startswith("rakkan."):
        named = {key: one for key, one in vars(public).items() if not key.startswith("_")}
        methods = [one for one in named.values() if inspect.isfunction(one)]
        assert all(inspect.getdoc(one) for one in methods)


@pytest.mark.parametrize(("name", "parameters"), SIGNATURES.items(), ids=SIGNATURES)
def test_it_is_called_as_promised(name: str, parameters: list[str]) -> None:
    public: object = rakkan
    for part in name.split("."):
        public = getattr(public, part)
    assert callable(public)
    signature = inspect.signature(public)
    assert list(signature.parameters) == parameters
    assert signature.return_annotation is not inspect.Signature.empty


def test_importing_it_costs_nothing() -> None:
    code = "import sys, rakkan; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not HEAVY & set(done.stdout.split())


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_says_that_it_is_typed(package: str) -> None:
    assert (files(package) / "py.typed").is_file()


def test_the_package_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "rakkan", "--version"], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, f"rakkan {version('rakkan')}\n")
