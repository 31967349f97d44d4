import re
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from PIL import Image

from evidence.reasons import Reason
from evidence.similarity import (
    CopyMatch,
    CopyVerdict,
    CreatorMatch,
    CreatorVerdict,
    SimilarityEvidence,
    WorkMatch,
)
from pages.similar import Picture, Subject, result_page

MADE = datetime(2026, 5, 31, 12, 30, tzinfo=UTC)
QUAD = ((0.1, 0.2), (0.5, 0.2), (0.5, 0.75), (0.1, 0.75))
HOSTILE = '<script>alert(1)</script>"\u202e{{ 7 * 7 }}\n'


def picture(colour: str, width: int = 400, height: int = 300) -> Picture:
    buffer = BytesIO()
    Image.new("RGB", (40, 30), colour).save(buffer, "JPEG")
    return Picture(buffer.getvalue(), width, height)


def digest(number: int) -> str:
    return f"{number:064x}"


COPY = CopyMatch(
    work="in/one.png",
    creator="Ann",
    score=0.98,
    verdict=CopyVerdict.COPY,
    in_upload=QUAD,
    in_work=QUAD,
    mirrored=True,
    sha256=digest(1),
    reason=Reason("why", "Points match."),
    work_id=1,
    creator_id=1,
)
REVIEW = replace(
    COPY, work="in/two.png", sha256=digest(2), verdict=CopyVerdict.REVIEW, in_upload=None
)
CLOSE = CreatorMatch(
    creator="Ann",
    likeness=0.8,
    score=4.2,
    p_value=0.01,
    verdict=CreatorVerdict.CLOSE,
    references=12,
    works=tuple(WorkMatch(f"in/{i}.png", 0.8, digest(i), i) for i in range(1, 7)),
    reason=Reason("why", "Nearer than others."),
    creator_id=1,
)
NONE = replace(CLOSE, creator="Bob", p_value=0.6, verdict=CreatorVerdict.NONE)
EVIDENCE = SimilarityEvidence(
    (COPY, REVIEW), (CLOSE, NONE), "index-1", (Reason("left_out", "Cy was left out."),)
)
SUBJECT = Subject("up.png", picture("red"), "png")


def page(
    evidence: SimilarityEvidence = EVIDENCE,
    subject: Subject = SUBJECT,
    gone: frozenset[str] = frozenset(),
    asked: list[str] | None = None,
) -> tuple[html.HtmlElement, str]:
    def find(name: str, sha256: str) -> Picture | None:
        if asked is not None:
            asked.append(sha256)
        return None if sha256 in gone else picture("blue", 640, 480)

    text = result_page(subject, evidence, find, made=MADE)
    return html.document_fromstring(text), text


def test_copies_come_first_with_their_regions() -> None:
    tree, _ = page()
    assert [head.text_content() for head in tree.findall(".//h2")][:2] == ["Copies", "Style"]
    first, second = tree.xpath("//section[@aria-labelledby='copies']/article")
    assert first.get("class") == "copy copy"
    assert "Holds a part of this work by Ann, mirrored" in first.find("h3").text_content()
    upload, work = first.xpath(".//polygon[@class='region']/@points")
    assert upload == "40.0,60.0 200.0,60.0 200.0,225.0 40.0,225.0"
    assert work == "64.0,96.0 320.0,96.0 320.0,360.0 64.0,360.0"
    assert "Points match." in first.text_content()
    # Where only one side's region is known, only that one is drawn.
    assert len(second.xpath(".//polygon[@class='region']")) == 1


def test_creators_stand_with_their_nearest_works() -> None:
    tree, _ = page()
    close, none = tree.xpath("//article[contains(@class, 'creator')]")
    assert "closer than all but 1 in 100 works of other people" in close.text_content()
    assert "no closer than many" in none.text_content()
    assert len(close.findall(".//figure")) == 4
    assert "Compared with 12 works" in close.text_content()
    assert not close.xpath("ancestor::details")
    (folded,) = none.xpath("ancestor::details")
    assert folded.get("open") is None
    assert folded.findtext("summary") == "Next, and not close (1)"


def test_it_stands_alone() -> None:
    asked: list[str] = []
    tree, text = page(asked=asked)
    assert not tree.xpath("//script | //link | //iframe | //@onload | //@onclick")
    # Every address is a picture in the page, or leads to one.
    images = tree.xpath("//svg//image")
    ids = [image.get("id") for image in images]
    assert len(ids) == len(set(ids)) == len(asked) + 1
    assert all(image.get("href").startswith("data:image/jpeg;base64,") for image in images)
    used = set(tree.xpath("//svg//use/@href"))
    assert used <= {f"#{id_}" for id_ in ids}
    assert "http" not in re.sub(r"http-equiv", "", text)
    assert "@import" not in text
    assert "url(" not in text
    assert sorted(asked) == sorted(set(asked))


def test_a_work_that_is_gone_is_named() -> None:
    tree, _ = page(gone=frozenset({digest(1)}))
    first = tree.xpath("//section[@aria-labelledby='copies']/article")[0]
    assert first.xpath(".//svg[contains(@class, 'gone')]")
    assert "one.png" in first.text_content()
    assert "in/one.png" not in first.text_content()
    assert not tree.xpath(f"//image[@id='p-{digest(1)}']")


def test_names_are_text_and_nothing_else() -> None:
    works = (WorkMatch(HOSTILE, 0.5, digest(1), 1),)
    evidence = SimilarityEvidence(
        (replace(COPY, work=HOSTILE, creator=HOSTILE, reason=Reason("why", HOSTILE)),),
        (replace(CLOSE, creator=HOSTILE, works=works, reason=Reason("why", HOSTILE)),),
        HOSTILE,
        (Reason("note", HOSTILE),),
    )
    tree, text = page(evidence, replace(SUBJECT, name=HOSTILE))
    assert not tree.xpath("//script")
    assert "\u202e" not in text
    assert "7 * 7" in text


@given(st.text())
def test_no_name_changes_the_page(name: str) -> None:
    evidence = replace(
        EVIDENCE,
        copies=(replace(COPY, work=name, creator=name, reason=Reason("why", name)),),
        creators=(replace(CLOSE, creator=name, works=(WorkMatch(name, 0.5, digest(1), 1),)),),
    )
    tree, text = page(evidence, replace(SUBJECT, name=name))
    text.encode("utf-8")
    assert len(tree.xpath("//article")) == 2
    assert len(tree.xpath("//figure")) == 4
    assert len(tree.xpath("//bdi")) == 5
    assert not tree.xpath("//script")


@pytest.mark.parametrize("creators", [(), (NONE,)])
def test_nobody_is_a_full_answer(creators: tuple[CreatorMatch, ...]) -> None:
    tree, _ = page(SimilarityEvidence((), creators, "index-1"))
    text = tree.text_content()
    assert "Its style is close to nobody's." in text
    assert "None of an enrolled work was found." in text
    assert len(tree.xpath("//details//article")) == len(creators)
    assert not tree.xpath("//article[not(ancestor::details)]")
    assert "What would change this" in text


def test_it_says_what_it_is_not() -> None:
    tree, _ = page()
    text = tree.text_content()
    assert "likeness alone is no offence" in text
    assert "People decide" in text
    assert "Cy was left out." in text
    assert "index-1" in text
    assert "2026-05-31 12:30 UTC" in text
