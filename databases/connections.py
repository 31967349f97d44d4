"""How many connections a PostgreSQL allows, and how many processes of ours share them."""

from dataclasses import dataclass

from sqlalchemy import bindparam, text

from databases.engines import PROGRAM, Database


@dataclass(frozen=True)
class Room:
    """Connections of a database server.

    Attributes:
        allowed: That our processes together may open: without those that other programs have open
            now, and those that are kept for administrators.
        processes: Of ours that have one open now, this one included.
    """

    allowed: int
    processes: int


_ROOM = text("""
    WITH kept AS (
        SELECT sum(CAST(setting AS int) * CASE name WHEN 'max_connections' THEN 1 ELSE -1 END)
            AS allowed
        FROM pg_settings
        WHERE name IN
            ('max_connections', 'superuser_reserved_connections', 'reserved_connections')
    ), sessions AS (
        SELECT application_name, starts_with(application_name, :ours) AS ours
        FROM pg_stat_activity WHERE backend_type = 'client backend'
    )
    SELECT (SELECT allowed FROM kept) - count(*) FILTER (WHERE NOT ours) AS allowed,
        count(DISTINCT application_name) FILTER (WHERE ours) AS processes
    FROM sessions
""").bindparams(bindparam("ours", f"{PROGRAM} "))


def room_for(database: Database) -> Room | None:
    """What a server has room for; None for a file, which many may open.

    Raises:
        DBAPIError: It cannot be asked.
    """
    if database.engine.dialect.name != "postgresql":
        return None
    with database.engine.connect() as connection:
        allowed, processes = connection.execute(_ROOM).one()
        return Room(int(allowed), processes)
