"""The ids of Airflow's connections, in which production and a laptop differ, and their addresses.

`docs/secrets.md` describes each one.
"""

from typing import Protocol

LOADER = "snowflake_loader"
TRANSFORMER = "snowflake_transformer"
REPORTER = "snowflake_reporter"
FIVETRAN = "fivetran"
STORAGE = "azure_storage"
SLACK = "slack_incidents"
GITHUB = "github"
AIRFLOW_API = "airflow_api"


def source_connection(source: str) -> str:
    """The id of the optional connection that overrides a source's address."""
    return f"source_{source}"


class Address(Protocol):
    """The address in an Airflow connection."""

    host: str | None
    schema: str | None
    port: int | None


def base_url(connection: Address) -> str:
    """A connection's scheme, host and port as an address; the scheme is `https` by default."""
    port = f":{connection.port}" if connection.port else ""
    return f"{connection.schema or 'https'}://{connection.host}{port}"
