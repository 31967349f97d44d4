import json
import socket
import struct
import threading

import c2pa
import pytest

from detector.readers.c2pa import C2paReader, signal_of
from evidence.signals import Claim, EvidenceKind
from tests.credentials import (
    CAPTURE,
    COMPOSITE,
    CREATION,
    GENERATED,
    Authority,
    make_authority,
    sign,
)
from tests.detector.readers.making import opened, packet, picture

MIME_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "TIFF": "image/tiff",
    "AVIF": "image/avif",
    "HEIF": "image/heic",
}
MADE = {"action": "c2pa.created", "digitalSourceType": GENERATED, "softwareAgent": "GPT-4o"}
TAKEN = {"action": "c2pa.created", "digitalSourceType": CAPTURE}
PAINTED = {"action": "c2pa.created", "digitalSourceType": CREATION}
CROPPED = {"action": "c2pa.cropped"}
FILLED = {"action": "c2pa.edited", "digitalSourceType": COMPOSITE, "softwareAgent": "Adobe Firefly"}


@pytest.fixture(scope="module")
def authority() -> Authority:
    return make_authority()


@pytest.fixture(scope="module")
def other() -> Authority:
    return make_authority("Somebody Else Ltd")


@pytest.fixture(scope="module")
def trusting(authority) -> C2paReader:
    return C2paReader(authority.root)


def read(reader, data):
    (found,) = reader.read(*opened(data))
    assert found.text.isprintable()
    assert found.text.endswith(".")
    return found


def signed(authority, *actions, **options):
    return sign(picture(), "image/jpeg", authority, actions, **options)


@pytest.mark.parametrize("kind", MIME_TYPES)
def test_every_container(kind, authority, trusting):
    found = read(trusting, sign(picture(kind), MIME_TYPES[kind], authority, [MADE]))
    assert (found.kind, found.claim) == (EvidenceKind.PROVEN, Claim.AI_MADE)
    assert found.generator == "GPT Image"


def test_proven_is_what_the_trust_list_vouches_for(authority, other, trusting):
    data = signed(authority, MADE)
    proven = read(trusting, data)
    assert proven.kind is EvidenceKind.PROVEN
    assert proven.text == (
        "Content Credentials (C2PA), written by Some Painter and signed by Some Painter Ltd, "
        "whom the trust list vouches for, say it was made by a generative AI model: GPT Image."
    )
    untrusted = read(C2paReader(other.root), data)
    assert (untrusted.kind, untrusted.claim) == (EvidenceKind.STATED, Claim.AI_MADE)
    assert "who is not on the trust list" in untrusted.text
    nobody = read(C2paReader(), data)
    assert (nobody.kind, nobody.claim) == (EvidenceKind.STATED, Claim.AI_MADE)
    assert "none is set up" in nobody.text


@pytest.mark.parametrize(
    ("failures", "state", "kind", "claim", "words"),
    [
        ((), "Trusted", EvidenceKind.PROVEN, Claim.AI_MADE, "vouches for"),
        ((), "Valid", EvidenceKind.STATED, Claim.AI_MADE, "not on the trust list"),
        (("signingCredential.untrusted",), "Valid", EvidenceKind.STATED, Claim.AI_MADE, "not on"),
        (("signingCredential.expired",), "Invalid", EvidenceKind.STATED, Claim.AI_MADE, "expired"),
        (("signingCredential.revoked",), "Invalid", EvidenceKind.STATED, Claim.AI_MADE, "revoked"),
        (("signingCredential.expired",), "Trusted", EvidenceKind.STATED, Claim.AI_MADE, "expired"),
        (("claimSignature.mismatch",), "Invalid", EvidenceKind.STATED, Claim.AI_MADE, "broken"),
        (("assertion.missing",), "Trusted", EvidenceKind.STATED, Claim.AI_MADE, "broken"),
        (("something.new",), "Trusted", EvidenceKind.STATED, Claim.AI_MADE, "meet the standard"),
        (
            ("assertion.action.ingredientMismatch",),
            *("Invalid", EvidenceKind.STATED, Claim.AI_MADE, "meet the standard"),
        ),
    ],
)
def test_what_the_checks_make_of_it(failures, state, kind, claim, words):
    made = {"assertions": [{"label": "c2pa.actions", "data": {"actions": [MADE]}}]}
    store = {
        "active_manifest": "active",
        "manifests": {"active": made},
        "validation_state": state,
        "validation_results": {
            "activeManifest": {
                "success": [{"code": "claimSignature.validated"}],
                "failure": [{"code": one} for one in failures],
            }
        },
    }
    found = signal_of(store, trust_list=True)
    assert (found.kind, found.claim) == (kind, claim)
    assert words in found.text
    assert signal_of(store, trust_list=False).kind is EvidenceKind.STATED
    store["validation_results"]["activeManifest"]["success"] = []
    unsigned = signal_of(store, trust_list=True)
    assert (unsigned.kind, unsigned.reason.code) == (EvidenceKind.STATED, "c2pa_broken")


def test_the_same_name_on_another_certificate_is_not_trusted(authority, trusting):
    impostor = make_authority("Some Painter Ltd")
    assert read(trusting, signed(impostor, MADE)).kind is EvidenceKind.STATED


@pytest.mark.parametrize("place", ["pixels", "claim", "signature"])
def test_what_was_changed_after_signing_is_broken(place, authority, trusting):
    data = bytearray(signed(authority, MADE))
    at = {
        "pixels": len(data) - 100,
        "claim": data.index(b"GPT-4o"),
        "signature": data.index(b"c2pa.signature", data.index(b"c2cs")) + 200,
    }[place]
    data[at] ^= 1
    found = read(trusting, bytes(data))
    assert found.kind is EvidenceKind.STATED
    # That a generator made it is stated still, by whatever can be read.
    claims = {"c2pa_broken": Claim.AI_MADE, "c2pa_unreadable": Claim.NOTED}
    assert found.claim is claims[found.reason.code]


def test_a_broken_word_for_a_person_is_worth_nothing(authority, trusting):
    data = bytearray(signed(authority, TAKEN))
    data[-100] ^= 1
    found = read(trusting, bytes(data))
    assert (found.claim, found.reason.code) == (Claim.NOTED, "c2pa_broken")


def test_credentials_moved_to_another_image_are_broken(authority, trusting):
    plain, data = picture("PNG"), sign(picture("PNG"), "image/png", authority, [TAKEN])
    chunk = data.index(b"caBX") - 4
    length = 12 + int.from_bytes(data[chunk : chunk + 4], "big")
    other_image = picture("PNG", compress_level=0)
    moved = other_image[:33] + data[chunk : chunk + length] + other_image[33:]
    assert read(trusting, data).kind is EvidenceKind.PROVEN
    assert read(trusting, moved).claim is Claim.NOTED
    assert trusting.read(*opened(plain)) == ()


def test_a_camera_proves_what_it_took_and_a_painting_program_nothing(authority, trusting):
    camera = read(trusting, signed(authority, TAKEN, generator="Camera"))
    assert (camera.kind, camera.claim) == (EvidenceKind.PROVEN, Claim.HUMAN_MADE)
    painter = read(trusting, signed(authority, PAINTED))
    assert (painter.kind, painter.claim) == (EvidenceKind.STATED, Claim.HUMAN_MADE)


def test_an_edit_by_a_generator_is_no_generated_image(authority, trusting):
    found = read(trusting, signed(authority, TAKEN, FILLED))
    assert (found.kind, found.claim) == (EvidenceKind.PROVEN, Claim.AI_EDITED)
    assert found.generator == "Adobe Firefly"


PARENT, PART = {"relationship": "parentOf"}, {"relationship": "componentOf"}
OPENED = {"action": "c2pa.opened", "parameters": {"ingredientIds": ["one"]}}
PLACED = {"action": "c2pa.placed", "parameters": {"ingredientIds": ["one"]}}


def ingredient(relationship, data):
    return {**relationship, "title": "one", "instance_id": "one"}, "image/jpeg", data


@pytest.mark.parametrize(
    ("before", "claim"),
    [
        ((MADE,), Claim.AI_MADE),
        ((TAKEN, FILLED), Claim.AI_EDITED),
        ((TAKEN,), Claim.HUMAN_MADE),
        (None, Claim.NOTED),
    ],
)
def test_an_opened_image_keeps_its_history(before, claim, authority, trusting):
    parent = picture() if before is None else signed(authority, *before)
    data = signed(authority, OPENED, CROPPED, ingredients=[ingredient(PARENT, parent)])
    found = read(trusting, data)
    assert found.claim is claim
    assert found.kind is EvidenceKind.STATED or claim is not Claim.HUMAN_MADE
    assert ("edited since" in found.text) == (claim is Claim.AI_MADE)


@pytest.mark.parametrize(
    ("part", "claim"),
    [((MADE,), Claim.AI_EDITED), ((PAINTED,), Claim.HUMAN_MADE), (None, Claim.NOTED)],
)
def test_an_image_with_others_placed_in_it(part, claim, authority, trusting):
    placed = picture() if part is None else signed(authority, *part)
    data = signed(authority, TAKEN, PLACED, ingredients=[ingredient(PART, placed)])
    found = read(trusting, data)
    assert found.claim is claim
    assert found.kind is EvidenceKind.STATED or claim is not Claim.HUMAN_MADE


def test_a_trusted_signer_does_not_prove_what_it_quotes_unproven(authority, other, trusting):
    quoted = signed(other, MADE)
    data = signed(authority, OPENED, ingredients=[ingredient(PARENT, quoted)])
    found = read(trusting, data)
    assert (found.kind, found.claim) == (EvidenceKind.STATED, Claim.AI_MADE)


def test_a_parent_is_not_hidden_by_a_claim_of_creation(authority, trusting):
    generated = signed(authority, MADE)
    data = signed(authority, TAKEN, OPENED, ingredients=[ingredient(PARENT, generated)])
    assert read(trusting, data).claim in (Claim.AI_MADE, Claim.NOTED)


def test_a_changed_history_is_broken(authority, trusting):
    parent = signed(authority, MADE)
    data = signed(authority, OPENED, ingredients=[ingredient(PARENT, parent)])
    changed = read(trusting, data.replace(b"GPT-4o", b"GPT-5o"))
    assert (changed.kind, changed.claim) == (EvidenceKind.STATED, Claim.AI_MADE)
    assert changed.reason.code == "c2pa_broken"
    parent = parent.replace(b"GPT-4o", b"GPT-5o")
    data = signed(authority, OPENED, ingredients=[ingredient(PARENT, parent)])
    found = read(trusting, data)
    assert (found.kind, found.claim) == (EvidenceKind.STATED, Claim.AI_MADE)
    parent = bytearray(signed(authority, TAKEN))
    parent[-100] ^= 1
    data = signed(authority, OPENED, ingredients=[ingredient(PARENT, bytes(parent))])
    assert read(trusting, data).claim is Claim.NOTED


EDIT = {"action": "c2pa.edited"}
OF_EDITS = {"action": "c2pa.edited", "digitalSourceType": COMPOSITE}


@pytest.mark.parametrize(
    ("actions", "data", "assertions"),
    [
        (
            [TAKEN, EDIT],
            {"templates": [{"action": "c2pa.edited", "digitalSourceType": COMPOSITE}]},
            (),
        ),
        ([TAKEN, EDIT], {"templates": [{"action": "*", "digitalSourceType": COMPOSITE}]}, ()),
        ([TAKEN, {**EDIT, "parameters": {"com.adobe.digitalSourceType": COMPOSITE}}], {}, ()),
        ([TAKEN, {**EDIT, "softwareAgent": {"name": "Adobe Firefly"}}], {}, ()),
        (
            [TAKEN, {**EDIT, "softwareAgentIndex": 0}],
            {"softwareAgents": [{"name": "Generative Fill"}]},
            (),
        ),
        ([TAKEN], {}, [{"label": "com.adobe.generative-ai", "data": {"version": "1.0.0"}}]),
        (
            [TAKEN],
            {},
            [{"label": "stds.iptc", "data": {"Iptc4xmpExt:DigitalSourceType": COMPOSITE}}],
        ),
    ],
    ids=["template", "all", "parameter", "agent", "agent by index", "assertion", "metadata"],
)
def test_an_edit_by_a_generator_wherever_it_is_recorded(
    actions, data, assertions, authority, trusting
):
    found = read(trusting, signed(authority, *actions, data_of_actions=data, assertions=assertions))
    assert (found.kind, found.claim) == (EvidenceKind.PROVEN, Claim.AI_EDITED)


@pytest.mark.parametrize(
    ("actions", "assertions"),
    [
        ([TAKEN, {"action": "com.example.dreamt"}], ()),
        ([TAKEN, {"action": "c2pa.unknown"}], ()),
        ([TAKEN, {**EDIT, "digitalSourceType": "http://example.com/somethingNew"}], ()),
        ([TAKEN], [{"label": "com.example.process", "data": {"kind": "x"}}]),
    ],
    ids=["action", "unknown", "source type", "assertion"],
)
def test_what_is_not_understood_proves_nobodys_hand(actions, assertions, authority, trusting):
    found = read(trusting, signed(authority, *actions, assertions=assertions))
    assert (found.kind, found.claim) == (EvidenceKind.PROVEN, Claim.UNCLEAR)
    assert "not understood" in found.text


def test_a_generated_picture_that_was_opened(authority, trusting):
    parameters = {
        "ingredientIds": ["one"],
        "com.adobe.digitalSourceType": GENERATED,
        "com.adobe.details": "imagen-3.0-generate-002",
    }
    opened = {"action": "c2pa.opened", "parameters": parameters}
    data = signed(authority, opened, ingredients=[ingredient(PARENT, picture())])
    found = read(trusting, data)
    assert (found.kind, found.claim) == (EvidenceKind.PROVEN, Claim.AI_MADE)
    assert found.generator == "Google AI"


def test_the_generator_by_its_place_in_the_list_of_agents(authority, trusting):
    made = {**MADE, "softwareAgentIndex": 0}
    del made["softwareAgent"]
    found = read(
        trusting,
        signed(authority, made, data_of_actions={"softwareAgents": [{"name": "Google Imagen 4"}]}),
    )
    assert found.generator == "Google AI"


def test_a_manifest_around_that_of_the_picture_itself(authority, other, trusting):
    converted = {"action": "c2pa.converted"}
    inner = signed(authority, MADE, converted)
    handed_out = sign(picture(), "image/jpeg", authority, (), ingredients=[ingredient(PART, inner)])
    found = read(trusting, handed_out)
    assert found.claim is Claim.AI_MADE
    assert "edited" not in found.text
    # Somebody else's picture in it, or more than it, is a part.
    for more in ([ingredient(PART, signed(other, MADE))], [ingredient(PART, inner)] * 2):
        data = sign(picture(), "image/jpeg", authority, (), ingredients=more)
        assert read(trusting, data).claim is Claim.AI_EDITED


def test_credentials_that_say_nothing_of_the_making(authority, trusting):
    found = read(trusting, signed(authority, CROPPED))
    assert found.claim is Claim.NOTED
    assert "nothing of how it was made" in found.text


def test_a_remote_manifest_is_noted_and_not_fetched(authority):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/manifest.c2pa"
        data = signed(authority, MADE, remote_url=url)
        found = read(C2paReader(), data)
        assert found.claim is Claim.NOTED
        assert f"not fetched: {url}" in found.text
        mixed = data + c2pa_marker()  # so that the library gets to see it, too
        assert C2paReader().read(*opened(mixed))[0].claim is Claim.NOTED
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.parametrize("kind", MIME_TYPES)
def test_a_remote_manifest_is_noted_in_every_container(kind, authority):
    url = "https://example.com/manifest.c2pa"
    data = sign(picture(kind), MIME_TYPES[kind], authority, [MADE], remote_url=url)
    assert f"not fetched: {url}" in read(C2paReader(), data).text


def c2pa_marker() -> bytes:
    return bytes.fromhex("63327061001100108000 00aa00389b71")


def test_xmp_with_another_provenance_says_nothing():
    assert C2paReader().read(*opened(picture(xmp=packet('dcterms:provenance="a cellar"')))) == ()


def nested(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + kind + body


@pytest.mark.parametrize("depth", [10, 1000, 100_000])
def test_boxes_in_boxes(depth, trusting):
    name = nested(b"jumd", c2pa_marker() + b"\x03c2pa\0")
    unit = 8 + len(name)
    store = b"".join(struct.pack(">I", unit * (depth - at)) + b"jumb" + name for at in range(depth))
    plain = picture("PNG")
    data = plain[:33] + struct.pack(">I", len(store)) + b"caBX" + store + bytes(4) + plain[33:]
    assert read(trusting, data).claim is Claim.NOTED


@pytest.mark.parametrize("anchors", ["", "garbage", "-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_a_trust_list_without_certificates_is_refused(anchors):
    with pytest.raises(ValueError, match="trust anchors"):
        C2paReader(anchors)


def test_one_reader_serves_many_threads(authority, trusting):
    file = opened(signed(authority, MADE))
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(trusting.read(*file))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_plain_files_say_nothing():
    assert C2paReader().read(*opened(picture())) == ()
    assert C2paReader().read(*opened(picture("BMP"))) == ()


def test_real_files(data_dir):
    for path in sorted((data_dir / "files" / "ai" / "daily-poetry-image").iterdir()):
        found = read(C2paReader(), path.read_bytes())
        assert (found.kind, found.claim) == (EvidenceKind.STATED, Claim.AI_MADE)
        assert found.generator == "DALL-E 3 (Bing Image Creator)"
        assert "Microsoft" in found.text


def test_the_library_speaks_the_json_that_is_read(authority):
    """The fields that `c2pa_history` relies on."""
    from io import BytesIO

    data = signed(authority, OPENED, ingredients=[ingredient(PARENT, signed(authority, MADE))])
    with c2pa.Reader("image/jpeg", BytesIO(data)) as reader:
        store = json.loads(reader.json())
    active = store["manifests"][store["active_manifest"]]
    assert active["signature_info"]["issuer"] == "Some Painter Ltd"
    assert active["ingredients"][0]["active_manifest"] in store["manifests"]
    assert active["ingredients"][0]["relationship"] == "parentOf"
    assert store["validation_state"] == "Valid"
