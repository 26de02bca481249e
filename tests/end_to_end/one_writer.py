"""Airflow's API on SQLite, which lets one transaction write at a time."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from local.airflow import DATABASE
from local.airflow_api import AirflowApi
from tests.end_to_end.laptop import Laptop

REQUESTS = 20


def the_api_responds_while_an_action_waits_to_write(laptop: Laptop) -> None:
    """The write of an action's log waits for a task's transaction, but no other request does."""
    person = AirflowApi(laptop.cloud.url("airflow"))
    person.dags()
    database = laptop.home.airflow / DATABASE
    with (
        closing(sqlite3.connect(database, timeout=60, isolation_level=None)) as task,
        ThreadPoolExecutor(1) as pool,
    ):
        task.execute("BEGIN IMMEDIATE")
        action = pool.submit(person.send, "PATCH", "/dags/keep_history", {"is_paused": True})
        for _ in range(REQUESTS):
            assert laptop.api.dags()
        assert not action.done()
        task.execute("ROLLBACK")
        assert action.result()["is_paused"]
