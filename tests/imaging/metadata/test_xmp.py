from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging import decode
from imaging.metadata.xmp import XmpProperty, xmp_properties
from tests.detector.readers.making import RDF, packet, picture

A = "urn:a"


def rdf(description: str, before: str = "") -> bytes:
    return (
        f'{before}<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}" '
        f'xmlns:other="{A}">{description}</rdf:RDF></x:xmpmeta>'
    ).encode()


@pytest.mark.parametrize(
    "description",
    [
        '<rdf:Description other:k="v &amp; w"/>',
        "<rdf:Description><other:k>v &amp; w</other:k></rdf:Description>",
        '<rdf:Description><other:k rdf:resource="v &amp; w"/></rdf:Description>',
        "<rdf:Description><other:k><rdf:Bag><rdf:li>v &amp; w</rdf:li></rdf:Bag></other:k>"
        "</rdf:Description>",
        '<rdf:Description><other:k><rdf:Alt><rdf:li xml:lang="x-default">v &amp; w</rdf:li>'
        "</rdf:Alt></other:k></rdf:Description>",
        "<rdf:Description><other:k><rdf:Description><rdf:value>v &amp; w</rdf:value>"
        "</rdf:Description></other:k></rdf:Description>",
        "<rdf:Description>\n  <other:k>\n v <![CDATA[& w]]>\n</other:k>\n</rdf:Description>",
    ],
)
def test_every_spelling_of_a_property_is_the_same_property(description):
    assert xmp_properties(rdf(description)) == (XmpProperty(f"{{{A}}}k", "v & w"),)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cn", "Cs"]), min_size=1))
def test_any_value_comes_back_as_it_was_written(value):
    value = value.strip() or "x"
    written = escape(value, {'"': "&quot;"})
    for description in (
        f'<rdf:Description other:k="{written}"/>',
        f"<rdf:Description><other:k>{written}</other:k></rdf:Description>",
    ):
        assert [one.value for one in xmp_properties(rdf(description))] == [value]


def test_a_part_knows_what_it_is_a_part_of():
    found = xmp_properties(
        rdf(
            "<rdf:Description><other:list><rdf:Seq>"
            '<rdf:li other:in="1"/><rdf:li rdf:parseType="Resource"><other:in>2</other:in></rdf:li>'
            "</rdf:Seq></other:list></rdf:Description>"
        )
    )
    parents = (f"{{{A}}}list",)
    assert found == tuple(XmpProperty(f"{{{A}}}in", value, parents) for value in "12")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_encodings(encoding):
    text = rdf("<rdf:Description other:k='落款'/>", "<?xml version='1.0' encoding='UTF-16'?>")
    assert xmp_properties(text.decode().encode(encoding))[0].value == "落款"


def test_padding_and_a_damaged_end_cost_nothing():
    whole = rdf('<rdf:Description other:k="v"/>')
    expected = (XmpProperty(f"{{{A}}}k", "v"),)
    assert xmp_properties(b"\0\0  " + whole + b"\0" * 2000) == expected
    assert xmp_properties(whole[:-20]) == expected
    assert xmp_properties(whole.replace(b"</rdf:RDF>", b"& </oops> \x01")) == expected


ENTITIES = "".join(f'<!ENTITY e{n + 1} "&e{n};&e{n};&e{n};&e{n};">' for n in range(40))


@pytest.mark.parametrize(
    "before",
    [
        f'<!DOCTYPE x [<!ENTITY e0 "lol">{ENTITIES}]>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE x [<!ENTITY e40 SYSTEM "file:///etc/hostname">]>',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_not_read(before, encoding):
    bomb = rdf('<rdf:Description other:k="v">&e40;</rdf:Description>', before).decode()
    assert xmp_properties(bomb.encode(encoding)) == ()
    inside = rdf('<rdf:Description other:k="v &e40;">&e40;</rdf:Description>')
    assert "lol" not in str(xmp_properties(inside))


@pytest.mark.parametrize(
    "body",
    [
        b"<a>" * 1_000_000,
        b"<a/>" * 1_000_000,
        b"<a b='1'/>" * 400_000,
        b"<a>" + b"x" * 4_000_000,
        b"<a b='" + b"x" * 4_000_000 + b"'/>",
        b"<a " + b" ".join(b"b%d='1'" % n for n in range(300_000)) + b"/>",
        b"".join(b"<a xmlns:n%d='%d'>" % (n, n) for n in range(100_000)),
        b"&amp;" * 800_000,
        b"<" * 4_000_000,
    ],
    ids=range(9),
)
def test_what_is_huge_gives_little(body):
    found = xmp_properties(b'<x:xmpmeta xmlns:x="adobe:ns:meta/">' + body)
    assert len(found) <= 20_000
    assert sum(len(one.value) for one in found) <= 4_100_000


def test_what_is_too_long_is_not_read():
    assert xmp_properties(packet('xmp:CreatorTool="x"') + b" " * 5_000_000) == ()


@given(st.binary(max_size=400))
def test_random_bytes_never_raise(data):
    xmp_properties(data)


@given(st.text(alphabet="<>/=\"'&; abcdefx:rRDF!?[]-#0\0\n", max_size=200), st.booleans())
def test_random_markup_never_raises(text, within):
    xmp_properties(rdf(text) if within else text.encode())


def extended(parts: list[tuple[int, bytes]], length: int, digest: bytes = b"A" * 32) -> bytes:
    main = packet(f'xmlns:note="http://ns.adobe.com/xmp/note/" note:HasExtendedXMP="{"A" * 32}"')
    segments = b""
    for at, part in parts:
        head = b"http://ns.adobe.com/xmp/extension/\0" + digest
        body = head + length.to_bytes(4, "big") + at.to_bytes(4, "big") + part
        segments += b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body
    data = picture("JPEG", xmp=main)
    return data[:2] + segments + data[2:]


def test_the_parts_of_an_extended_packet_are_put_together():
    whole = packet('xmp:CreatorTool="far behind"')
    parts = [(100, whole[100:]), (0, whole[:100])]
    assert decode(extended(parts, len(whole))).metadata.xmp[1:] == (whole,)
    missing = decode(extended(parts[:1], len(whole))).metadata
    assert len(missing.xmp) == 1
    foreign = decode(extended(parts, len(whole), b"B" * 32)).metadata
    assert len(foreign.xmp) == 1
