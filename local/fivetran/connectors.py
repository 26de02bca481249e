"""The connectors that the emulated Fivetran account has."""

from dataclasses import dataclass

from include.sources import PARTS, FivetranConnector

GROUP_ID = "local_group"
GROUP_NAME = "local"
USER_ID = "local_user"


@dataclass(frozen=True)
class Connector:
    """One connection of a source to the warehouse.

    Attributes:
        id: What Fivetran calls the connector by; an Airflow Variable holds it.
        source: The source's name in this project and in the faults file.
        service: Fivetran's name for the kind of source.
        key: The column that identifies a row.
        keeps_deleted: Whether a row that is gone from the source stays and is marked
            (Fivetran's soft delete mode), or is removed.
    """

    id: str
    source: str
    service: str
    key: str
    keeps_deleted: bool


def connector_id(source: FivetranConnector) -> str:
    """What the emulated Fivetran calls a source's connector by."""
    return f"local_{source.name}"


CONNECTORS = {
    connector_id(part): Connector(
        connector_id(part), part.name, part.service, part.key, part.keeps_deleted
    )
    for parts in PARTS.values()
    for part in parts
    if isinstance(part, FivetranConnector)
}
