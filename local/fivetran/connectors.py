"""The connectors that the emulated Fivetran account has."""

from dataclasses import dataclass

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


CONNECTORS = {
    connector.id: connector
    for connector in (
        Connector("local_airtable", "airtable", "airtable", "ID", keeps_deleted=False),
        Connector(
            "local_page_feedback", "page_feedback", "dynamo_db", "FEEDBACK_KEY", keeps_deleted=True
        ),
    )
}
