"""The connectors of the emulated Fivetran account."""

from dataclasses import dataclass

from include.sources import SOURCES, FivetranConnector

GROUP_ID = "local_group"
GROUP_NAME = "local"
USER_ID = "local_user"


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
