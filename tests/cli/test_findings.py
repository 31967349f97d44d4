import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.running import Done, rakkan, run_here
from tests.credentials import CAPTURE, GENERATED, make_authority, sign
from tests.detector.readers.making import packet, picture, png

pytestmark = pytest.mark.usefixtures("encoder_cache")

Run = Callable[..., Done]

PARAMETERS = {
    "parameters": "a fox by Ada Lovelace\nNegative prompt: bad\n"
    "Steps: 20, Sampler: Euler, Seed: 7, Model: sd_xl_base_1.0"
}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return lambda *arguments: run_here(capsys, "score", *arguments)


@pytest.fixture
def generated(tmp_path: Path) -> Path:
    file = tmp_path / "a.png"
    file.write_bytes(png(PARAMETERS))
    return file


def test_a_statement_decides_and_is_told_in_full(run: Run, generated: Path) -> None:
    done = run(generated, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    ai = json.loads(done.stdout)["ai"]
    assert (ai["verdict"], ai["evidence"]) == ("ai", "stated")
    assert ai["generator"] == "Stable Diffusion XL"
    assert 0.99 <= ai["probability"] < 1
    stated, pixels = ai["signals"]
    assert stated["claim"] == "ai_made"
    assert stated["model"] == "sd_xl_base_1.0"
    assert stated["prompt"] == "a fox by Ada Lovelace"
    assert stated["seed"] == "7"
    assert stated["artists"] == ["Ada Lovelace"]
    assert stated["code"] == ai["reasons"][0]["code"] == "parameters"
    assert stated["text"] == ai["reasons"][0]["text"]
    assert pixels["name"] == "pixels"
    assert pixels["evidence"] == "inferred"


def test_a_person_reads_what_each_finding_is_worth(run: Run, generated: Path) -> None:
    done = run(generated, "--declared", "human")
    assert (done.returncode, done.stderr) == (0, "")
    told = " ".join(done.stdout.split())
    for words in (
        "Verdict: ai. The file itself says that an AI made it.",
        "Generator: Stable Diffusion XL",
        "Stated, an AI made it:",
        "Prompt: a fox by Ada Lovelace",
        "Declared: The uploader declares that no AI was used.",
        "What does not fit together:",
        "strong, and not a proof",
        "SynthID",
    ):
        assert words in told, words


@pytest.mark.parametrize(("declared", "kind"), [("ai", "declared"), ("human", "inferred")])
def test_a_declaration(run: Run, tmp_path: Path, declared: str, kind: str) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(png())
    done = run(file, "--declared", declared, "--json")
    ai = json.loads(done.stdout)["ai"]
    assert ai["evidence"] == kind
    assert ai["signals"][0]["name"] == "declaration"


def test_a_signature_proves_only_what_the_operator_trusts(
    run: Run, tmp_path: Path, rakkan_home: Path
) -> None:
    authority = make_authority("Some Camera")
    (tmp_path / "root.pem").write_text(authority.root)
    captured = [{"action": "c2pa.created", "digitalSourceType": CAPTURE}]
    (tmp_path / "a.jpg").write_bytes(sign(picture(), "image/jpeg", authority, captured))
    trusting = {"RAKKAN_TRUST_ANCHORS": str(tmp_path / "root.pem")}
    by_option = ("--trust-anchors", tmp_path / "root.pem")
    answers = [
        json.loads(done.stdout)["ai"]
        for done in (
            run(tmp_path / "a.jpg", "--json"),
            rakkan("score", tmp_path / "a.jpg", "--json", home=rakkan_home, **trusting),
            run(tmp_path / "a.jpg", "--json", *by_option),
        )
    ]
    assert [answer["evidence"] for answer in answers] == ["inferred", "proven", "proven"]
    assert answers[1]["verdict"] == "human"
    assert answers[1]["generator"] is None
    assert answers[1] == answers[2]


def test_a_file_that_lost_its_metadata(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(png())
    assert "they were removed" not in run(file).stdout
    done = run(file, "--expects-metadata")
    assert "they were removed" in " ".join(done.stdout.split())


def test_a_long_prompt_is_told_whole(run: Run, tmp_path: Path) -> None:
    prompt = ", ".join(f"word{n}" for n in range(150))
    file = tmp_path / "a.png"
    file.write_bytes(png({"parameters": f"{prompt}\nSteps: 20, Sampler: Euler, Seed: 7"}))
    told = " ".join(run(file).stdout.split())
    assert prompt in told


def test_what_is_no_certificate_is_one_plain_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png())
    (tmp_path / "root.pem").write_bytes(b"\xffnonsense")
    by_option = ("--trust-anchors", tmp_path / "root.pem")
    done = run(tmp_path / "a.png", *by_option)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert "no certificates in PEM" in line


def test_words_of_a_file_cannot_reach_the_terminal(run: Run, tmp_path: Path) -> None:
    escape = "\x1b[2Jfake\x07"
    texts = {"parameters": f"{escape} fox\nSteps: 20, Sampler: Euler, Seed: 7, Model: {escape}"}
    (tmp_path / "a.png").write_bytes(png(texts))
    done = run(tmp_path / "a.png")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert "\x07" not in done.stdout


def test_an_edit_is_not_called_made(run: Run, tmp_path: Path) -> None:
    term = GENERATED.replace("trained", "compositeWithTrained")
    file = tmp_path / "a.png"
    file.write_bytes(png(xmp=packet(f'Iptc4xmpExt:DigitalSourceType="{term}"')))
    ai = json.loads(run(file, "--json").stdout)["ai"]
    assert ai["signals"][0]["claim"] == "ai_edited"
    assert (ai["verdict"], ai["evidence"]) in {("inconclusive", "stated"), ("ai", "inferred")}
