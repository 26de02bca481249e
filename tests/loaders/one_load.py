"""One load in a process of its own, for a test to kill."""

import os

from include.sources import RawTable
from tests.loaders.emulator import DATABASE, from_environment
from tests.loaders.warehouse import new_warehouse

if __name__ == "__main__":
    warehouse = new_warehouse(from_environment().connect(), DATABASE, "", os.environ["URL"])
    warehouse.table = RawTable(os.environ["SCHEMA"], "PARCELS")
    warehouse.load(load_id="killed")
