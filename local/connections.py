"""The connections and Variables of the laptop's Airflow: all that differs from production."""

import json
from typing import Any

from include import warehouse
from include.sources import LOADED, PARTS, FivetranConnector
from local.cloud import Cloud
from local.fivetran.connectors import connector_id
from local.ports import HOST

SNOWFLAKE_ROLES = {
    "loader": ("RAW", "LOADING"),
    "transformer": ("TRANSFORM", "TRANSFORMING"),
    "reporter": ("ANALYTICS", "REPORTING"),
}


def connections(cloud: Cloud) -> dict[str, dict[str, Any]]:
    """The Airflow connections by id."""
    made: dict[str, dict[str, Any]] = {
        f"snowflake_{role}": _snowflake(cloud, role) for role in SNOWFLAKE_ROLES
    }
    made["fivetran"] = {
        "conn_type": "fivetran",
        "login": cloud.credentials.fivetran_key,
        "password": cloud.credentials.fivetran_secret,
    }
    made["azure_storage"] = {
        "conn_type": "wasb",
        "extra": {"connection_string": cloud.blob_connection_string},
    }
    made["slack_incidents"] = {"conn_type": "slackwebhook", "password": cloud.slack_webhook}
    made["airflow_api"] = {
        "conn_type": "http",
        "schema": "http",
        "host": HOST,
        "port": cloud.ports.airflow,
    }
    for source in LOADED:
        made[f"source_{source}"] = {
            "conn_type": "http",
            "schema": "http",
            "host": HOST,
            "port": cloud.ports.sources,
        }
    return made


def snowflake_login(role: str) -> dict[str, str]:
    """Who logs in as a role, and with what: the names that Terraform gives them."""
    database, compute = SNOWFLAKE_ROLES[role]
    suffix = f"DDRC_{warehouse.environment()}"
    return {
        "login": f"AIRFLOW_{role.upper()}_{suffix}",
        "database": f"{database}_{suffix}",
        "warehouse": f"{compute}_XS_{suffix}",
        "role": f"{role.upper()}_{suffix}",
    }


def _snowflake(cloud: Cloud, role: str) -> dict[str, Any]:
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
            # dbt reads the address here, the Snowflake hook reads the connection's own fields.
            "host": HOST,
            "port": cloud.ports.snowflake,
        },
    }


def variables() -> dict[str, str]:
    """The Airflow Variables by name."""
    return {
        **{
            part.connector_variable: connector_id(part)
            for parts in PARTS.values()
            for part in parts
            if isinstance(part, FivetranConnector)
        },
        # Dummies: on a laptop the messages name nobody real.
        "incident_repository": "dummy-owner/ddrc-data-pipelines",
        "incident_mentions": json.dumps(
            {"CalData or Analytica staff": "S0DUMMY", "Analytica on-call": "U0DUMMY"}
        ),
    }
