"""Airflow on the laptop: the same DAGs as in production, told by environment where they run."""

import json
import os
import sys
from pathlib import Path

from local.cloud import Cloud
from local.connections import connections, variables
from local.home import REPOSITORY
from local.ports import HOST

DATABASE = "airflow.db"
# Production's plugins and the laptop's.
PLUGINS_FOLDER = "AIRFLOW__CORE__PLUGINS_FOLDER"
# What is run for each of Airflow's processes: arguments to Python.
PROCESSES = {
    "api-server": ("-m", "local.airflow_process", "api-server"),
    "scheduler": ("-m", "local.airflow_process", "scheduler"),
    "dag-processor": ("-m", "local.airflow_process", "dag-processor"),
    "triggerer": ("-m", "airflow", "triggerer"),
}
# A person at a laptop rehearses failures and waits less long for them than production does.
PATIENCE = {
    "DDRC_RETRY_SECONDS": "3",
    "DDRC_POLL_SECONDS": "1",
    "DDRC_SOURCE_RETRY_SECONDS": "5",
    "DDRC_SYNC_TIMEOUT_SECONDS": "120",
}
# As the image sets them.
IMAGE_SETTINGS = {
    "AIRFLOW__COSMOS__ENABLE_ORJSON_PARSER": "True",
    "SNOWFLAKE_DISABLE_PLATFORM_DETECTION": "true",
}


def environment(cloud: Cloud) -> dict[str, str]:
    """The environment of every process that runs our DAGs on this laptop."""
    return {
        **{f"AIRFLOW_CONN_{name.upper()}": json.dumps(c) for name, c in connections(cloud).items()},
        **{f"AIRFLOW_VAR_{name.upper()}": value for name, value in variables().items()},
        **_airflow_settings(cloud),
        **IMAGE_SETTINGS,
        "DDRC_ENV": "DEV",
        "DDRC_SCHEMA_PREFIX": "LAPTOP",
        **{name: os.environ.get(name, value) for name, value in PATIENCE.items()},
        "FIVETRAN_API_URL": cloud.url("fivetran"),
        "REQUESTS_CA_BUNDLE": str(cloud.bundle),
        "SSL_CERT_FILE": str(cloud.bundle),
        "NO_PROXY": f"{HOST},localhost",
        "PYTHONPATH": str(REPOSITORY),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "DO_NOT_TRACK": "1",
    }


def _airflow_settings(cloud: Cloud) -> dict[str, str]:
    home = cloud.home.airflow
    api = cloud.url("airflow")
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(REPOSITORY / "dags"),
        PLUGINS_FOLDER: str(REPOSITORY / "local" / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        # More than two cores' worth: while a task waits for the warehouse, others compute.
        "AIRFLOW__CORE__PARALLELISM": "6",
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__FERNET_KEY": cloud.credentials.fernet_key,
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{api}/execution/",
        # One person at one laptop: the UI asks for no login, and listens on the loopback only.
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        # SQLite's one writer is waited for, however long it takes on a busy laptop; so is the API.
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / DATABASE}?timeout=60",
        # Whoever waits holds a connection; the API's event loop must not wait for one.
        "AIRFLOW__DATABASE__SQL_ALCHEMY_MAX_OVERFLOW": "-1",
        "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "60",
        "AIRFLOW__API__HOST": HOST,
        "AIRFLOW__API__PORT": str(cloud.ports.airflow),
        "AIRFLOW__API__BASE_URL": api,
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__EXPOSE_CONFIG": "True",
        "AIRFLOW__API_AUTH__JWT_SECRET": cloud.credentials.jwt_secret,
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "30",
        # An edited DAG is read again at once, what it imports at this interval (in seconds). Each
        # reading of all DAGs costs some seconds of processor time.
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "300",
        # How long a task that has ended may go unnoticed; five seconds in production.
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "AIRFLOW__COSMOS__ENABLE_TELEMETRY": "False",
        "AIRFLOW__COSMOS__CACHE_DIR": str(home / "cosmos"),
    }
