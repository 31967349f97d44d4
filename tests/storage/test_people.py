"""People, sessions and failed sign-ins, on both databases."""

from datetime import UTC, datetime, timedelta

import pytest

from moderation import staff
from moderation.errors import PasswordTooShort, SignInRefused
from storage import Store
from storage.errors import PersonExists, UnknownRecord
from storage.people import StaffRole

NOW = datetime(2026, 11, 29, tzinfo=UTC)
PASSWORD = "correct horse battery"  # noqa: S105 - of nobody


def signed_in(store: Store, token: str, at: datetime = NOW) -> str | None:
    with store.reading() as reader:
        found = reader.people.signed_in(token, at)
        return None if found is None else found.name


def test_a_session_ends_by_time_by_sign_out_and_with_its_person(store: Store) -> None:
    staff.add(store, "mia", StaffRole.MODERATOR, PASSWORD, account="mia-draws", at=NOW)
    first, second, third = (staff.sign_in(store, "mia", PASSWORD, at=NOW) for _ in range(3))
    assert signed_in(store, first) == "mia"
    assert signed_in(store, first, NOW + staff.SESSION) is None
    staff.sign_out(store, first, at=NOW)
    staff.sign_out(store, first, at=NOW)
    assert (signed_in(store, first), signed_in(store, second)) == (None, "mia")
    staff.set_password(store, "mia", PASSWORD * 2, at=NOW)
    assert signed_in(store, second) is None
    staff.disable(store, "mia", at=NOW)
    assert signed_in(store, third) is None
    with pytest.raises(SignInRefused):
        staff.sign_in(store, "mia", PASSWORD * 2, at=NOW)
    staff.set_role(store, "mia", StaffRole.SENIOR, at=NOW)
    assert signed_in(store, staff.sign_in(store, "mia", PASSWORD * 2, at=NOW)) == "mia"
    with store.reading() as reader:
        told = [one.type for one in reader.events()]
        (mia,) = reader.people.all()
    assert told.count("signed_in") == 4
    assert told.count("signed_out") == 1
    assert told.count("person_changed") == 4
    assert staff.moderator(mia).senior
    assert staff.moderator(mia).account == "mia-draws"


def test_a_name_is_given_once_and_a_password_is_long(store: Store) -> None:
    with pytest.raises(PasswordTooShort):
        staff.add(store, "mia", StaffRole.MODERATOR, "short", at=NOW)
    staff.add(store, "mia", StaffRole.MODERATOR, None, at=NOW)
    with pytest.raises(PersonExists):
        staff.add(store, "mia", StaffRole.ADMIN, PASSWORD, at=NOW)
    with pytest.raises(SignInRefused):
        staff.sign_in(store, "mia", "", at=NOW)
    for act in (staff.disable, lambda *given, **more: staff.set_role(*given, "admin", **more)):
        with pytest.raises(UnknownRecord):
            act(store, "nobody", at=NOW)


@pytest.mark.parametrize("name", ["mia", "nobody", "\ud800\0"])
def test_whoever_fails_too_often_waits(store: Store, name: str) -> None:
    staff.add(store, "mia", StaffRole.MODERATOR, PASSWORD, at=NOW)
    for _ in range(staff.TRIES):
        with pytest.raises(SignInRefused):
            staff.sign_in(store, name, "wrong", at=NOW)
    with pytest.raises(SignInRefused):
        staff.sign_in(store, name, PASSWORD, at=NOW + staff.WAIT - timedelta(seconds=1))
    with store.reading() as reader:
        # Nothing that anybody may write stands in the chain.
        assert [one.type for one in reader.events()] == ["person_changed"]
    if name == "mia":
        assert staff.sign_in(store, name, PASSWORD, at=NOW + 2 * staff.WAIT)
