"""The tables that a Fivetran connector writes, compared with the one that this project reads.

Fivetran names an Airtable schema after its base. When somebody renames the base, or the table, the
next sync succeeds and writes to a new schema or table; the old one no longer changes
(https://fivetran.com/docs/connectors/applications/airtable). The connection's details have only
the prefix of that name, so the schema configuration is compared
(https://fivetran.com/docs/rest-api/api-reference/connection-schema/connection-schema-config).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import structlog
from airflow.sdk.exceptions import AirflowFailException

from include.pipeline.fivetran import FivetranApi
from include.sources import FivetranConnector

MOST_TABLES = 3
_AIRTABLE_BASE = re.compile(r"_APP[0-9A-Z]{14}$")

log = structlog.get_logger(__name__)

Written = tuple[str, str]


def check_written_table(
    api: FivetranApi, connector_id: str, source: str, connector: FivetranConnector
) -> None:
    """Check that a connector writes the table that this project reads.

    Args:
        api: Fivetran's API.
        connector_id: The connector's id at Fivetran.
        source: The source's name.
        connector: The connector's declaration.

    Raises:
        AirflowFailException: It writes other tables, or also the same base under a new name.
        FivetranError: Fivetran refuses the request or does not answer.
    """
    written = sorted(written_tables(api.get_connector_schemas(connector_id)))
    if not written:
        log.warning("Fivetran names no tables of the connector %s to compare.", connector.name)
        return
    read = connector.table.schema, connector.table.name
    new = [one for one in written if one != read and _is_renamed(one, read)]
    if read in written and not new:
        return
    names = [".".join(one) for one in new or written]
    listed = ", ".join(names[:MOST_TABLES])
    if len(names) > MOST_TABLES:
        listed += f" and {len(names) - MOST_TABLES} more"
    raise AirflowFailException(
        f"The Fivetran connector {connector.name} writes to {listed}, but {source} is read from"
        f" {'.'.join(read)}, which no longer changes: rename the base or the table back at the"
        " source or select the table again in Fivetran, or change"
        f" include/sources/{source}.py as docs/deploy.md says; then clear sync."
    )


def written_tables(configuration: Mapping[str, Any]) -> Iterator[Written]:
    """The schema and the name of each table that a connector's schema configuration selects."""
    for schema_key, schema in (configuration.get("schemas") or {}).items():
        for table_key, table in (schema.get("tables") or {}).items():
            if schema.get("enabled", True) and table.get("enabled", True):
                yield _name(schema_key, schema), _name(table_key, table)


def _name(key: str, item: Mapping[str, Any]) -> str:
    """The name in the warehouse, where Fivetran's names are upper-case."""
    return str(item.get("name_in_destination") or key).upper()


def _is_renamed(written: Written, read: Written) -> bool:
    """True for the same table of the same Airtable base under another name."""
    base = _AIRTABLE_BASE.search(read[0])
    return base is not None and written[0].endswith(base[0]) and written[1] == read[1]
