"""Slack's webhook, over the connection `slack_incidents`."""

import logging
import re
from typing import Any

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from include import connections
from include.incidents.text import mask_secrets

_TRIES = 3
_TIMEOUT_SECONDS = 5
# Slack refused the message itself: a retry changes nothing.
_REFUSED = re.compile(r"Status Code: 4(?!29)\d\d")

log = logging.getLogger(__name__)


def send(message: dict[str, Any]) -> None:
    """Send a message, without secrets; without its blocks if Slack refuses them.

    Args:
        message: The message, as the webhook takes it: `text`, and `blocks` if it has some.

    Raises:
        AirflowException: Slack does not accept it, or does not answer.
    """
    message = _masked(message)
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


def _masked(part: Any) -> Any:
    """A message, or a part of one, without secrets; the addresses of buttons stay."""
    if isinstance(part, dict):
        return {key: each if key == "url" else _masked(each) for key, each in part.items()}
    if isinstance(part, list):
        return [_masked(each) for each in part]
    return mask_secrets(part) if isinstance(part, str) else part


def _post(message: dict[str, Any]) -> None:
    from airflow.providers.slack.hooks.slack_webhook import SlackWebhookHook

    hook = SlackWebhookHook(slack_webhook_conn_id=connections.SLACK, timeout=_TIMEOUT_SECONDS)
    hook.send(**message)
