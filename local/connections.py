"""The connections and Variables of the laptop's Airflow, all that differs from production."""

import json

from include import warehouse
from include.connections import AIRFLOW_API, FIVETRAN, SLACK, STORAGE, source_connection
from include.sources import LOADED, SOURCES
from local.cloud import Cloud
from local.fivetran.connectors import connector_id
from local.ports import HOST

SNOWFLAKE_ROLES: dict[str, tuple[warehouse.Database, warehouse.Compute]] = {
    "loader": ("RAW", "LOADING"),
    "transformer": ("TRANSFORM", "TRANSFORMING"),
    "reporter": ("ANALYTICS", "TRANSFORMING"),
}


def connections(cloud: Cloud) -> dict[str, dict[str, object]]:
    """The Airflow connections by id."""
    sources = _http(cloud.ports.sources)
    return {
        **{f"snowflake_{role}": _snowflake(cloud, role) for role in SNOWFLAKE_ROLES},
        FIVETRAN: {
            "conn_type": "fivetran",
            "login": cloud.credentials.fivetran_key,
            "password": cloud.credentials.fivetran_secret,
        },
        STORAGE: {
            "conn_type": "wasb",
            "extra": {"connection_string": cloud.blob_connection_string},
        },
        SLACK: {"conn_type": "slackwebhook", "password": cloud.slack_webhook},
        AIRFLOW_API: _http(cloud.ports.airflow),
        **{source_connection(source): sources for source in LOADED},
    }


def _http(port: int) -> dict[str, object]:
    return {"conn_type": "http", "schema": "http", "host": HOST, "port": port}


def snowflake_login(role: str) -> dict[str, str]:
    """The login, database, warehouse and role of a Snowflake connection, as Terraform names them.

    Args:
        role: A key of `SNOWFLAKE_ROLES`.
    """
    return _login(f"AIRFLOW_{role.upper()}", role.upper(), *SNOWFLAKE_ROLES[role])


def dashboard_login() -> dict[str, str]:
    """The same of the dashboard, which runs outside Airflow."""
    return _login("DASHBOARD", "DASHBOARD", "ANALYTICS", "REPORTING")


def _login(
    user: str, role: str, database: warehouse.Database, compute: warehouse.Compute
) -> dict[str, str]:
    suffix = f"DDRC_{warehouse.environment()}"
    return {
        "login": f"{user}_{suffix}",
        "database": warehouse.database(database),
        "warehouse": warehouse.compute(compute),
        "role": f"{role}_{suffix}",
    }


def _snowflake(cloud: Cloud, role: str) -> dict[str, object]:
    names = snowflake_login(role)
    return {
        "conn_type": "snowflake",
        "login": names.pop("login"),
        "schema": "PUBLIC",
        "host": HOST,
        "port": cloud.ports.snowflake,
        "extra": {
            "account": "local",
            **names,
            "private_key_content": cloud.credentials.private_key,
            # dbt reads the address from here, the Snowflake hook from the connection's own fields.
            "host": HOST,
            "port": cloud.ports.snowflake,
        },
    }


def variables() -> dict[str, str]:
    """The Airflow Variables by name."""
    return {
        **{
            connector.connector_variable: connector_id(connector)
            for source in SOURCES.values()
            for connector in source.connectors
        },
        # Dummies: on a laptop no message names a real person.
        "incident_repository": "dummy-owner/ddrc-data-pipelines",
        "incident_mentions": json.dumps(
            {"CalData or Analytica staff": "S0DUMMY", "Analytica on-call": "U0DUMMY"}
        ),
    }
