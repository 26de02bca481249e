"""One load in a process of its own, for a test to kill."""

import os
from pathlib import Path

from include.sources import RawTable
from tests.loaders.warehouse import new_warehouse
from tests.local.snowflake.client import Emulator, new_private_key

if __name__ == "__main__":
    emulator = Emulator(int(os.environ["PORT"]), Path(), new_private_key())
    warehouse = new_warehouse(emulator.connect(), "RAW_DDRC_DEV", "", os.environ["URL"])
    warehouse.table = RawTable(os.environ["SCHEMA"], "PARCELS")
    warehouse.load(load_id="killed")
