"""Delivery to Slack, at least once, also after an outage of Slack.

A message is saved in the storage account before it is sent and deleted afterwards, so that none is
lost when a process is killed or Slack does not answer.
"""

import json
import logging
import re
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from include import connections
from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.store import Place, Store

FOLDER = "incidents/outbox"
# Another process may still be sending a younger message.
MAY_BE_IN_DELIVERY = timedelta(minutes=2)
_TRIES = 3
_TIMEOUT_SECONDS = 10
# Slack refused the message itself: a retry changes nothing.
_REFUSED = re.compile(r"Status Code: 4(?!29)\d\d")

log = logging.getLogger(__name__)


def deliver(store: Store | None, message: dict[str, Any], now: datetime) -> bool:
    """Send a message, or save it for later; never raises.

    Args:
        store: The storage account; `None` if it is unreachable.
        message: The message, as the webhook takes it.
        now: The current time, with a time zone.

    Returns:
        True if Slack has accepted it or will get it later; false if it is lost.
    """
    saved = _save(store, message, now)
    try:
        _send(message)
    except Exception:
        log.exception(
            "A MESSAGE DID NOT REACH SLACK (%s): %s",
            "it is saved and will be sent later" if saved else "and it could not be saved",
            message["text"],
        )
        return saved is not None
    if store is not None and saved is not None:
        _delete(store, saved)
    return True


def deliver_pending(store: Store, now: datetime) -> int:
    """Send the saved messages, oldest first.

    Returns:
        The number of messages that Slack has accepted.

    Raises:
        AirflowException: Slack does not accept one; it and the younger ones stay saved.
    """
    delivered = 0
    for path in store.paths(VERSIONS_CONTAINER, FOLDER):
        place = Place(VERSIONS_CONTAINER, path)
        if now - _saved_at(path) < MAY_BE_IN_DELIVERY or (stored := store.read(place)) is None:
            continue
        _send(json.loads(stored.content))
        _delete(store, place)
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
        log.exception("Slack refused the blocks; only the text is sent")
        _post({"text": message["text"]})


def _post(message: dict[str, Any]) -> None:
    from airflow.providers.slack.hooks.slack_webhook import SlackWebhookHook

    hook = SlackWebhookHook(slack_webhook_conn_id=connections.SLACK, timeout=_TIMEOUT_SECONDS)
    hook.send(**message)


def _save(store: Store | None, message: dict[str, Any], now: datetime) -> Place | None:
    if store is None:
        return None
    moment = now.astimezone(UTC)
    place = Place(VERSIONS_CONTAINER, f"{FOLDER}/{moment:%Y%m%dT%H%M%S%f}Z-{uuid.uuid4().hex}.json")
    try:
        store.write(place, json.dumps(message).encode())
    except Exception:
        log.exception("A Slack message could not be saved")
        return None
    return place


def _delete(store: Store, place: Place) -> None:
    try:
        store.delete(place)
    except Exception:
        log.exception("A delivered message could not be deleted: it will be sent again")


def _saved_at(path: str) -> datetime:
    stamp = PurePosixPath(path).name.partition("-")[0]
    return datetime.strptime(stamp, "%Y%m%dT%H%M%S%fZ").replace(tzinfo=UTC)
