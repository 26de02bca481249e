"""A deployment's settings for incidents, from Airflow Variables and connections."""

import json
import logging
import re

from airflow.configuration import conf
from airflow.sdk import BaseHook, Connection, Variable
from airflow.sdk.exceptions import AirflowNotFoundException

from include import connections
from include.incidents.on_call import mention_of

# `owner/name` of the repository that holds the runbooks and gets the issues.
REPOSITORY_VARIABLE = "incident_repository"
# {"CalData or Analytica staff": "S0123456", "Analytica engineer 1": "U0123456", …}
MENTIONS_VARIABLE = "incident_mentions"

_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")

log = logging.getLogger(__name__)


def mentions() -> dict[str, str]:
    """The Slack mention of each person or group, by name; empty if the Variable is invalid."""
    value = _variable(MENTIONS_VARIABLE)
    try:
        slack_ids: dict[str, object] = json.loads(value or "{}")
        return {name: mention_of(str(slack_id)) for name, slack_id in slack_ids.items()}
    except (ValueError, AttributeError) as error:
        log.error(
            "The Variable %s is invalid, so nobody is mentioned: %s", MENTIONS_VARIABLE, error
        )
        return {}


def repository() -> str:
    """The repository, `owner/name`; empty if the deployment names none."""
    value = _variable(REPOSITORY_VARIABLE) or ""
    if value and not _REPOSITORY.fullmatch(value):
        log.error("The Variable %s is not `owner/name`: %r", REPOSITORY_VARIABLE, value)
        return ""
    return value


def airflow_url() -> str:
    """The address of Airflow's UI, without a slash at the end; empty if it is not configured."""
    return str(conf.get("api", "base_url", fallback="")).rstrip("/")


def github() -> Connection | None:
    """The GitHub connection, with a token as its password; `None` if the deployment has none."""
    try:
        connection: Connection = BaseHook.get_connection(connections.GITHUB)
    except AirflowNotFoundException:
        return None
    return connection


def _variable(name: str) -> str | None:
    value = Variable.get(name, default=None)
    return None if value is None else str(value)
