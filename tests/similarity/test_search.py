"""The whole search on drawn pictures, with the real encoder, heads, index and proof."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from evidence.similarity import CopyVerdict
from imaging import decode_for_view, global_view, sketch
from models import Kind, Precision, Registry, load_encoder
from models.artefact.registry import SHIPPED
from similarity.artefact import SimilarityArtefact
from similarity.errors import IndexDiffers
from similarity.gallery.creators import Creator
from similarity.gallery.folder import DiskGallery
from similarity.search import Similarity
from similarity.upload import Upload, Uploader
from tests.similarity.drawings import drawing
from tests.similarity.fakes import consent, enrol

WORKS = {"Ann": (0, 1, 2, 3), "Bob": (10, 11, 12, 13)}


def png(pixels):
    out = BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def painted(seed, **how):
    """A drawing in two colours of its own, a dark and a light one."""
    grey = drawing(seed, **how).astype(np.float32)[..., None] / 255
    rng = np.random.default_rng(seed)
    low, high = rng.integers(0, 90, 3), rng.integers(165, 256, 3)
    return (low * (1 - grey) + high * grey).astype(np.uint8)


def shipped(encoder):
    return SimilarityArtefact.load(Registry(SHIPPED).in_use(Kind.SIMILARITY, encoder))


class Studio:
    """What a command does with a file, in short."""

    def __init__(self, encoder, similarity):
        self.encoder = encoder
        self.similarity = similarity

    def seen(self, data):
        image = decode_for_view(data, self.encoder.size)
        features = self.encoder.encode(global_view(image, self.encoder.size)[None])
        return features, sketch(image), image.sha256

    def enrol(self, creator, seeds, **more):
        works = []
        for seed in seeds:
            features, drawn, sha256 = self.seen(png(painted(seed)))
            works.append(self.similarity.describer.new_work(f"{seed}.png", sha256, features, drawn))
        enrol(self.similarity.gallery, creator, consent(), works, **more)

    def search(self, pixels, **more):
        features, drawn, sha256 = self.seen(png(pixels))
        return self.similarity.search(features, drawn, sha256=sha256, **more)


@pytest.fixture(scope="module")
def studio(encoder_cache, tmp_path_factory):
    encoder = load_encoder(encoder_cache, precision=Precision.INT8)
    artefact = shipped(encoder.id)
    gallery = DiskGallery.open(
        tmp_path_factory.mktemp("index"), artefact.identity, artefact.measure, create=True
    )
    made = Studio(encoder, Similarity.of(artefact, gallery))
    made.enrol("Ann", WORKS["Ann"], accounts=("ann@here",), collaborators=("Bob",))
    made.enrol("Bob", WORKS["Bob"])
    return made


def first(found):
    return (found.copies[0].work, found.copies[0].creator) if found.copies else None


def half(pixels):
    return np.asarray(Image.fromarray(pixels).resize((pixels.shape[1] // 2, pixels.shape[0] // 2)))


def collage(seed, host):
    page = painted(host, width=480, height=360).copy()
    work = half(np.asarray(Image.fromarray(painted(seed)).resize((480, 360))))
    page[20 : 20 + 180, 230 : 230 + 240] = work
    return page


EDITS = {
    "jpeg": lambda p: p,
    "crop": lambda p: p[30:220, 50:290],
    "mirror": lambda p: p[:, ::-1],
    "half": half,
    "grey": lambda p: np.repeat(p.mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2),
    "turned": np.rot90,
}


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("seed", [1, 12])
def test_a_copy_is_found_and_proven(studio, edit, seed):
    pixels = np.ascontiguousarray(EDITS[edit](painted(seed)))
    out = BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=60)
    found = studio.search(np.asarray(Image.open(out)))
    assert first(found) == (f"{seed}.png", "Ann" if seed < 10 else "Bob")
    assert found.copies[0].verdict is CopyVerdict.COPY
    assert found.copies[0].mirrored == (edit == "mirror")
    assert found.copies[0].reason
    assert found.index == studio.similarity.name


def test_a_work_pasted_into_another_picture_is_found_where_it_is(studio):
    found = studio.search(collage(2, host=77))
    assert first(found) == ("2.png", "Ann")
    xs, ys = zip(*found.copies[0].in_upload, strict=True)
    assert min(xs) == pytest.approx(230 / 480, abs=0.06)
    assert max(ys) == pytest.approx(200 / 360, abs=0.06)


def test_the_very_file_is_a_copy_for_sure(studio):
    found = studio.search(painted(3))
    assert first(found) == ("3.png", "Ann")
    assert found.copies[0].score == 1
    assert "very file" in found.copies[0].reason.text


@pytest.mark.parametrize("seed", [200, 201, 202])
def test_another_picture_copies_nothing(studio, seed):
    assert studio.search(painted(seed)).copies == ()


def test_ones_own_works_do_not_count_and_friends_may_look_alike(studio):
    found = studio.search(painted(3), account="ann@here")
    assert "Ann" not in [one.creator for one in (*found.copies, *found.creators)]
    assert found.creators == ()  # Bob works with Ann.
    assert len(found.notes) == 2
    copied = studio.search(painted(11), account="ann@here")
    assert first(copied) == ("11.png", "Bob")  # A friend's work may not be copied all the same.


def test_what_is_withdrawn_is_not_found(studio, tmp_path):
    artefact = shipped(studio.encoder.id)
    gallery = DiskGallery.open(tmp_path, artefact.identity, artefact.measure, create=True)
    here = Studio(studio.encoder, Similarity.of(artefact, gallery))
    here.enrol("Cy", (30, 31))
    assert first(here.search(painted(30))) == ("30.png", "Cy")
    gallery.withdraw("Cy")
    found = here.search(painted(30))
    assert found.copies == ()
    assert found.creators == ()


def test_many_uploads_at_once_are_answered_as_one_after_the_other(studio):
    """Up to rounding: products of many rows are summed in another order."""
    pictures = [painted(1), painted(201), collage(2, host=77), np.rot90(painted(12)), painted(3)]
    uploads = []
    for number, pixels in enumerate(pictures):
        features, drawn, sha256 = studio.seen(png(pixels))
        account = "ann@here" if number == 4 else None
        uploads.append(Upload(features, drawn, sha256, account, too_plain=number == 3))
    found = studio.similarity.search_all(uploads)
    assert studio.similarity.search_all([]) == []
    for one, upload in zip(found, uploads, strict=True):
        (alone,) = studio.similarity.search_all([upload])
        assert one.copies == alone.copies
        assert one.notes == alone.notes
        assert [near.creator for near in one.creators] == [n.creator for n in alone.creators]
        for near, expected in zip(one.creators, alone.creators, strict=True):
            assert near.verdict == expected.verdict
            assert near.score == pytest.approx(expected.score, abs=1e-4)
            assert near.likeness == pytest.approx(expected.likeness, abs=1e-6)


def test_features_of_another_encoder_are_refused(studio):
    features, drawn, _ = studio.seen(png(painted(1)))
    other = type(features)(**{**vars(features), "encoder": "other"})
    with pytest.raises(IndexDiffers, match="other"):
        studio.similarity.search(other, drawn)


def test_collaboration_counts_whichever_side_told_it():
    def creator(name, accounts=(), friends=()):
        return Creator(name, consent(), accounts=accounts, collaborators=friends)

    creators = (
        creator("A", ("a",), ("B",)), creator("B"), creator("C", (), ("A",)), creator("D", ("d",)),
    )  # fmt: skip
    assert Uploader.of("a", creators) == Uploader(frozenset({"A"}), frozenset({"B", "C"}))
    assert Uploader.of("d", creators) == Uploader(frozenset({"D"}), frozenset())
    assert Uploader.of("?", creators) == Uploader()
    assert Uploader.of(None, creators) == Uploader()
