"""Serve the sources' ArcGIS layers and JSON lists."""

import argparse
import logging
import shlex
import sys
from pathlib import Path

import uvicorn

from local.sources.app import create_app


def main() -> None:
    """Serve until SIGTERM; exit at once if the data folder lacks a file."""
    parser = argparse.ArgumentParser(prog="python -m local.sources", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="the port on 127.0.0.1")
    parser.add_argument("--data", type=Path, required=True, help="the data folder to serve")
    parser.add_argument("--faults", type=Path, required=True, help="the faults file, if any")
    parser.add_argument(
        "--slow-seconds",
        type=float,
        default=20.0,
        help="the delay of each response with the fault slow (default 20)",
    )
    options = parser.parse_args()
    try:
        app = create_app(options.data, options.faults, options.slow_seconds)
    except FileNotFoundError as error:
        command = f"{sys.executable} -m local.data --output {shlex.quote(str(options.data))}"
        parser.error(f"{error.filename} is missing; generate it with: {command}")
    logging.basicConfig(stream=sys.stdout, level=logging.INFO)
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=options.port,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=2,  # The fault slow must not delay the shutdown.
    )


if __name__ == "__main__":
    main()
