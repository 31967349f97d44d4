import pytest

from core.text import file_name, unbroken


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/srv/works/fox.png", "fox.png"),
        ("fox.png", "fox.png"),
        ("works/", "works"),
        ("platform:12345", "platform:12345"),
        ("/", "/"),
        ("", ""),
    ],
)
def test_of_a_place_only_the_name_is_shown(path: str, name: str) -> None:
    assert file_name(path) == name


def test_unbroken() -> None:
    assert unbroken(" one\n two\tthree ") == "one two three"
