"""Serve the emulated Slack: `python -m local.slack --help`."""

import argparse
import logging
import sys
from pathlib import Path

import uvicorn

from local.slack.app import create_app
from local.slack.inbox import InboxError


def main() -> None:
    """Serve until SIGTERM; exit at once if the messages file is malformed."""
    parser = argparse.ArgumentParser(prog="python -m local.slack", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="where to listen on 127.0.0.1")
    parser.add_argument(
        "--messages",
        type=Path,
        required=True,
        help="the file of the messages, as JSON lines",
    )
    chosen = parser.parse_args()
    logging.basicConfig(stream=sys.stdout, level=logging.INFO)
    try:
        app = create_app(chosen.messages)
    except InboxError as error:
        parser.error(str(error))
    uvicorn.run(app, host="127.0.0.1", port=chosen.port, log_config=None)


if __name__ == "__main__":
    main()
