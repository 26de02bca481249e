"""The emulated warehouse in this process: the queries' SQL runs on the rows that a test states."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from unittest.mock import Mock

import fakesnow.arrow
import fakesnow.info_schema
import fakesnow.transforms.stage
import fakesnow.transforms.transforms
import pandas as pd
import pytest

from include.dashboard.queries import read
from local.snowflake import fakesnow_patches
from local.snowflake.account import Account
from local.snowflake.blobs import BlobStore
from local.snowflake.cursor import Cursor
from local.snowflake.engine import Engine
from local.snowflake.identity import Identity, Login

DAY = date(2026, 11, 20)
# The day's first moment in California, and the second before it; and the next day's.
FIRST, BEFORE = "2026-11-20 08:00:00", "2026-11-20 07:59:59"
ENDED, LAST = "2026-11-21 08:00:00", "2026-11-21 07:59:59"
NOON = "2026-11-20 20:00:00"
SCHEMAS = ("history", "metrics", "page_feedback", "loading", "account_usage")
Fill = Callable[..., Any]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session of the emulated warehouse, without its server."""
    folder = tmp_path_factory.mktemp("warehouse")
    with fakesnow_left_as_it_was():
        fakesnow_patches.apply(folder / "stages")
        engine = Engine(folder)
        engine.create("W")
        account = Account(engine, Mock(BlobStore), Cursor)
        token, opened = account.log_in(
            Login(Identity("PROVISIONER"), database="W", schema="PUBLIC")
        )
        opened.cursor().execute("CREATE WAREHOUSE REPORTING")
        yield opened
        account.log_out(token)
        engine.close()


@contextmanager
def fakesnow_left_as_it_was() -> Iterator[None]:
    """Take the patches back: other tests of this process look at fakesnow alone."""
    patched = (
        fakesnow.arrow,
        fakesnow.info_schema,
        fakesnow.transforms,
        fakesnow.transforms.stage,
        fakesnow.transforms.transforms,
    )
    before = [(module, dict(vars(module))) for module in patched]
    yield
    for module, names in before:
        vars(module).update(names)


@pytest.fixture
def fill(session: Any, monkeypatch: pytest.MonkeyPatch) -> Fill:
    """Create a table of these columns and rows; returns the connection."""
    monkeypatch.setattr(read, "_schemas", lambda: dict.fromkeys(SCHEMAS, "W.PUBLIC"))

    def create(table: str, columns: str, *rows: str) -> Any:
        cursor = session.cursor()
        cursor.execute(f"create or replace table W.PUBLIC.{table} ({columns})")
        cursor.execute(f"insert into W.PUBLIC.{table} values {', '.join(rows)}")
        return session

    return create


def values(frame: pd.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    """Columns' values by row, with `None` for what is missing."""
    rows = frame[list(columns)].astype(object)
    return list(rows.where(rows.notna(), None).itertuples(index=False, name=None))
