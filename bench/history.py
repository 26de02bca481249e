"""What an hourly refresh scans while history grows from 1 to 365 days: it has to stay level.

The laptop's cloud is started in a folder of its own, every raw table is filled once, and history is
written as the pipeline would have left it. Then the statements of one refresh (each source's dbt
models and tests, the summary, the unload) are counted: the rows of every table that they read,
without any credit for pruning, and the seconds that they took.
"""

import argparse
import os
import re
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import httpx
import sqlglot
from sqlglot import exp

from bench import page
from include import sources, warehouse
from include.loaders import LoadOptions, Origin, load_arcgis, load_json_list
from include.publishing.history import published_metrics
from local import airflow, provision, servers
from local.cloud import Cloud
from local.home import REPOSITORY, Home
from local.ports import Ports, free_ports

PROJECT = str(REPOSITORY / "include" / "transform")
DAYS = (1, 30, 365)
# Changed rows a day in the largest layer, and metrics in a published version, 24 a day.
CHANGES, METRICS = 200, 34


@contextmanager
def cloud() -> Iterator[Cloud]:
    """A cloud with every loader source in its raw table."""
    with tempfile.TemporaryDirectory() as folder:
        made = Cloud(Home(Path(folder)), Ports(*free_ports(6)))
        servers.start(made)
        os.environ.update(airflow.environment(made))
        try:
            provision.provision(made)
            _load(made)
            yield made
        finally:
            made.stop()


def refresh(made: Cloud) -> tuple[int, float]:
    """One refresh: the rows that its statements read, and their seconds."""
    before = _statements(made)[-1]["number"]
    _dbt(made, "build", "--select", "tag:epa", "tag:usace", "tag:pasadena", "tag:malibu")
    _dbt(made, "build", "--select", "tag:publish")
    ran = [each for each in _statements(made) if each["number"] > before]
    sizes: dict[str, int] = {}
    with provision.connect(made) as connection, connection.cursor() as cursor:
        for name in {table for each in ran for table in _tables(each["sql"])}:
            try:
                cursor.execute(f"SELECT COUNT(*) FROM {name}")  # noqa: S608
                sizes[name] = int(next(iter(cursor))[0])
            except Exception:  # A temporary table that is gone by now.
                sizes[name] = 0
    rows = sum(sizes.get(table, 0) for each in ran for table in _tables(each["sql"]))
    return rows, sum(each["seconds"] for each in ran)


def grow(made: Cloud, days: int) -> int:
    """Write history as it would be after some days; how many rows that is."""
    history = f"{warehouse.database('ANALYTICS')}.{warehouse.schema_prefix()}HISTORY"
    parcels = f"{history}.USACE_PARCELS_HISTORY"
    published = published_metrics()
    with provision.connect(made) as connection, connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {parcels} WHERE DBT_VALID_TO IS NOT NULL")  # noqa: S608
        columns = "* EXCLUDE (DBT_VALID_TO), DBT_UPDATED_AT AS DBT_VALID_TO"
        for _ in range(days // 30 or 1):
            rows = CHANGES * (30 if days >= 30 else 1)  # noqa: PLR2004
            cursor.execute(
                f"INSERT INTO {parcels} SELECT {columns} FROM {parcels}"  # noqa: S608
                f" WHERE DBT_VALID_TO IS NULL LIMIT {rows}"
            )
        cursor.execute(
            f"CREATE OR REPLACE TABLE {published} AS SELECT SEQ4() AS SEQ"  # noqa: S608
            f" FROM TABLE(GENERATOR(ROWCOUNT => {days * 24 * METRICS}))"
        )
        cursor.execute(
            f"SELECT (SELECT COUNT(*) FROM {parcels}) + (SELECT COUNT(*) FROM {published})"  # noqa: S608
        )
        return int(next(iter(cursor))[0])


def _load(made: Cloud) -> None:
    origin = Origin(base_url=made.url("sources"))
    options = LoadOptions()
    layers = (sources.EPA, sources.USACE, sources.PASADENA)
    with provision.connect(made) as connection:
        to: dict[str, Any] = {
            "connect": lambda: nullcontext(connection), "database": warehouse.database("RAW"),
            "load_id": "bench", "origin": origin, "options": options,
        }  # fmt: skip
        for layer in layers:
            load_arcgis(layer, **to)
        for json_list in sources.MALIBU:
            load_json_list(json_list, **to)
    _dbt(made, "build", "--select", "+tag:history")


def _dbt(made: Cloud, *words: str) -> None:
    environment = {
        **os.environ,
        "SNOWFLAKE_HOST": "127.0.0.1",
        "SNOWFLAKE_PORT": str(made.ports.snowflake),
        "SNOWFLAKE_PRIVATE_KEY": made.credentials.private_key_pem,
        "DBT_EXCLUDE_RESOURCE_TYPES": "unit_test",
    }
    command = [str(Path(sys.executable).parent / "dbt"), "--quiet", *words]
    folders = ["--project-dir", PROJECT, "--profiles-dir", PROJECT]
    subprocess.run([*command, *folders], env=environment, check=True, cwd=REPOSITORY)  # noqa: S603


def _statements(made: Cloud) -> list[dict[str, Any]]:
    trusted = ssl.create_default_context(cafile=str(made.bundle))
    answer = httpx.get(f"{made.url('snowflake')}/emulator/statements", verify=trusted)
    found: list[dict[str, Any]] = answer.json()["statements"]
    return found


def _tables(sql: str) -> list[str]:
    """The tables that a statement reads, by qualified name; once for each time they are read."""
    if not re.match(r"\s*(/\*.*?\*/\s*)*(select|create|insert|merge|with|copy)", sql, re.I | re.S):
        return []
    try:
        parsed = sqlglot.parse_one(sql, dialect="snowflake")
    except sqlglot.ParseError:
        return []
    made = parsed.this.find(exp.Table) if isinstance(parsed, exp.Create) else None
    read = (table for table in parsed.find_all(exp.Table) if table is not made)
    return [table.sql(dialect="snowflake") for table in read if table.catalog and table.db]


def main() -> int:
    """Measure, print, write; 1 if the rows grow."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, help="the page of the docs to write the table to")
    chosen = parser.parse_args()
    lines = ["| days of history | rows of history | rows that a refresh reads | its seconds |",
             "|---:|---:|---:|---:|"]  # fmt: skip
    read = []
    with cloud() as made:
        refresh(made)
        for days in DAYS:
            kept = grow(made, days)
            rows, seconds = refresh(made)
            read.append((rows, seconds))
            lines.append(f"| {days} | {kept:,} | {rows:,} | {seconds:.2f} |")
    ratio = read[-1][0] / read[0][0], read[-1][1] / read[0][1]
    lines += [
        "",
        f"After {DAYS[-1]} days a refresh reads {ratio[0]:.2f} times the rows of the first day,",
        f"in {ratio[1]:.2f} times the seconds.",
    ]
    print("\n".join(lines))
    if chosen.write:
        page.write(chosen.write, "history", lines)
    return int(ratio[0] > 1.01)  # noqa: PLR2004


if __name__ == "__main__":
    sys.exit(main())
