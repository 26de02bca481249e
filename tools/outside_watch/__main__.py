"""One check from outside: reads both addresses, posts what is new to Slack, and remembers it."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import httpx

from include.https import trusted
from include.incidents.on_call import SLACK_ID, choose_responder, declared_rotation, mention_of
from include.masking import mask_secrets
from include.publishing.heartbeat import HEARTBEAT
from include.publishing.public_file import PATIENCE_SECONDS
from include.times import utc_now
from tools.outside_watch.checks import find_faults
from tools.outside_watch.memory import Event, decide, read_memory, remember, write_memory
from tools.outside_watch.message import Links, notice_message

WELL, WRONG, NOT_CONFIGURED = 0, 1, 2
STATE = Path(__file__).parents[2] / ".local" / "outside-watch.json"
WEBHOOK, MENTIONS = "SLACK_WEBHOOK_URL", "INCIDENT_MENTIONS"
_SLACK_SECONDS = 10


def main(
    arguments: Sequence[str],
    environment: Mapping[str, str] = os.environ,
    clock: Callable[[], datetime] = utc_now,
) -> int:
    """Check once.

    Args:
        arguments: The command line's arguments.
        environment: The webhook, the mentions, and GitHub's variables of the run.
        clock: Returns the current time, in UTC.

    Returns:
        0 if all is well, or if nothing is configured; 1 if something is wrong or Slack refuses;
        2 if a part of the configuration is missing or wrong.
    """
    options = _parse(arguments)
    webhook = environment.get(WEBHOOK, "")
    if not options.public_url and not webhook:
        print(f"The watch from outside is not set up: no public address and no {WEBHOOK}. Skipped.")
        return WELL
    folder = options.public_url.rpartition("/")[0]
    heartbeat_url = options.heartbeat_url or f"{folder}/{HEARTBEAT.path}"
    for name, url in (
        ("--public-url", options.public_url),
        ("--heartbeat-url", heartbeat_url),
        (WEBHOOK, webhook),
    ):
        if not _is_address(url):
            print(f"{name} is missing or is not the address of a website.", file=sys.stderr)
            return NOT_CONFIGURED
    faults = find_faults(
        options.public_url, heartbeat_url, clock, patience_seconds=options.patience
    )
    for fault in faults:
        print(fault.text)
    now, memory = clock(), read_memory(options.state)
    links = Links(
        options.public_url,
        heartbeat_url,
        environment.get("GITHUB_REPOSITORY", ""),
        _run_url(environment),
    )
    mentions, changes = _mentions(environment), decide(memory, faults, now)
    for event in (None, *Event):
        ours = [change for change in changes if change.event is event]
        if event is not None and ours:
            findings = [change.finding for change in ours]
            is_high = any(one.is_high for one in findings)
            responder = choose_responder(is_high, now, declared_rotation, mentions)
            message = notice_message(event, findings, responder, links, now, faults=faults)
            try:
                _post(webhook, message)
            except httpx.HTTPError as error:
                # Not its text, which has the webhook. The next run posts this again.
                print(f"Slack did not accept the message: {_reason(error)}.", file=sys.stderr)
                return WRONG
        memory = remember(memory, ours)
        write_memory(options.state, memory)
    if not faults:
        print("All is well: the public file is right, and the watch inside Airflow runs.")
    return WRONG if faults else WELL


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.outside_watch", description=__doc__)
    parser.add_argument("--public-url", required=True, help="the address of the public file")
    parser.add_argument(
        "--heartbeat-url", default="", help="the address of the heartbeat, if not beside it"
    )
    parser.add_argument("--state", type=Path, default=STATE, help="the file of what was posted")
    parser.add_argument(
        "--patience",
        type=float,
        default=PATIENCE_SECONDS,
        help="how many seconds something has to be wrong before it is reported",
    )
    return parser.parse_args(arguments)


def _is_address(url: str) -> bool:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return False
    return parsed.scheme in {"http", "https"} and bool(parsed.host)


def _mentions(environment: Mapping[str, str]) -> dict[str, str]:
    """The Slack mention of each person or group, by name; none if the variable is invalid."""
    try:
        slack_ids = json.loads(environment.get(MENTIONS) or "{}")
        valid = {name: one for name, one in slack_ids.items() if SLACK_ID.fullmatch(one)}
    except (ValueError, AttributeError, TypeError):
        slack_ids, valid = None, {}
    if slack_ids != valid:
        print(f"{MENTIONS} is not JSON with a Slack id for each name.", file=sys.stderr)
    return {name: mention_of(one) for name, one in valid.items()}


def _run_url(environment: Mapping[str, str]) -> str:
    names = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
    server, repository, run = (environment.get(name, "") for name in names)
    return f"{server}/{repository}/actions/runs/{run}" if run else ""


def _post(webhook: str, message: dict[str, object]) -> None:
    httpx.post(webhook, json=message, timeout=_SLACK_SECONDS, verify=trusted()).raise_for_status()


def _reason(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.HTTPStatusError):
        return f"it answers {error.response.status_code} {mask_secrets(error.response.text)[:80]}"
    return type(error).__name__


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
