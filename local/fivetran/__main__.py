"""Serve Fivetran on a laptop: `python -m local.fivetran --help`."""

import argparse
import base64
import logging
import sys
from pathlib import Path

import uvicorn
from cryptography.hazmat.primitives import serialization

from include import warehouse
from local.fivetran.app import create_app
from local.fivetran.extract import DataError
from local.fivetran.records import RecordsError
from local.fivetran.warehouse import Destination

HOST = "127.0.0.1"


def options() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m local.fivetran", description=__doc__)
    add = parser.add_argument
    add("--port", type=int, required=True, help="where to listen on 127.0.0.1")
    add("--data", type=Path, required=True, help="the laptop's data folder")
    add("--faults", type=Path, required=True, help="the faults file; it need not exist")
    add("--state", type=Path, required=True, help="the file that keeps the connectors' state")
    add("--api-key", required=True, help="the user of HTTP basic authentication")
    add("--api-secret", required=True, help="its password")
    add("--sync-seconds", type=float, default=2.0, help="how long a sync reads (default 2)")
    add("--raw-database", default=warehouse.database("RAW"), help="where raw tables go")
    add("--snowflake-host", default=HOST, help="the warehouse's host (default 127.0.0.1)")
    add("--snowflake-port", type=int, required=True, help="the warehouse's port, with TLS")
    add("--snowflake-user", default="FIVETRAN", help="who Fivetran logs in as")
    add("--snowflake-role", default="FIVETRAN", help="the role that owns what it writes")
    add(
        "--snowflake-private-key",
        required=True,
        type=der_key,
        help="its PKCS#8 PEM key, in base64, as Airflow's Snowflake connection takes it",
    )
    return parser


def der_key(encoded: str) -> bytes:
    """The key as the connector takes it: PKCS#8 DER.

    Raises:
        ArgumentTypeError: it is no private key.
    """
    try:
        key = serialization.load_pem_private_key(base64.b64decode(encoded), password=None)
    except (ValueError, TypeError):
        raise argparse.ArgumentTypeError("this is no PEM private key in base64") from None
    return key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def main() -> None:
    """Serve until SIGTERM; a malformed data folder or state file is told at once."""
    parser = options()
    chosen = parser.parse_args()
    logging.basicConfig(stream=sys.stdout, level=logging.INFO)
    # The connector tells of every request at INFO.
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
