from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imaging.errors import ImagingError, UnwritableMetadata
from imaging.metadata.xmp import xmp_properties
from imaging.metadata.xmp_editing import PropertyName, get_properties, set_properties

EXTENSION = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
SOURCE = PropertyName(EXTENSION, "Iptc4xmpExt", "DigitalSourceType")
OTHER = PropertyName("http://www.tc260.org.cn/ns/AIGC/1.0/", "TC260", "AIGC")
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


def packet(attributes: str = "", elements: str = "", before: str = "", after: str = "") -> str:
    return (
        f'{before}<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}">'
        f'<rdf:Description rdf:about="" xmlns:iptcExt="{EXTENSION}"'
        f' xmlns:dc="http://purl.org/dc/elements/1.1/" {attributes}>{elements}'
        f"</rdf:Description></rdf:RDF></x:xmpmeta>{after}"
    )


def said(data: bytes) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in xmp_properties(data):
        found.setdefault(one.name, []).append(one.value)
    return found


def test_a_new_packet_says_what_it_is_given() -> None:
    data = set_properties(None, {SOURCE: "http://a/b", OTHER: '{"Label":"1","x":"<&落款>"}'})
    assert said(data) == {
        SOURCE.clark: ["http://a/b"],
        OTHER.clark: ['{"Label":"1","x":"<&落款>"}'],
    }
    assert data.startswith(b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>')
    assert data.endswith(b'<?xpacket end="w"?>')
    assert b"<Iptc4xmpExt:DigitalSourceType>" in data


@pytest.mark.parametrize(
    "old",
    [
        packet('iptcExt:DigitalSourceType="old"'),
        packet(elements="<iptcExt:DigitalSourceType>old</iptcExt:DigitalSourceType>"),
        packet(elements='<iptcExt:DigitalSourceType rdf:resource="old"/>'),
        packet(
            'iptcExt:DigitalSourceType="old"',
            "<iptcExt:DigitalSourceType>older</iptcExt:DigitalSourceType>",
        ),
    ],
    ids=["attribute", "element", "resource", "both"],
)
def test_whatever_form_the_old_value_has_it_is_replaced(old: str) -> None:
    assert get_properties(old.encode(), [SOURCE]) == {SOURCE.clark: "old"}
    new = set_properties(old.encode(), {SOURCE: "new"})
    assert said(new) == {SOURCE.clark: ["new"]}
    assert said(set_properties(new, {SOURCE: None})) == {}


def test_a_value_that_is_not_simple_is_not_guessed_at() -> None:
    parts = "<iptcExt:DigitalSourceType><dc:title>a</dc:title></iptcExt:DigitalSourceType>"
    with pytest.raises(UnwritableMetadata, match="unusual form"):
        get_properties(packet(elements=parts).encode(), [SOURCE])
    assert get_properties(packet(elements=parts).encode(), [OTHER]) == {}


def test_everything_else_keeps_its_form() -> None:
    elements = (
        "<!-- a note --><dc:title><rdf:Alt><rdf:li xml:lang='x-default'>A &amp; B</rdf:li>"
        "</rdf:Alt></dc:title><iptcExt:PersonInImage><rdf:Bag><rdf:li>"
        "<iptcExt:DigitalSourceType>nested</iptcExt:DigitalSourceType></rdf:li></rdf:Bag>"
        "</iptcExt:PersonInImage>"
    )
    old = packet('dc:format="image/png"', elements)
    new = set_properties(old.encode(), {SOURCE: "new"}).decode()
    for piece in ("<!-- a note -->", "<rdf:Alt>", "A &amp; B", 'dc:format="image/png"', "nested"):
        assert piece in new
    assert said(set_properties(new.encode(), {SOURCE: None})) == said(old.encode())


def test_a_namespace_keeps_the_one_prefix_that_it_has() -> None:
    new = set_properties(packet('iptcExt:Event="a"').encode(), {SOURCE: "new"})
    assert b"<iptcExt:DigitalSourceType>" in new
    assert b"Iptc4xmpExt:" not in new


def test_line_breaks_in_attributes_stay() -> None:
    old = packet('dc:description="Steps: 20&#xA;Seed: 3&#x9;"')
    assert b"Steps: 20&#10;Seed: 3&#9;" in set_properties(old.encode(), {SOURCE: "new"})


def test_the_same_twice_changes_nothing() -> None:
    once = set_properties(packet('dc:format="image/png"').encode(), {SOURCE: "new", OTHER: "{}"})
    assert set_properties(once, {SOURCE: "new", OTHER: "{}"}) == once


def test_an_own_wrapper_stays_the_only_one() -> None:
    begin = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d" bytes="99"?>\n'
    old = packet(before=begin, after=" " * 2000 + '\n<?xpacket end="r"?>')
    new = set_properties(old.encode(), {SOURCE: "new"})
    assert new.count(b"<?xpacket") == 2
    assert new.endswith(b'<?xpacket end="r"?>')


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_packets_in_every_encoding(encoding: str) -> None:
    old = packet('dc:format="image/落款"', before='<?xpacket begin="\ufeff" id="W5"?>')
    new = set_properties(old.encode(encoding), {SOURCE: "new"})
    assert said(new)[SOURCE.clark] == ["new"]
    assert "image/落款".encode() in new


def test_the_resource_that_the_packet_is_about_is_kept() -> None:
    old = packet().replace('rdf:about=""', 'rdf:about="uuid:7"')
    assert set_properties(old.encode(), {SOURCE: "new"}).count(b'rdf:about="uuid:7"') == 2
    emptied = old.replace('rdf:about="uuid:7"', 'rdf:about="uuid:7" iptcExt:DigitalSourceType="a"')
    assert b'rdf:about="uuid:7"' in set_properties(emptied.encode(), {SOURCE: "new"})


def test_a_bare_description_of_resources_will_do() -> None:
    old = packet().removeprefix('<x:xmpmeta xmlns:x="adobe:ns:meta/">').removesuffix("</x:xmpmeta>")
    assert said(set_properties(old.encode() + b"\0\0", {SOURCE: "new"})) == {SOURCE.clark: ["new"]}


@pytest.mark.parametrize(
    "damaged",
    [
        "no XML",
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'/>",
        packet().replace("adobe:ns:meta/", "other:ns/"),
        packet()[:-20],
        packet() + packet(),
        "<!DOCTYPE x [<!ENTITY a 'b'>]>" + packet("dc:format='&a;'"),
        "<!DOCTYPE x SYSTEM 'file:///etc/passwd'>" + packet(),
        packet(elements="<dc:a>" * 5000 + "</dc:a>" * 5000),
    ],
    ids=["text", "no RDF", "other", "cut", "two", "entity", "doctype", "deep"],
)
def test_what_is_no_sound_packet_is_refused(damaged: str) -> None:
    with pytest.raises(UnwritableMetadata):
        set_properties(damaged.encode(), {SOURCE: "new"})


def test_entities_that_swell_are_refused_at_once() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "' + "x" * 1000 + '">'
    for this, last in zip("bcdefghi", "abcdefgh", strict=True):
        bomb += f'<!ENTITY {this} "{f"&{last};" * 10}">'
    with pytest.raises(UnwritableMetadata):
        set_properties((bomb + "]>" + packet('dc:format="&i;"')).encode(), {SOURCE: "new"})


def test_values_that_no_xml_can_hold() -> None:
    with pytest.raises(ValueError, match="XML"):
        set_properties(None, {SOURCE: "\0"})


# What XML can hold, and XMP readers do not strip.
texts = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1)


@given(value=texts, attribute=texts, element=texts)
def test_any_text_comes_back(value: str, attribute: str, element: str) -> None:
    old = packet(
        f"dc:format={quoteattr(attribute)}", f"<dc:source>{escape(element)}</dc:source>"
    ).encode()
    new = set_properties(old, {SOURCE: value})
    assert said(new) == {**said(old), SOURCE.clark: [value]}


@settings(max_examples=300)
@given(
    edits=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 9), st.binary(max_size=9)), max_size=4)
)
def test_a_damaged_packet_is_refused_or_sound_again(
    edits: list[tuple[float, int, bytes]],
) -> None:
    data = packet('dc:format="a"', "<dc:source>b</dc:source>").encode()
    for place, removed, inserted in edits:
        at = int(place * len(data))
        data = data[:at] + inserted + data[at + removed :]
    try:
        new = set_properties(data, {SOURCE: "new"})
    except ImagingError:
        return
    assert get_properties(new, [SOURCE]) == {SOURCE.clark: "new"}
    assert set_properties(new, {SOURCE: "new"}) == new
