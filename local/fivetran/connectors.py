"""The connectors of the emulated Fivetran account, and what somebody entered to set them up."""

import re
from dataclasses import dataclass

from include.sources import SOURCES, FivetranConnector

GROUP_ID = "local_group"
GROUP_NAME = "local"
USER_ID = "local_user"

# The schema prefix that somebody typed for Airtable, and the base that Fivetran reads.
AIRTABLE_PREFIX = "odi_airtable"
AIRTABLE_BASE = "LA Recovery Metrics"
AIRTABLE_BASE_ID = "appL6HFEE8UDLUC3G"

# The pack modes of DynamoDB: one JSON column, which is Fivetran's default, or a column for each
# attribute (https://fivetran.com/docs/connectors/databases/dynamodb/api-configuration).
PACKED = "UsePackedModeOnly"
UNPACKED = "UseUnpackedModeOnly"


@dataclass(frozen=True)
class Connector:
    """One connection of a source to the warehouse.

    Attributes:
        id: Its id at Fivetran; an Airflow Variable holds it.
        source: The source's name in this project and in the faults file.
        service: Fivetran's name for the kind of source.
        key: The column that identifies a row.
        keeps_deleted: Whether a row deleted at the source is marked as deleted (Fivetran's soft
            delete mode) or removed.
    """

    id: str
    source: str
    service: str
    key: str
    keeps_deleted: bool

    @property
    def has_prefix(self) -> bool:
        """True if only a prefix of its schema's name was typed, as for Airtable."""
        return self.service == "airtable"

    @property
    def has_pack_mode(self) -> bool:
        """True if its rows arrive packed or unpacked, as DynamoDB's."""
        return self.service == "dynamodb"


def airtable_schema(prefix: str, base: str, base_id: str) -> str:
    """The schema that Fivetran makes for an Airtable base: `prefix_basename_baseid`, upper-case.

    A base that is renamed gets a new schema
    (https://fivetran.com/docs/connectors/applications/airtable).
    """
    words = re.sub(r"[^0-9A-Za-z]+", "_", base).strip("_")
    return f"{prefix}_{words}_{base_id}".upper()


def connector_id(source: FivetranConnector) -> str:
    """The id of a source's connector at the emulated Fivetran."""
    return f"local_{source.name}"


CONNECTORS = {
    connector_id(part): Connector(
        connector_id(part), part.name, part.service, part.key, part.keeps_deleted
    )
    for source in SOURCES.values()
    for part in source.connectors
}
