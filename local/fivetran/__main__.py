"""Serve the emulated Fivetran: `python -m local.fivetran --help`."""

import argparse
import logging
import sys
from pathlib import Path

import uvicorn

from include import warehouse
from local.credentials import private_key_der
from local.fivetran.app import create_app
from local.fivetran.extract import DataError
from local.fivetran.records import RecordsError
from local.fivetran.warehouse import Destination, fivetran_name

HOST = "127.0.0.1"


def options() -> argparse.ArgumentParser:
    """The parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m local.fivetran", description=__doc__)
    add = parser.add_argument
    add("--port", type=int, required=True, help="where to listen on 127.0.0.1")
    add("--data", type=Path, required=True, help="the laptop's data folder")
    add("--faults", type=Path, required=True, help="the faults file; it may be missing")
    add("--state", type=Path, required=True, help="the file of the connectors' state")
    add("--api-key", required=True, help="the user of HTTP basic authentication")
    add("--api-secret", required=True, help="its password")
    add("--sync-seconds", type=float, default=2.0, help="how long a sync reads (default 2)")
    add("--raw-database", default=warehouse.database("RAW"), help="the database of raw tables")
    add("--snowflake-host", default=HOST, help="the warehouse's host (default 127.0.0.1)")
    add("--snowflake-port", type=int, required=True, help="the warehouse's port, with TLS")
    add("--snowflake-user", default=fivetran_name(), help="the user that Fivetran logs in as")
    add("--snowflake-role", default=fivetran_name(), help="the role that owns the raw tables")
    add(
        "--snowflake-private-key",
        required=True,
        type=_private_key,
        help="its PKCS#8 PEM key, in base64, as Airflow's Snowflake connection takes it",
    )
    return parser


def _private_key(encoded: str) -> bytes:
    try:
        return private_key_der(encoded)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def main() -> None:
    """Serve until SIGTERM; exit at once if the data folder or state file is malformed."""
    parser = options()
    chosen = parser.parse_args()
    logging.basicConfig(stream=sys.stdout, level=logging.INFO)
    # The connector logs every request at INFO.
    logging.getLogger("snowflake").setLevel(logging.WARNING)
    destination = Destination(
        host=chosen.snowflake_host,
        port=chosen.snowflake_port,
        private_key=chosen.snowflake_private_key,
        database=chosen.raw_database,
        user=chosen.snowflake_user,
        role=chosen.snowflake_role,
    )
    try:
        app = create_app(
            data=chosen.data,
            faults=chosen.faults,
            state=chosen.state,
            api_key=chosen.api_key,
            api_secret=chosen.api_secret,
            destination=destination,
            sync_seconds=chosen.sync_seconds,
        )
    except (DataError, RecordsError) as error:
        parser.error(str(error))
    uvicorn.run(app, host=HOST, port=chosen.port, log_config=None, timeout_graceful_shutdown=5)


if __name__ == "__main__":
    main()
