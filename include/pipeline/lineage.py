"""Lineage: the datasets that a task reads and writes, sent to OpenLineage if it is switched on.

Names follow https://openlineage.io/docs/spec/naming. Tables are named as in dbt's events, so that
both describe one graph.
"""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from airflow.providers.openlineage.api import emit_dataset_lineage, is_openlineage_active
from airflow.sdk import BaseHook

from include import connections
from include.pipeline.third_party_patches import lineage_account
from include.publishing.store import Place
from include.storage import open_store

if TYPE_CHECKING:
    from openlineage.client.event_v2 import Dataset

log = logging.getLogger(__name__)


class Address(NamedTuple):
    """The address of a source."""

    url: str


class Table(NamedTuple):
    """A table of the warehouse, by its qualified name without quotes."""

    name: str


Location = Address | Table | Place


def candidates_of(candidate: Place) -> Place:
    """The folder of a candidate, which is one dataset for the candidates of all runs."""
    return Place(candidate.container, candidate.path.partition("/")[0])


def emit_lineage(*, reads: Sequence[Location] = (), writes: Sequence[Location] = ()) -> None:
    """Send what the running task read and wrote; an error is logged and fails no task."""
    if not is_openlineage_active():
        return
    try:
        emit_dataset_lineage(inputs=datasets(reads), outputs=datasets(writes))
    except Exception:
        log.warning("The lineage of this task could not be sent.", exc_info=True)


def datasets(locations: Sequence[Location]) -> "list[Dataset]":
    """The locations as OpenLineage's datasets."""
    from openlineage.client.event_v2 import Dataset

    return [Dataset(*_name(location)) for location in locations]


def _name(location: Location) -> tuple[str, str]:
    """The namespace and the name of a dataset."""
    if isinstance(location, Address):
        parts = urlsplit(location.url)
        return f"{parts.scheme}://{parts.netloc}", parts.path
    if isinstance(location, Table):
        return _name_of_table(location.name)
    return _name_of_blob(location)


def _name_of_table(name: str) -> tuple[str, str]:
    account = str(BaseHook.get_connection(connections.TRANSFORMER).extra_dejson["account"])
    schema, _, table = name.rpartition(".")
    # dbt's events keep the case of databases and schemas, and name a table by its model.
    return f"snowflake://{lineage_account(account)}", f"{schema}.{table.lower()}"


def _name_of_blob(place: Place) -> tuple[str, str]:
    from openlineage.client.naming.dataset import WASBS

    named = WASBS(place.container, open_store().account, place.path)
    return named.get_namespace(), named.get_name()
