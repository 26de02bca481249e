"""The ids of Airflow's connections: what differs between production and a laptop.

`docs/secrets.md` says what each one holds. A source's own connection, `source_<name>`, is optional.
"""

LOADER = "snowflake_loader"
TRANSFORMER = "snowflake_transformer"
REPORTER = "snowflake_reporter"
FIVETRAN = "fivetran"
STORAGE = "azure_storage"
SLACK = "slack_incidents"
GITHUB = "github"
AIRFLOW_API = "airflow_api"


def source_connection(source: str) -> str:
    """The id of the optional connection that overrides where a source is read from."""
    return f"source_{source}"
