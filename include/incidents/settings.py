"""What a deployment says of its people and its repository, in Airflow Variables and connections."""

import json
import logging
import re
from typing import Any

from airflow.sdk import BaseHook, Connection, Variable
from airflow.sdk.exceptions import AirflowNotFoundException

from include import connections

# `owner/name` of the repository that holds the runbooks and gets the issues.
REPOSITORY_VARIABLE = "incident_repository"
# {"CalData or Analytica staff": "S0123456", "Analytica engineer 1": "U0123456", …}
MENTIONS_VARIABLE = "incident_mentions"

_SLACK_ID = re.compile(r"[SUW][A-Z0-9]{4,20}")
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")

log = logging.getLogger(__name__)


def mentions() -> dict[str, str]:
    """What calls a person or a group in Slack, by name; what is no Slack id calls nobody."""
    found = _variable(MENTIONS_VARIABLE)
    try:
        by_name: dict[str, Any] = json.loads(found or "{}")
        return {name: _mention(str(each)) for name, each in by_name.items()}
    except (ValueError, AttributeError) as error:
        log.error("The Variable %s calls nobody: %s", MENTIONS_VARIABLE, error)
        return {}


def repository() -> str:
    """The repository, `owner/name`; empty if the deployment names none."""
    found = _variable(REPOSITORY_VARIABLE) or ""
    if found and not _REPOSITORY.fullmatch(found):
        log.error("The Variable %s is no owner/name: %r", REPOSITORY_VARIABLE, found)
        return ""
    return found


def github() -> Connection | None:
    """The GitHub connection, with a token as its password; null if the deployment has none."""
    try:
        found: Connection = BaseHook.get_connection(connections.GITHUB)
    except AirflowNotFoundException:
        return None
    return found


def _variable(name: str) -> str | None:
    found = Variable.get(name, default=None)
    return None if found is None else str(found)


def _mention(slack_id: str) -> str:
    if not _SLACK_ID.fullmatch(slack_id):
        raise ValueError(f"{slack_id!r} is no Slack id of a person (U…, W…) or a group (S…)")
    return f"<!subteam^{slack_id}>" if slack_id.startswith("S") else f"<@{slack_id}>"
