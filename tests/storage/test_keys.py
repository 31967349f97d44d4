"""Keys of the service, on both databases."""

from datetime import UTC, datetime

import pytest

from storage import Store
from storage.errors import KeyNameTaken, UnknownRecord
from storage.keys import Scope, create_key, find_key, list_keys, revoke_key

NOW = datetime(2026, 11, 28, tzinfo=UTC)


def test_a_key_is_known_until_it_is_revoked(store: Store) -> None:
    secret = create_key(store, "uploads", [Scope.SCORE, Scope.REVIEW], at=NOW)
    found = find_key(store, secret)
    assert found is not None
    assert (found.name, found.scopes) == ("uploads", {Scope.SCORE, Scope.REVIEW})
    assert find_key(store, secret + "x") is None
    assert [key.name for key in list_keys(store)] == ["uploads"]
    revoke_key(store, "uploads", at=NOW)
    assert find_key(store, secret) is None
    assert list_keys(store)[0].revoked_at == NOW
    with pytest.raises(UnknownRecord):
        revoke_key(store, "uploads", at=NOW)


def test_names_are_given_once_and_the_key_is_kept_nowhere(store: Store) -> None:
    secret = create_key(store, "uploads", [Scope.SCORE], at=NOW)
    with pytest.raises(KeyNameTaken):
        create_key(store, "uploads", [Scope.ADMIN], at=NOW)
    assert secret not in repr(list_keys(store))
    assert create_key(store, "other", [Scope.SCORE], at=NOW) != secret
