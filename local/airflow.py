"""The environment of Airflow on the laptop: the same DAGs as in production, other connections."""

import json
import os
import sys
from pathlib import Path

from local.cloud import Cloud
from local.connections import connections, variables
from local.home import REPOSITORY
from local.ports import HOST, without_proxy

DATABASE = "airflow.db"
# Production's plugins and the laptop's.
PLUGINS_FOLDER = "AIRFLOW__CORE__PLUGINS_FOLDER"
# The arguments to Python that start each of Airflow's processes.
PROCESSES = {
    "api-server": ("-m", "local.airflow_process", "api-server"),
    "scheduler": ("-m", "local.airflow_process", "scheduler"),
    "dag-processor": ("-m", "local.airflow_process", "dag-processor"),
    "triggerer": ("-m", "airflow", "triggerer"),
}
# Shorter than in production, for people who rehearse failures.
WAITING_TIMES = {
    "DDRC_RETRY_SECONDS": "3",
    "DDRC_POLL_SECONDS": "1",
    "DDRC_SOURCE_RETRY_SECONDS": "5",
    "DDRC_SYNC_TIMEOUT_SECONDS": "120",
}
# Set by the image in production.
IMAGE_SETTINGS = {
    "AIRFLOW__COSMOS__ENABLE_ORJSON_PARSER": "True",
    "SNOWFLAKE_DISABLE_PLATFORM_DETECTION": "true",
}


def environment(cloud: Cloud) -> dict[str, str]:
    """The environment of every process that runs DAGs on this laptop."""
    return {
        **{f"AIRFLOW_CONN_{name.upper()}": json.dumps(c) for name, c in connections(cloud).items()},
        **{f"AIRFLOW_VAR_{name.upper()}": value for name, value in variables().items()},
        **_airflow_settings(cloud),
        **IMAGE_SETTINGS,
        "DDRC_ENV": "DEV",
        "DDRC_SCHEMA_PREFIX": "LAPTOP",
        **{name: os.environ.get(name, value) for name, value in WAITING_TIMES.items()},
        "FIVETRAN_API_URL": cloud.url("fivetran"),
        "REQUESTS_CA_BUNDLE": str(cloud.bundle),
        "SSL_CERT_FILE": str(cloud.bundle),
        **without_proxy(),
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
        # More than the two cores: while a task waits for the warehouse, others compute.
        "AIRFLOW__CORE__PARALLELISM": "6",
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__FERNET_KEY": cloud.credentials.fernet_key,
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{api}/execution/",
        # The UI listens on the loopback interface only and needs no login.
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        # SQLite has one writer at a time; on a busy laptop the others wait long for it. So do the
        # workers for the API, below.
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / DATABASE}?timeout=60",
        # Waiting requests hold connections; the API's event loop must not wait for a free one.
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
        # In seconds. An edited DAG is parsed at once, an edited import at this interval: parsing
        # all DAGs takes some seconds of processor time.
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "300",
        # The longest delay until a finished task is noticed, and the time between two requests of
        # each running task to the API; five seconds in production.
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "2",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "AIRFLOW__COSMOS__ENABLE_TELEMETRY": "False",
        "AIRFLOW__COSMOS__CACHE_DIR": str(home / "cosmos"),
    }
