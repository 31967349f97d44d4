"""No command calls home, or writes elsewhere than into the data folder and where it is told to.

As for a user who has said nothing to anybody: an empty home, and no `CI`, which some libraries take
as a wish to be left alone.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from imaging.metadata.xmp_packet import with_xmp_packet
from tests.cli.artists import write_artists
from tests.cli.running import COMMAND
from tests.credentials import make_authority
from tests.outside.guard import Guard, Watched

Run = Callable[..., Watched]

PACKET = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF'
    b' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
    b' xmlns:dcterms="http://purl.org/dc/terms/"'
    b' dcterms:provenance="http://manifests.example/one.c2pa"/></rdf:RDF></x:xmpmeta>'
)
"""Says that the manifest lies on a server."""


@pytest.fixture(scope="module")
def works(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_artists(tmp_path_factory.mktemp("works"))


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The one folder that commands are told to write into."""
    return tmp_path_factory.mktemp("out")


@pytest.fixture(scope="module")
def run(guard: Guard, home: Path, out: Path) -> Run:
    """Run a command, and check where it reached."""

    def checked(*arguments: object, code: int = 0, **environment: object) -> Watched:
        root = Path(__file__).parents[2]
        more = {"RAKKAN_HOME": home, "PYTHONPATH": root, **environment}
        done = guard.run([*COMMAND, *arguments], cwd=out, environment=more)
        return check(done, guard, home, out, code)

    return checked


def check(done: Watched, guard: Guard, home: Path, out: Path, code: int = 0) -> Watched:
    assert done.returncode == code, done.stderr
    assert done.reached == ()
    assert done.outside(home, out, guard.temporary) == set()
    assert list(guard.user.rglob("*")) == []
    assert list(guard.temporary.rglob("*")) == []
    return done


@pytest.fixture(scope="module")
def index(run: Run, works: Path, out: Path) -> Path:
    run("creators", "enrol", "--each", works, "--index", out / "index")
    return out / "index"


@pytest.fixture(scope="module")
def image(works: Path) -> Path:
    return sorted(works.rglob("*.png"))[0]


def test_scan(run: Run, works: Path, index: Path, out: Path) -> None:
    run("scan", works, "--out", out / "scan", "--index", index)
    assert (out / "scan" / "report.html").is_file()


def test_score(run: Run, image: Path, index: Path) -> None:
    run("score", image, "--json")
    run("score", image, "--index", index)


def test_similar(run: Run, image: Path, index: Path) -> None:
    run("similar", image, "--json", "--index", index)


def test_creators(run: Run, index: Path) -> None:
    run("creators", "list", "--index", index)


def test_label(run: Run, image: Path, out: Path) -> None:
    run("label", image, "--as", "ai", "--out", out / "labelled.png")


def test_content_credentials_signed_and_elsewhere(run: Run, image: Path, out: Path) -> None:
    authority = make_authority()
    (out / "anchors.pem").write_text(authority.root)
    (out / "chain.pem").write_text(authority.chain)
    (out / "key.pem").write_text(authority.key)
    labelled = ("label", image, "--as", "ai", "--out", out / "signed.png")
    run(*labelled, "--sign-cert", out / "chain.pem", "--sign-key", out / "key.pem")
    done = run("score", out / "signed.png", RAKKAN_TRUST_ANCHORS=out / "anchors.pem")
    assert "C2PA" in done.stdout
    (out / "remote.png").write_bytes(with_xmp_packet(image.read_bytes(), PACKET))
    run("score", out / "remote.png")


def test_models(run: Run) -> None:
    run("models", "list")


TRAIN = """
import sys
from pathlib import Path
from serving.settings import keep_libraries_in

manifest, out, home = map(Path, sys.argv[1:])
keep_libraries_in(home)

from models import Precision, load_encoder, load_other_precisions
from training.detector.recipe import Recipe
from training.detector.train import train

encoder = load_encoder(home / "encoder", precision=Precision.INT8)
train(
    manifest,
    out,
    encoder=encoder,
    cache=home / "features",
    recipe=Recipe(folds=2, repeats=1, networks=1, hidden=8, epochs=5),
    others=load_other_precisions(home / "encoder", encoder),
)
"""
"""As `rakkan train` does it, by a recipe that takes less time."""


def test_train_and_evaluate(
    run: Run, guard: Guard, home: Path, small_manifest: Path, out: Path
) -> None:
    done = guard.python(TRAIN, small_manifest, out / "model", home, cwd=out, environment={})
    check(done, guard, home, out)
    run("models", "promote", out / "model")
    run(
        *("evaluate", small_manifest, "--split", "dev", "--tier", "clean", "--no-baselines"),
        *("--model", "model", "--out", out / "figures"),
        RAKKAN_PRECISION="int8",
    )
    assert (out / "figures" / "report.html").is_file()
