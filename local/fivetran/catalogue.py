"""The JSON of a connector's schema, tables and columns."""

from typing import Any

from local.fivetran.connectors import Connector
from local.fivetran.extract import Declared


def schema_config(connector: Connector, declared: Declared) -> dict[str, Any]:
    """The connector's schema configuration: everything is synced.

    Shape: https://fivetran.com/docs/rest-api/api-reference/connection-schema
    """
    columns = {
        name.lower(): {
            "name_in_destination": name.lower(),
            "enabled": True,
            "hashed": False,
            "is_primary_key": name == connector.key,
            "enabled_patch_settings": {"allowed": name != connector.key},
        }
        for name in declared.columns
    }
    table = {
        "name_in_destination": declared.table.lower(),
        "enabled": True,
        "sync_mode": "SOFT_DELETE" if connector.keeps_deleted else "LIVE",
        "enabled_patch_settings": {"allowed": True},
        "columns": columns,
    }
    schema = {
        "name_in_destination": declared.schema.lower(),
        "enabled": True,
        "tables": {declared.table.lower(): table},
    }
    return {
        "enable_new_by_default": True,
        "schema_change_handling": "ALLOW_ALL",
        "schemas": {declared.schema.lower(): schema},
    }


def tables(connector: Connector, declared: Declared) -> list[dict[str, str]]:
    """The connector's table, as the metadata API lists it."""
    name = declared.table.lower()
    return [
        {
            "id": _table_id(connector),
            "parent_id": f"{connector.id}_schema",
            "name_in_source": name,
            "name_in_destination": name,
        }
    ]


def columns(connector: Connector, declared: Declared) -> list[dict[str, Any]]:
    """The table's columns, as the metadata API lists them."""
    return [
        {
            "id": f"{connector.id}_{name.lower()}",
            "parent_id": _table_id(connector),
            "name_in_source": name.lower(),
            "name_in_destination": name.lower(),
            "type_in_source": None,
            "type_in_destination": type_,
            "is_primary_key": name == connector.key,
            "is_foreign_key": False,
        }
        for name, type_ in declared.columns.items()
    ]


def _table_id(connector: Connector) -> str:
    return f"{connector.id}_table"
