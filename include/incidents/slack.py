"""Delivery to Slack: kept first, then sent, and sent later if Slack is down.

A message is written to the storage account before it is sent and removed afterwards, so that none
is lost where a process is killed or Slack does not answer. It is delivered at least once.
"""

import json
import logging
import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from include import connections
from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.store import Place, Store

FOLDER = "incidents/outbox"
# What is younger may be on its way from another process.
ON_ITS_WAY = timedelta(minutes=2)
_TRIES = 3
_TIMEOUT_SECONDS = 10
# The webhook understood the message and does not take it: asking again changes nothing.
_REFUSED = re.compile(r"Status Code: 4(?!29)\d\d")

log = logging.getLogger(__name__)


def deliver(store: Store | None, message: dict[str, Any], now: datetime) -> bool:
    """Send a message, or keep it for later; never raises.

    Args:
        store: Where it is kept meanwhile; null where the storage account is out of reach.

    Returns:
        Whether Slack has taken it.
    """
    kept = _keep(store, message, now)
    try:
        _send(message)
    except Exception:
        log.exception(
            "SLACK WAS NOT TOLD (%s): %s",
            "it will be told later" if kept else "and the message could not be kept",
            message["text"],
        )
        return False
    if store is not None and kept is not None:
        _forget(store, kept)
    return True


def deliver_kept(store: Store, now: datetime) -> int:
    """Send what was kept, the oldest first.

    Returns:
        How many messages Slack has taken.

    Raises:
        AirflowException: Slack does not take one; it and the younger ones stay.
    """
    delivered = 0
    for path in store.paths(VERSIONS_CONTAINER, FOLDER):
        place = Place(VERSIONS_CONTAINER, path)
        if now - _kept_at(path) < ON_ITS_WAY or (stored := store.read(place)) is None:
            continue
        _send(json.loads(stored.content))
        _forget(store, place)
        delivered += 1
    return delivered


def _send(message: dict[str, Any]) -> None:
    try:
        for attempt in Retrying(
            retry=retry_if_exception(lambda error: not _REFUSED.search(str(error))),
            stop=stop_after_attempt(_TRIES),
            wait=wait_exponential(max=4),
            reraise=True,
        ):
            with attempt:
                _post(message)
    except Exception as error:
        if "blocks" not in message or not _REFUSED.search(str(error)):
            raise
        log.exception("Slack refused the blocks; it gets the text alone")
        _post({"text": message["text"]})


def _post(message: dict[str, Any]) -> None:
    from airflow.providers.slack.hooks.slack_webhook import SlackWebhookHook

    hook = SlackWebhookHook(slack_webhook_conn_id=connections.SLACK, timeout=_TIMEOUT_SECONDS)
    hook.send(**message)


def _keep(store: Store | None, message: dict[str, Any], now: datetime) -> Place | None:
    if store is None:
        return None
    moment = now.astimezone(UTC)
    place = Place(VERSIONS_CONTAINER, f"{FOLDER}/{moment:%Y%m%dT%H%M%S%f}Z-{uuid.uuid4().hex}.json")
    try:
        store.write(place, json.dumps(message).encode())
    except Exception:
        log.exception("A message could not be kept")
        return None
    return place


def _forget(store: Store, place: Place) -> None:
    try:
        store.delete(place)
    except Exception:
        log.exception("A delivered message could not be removed: it will be sent again")


def _kept_at(path: str) -> datetime:
    stamp = path.rsplit("/", 1)[-1].split("-", maxsplit=1)[0]
    return datetime.strptime(stamp, "%Y%m%dT%H%M%S%fZ").replace(tzinfo=UTC)
