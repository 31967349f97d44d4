import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.files import published
from models import DetectorArtefact
from models.artefact.detector import HEAD, PATCHES
from models.artefact.registry import SHIPPED
from models.artefact.writing import seal
from models.encoder.spec import SPEC
from models.patch_head import PatchHead
from tests.cli.running import rakkan
from tests.scan.making import picture, write_folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, encoder_cache: Path) -> Path:
    """A data folder with two models of the float encoder: `warm` has a patch head, `bare` none."""
    home = tmp_path_factory.mktemp("home")
    (home / "encoder").symlink_to(encoder_cache)
    shipped = DetectorArtefact.load(SHIPPED / "linear-v1-float")
    for name in ("warm", "bare"):
        with published(home / "models" / name) as folder:
            shutil.copy(shipped.path(HEAD), folder)
            if name == "warm":
                weight = np.random.default_rng(0).normal(size=SPEC.width).astype(np.float32)
                PatchHead(weight, bias=0.0).save(folder / PATCHES)
            seal(folder, shipped.manifest.model_copy(update={"name": name}))
    return home


@pytest.fixture
def image(tmp_path: Path) -> Path:
    write_folder(tmp_path, {"a.png": picture(4, side=300)})
    return tmp_path / "a.png"


def test_the_heat_map_is_drawn_and_named(home: Path, image: Path) -> None:
    out = image.with_name("heat.png")
    asked = ("score", image, "--model", "warm", "--heat-map", out)
    done = rakkan(*asked, home=home, RAKKAN_PRECISION="fp32")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == f"Heat map {out}"
    with Image.open(out) as drawn:
        assert drawn.format == "PNG"
        assert drawn.width == 2 * 448 + 3 * 16
    first = out.read_bytes()
    done = rakkan(*asked, "--json", home=home, RAKKAN_PRECISION="fp32")
    assert json.loads(done.stdout)["heat_map"] == str(out)
    assert out.read_bytes() == first


def test_a_model_without_a_patch_head_is_one_plain_line(home: Path, image: Path) -> None:
    out = image.with_name("heat.png")
    asked = ("score", image, "--model", "bare", "--heat-map", out)
    done = rakkan(*asked, home=home, RAKKAN_PRECISION="fp32")
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("rakkan: the model bare has no heat map")
    assert not out.exists()


def test_a_folder_that_is_not_there_is_told_before_any_work(home: Path, image: Path) -> None:
    out = image.with_name("absent") / "heat.png"
    done = rakkan("score", image, "--model", "warm", "--heat-map", out, home=home)
    assert (done.returncode, done.stdout) == (2, "")
    assert "does not exist" in done.stderr


def test_it_is_a_png_and_never_replaces_the_image(home: Path, image: Path) -> None:
    before = image.read_bytes()
    for out in (image, image.with_name("heat.jpg")):
        done = rakkan("score", image, "--model", "warm", "--heat-map", out, home=home)
        assert (done.returncode, done.stdout) == (2, "")
    assert image.read_bytes() == before
    assert not image.with_name("heat.jpg").exists()
