"""On PostgreSQL the next act begins before the one before it is on the disk; none is told early."""

from sqlalchemy import event

from storage import Store, open_store
from tests.storage.telling import posted


def said(store: Store) -> list[str]:
    """Statements and ends of transactions, as they come."""
    told: list[str] = []
    engine = store.database.engine
    event.listen(engine, "before_cursor_execute", lambda *some: told.append(some[2]))
    event.listen(engine, "commit", lambda _: told.append("COMMIT"))
    return told


def test_an_act_waits_for_the_disk_when_others_may_begin(postgres_url: str) -> None:
    store = open_store(postgres_url)
    told = said(store)
    with store.transaction() as transaction:
        transaction.append(posted("ann", "cat"))
    assert "pg_advisory_xact_lock" in told[0]
    assert "set_config" in told[0]
    end = told.index("COMMIT")
    assert "pg_logical_emit_message" in told[end + 1]
    assert told[end + 2 :] == ["COMMIT"]
    store.close()


def test_what_others_ask_for_is_as_the_operator_set_it(postgres_url: str) -> None:
    store = open_store(postgres_url, connections=2)
    with store.transaction() as transaction:
        transaction.append(posted("ann", "cat"))
    with store.database.engine.connect() as connection:
        shown = connection.exec_driver_sql("SHOW synchronous_commit").scalar_one()
    assert shown == "on"
    store.close()
