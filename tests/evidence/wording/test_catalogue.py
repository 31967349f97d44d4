import ast
import json
from dataclasses import replace
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from evidence import (
    Claim,
    CopyVerdict,
    CreatorVerdict,
    EvidenceKind,
    Reason,
    Signal,
    Verdict,
    reason,
)
from evidence.wording.ai import statement
from evidence.wording.catalogue import ENGLISH, languages, say, translated
from evidence.wording.filling import fill, names
from evidence.wording.similarity import headline, rarity
from evidence.wording.templates import TEMPLATES
from evidence.wording.update import catalogues, compiled, renewed, written
from tests.evidence.wording.test_similarity import CLOSE, evidence

CODES = Path(__file__).parent / "codes.json"
ROOT = Path(__file__).parents[3]
PACKAGES = ("cli", "detector", "evidence", "imaging", "pages", "scan", "serving", "similarity")


def test_no_code_vanishes() -> None:
    """Documents that are kept name codes: they are added to the list, and never taken from it."""
    kept = json.loads(CODES.read_text("utf-8"))
    assert len(kept) == len(set(kept))
    assert set(kept) <= set(TEMPLATES), "a code vanished"
    assert set(TEMPLATES) <= set(kept), "add the new codes to tests/evidence/wording/codes.json"


def test_every_code_that_is_written_out_has_a_template() -> None:
    found = set()
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Name)
                    and node.func.id in ("reason", "say")
                    and node.args
                    and isinstance(node.args[0], ast.Constant)
                ):
                    found.add(node.args[0].value)
    assert len(found) > 50
    assert found <= set(TEMPLATES)


def test_every_member_of_an_enumeration_has_its_words() -> None:
    codes = {f"copy_word_{one}" for one in CopyVerdict} | {
        f"found_copy_{one}" for one in CopyVerdict
    }
    codes |= {f"creator_word_{one}" for one in CreatorVerdict}
    codes |= {f"found_creator_{one}" for one in CreatorVerdict if one is not CreatorVerdict.NONE}
    codes |= {f"kind_{one}" for one in EvidenceKind} | {f"caution_{one}" for one in EvidenceKind}
    codes |= {f"statement_{one}" for one in Claim}
    codes |= {f"answer_{one}_inferred" for one in Verdict}
    assert codes <= set(TEMPLATES)


def test_codes_are_names_and_templates_have_balanced_parts() -> None:
    for code, template in TEMPLATES.items():
        assert code.isidentifier(), code
        assert template.count("[") == template.count("]"), code
        assert template.count("{") == template.count("}") == len(names_in_order(template)), code


def names_in_order(template: str) -> list[str]:
    return [part.split("}")[0] for part in template.split("{")[1:]]


@pytest.mark.parametrize("po", catalogues(), ids=lambda po: po.parent.parent.name)
def test_a_translation_is_whole_and_compiled(po: Path) -> None:
    renew = "run `python -m evidence.wording.update`"
    with po.open("rb") as file:
        catalogue = read_po(file)
    messages = {message.context: message for message in catalogue if message.id}
    assert list(messages) == list(TEMPLATES), renew
    for code, message in messages.items():
        assert message.id == TEMPLATES[code], renew
        assert message.string, f"{code} is not translated"
        assert names(message.string) == names(message.id), code
        for sign in "[]|":
            assert message.string.count(sign) <= message.id.count(sign), code
    assert po.read_bytes() == written(renewed(po)), renew
    assert po.with_suffix(".mo").read_bytes() == compiled(renewed(po)), renew


def test_there_are_english_and_japanese() -> None:
    assert languages() == ("en", "ja")


def test_japanese() -> None:
    why = reason("pixels_below", share=0.051, n=703, low=0.036, high=0.07)
    assert "5.1 % of 703 AI pictures" in why.text
    told = translated(why, "ja")
    assert "703点のうち5.1%" in told
    assert "3.6～7.0%" in told
    assert translated(why, "ja_JP") == told
    assert translated(why, ENGLISH) == translated(why, "tlh") == why.text
    made = reason("parameters", tool="ComfyUI", process="process_image", strength=0.4)
    signal = Signal(
        reader="x", kind=EvidenceKind.STATED, claim=Claim.AI_EDITED, reason=made, generator="X"
    )
    assert statement(signal, "ja") == (
        "記載・AIが編集：ComfyUIの生成パラメータがファイルに記録されています："
        "別の画像を強度0.40（最大1）で描き直し。"
    )
    assert headline(evidence(), "ja") == (
        "登録作品の複製は見つかりませんでした。画風はどの登録作家にも近くありません。"
    )
    assert (
        rarity(replace(CLOSE, p_value=0.001), "ja")
        == "これより近いのは、他の人の作品1,000点に1点だけ"
    )


@pytest.mark.parametrize(
    "odd",
    [
        Reason("unheard_of", "A sentence."),
        Reason("pixels_above", "A sentence."),
        Reason("pixels_above", "A sentence.", (("share", "x"), ("n", 1), ("low", 0), ("high", 1))),
        Reason("c2pa_broken", "A sentence.", (("said", "c2pa_broken"),)),
        Reason("say", "A sentence.", (("language", "x"), ("code", "y"))),
    ],
)
def test_what_cannot_be_said_in_another_language_stays_as_it_was_said(odd: Reason) -> None:
    assert translated(odd, "ja") == "A sentence."


@given(st.dictionaries(st.sampled_from(["a", "b"]), st.text()))
def test_values_are_never_taken_for_templates(values: dict[str, str]) -> None:
    templates = {"x": "[{a}|nobody] and[ {b}] {c:phrase}", "y": "so"}
    told = fill("x", {**values, "c": "y"}, templates.__getitem__)
    expected = values.get("a", "nobody") + " and" + (f" {values['b']}" if "b" in values else "")
    assert told == f"{expected} so"


def test_what_a_template_needs_must_be_given() -> None:
    with pytest.raises(KeyError):
        say("photo")
    with pytest.raises(KeyError):
        reason("unheard_of")
    assert say("camera", device="X-1", lens=None) == (
        "EXIF names a camera, X-1; anyone can write that."
    )
