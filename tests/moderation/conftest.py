"""Records in both databases: every test that asks for `store` runs on each."""

from tests.storage.conftest import address, store

__all__ = ["address", "store"]
