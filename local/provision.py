"""Creates in the emulated Snowflake account what Terraform creates in a real one."""

import os
from typing import TYPE_CHECKING

import snowflake.connector

from include import warehouse
from include.publishing.names import CANDIDATES_CONTAINER, PUBLIC_CONTAINER
from local.credentials import BLOB_ACCOUNT, private_key_der
from local.ports import HOST

if TYPE_CHECKING:
    from local.cloud import Cloud

FUNCTIONAL_ROLES = ("LOADER", "TRANSFORMER", "REPORTER", "DASHBOARD", "READER", "FIVETRAN")
WAREHOUSES = ("LOADING", "TRANSFORMING", "REPORTING")


def connect(cloud: "Cloud", role: str = "ACCOUNTADMIN") -> snowflake.connector.SnowflakeConnection:
    """Connect to the emulated account, with key-pair authentication as in production."""
    # The connector reads the trusted authorities from the environment only.
    os.environ["REQUESTS_CA_BUNDLE"] = str(cloud.bundle)
    return snowflake.connector.connect(
        account="local",
        user="PROVISIONER",
        role=role,
        private_key=private_key_der(cloud.credentials.private_key),
        host=HOST,
        port=cloud.ports.snowflake,
    )


def statements(cloud: "Cloud") -> list[str]:
    """The statements that prepare an empty account; each may be repeated."""
    environment = warehouse.environment()
    databases = [warehouse.database(kind) for kind in warehouse.DATABASES]
    storage = f"azure://{HOST}:{cloud.ports.blob}/{BLOB_ACCOUNT}"
    integration = f"STORAGE_INTEGRATION = AZURE_DDRC_{environment}"
    json_format = f"{warehouse.database('ANALYTICS')}.PUBLIC.JSON_RELEASED_DDRC"
    return [
        *(f"CREATE DATABASE IF NOT EXISTS {name}" for name in databases),
        *(f"CREATE SCHEMA IF NOT EXISTS {name}.PUBLIC" for name in databases),
        *(f"CREATE ROLE IF NOT EXISTS {role}_DDRC_{environment}" for role in FUNCTIONAL_ROLES),
        *(
            f"CREATE WAREHOUSE IF NOT EXISTS {name}_XS_DDRC_{environment}"
            f" WAREHOUSE_SIZE = XSMALL AUTO_SUSPEND = 60 INITIALLY_SUSPENDED = TRUE"
            for name in WAREHOUSES
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
    ]


def provision(cloud: "Cloud") -> None:
    """Run the statements. The stages are replaced each time, as the blob port may differ."""
    with connect(cloud) as connection, connection.cursor() as cursor:
        for statement in statements(cloud):
            cursor.execute(statement)
