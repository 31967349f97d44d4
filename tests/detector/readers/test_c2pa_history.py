import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from detector.readers.c2pa_history import history
from detector.readers.c2pa_manifest import broken_by, signer
from evidence.signals import Claim

CV = "http://cv.iptc.org/newscodes/digitalsourcetype/"


def manifest(*actions, ingredients=(), label="c2pa.actions", **more):
    return {
        "assertions": [{"label": label, "data": {"actions": list(actions)}}],
        "ingredients": list(ingredients),
        **more,
    }


def store(active, **others):
    return {"active_manifest": "active", "manifests": {"active": active, **others}}


def created(code=None, **more):
    return {"action": "c2pa.created", **({"digitalSourceType": CV + code} if code else {}), **more}


def ingredient(label, relationship="parentOf", failures=()):
    return {
        "relationship": relationship,
        "active_manifest": label,
        "validation_results": {"activeManifest": {"failure": list(failures)}},
    }


@pytest.mark.parametrize("label", ["c2pa.actions", "c2pa.actions.v2", "c2pa.actions__1"])
def test_either_version_of_the_actions(label):
    found = history(store(manifest(created("trainedAlgorithmicMedia"), label=label)))
    assert found.claim is Claim.AI_MADE


@pytest.mark.parametrize(
    ("manifest", "generator"),
    [
        (manifest(created(softwareAgent="Bing Image Creator")), "DALL-E 3 (Bing Image Creator)"),
        (manifest(created(softwareAgent={"name": "DALL·E"})), "DALL-E"),
        (manifest(created(description="AI Generated Image")), None),
    ],
)
def test_early_manifests_without_a_source_type(manifest, generator):
    found = history(store(manifest))
    assert (found.claim, found.generator) == (Claim.AI_MADE, generator)


@pytest.mark.parametrize(
    ("names", "generator"),
    [
        ({"claim_generator_info": [{"name": "ChatGPT"}]}, "ChatGPT"),
        ({"claim_generator": "Adobe_Firefly/1.0"}, "Adobe Firefly"),
        ({"signature_info": {"issuer": "Black Forest Labs"}}, "FLUX"),
        ({"signature_info": {"issuer": "Google LLC"}}, "Google AI"),
        (
            {
                "claim_generator_info": [{"name": "Google C2PA Core Generator Library"}],
                "signature_info": {"issuer": "Google LLC"},
            },
            "Google AI",
        ),
        ({"signature_info": {"issuer": "New Thing Ltd"}}, "New Thing Ltd"),
        ({}, None),
    ],
)
def test_the_generator_is_named_by_what_is_there(names, generator):
    found = history(store(manifest(created("trainedAlgorithmicMedia"), **names)))
    assert found.generator == generator


def test_a_camera_is_no_generator():
    found = history(store(manifest(created("digitalCapture"), claim_generator="Google Pixel")))
    assert (found.claim, found.generator, found.captured) == (Claim.HUMAN_MADE, None, True)


def test_metadata_speak_where_no_action_does():
    data = {"Iptc4xmpExt:DigitalSourceType": CV + "trainedAlgorithmicMedia"}
    found = history(store({"assertions": [{"label": "cawg.metadata", "data": data}]}))
    assert found.claim is Claim.AI_MADE


def test_an_update_keeps_the_history_over_many_steps():
    chain = {f"m{n}": manifest(ingredients=[ingredient(f"m{n + 1}")]) for n in range(5)}
    chain["m5"] = manifest(created("trainedAlgorithmicMedia"))
    found = history(store(manifest(ingredients=[ingredient("m0")]), **chain))
    assert (found.claim, found.since, found.vouched) == (Claim.AI_MADE, True, True)


def test_a_failure_on_the_way_is_remembered():
    bad = ingredient("made", failures=[{"code": "signingCredential.untrusted"}])
    made = manifest(created("trainedAlgorithmicMedia"))
    found = history(store(manifest(ingredients=[bad]), made=made))
    assert (found.claim, found.vouched) == (Claim.AI_MADE, False)


def test_manifests_that_quote_themselves_end():
    loop = manifest(ingredients=[ingredient("active"), ingredient("active", "componentOf")])
    assert history(store(loop)).claim is Claim.NOTED
    chain = {f"m{n}": manifest(ingredients=[ingredient(f"m{n + 1}")] * 50) for n in range(50)}
    assert history(store(manifest(ingredients=[ingredient("m0")]), **chain)).claim is Claim.NOTED


def test_a_store_without_measure_is_read_in_part():
    agents = [{"action": "c2pa.edited", "softwareAgent": f"{n} " * 100} for n in range(3000)]
    many = {f"m{n}": manifest(*agents) for n in range(3000)}
    parts = [ingredient(label, "componentOf") for label in many]
    assert history(store(manifest(*agents, ingredients=parts), **many)).claim is Claim.NOTED


def test_a_reference_given_to_a_generator_is_no_part():
    made = manifest(created("trainedAlgorithmicMedia"), ingredients=[ingredient("x", "inputTo")])
    assert history(store(made)).claim is Claim.AI_MADE


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=20), inner),
    max_leaves=20,
)
KEYS = st.sampled_from(
    [
        *("active_manifest", "manifests", "assertions", "label", "data", "actions", "action"),
        *("softwareAgent", "name", "digitalSourceType", "description", "ingredients", "code"),
        *("relationship", "validation_results", "activeManifest", "failure", "signature_info"),
        *("issuer", "claim_generator", "claim_generator_info"),
    ]
)
STORES = st.recursive(
    st.none() | st.sampled_from(["active", "c2pa.actions", "c2pa.created", "parentOf", CV, "x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=60,
)


@given(JSON, STORES)
@example(None, {"ingredients": [{"relationship": ["parentOf"]}]})
def test_any_json(anything, likely):
    for active in (anything, likely):
        for made in (store(active), {"active_manifest": active, "manifests": active}):
            history(made)
            broken_by(made)
        if isinstance(active, dict):
            signer(active)
            history(active)
