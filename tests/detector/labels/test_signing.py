import json
from io import BytesIO

import c2pa
import numpy as np
import pytest

from detector.errors import SigningFailed
from detector.labels.label import TERMS, label
from detector.labels.signing import Algorithm, SigningKey, sign_label
from detector.readers.c2pa import C2paReader
from detector.vocabularies import SOURCE_TYPE
from evidence import Verdict
from evidence.signals import Claim, EvidenceKind
from imaging import decode
from imaging.metadata.xmp_packet import has_content_credentials, xmp_packets
from tests.credentials import GENERATED, Authority, make_authority, sign
from tests.detector.readers.making import exif, opened, picture


@pytest.fixture(scope="module")
def authority() -> Authority:
    return make_authority("Some Platform")


@pytest.fixture(scope="module")
def key(authority: Authority) -> SigningKey:
    return SigningKey(authority.chain.encode(), authority.key.encode())


def signed(data: bytes, verdict: Verdict, key: SigningKey) -> bytes:
    labelled = label(data, verdict, operator="pixiv").data
    return sign_label(data, labelled, verdict, operator="pixiv", key=key)


def store(data: bytes, kind: str) -> dict:
    with c2pa.Reader(f"image/{kind.lower()}", BytesIO(data)) as reader:
        return json.loads(reader.json())


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_signed_label_is_whole(kind: str, authority: Authority, key: SigningKey) -> None:
    data = picture(kind, exif=exif({0x0131: "Painter 7"}))
    labelled = label(data, Verdict.AI, operator="pixiv").data
    written = signed(data, Verdict.AI, key)
    assert has_content_credentials(written)
    assert xmp_packets(written) == xmp_packets(labelled)
    assert np.array_equal(decode(written).pixels, decode(data).pixels)
    assert decode(written).metadata.exif == decode(data).metadata.exif


@pytest.mark.parametrize("trusted", [True, False])
def test_a_label_is_no_proof_and_its_signer_no_generator(
    authority: Authority, key: SigningKey, trusted: bool
) -> None:
    """Not even where an operator trusts the certificate that signs the platform's own labels."""
    reader = C2paReader(authority.root if trusted else None)
    (signal,) = reader.read(*opened(signed(picture(), Verdict.AI, key)))
    assert (signal.kind, signal.claim) == (EvidenceKind.STATED, Claim.NOTED)
    assert signal.generator is None
    assert "written by Rakkan and signed by Some Platform" in signal.text


def test_a_label_leaves_the_word_of_what_it_was_put_on(key: SigningKey) -> None:
    generator = make_authority("Adobe")
    created = {"action": "c2pa.created", "digitalSourceType": GENERATED}
    made = sign(picture(), "image/jpeg", generator, [created], generator="Adobe_Firefly")
    for verdict in Verdict:
        (signal,) = C2paReader().read(*opened(signed(made, verdict, key)))
        assert (signal.claim, signal.generator) == (Claim.AI_MADE, "Adobe Firefly")


def test_it_says_who_did_what(key: SigningKey) -> None:
    written = store(signed(picture(), Verdict.HUMAN, key), "JPEG")
    manifest = written["manifests"][written["active_manifest"]]
    assert manifest["claim_generator_info"][0]["name"] == "Rakkan"
    by_label = {one["label"]: one["data"] for one in manifest["assertions"]}
    actions = by_label["c2pa.actions.v2"]["actions"]
    assert [one["action"] for one in actions] == ["c2pa.opened", "c2pa.edited.metadata"]
    assert actions[1]["description"] == "Labelled human by pixiv"
    term = f"{SOURCE_TYPE.prefix}:{SOURCE_TYPE.name}"
    assert by_label["c2pa.metadata"][term] == TERMS[Verdict.HUMAN]
    assert [one["relationship"] for one in manifest["ingredients"]] == ["parentOf"]
    assert "thumbnail" not in manifest


def test_not_knowing_states_no_source_type(key: SigningKey) -> None:
    written = store(signed(picture(), Verdict.INCONCLUSIVE, key), "JPEG")
    manifest = written["manifests"][written["active_manifest"]]
    assert "c2pa.metadata" not in {one["label"] for one in manifest["assertions"]}


def test_an_older_signature_is_kept_within_the_new_one(key: SigningKey) -> None:
    first = signed(picture(), Verdict.AI, key)
    second = signed(first, Verdict.HUMAN, key)
    before, after = store(first, "JPEG"), store(second, "JPEG")
    assert after["validation_state"] == "Valid"
    assert before["active_manifest"] in after["manifests"]
    manifest = after["manifests"][after["active_manifest"]]
    (ingredient,) = manifest["ingredients"]
    assert ingredient["active_manifest"] == before["active_manifest"]
    failures = ingredient["validation_results"]["activeManifest"]["failure"]
    assert {one["code"] for one in failures} <= {"signingCredential.untrusted"}


def test_a_key_that_does_not_serve(authority: Authority) -> None:
    chain, private = authority.chain.encode(), authority.key.encode()
    other = make_authority("Another").key.encode()
    for key in (
        SigningKey(chain, b"nonsense"),
        SigningKey(b"nonsense", private),
        SigningKey(chain, private, Algorithm.PS256),
        SigningKey(chain, other),
    ):
        with pytest.raises(SigningFailed, match="cannot be signed"):
            signed(picture(), Verdict.AI, key)


def test_a_key_is_never_shown(key: SigningKey) -> None:
    assert "PRIVATE" not in repr(key)
