"""The configuration under test: connections and Variables, and what several checks read of it."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseHook, Variable
from airflow.sdk.exceptions import AirflowNotFoundException

from include import connections
from include.airflow_api import AirflowClient
from include.incidents.airflow_links import PAGES
from include.pipeline.clean_up import PAGE
from include.pipeline.dag_problems import Dags, read_dags
from include.publishing.store import Store
from include.storage import open_store
from tools.acceptance.outcomes import CheckFailedError

if TYPE_CHECKING:
    from airflow.sdk import Connection

# What the pages and the examples write in the place of a value.
_PLACEHOLDERS = ("…", "dummy")


class Deployment:
    """A deployment, by the connections and Variables that this process finds."""

    def find_connection(self, name: str) -> Connection | None:
        """A connection; `None` if it is not configured.

        Raises:
            CheckFailedError: Its environment variable is set, and Airflow cannot read the value.
        """
        try:
            found: Connection = BaseHook.get_connection(name)
        except AirflowNotFoundException:
            if f"AIRFLOW_CONN_{name.upper()}" not in os.environ:
                return None
            # Airflow only logs that, and goes on as if there were no connection.
            raise CheckFailedError(
                f"The value of the connection {name} cannot be read: it is one line of JSON."
            ) from None
        return found

    def connection(self, name: str) -> Connection:
        """A connection that has to exist.

        Raises:
            CheckFailedError: It is not configured, or has the value of an example.
        """
        found = self.find_connection(name)
        if found is None:
            raise CheckFailedError(f"The connection {name} is not configured.")
        secret = found.password or ""
        key = str(_extra(found).get("private_key_content", ""))
        if "…" in (secret, key):
            raise CheckFailedError(f"The connection {name} has the … of the example.")
        return found

    def variable(self, name: str) -> str:
        """An Airflow Variable that has to exist.

        Raises:
            CheckFailedError: It is not set, or empty.
        """
        found = Variable.get(name, default=None)
        if not found:
            raise CheckFailedError(f"The Variable {name} is not set.")
        return str(found)

    @cached_property
    def store(self) -> Store:
        """The storage account.

        Raises:
            CheckFailedError: Its connection is not configured.
        """
        self.connection(connections.STORAGE)
        return open_store()

    @cached_property
    def dags(self) -> Dags:
        """The DAGs of the deployment, read once.

        Raises:
            CheckFailedError: The connection to its API is not configured.
            httpx.HTTPError: The API is out of reach or refuses a request.
        """
        with self._api() as api:
            return read_dags(api)

    def read_clean_up_rule(self) -> dict[str, int]:
        """The rule of the plugin's clean-up, which only who may delete DAG runs can read.

        Raises:
            CheckFailedError: The connection to its API is not configured.
            httpx.HTTPError: The API server is out of reach or refuses the request.
        """
        with self._api() as api:
            return api.request("GET", PAGE, below=PAGES)

    def _api(self) -> AirflowClient:
        connection = self.connection(connections.AIRFLOW_API)
        return AirflowClient(connections.base_url(connection), connection.password)


def is_placeholder(value: str) -> bool:
    """True if a value is that of an example."""
    return any(each in value.lower() for each in _PLACEHOLDERS)


def _extra(connection: Connection) -> dict[str, Any]:
    try:
        extra: dict[str, Any] = connection.extra_dejson
    except ValueError:
        return {}
    return extra
