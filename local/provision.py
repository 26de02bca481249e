"""What Terraform creates in a real account, created in the emulated one."""

import os
from typing import TYPE_CHECKING

import snowflake.connector
from cryptography.hazmat.primitives import serialization

from include import warehouse
from include.publishing.names import CANDIDATES_CONTAINER
from local.credentials import BLOB_ACCOUNT
from local.ports import HOST

if TYPE_CHECKING:
    from local.cloud import Cloud

FUNCTIONAL_ROLES = ("LOADER", "TRANSFORMER", "REPORTER", "READER", "FIVETRAN")
WAREHOUSES = ("LOADING", "TRANSFORMING", "REPORTING")


def connect(cloud: "Cloud", role: str = "ACCOUNTADMIN") -> snowflake.connector.SnowflakeConnection:
    """A connection to the emulated account, with key-pair authentication as in production."""
    # The connector takes the authorities to trust from the environment only.
    os.environ["REQUESTS_CA_BUNDLE"] = str(cloud.bundle)
    key = serialization.load_pem_private_key(
        cloud.credentials.private_key_pem.encode(), password=None
    )
    return snowflake.connector.connect(
        account="local",
        user="PROVISIONER",
        role=role,
        private_key=key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        host=HOST,
        port=cloud.ports.snowflake,
    )


def statements(cloud: "Cloud") -> list[str]:
    """The statements that make an empty account ready; each may be run again."""
    environment = warehouse.environment()
    databases = [warehouse.database(kind) for kind in warehouse.DATABASES]
    container = f"azure://{HOST}:{cloud.ports.blob}/{BLOB_ACCOUNT}/{CANDIDATES_CONTAINER}/"
    return [
        *(f"CREATE DATABASE IF NOT EXISTS {name}" for name in databases),
        *(f"CREATE SCHEMA IF NOT EXISTS {name}.PUBLIC" for name in databases),
        *(f"CREATE ROLE IF NOT EXISTS {role}_DDRC_{environment}" for role in FUNCTIONAL_ROLES),
        *(
            f"CREATE WAREHOUSE IF NOT EXISTS {name}_XS_DDRC_{environment}"
            f" WAREHOUSE_SIZE = XSMALL AUTO_SUSPEND = 60 INITIALLY_SUSPENDED = TRUE"
            for name in WAREHOUSES
        ),
        f"CREATE OR REPLACE STAGE {warehouse.stage()} URL = '{container}'"
        f" STORAGE_INTEGRATION = AZURE_DDRC_{environment}",
    ]


def provision(cloud: "Cloud") -> None:
    """Run the statements. The stage is made anew each time, as the blob port may differ."""
    with connect(cloud) as connection, connection.cursor() as cursor:
        for statement in statements(cloud):
            cursor.execute(statement)
