"""Small pictures of uploads: kept where somebody may look, without metadata, for some days."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from api.console.carrying_out import CarryingOut
from api.service import now
from tests.api.conftest import Client, serving

POLICY = """
schema: 1
name: comics
title: {en: Comics, ja: コミック}
mode: live
time_zone: Asia/Tokyo
labels:
  ai-generated: {en: AI, ja: AI}
appeals: {within_days: 30, words: {en: Write to us., ja: ご連絡ください。}}
rows:
  - id: suspected
    since: 2023-01-01
    rule: {en: No AI., ja: AIは禁止です。}
    when: [{ai: {at_least: inferred}}]
    label: ai-generated
    actions: [label, review]
"""


RED, GREEN = (255, 0, 0), (0, 255, 0)
"""What the fake detector takes for an AI's, and for a person's."""


def drawn(colour: tuple[int, int, int]) -> bytes:
    """A large picture with metadata."""
    shown = Image.new("RGB", (3000, 1500), colour)
    exif = Image.Exif()
    exif[0x010E] = "a secret description"
    out = BytesIO()
    shown.save(out, "JPEG", exif=exif)
    return out.getvalue()


def kept(client: Client, days: float, image: bytes) -> tuple[str, bytes | None]:
    client.service.preview_days = days
    answer = client.score(image, service="comics", account_id="ann").json()
    assert "decision" in answer, answer
    with client.service.store.reading() as reader:
        return answer["decision"]["action"], reader.previews.image(answer["id"])


@pytest.fixture
def client(tmp_path: Path):
    (tmp_path / "comics.yaml").write_text(POLICY)
    with serving(f"sqlite:///{tmp_path / 'r.sqlite3'}", policies=tmp_path) as found:
        yield found


def test_what_somebody_may_look_at_is_kept_and_nothing_else(client: Client) -> None:
    action, image = kept(client, 30, drawn(RED))
    assert action == "label"
    assert image is not None
    assert b"secret" not in image
    with Image.open(BytesIO(image)) as shown:
        assert (shown.format, shown.size, dict(shown.getexif())) == ("JPEG", (1024, 512), {})
    assert kept(client, 30, drawn(GREEN)) == ("publish", None)
    assert kept(client, 0, drawn(RED)) == ("label", None)


def test_a_picture_goes_when_its_days_are_over(client: Client) -> None:
    _, image = kept(client, 2, drawn(RED))
    assert image is not None
    for days, left in ((1.9, 1), (2.1, 0)):
        CarryingOut(client.service).once(now() + timedelta(days=days))
        with client.service.store.reading() as reader:
            (decision,) = client.service.store.decisions(since=now() - timedelta(days=1))
            assert reader.previews.has(decision.id) is bool(left)
