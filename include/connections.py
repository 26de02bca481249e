"""The ids of Airflow's connections, in which production and a laptop differ.

`docs/secrets.md` describes each one.
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
    """The id of the optional connection that overrides a source's address."""
    return f"source_{source}"
