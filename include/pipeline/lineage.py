"""What a task read and wrote, told to OpenLineage where a deployment has switched it on.

Names follow https://openlineage.io/docs/spec/naming, and for tables what dbt's events call them, so
that the two meet. Where lineage is off, nothing but its configuration is looked at.
"""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from airflow.providers.openlineage import conf
from airflow.sdk import BaseHook, Context

from include.publishing.store import Place
from include.storage import open_store

if TYPE_CHECKING:
    from openlineage.client.event_v2 import Dataset

log = logging.getLogger(__name__)


class Address(NamedTuple):
    """Where a source is read from."""

    url: str


class Table(NamedTuple):
    """A table of the warehouse, by its qualified name, which needs no quotes."""

    name: str


Thing = Address | Table | Place


def of_every_run(candidate: Place) -> Place:
    """What the candidates of all runs have in common: their folder, by which lineage names them."""
    return Place(candidate.container, candidate.path.partition("/")[0])


def tell_lineage(*, reads: Sequence[Thing] = (), writes: Sequence[Thing] = ()) -> None:
    """Tell what the running task read and wrote; lineage that fails is logged and fails nothing."""
    if conf.is_disabled():
        return
    from airflow.providers.openlineage.api import emit_dataset_lineage

    try:
        emit_dataset_lineage(inputs=datasets(reads), outputs=datasets(writes))
    except Exception:
        log.warning("The lineage of this task could not be told.", exc_info=True)


def skip_dbts_lineage(context: Context) -> None:
    """Before a dbt task: where nobody is told of lineage, dbt writes and Cosmos reads none of it.

    They would in every task, whatever the configuration: each costs up to 0.3 s of processor time.
    """
    if conf.is_disabled():
        task: Any = context["task"]
        task._get_dbt_local_artifact_processor = lambda: None
        task.dbt_cmd_global_flags = [*task.dbt_cmd_global_flags, "--no-write-json"]


def datasets(things: Sequence[Thing]) -> "list[Dataset]":
    """The same as OpenLineage names them."""
    from openlineage.client.event_v2 import Dataset

    return [Dataset(*_named(thing)) for thing in things]


def _named(thing: Thing) -> tuple[str, str]:
    """The namespace and the name of a dataset."""
    if isinstance(thing, Address):
        parts = urlsplit(thing.url)
        return f"{parts.scheme}://{parts.netloc}", parts.path
    if isinstance(thing, Table):
        return _table(thing.name)
    return _blob(thing)


def _table(name: str) -> tuple[str, str]:
    from openlineage.common.provider.snowflake import fix_account_name

    from include import connections

    account = str(BaseHook.get_connection(connections.TRANSFORMER).extra_dejson["account"])
    place, _, table = name.rpartition(".")
    # dbt's events name databases and schemas as they are, and a table by its model.
    return f"snowflake://{fix_account_name(account)}", f"{place}.{table.lower()}"


def _blob(place: Place) -> tuple[str, str]:
    from openlineage.client.naming.dataset import WASBS

    named = WASBS(place.container, open_store().account, place.path)
    return named.get_namespace(), named.get_name()
