"""Serve Snowflake on a laptop: `python -m local.snowflake --help`."""

import argparse
from pathlib import Path

import uvicorn

from local.certificates import ensure_certificates
from local.credentials import BLOB_ACCOUNT, BLOB_DUMMY_KEY
from local.snowflake import fakesnow_patches
from local.snowflake.account import Account
from local.snowflake.app import make_app
from local.snowflake.blobs import BlobStore
from local.snowflake.cursor import Cursor
from local.snowflake.engine import Engine


def options() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m local.snowflake", description=__doc__)
    add = parser.add_argument
    add("--port", type=int, required=True, help="where to listen on 127.0.0.1, over TLS")
    add("--certificates", type=Path, required=True, help="folder of the throw-away certificates")
    add("--database-folder", type=Path, required=True, help="folder that keeps the databases")
    add("--blob-endpoint", default="http://127.0.0.1:10000", help="Azurite's blob service")
    add("--blob-account", default=BLOB_ACCOUNT, help="the storage account that stages name")
    add("--blob-key", default=BLOB_DUMMY_KEY, help="its key; Azurite's well-known one by default")
    return parser


def main() -> None:
    """Serve until SIGTERM, then write the databases to their files."""
    chosen = options().parse_args()
    fakesnow_patches.apply(chosen.database_folder / "stages")
    server = ensure_certificates(chosen.certificates).server
    blobs = BlobStore(chosen.blob_endpoint, chosen.blob_account, chosen.blob_key)
    account = Account(Engine(chosen.database_folder), blobs, Cursor)
    uvicorn.run(
        make_app(account),
        host="127.0.0.1",
        port=chosen.port,
        ssl_certfile=server,
        # Each statement is recorded, and listed at /emulator/statements.
        access_log=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )


if __name__ == "__main__":
    main()
