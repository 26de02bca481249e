"""A load in a process of its own, for a test to kill."""

import os
import sys

from include.sources import RawTable
from tests.loaders.emulator import DATABASE, from_environment
from tests.loaders.interference import interfere
from tests.loaders.warehouse import new_warehouse

STOP_BEFORE = os.environ["STOP_BEFORE"]


def is_reached(sql: str) -> bool:
    """True for the statement before which the test wants the load to stop."""
    return STOP_BEFORE in sql


def wait_to_be_killed() -> None:
    """Report that the statement is next, and stop."""
    print("reached", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    connection = from_environment().connect()
    if STOP_BEFORE:
        interfere(connection, is_reached, wait_to_be_killed)
    warehouse = new_warehouse(connection, DATABASE, "", os.environ["URL"])
    warehouse.table = RawTable(os.environ["SCHEMA"], "PARCELS")
    warehouse.load(load_id="killed")
