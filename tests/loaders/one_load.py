"""One load in a process of its own, for a test to kill."""

import os
import sys

from include.sources import RawTable
from tests.loaders.emulator import DATABASE, from_environment
from tests.loaders.interference import interfere
from tests.loaders.warehouse import new_warehouse

STOP_BEFORE = os.environ["STOP_BEFORE"]


def is_told(sql: str) -> bool:
    """Whether this is the statement before which the test wants the load to stop."""
    return STOP_BEFORE in sql


def wait_to_be_killed() -> None:
    """Tell the test that the statement is next, and go no further."""
    print("reached", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    connection = from_environment().connect()
    if STOP_BEFORE:
        interfere(connection, is_told, wait_to_be_killed)
    warehouse = new_warehouse(connection, DATABASE, "", os.environ["URL"])
    warehouse.table = RawTable(os.environ["SCHEMA"], "PARCELS")
    warehouse.load(load_id="killed")
