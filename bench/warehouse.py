"""A benchmark's own laptop cloud: loads and builds it, and counts the rows its statements read."""

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

from include import sources, warehouse
from include.loaders import LoadOptions, Origin, load_table
from include.transform_project import PROJECT, dbt_environment
from local import airflow, provision, servers
from local.cloud import Cloud
from local.home import REPOSITORY, Home
from local.ports import Ports, free_ports


@contextmanager
def laptop() -> Iterator[Cloud]:
    """Run a new cloud, with Airflow's settings for this process."""
    with tempfile.TemporaryDirectory() as folder:
        made = Cloud(Home(Path(folder)), Ports(*free_ports(6)))
        servers.start(made)
        os.environ.update(airflow.environment(made))
        try:
            yield made
        finally:
            made.stop()


@contextmanager
def cloud() -> Iterator[Cloud]:
    """Run a cloud whose raw tables hold every loader source."""
    with laptop() as made:
        provision.provision(made)
        _load(made)
        yield made


def build(made: Cloud, *selection: str) -> None:
    """Have dbt build and test a selection, for example `--select tag:epa`."""
    environment = {
        **os.environ,
        "SNOWFLAKE_HOST": "127.0.0.1",
        "SNOWFLAKE_PORT": str(made.ports.snowflake),
        "SNOWFLAKE_PRIVATE_KEY": made.credentials.private_key_pem,
        "DBT_EXCLUDE_RESOURCE_TYPES": "unit_test",
        **dbt_environment(),
    }
    command = [str(Path(sys.executable).parent / "dbt"), "--quiet", "build", *selection]
    folders = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    subprocess.run([*command, *folders], env=environment, check=True, cwd=REPOSITORY)


def statements(made: Cloud, since: int = 0) -> list[dict[str, Any]]:
    """Read the statements that the warehouse got after the one with this number, oldest first."""
    trusted = ssl.create_default_context(cafile=str(made.bundle))
    url = f"{made.url('snowflake')}/emulator/statements?since={since}"
    answer = httpx.get(url, verify=trusted)
    found: list[dict[str, Any]] = answer.json()["statements"]
    return found


def rows_read(made: Cloud, ran: list[dict[str, Any]]) -> int:
    """Count the rows of the tables that statements read; pruning is not credited.

    Args:
        made: The cloud that ran them.
        ran: The statements, of which each read of a table counts.
    """
    sizes: dict[str, int] = {}
    with provision.connect(made) as connection, connection.cursor() as cursor:
        for name in {table for statement in ran for table in _tables(statement["sql"])}:
            try:
                cursor.execute(f"SELECT COUNT(*) FROM {name}")
                sizes[name] = int(next(iter(cursor))[0])
            except Exception:  # A temporary table that is gone by now.
                sizes[name] = 0
    return sum(sizes.get(table, 0) for statement in ran for table in _tables(statement["sql"]))


def _load(made: Cloud) -> None:
    origin = Origin(base_url=made.url("sources"))
    options = LoadOptions()
    with provision.connect(made) as connection:
        to: dict[str, Any] = {
            "connect": lambda: nullcontext(connection), "database": warehouse.database("RAW"),
            "load_id": "bench", "origin": origin, "options": options,
        }  # fmt: skip
        for source in sources.SOURCES.values():
            for layer in source.layers:
                load_table(layer, **to)
            for listed in source.lists:
                load_table(listed, **to)
    build(made, "--select", "+tag:history")


def _tables(sql: str) -> list[str]:
    """Find the tables that a statement reads, by qualified name, once for each read."""
    if not re.match(r"\s*(/\*.*?\*/\s*)*(select|create|insert|merge|with|copy)", sql, re.I | re.S):
        return []
    try:
        parsed = sqlglot.parse_one(sql, dialect="snowflake")
    except sqlglot.ParseError:
        return []
    made = parsed.this.find(exp.Table) if isinstance(parsed, exp.Create) else None
    read = (table for table in parsed.find_all(exp.Table) if table is not made)
    return [table.sql(dialect="snowflake") for table in read if table.catalog and table.db]
