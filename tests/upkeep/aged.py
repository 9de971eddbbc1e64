"""Makes of a backup one of the version before a column was added."""

import gzip
import json
from dataclasses import replace
from pathlib import Path

from upkeep.making import sum_of_file
from upkeep.manifest import NAME, ROWS, read_manifest
from upkeep.rows import Digest, line_of


def without_column(backup: Path, app: str, migration: str, table: str, column: str) -> None:
    manifest = read_manifest((backup / NAME).read_bytes())
    facts = manifest.tables[table]
    place = facts["columns"].index(column)
    digest, path = Digest(), backup / ROWS / f"{table}.jsonl.gz"
    with gzip.open(path) as file:
        rows = [json.loads(line) for line in file]
    with gzip.open(path, "wb") as file:
        for row in rows:
            del row[place]
            digest.add(line_of(row))
            file.write(line_of(row) + b"\n")
    columns = [name for name in facts["columns"] if name != column]
    about = {"columns": columns, "sha256": sum_of_file(path), **digest.told()}
    older = replace(
        manifest,
        tables=manifest.tables | {table: about},
        migrations=[one for one in manifest.migrations if one != [app, migration]],
    )
    (backup / NAME).write_bytes(older.to_json())
