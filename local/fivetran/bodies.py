"""The JSON bodies of Fivetran's REST API.

Shapes: https://fivetran.com/docs/rest-api/api-reference/connections/connection-details and the
pages beside it. `airflow-provider-fivetran-async` reads a part of them.
"""

from collections.abc import Sequence
from typing import Any

from local.fivetran.connectors import (
    AIRTABLE_PREFIX,
    GROUP_ID,
    GROUP_NAME,
    USER_ID,
    Connector,
)
from local.fivetran.extract import Declared
from local.fivetran.records import Record, parse_time

GROUP_CREATED_AT = "2025-01-07T00:00:00.000000Z"
# A task for a person, as the connector's status page lists it.
_RECONNECT = {"code": "reconnect", "message": "Reconnect: the source refuses the authorization"}


def success(data: object = None, message: str | None = None) -> dict[str, Any]:
    """The envelope of every successful response."""
    parts = {"code": "Success", "message": message, "data": data}
    return {name: part for name, part in parts.items() if part is not None}


def error(code: str, message: str) -> dict[str, str]:
    """The envelope of every error; Fivetran documents neither an id nor a time in it.

    https://fivetran.com/docs/rest-api/getting-started/api-response-codes
    """
    return {"code": code, "message": message}


def page(items: Sequence[object]) -> dict[str, Any]:
    """The only page of a list."""
    return success({"items": items, "next_cursor": None})


def connection(
    connector: Connector, record: Record, declared: Declared, *, syncing: bool, broken: bool
) -> dict[str, Any]:
    """A connector's details and status.

    Args:
        connector: The connector.
        record: Its stored state.
        declared: Its table.
        syncing: Whether a sync is running.
        broken: Whether the source refuses the authorization that somebody has given.
    """
    sync_state = "syncing" if syncing else "paused" if record.paused else "scheduled"
    if sync_state == "scheduled" and record.rescheduled_for:
        sync_state = "rescheduled"
    needs_people = broken or _failed_last(record)
    config = _config(connector, record, declared)
    return {
        "id": connector.id,
        "group_id": GROUP_ID,
        "service": connector.service,
        "service_version": 1,
        "schema": config.get("schema_prefix") or config["schema"],
        "connected_by": USER_ID,
        "created_at": record.created_at,
        "succeeded_at": record.succeeded_at,
        "failed_at": record.failed_at,
        "paused": record.paused,
        "pause_after_trial": False,
        "sync_frequency": record.sync_frequency,
        "schedule_type": record.schedule_type,
        "data_delay_threshold": 0,
        "data_delay_sensitivity": "NORMAL",
        "networking_method": "Directly",
        "status": {
            "setup_state": "broken" if broken else "connected",
            "sync_state": sync_state,
            "update_state": "delayed" if _failed_last(record) else "on_schedule",
            "is_historical_sync": record.is_historical_sync,
            "schema_status": "ready",
            "rescheduled_for": record.rescheduled_for if sync_state == "rescheduled" else None,
            "tasks": [_RECONNECT] if needs_people else [],
            "warnings": [],
        },
        "config": config,
        "source_sync_details": {},
    }


def setup_tests(details: dict[str, Any]) -> dict[str, Any]:
    """A connector's details after its setup tests."""
    broken = details["status"]["setup_state"] != "connected"
    test = {
        "title": "Reading the source",
        "status": "FAILED" if broken else "PASSED",
        "message": _RECONNECT["message"] if broken else "",
    }
    return {**details, "setup_tests": [test]}


def group() -> dict[str, str]:
    """The account's one group."""
    return {"id": GROUP_ID, "name": GROUP_NAME, "created_at": GROUP_CREATED_AT}


def user() -> dict[str, Any]:
    """The account's one user."""
    return {
        "id": USER_ID,
        "email": "local@example.org",
        "given_name": "Local",
        "family_name": "User",
        "verified": True,
        "invited": False,
        "role": "Account Administrator",
        "active": True,
        "created_at": GROUP_CREATED_AT,
    }


def destination(host: str, port: int, database: str) -> dict[str, Any]:
    """The account's one destination, which has its group's id as Fivetran's do.

    Args:
        host: The warehouse's host.
        port: The warehouse's port.
        database: The raw database.
    """
    return {
        "id": GROUP_ID,
        "group_id": GROUP_ID,
        "service": "snowflake",
        "region": "GCP_US_WEST1",
        "time_zone_offset": "-8",
        "setup_status": "connected",
        "config": {
            "host": host,
            "port": port,
            "database": database,
            "auth": "KEY_PAIR",
            "snowflake_cloud": "AZURE",
        },
    }


def unknown_connector(connector_id: str, noun: str) -> dict[str, str]:
    """The error for an id that is not in `CONNECTORS`; `noun` as in the request's path."""
    return error(
        f"NotFound_{noun.capitalize()}",
        f"{noun.capitalize()} with id '{connector_id}' does not exist.",
    )


def _config(connector: Connector, record: Record, declared: Declared) -> dict[str, Any]:
    """What somebody entered to set the connector up.

    https://fivetran.com/docs/connectors/applications/airtable/api-configuration and the page of
    each service.
    """
    schema, table = declared.schema.lower(), declared.table.lower()
    if connector.has_prefix and schema.startswith(f"{AIRTABLE_PREFIX}_"):
        return {"schema_prefix": AIRTABLE_PREFIX}
    if connector.has_pack_mode:
        return {"schema": schema, "sync_mode": record.sync_mode, "packed_mode_tables": []}
    return {"schema": schema, "table": table}


def _failed_last(record: Record) -> bool:
    if record.failed_at is None:
        return False
    return record.succeeded_at is None or (
        parse_time(record.failed_at) > parse_time(record.succeeded_at)
    )
