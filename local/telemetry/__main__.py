"""Collect metrics (OTLP) and lineage (OpenLineage): `python -m local.telemetry --help`."""

import argparse

import uvicorn

from local.ports import HOST
from local.telemetry.app import create_app


def main() -> None:
    """Collect until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m local.telemetry", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="where to listen on 127.0.0.1")
    chosen = parser.parse_args()
    uvicorn.run(create_app(), host=HOST, port=chosen.port, log_level="warning")


if __name__ == "__main__":
    main()
