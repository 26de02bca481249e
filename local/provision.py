"""Creates in the emulated Snowflake account what Terraform creates in a real one."""

import os
import re
from typing import TYPE_CHECKING, get_args

import snowflake.connector

from include import warehouse
from include.publishing.names import CANDIDATES_CONTAINER, PUBLIC_CONTAINER
from include.sources import LOADED, SOURCES
from local.credentials import BLOB_ACCOUNT, private_key_der
from local.home import REPOSITORY
from local.ports import HOST

if TYPE_CHECKING:
    from local.cloud import Cloud

FUNCTIONAL_ROLES = ("LOADER", "TRANSFORMER", "REPORTER", "DASHBOARD", "READER", "FIVETRAN")
SERVICE_USERS = (
    "AIRFLOW_LOADER", "AIRFLOW_TRANSFORMER", "AIRFLOW_REPORTER", "FIVETRAN", "DASHBOARD",
)  # fmt: skip
_MONTHLY_CREDITS = re.compile(r"\bmonthly_credits\s*=\s*(\d+)")


def connect(cloud: "Cloud", role: str = "ACCOUNTADMIN") -> snowflake.connector.SnowflakeConnection:
    """Connect to the emulated account, with key-pair authentication as in production.

    Statements that need a warehouse run on REPORTING, as an analyst's do.
    """
    # The connector reads the trusted authorities from the environment only.
    os.environ["REQUESTS_CA_BUNDLE"] = str(cloud.bundle)
    return snowflake.connector.connect(
        account="local",
        user="PROVISIONER",
        role=role,
        warehouse=warehouse.compute("REPORTING"),
        private_key=private_key_der(cloud.credentials.private_key),
        host=HOST,
        port=cloud.ports.snowflake,
    )


def monthly_credits(environment: str) -> int:
    """The quota of an environment's resource monitor, as Terraform's values have it.

    Args:
        environment: `DEV` or `PRD`.
    """
    values = REPOSITORY / "terraform" / "environments" / environment.lower() / "values.tf"
    [quota] = _MONTHLY_CREDITS.findall(values.read_text())
    return int(quota)


def statements(cloud: "Cloud") -> list[str]:
    """The statements that prepare an empty account; each may be repeated."""
    environment, monitor = warehouse.environment(), warehouse.resource_monitor()
    databases = [warehouse.database(kind) for kind in warehouse.DATABASES]
    parts = (part for source in LOADED for part in SOURCES[source].parts)
    # LOADING holds the log of loads. Fivetran creates its own schemas.
    schemas = sorted({"LOADING", *(part.table.schema for part in parts)})
    storage = f"azure://{HOST}:{cloud.ports.blob}/{BLOB_ACCOUNT}"
    integration = f"STORAGE_INTEGRATION = AZURE_DDRC_{environment}"
    json_format = f"{warehouse.database('ANALYTICS')}.PUBLIC.JSON_RELEASED_DDRC"
    return [
        *(f"CREATE DATABASE IF NOT EXISTS {name}" for name in databases),
        *(f"CREATE SCHEMA IF NOT EXISTS {name}.PUBLIC" for name in databases),
        *(f"CREATE SCHEMA IF NOT EXISTS {warehouse.database('RAW')}.{name}" for name in schemas),
        *(f"CREATE ROLE IF NOT EXISTS {role}_DDRC_{environment}" for role in FUNCTIONAL_ROLES),
        f"CREATE RESOURCE MONITOR IF NOT EXISTS {monitor} WITH"
        f" CREDIT_QUOTA = {monthly_credits(environment)}"
        " TRIGGERS ON 50 PERCENT DO NOTIFY ON 80 PERCENT DO NOTIFY"
        " ON 100 PERCENT DO SUSPEND ON 110 PERCENT DO SUSPEND_IMMEDIATE",
        # It may be of an earlier version of the project.
        f"ALTER RESOURCE MONITOR {monitor} SET CREDIT_QUOTA = {monthly_credits(environment)}",
        *(
            f"CREATE WAREHOUSE IF NOT EXISTS {warehouse.compute(kind)}"
            " WAREHOUSE_SIZE = XSMALL AUTO_SUSPEND = 60 INITIALLY_SUSPENDED = TRUE"
            f" RESOURCE_MONITOR = {monitor}"
            for kind in get_args(warehouse.Compute)
        ),
        f"CREATE OR REPLACE STAGE {warehouse.stage()}"
        f" URL = '{storage}/{CANDIDATES_CONTAINER}/' {integration}",
        f"CREATE FILE FORMAT IF NOT EXISTS {json_format} TYPE = JSON STRIP_OUTER_ARRAY = TRUE",
        f"CREATE OR REPLACE STAGE {warehouse.released_stage()}"
        f" URL = '{storage}/{PUBLIC_CONTAINER}/sources/' {integration}"
        f" FILE_FORMAT = (FORMAT_NAME = '{json_format}')",
        f"CREATE OR REPLACE SECURE VIEW {warehouse.database('ANALYTICS')}.PUBLIC.QUERY_HISTORY AS"  # noqa: S608
        " select start_time, query_tag, warehouse_name, execution_status, total_elapsed_time,"
        " bytes_scanned from snowflake.account_usage.query_history where startswith(query_tag, '{')"
        " and try_parse_json(query_tag):app::varchar = 'ddrc'",
        *(
            f"ALTER USER {user}_DDRC_{environment} SET TIMEZONE = 'UTC'"
            " PREVENT_UNLOAD_TO_INTERNAL_STAGES = TRUE"
            for user in SERVICE_USERS
        ),
    ]


def provision(cloud: "Cloud") -> None:
    """Run the statements. The stages are replaced each time, as the blob port may differ."""
    with connect(cloud) as connection, connection.cursor() as cursor:
        for statement in statements(cloud):
            cursor.execute(statement)
