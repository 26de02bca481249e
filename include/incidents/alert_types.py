"""Alert types: the type of a problem's alert, what to do about it, and the runbook page."""

from collections.abc import Mapping
from dataclasses import dataclass, field

# The heading of a runbook page that a message's button opens.
ANCHOR = "act"
GITHUB = "https://github.com"


@dataclass(frozen=True)
class AlertType:
    """A type of alert.

    Attributes:
        name: Its name, and that of its page in `docs/runbooks`.
        title: What happened, in a few words.
        remedy: What to do about a failed task, in one sentence.
        may_change_public_file: Whether a failed step of this type can have changed the public file.
        findings: What to do about a finding of the watch, by a part of the finding's key.
    """

    name: str
    title: str
    remedy: str
    may_change_public_file: bool = False
    findings: Mapping[str, str] = field(default_factory=dict)

    @property
    def runbook_page(self) -> str:
        """The path of its runbook page in the repository, with the section."""
        return f"docs/runbooks/{self.name}.md#{ANCHOR}"

    def runbook_url(self, repository: str) -> str:
        """The address of its runbook page on GitHub; empty without a repository (`owner/name`)."""
        return page_url(repository, self.runbook_page)


def page_url(repository: str, page: str) -> str:
    """The address of a page of the repository on GitHub; empty without a repository.

    Args:
        repository: `owner/name`.
        page: The page's path, with the section.
    """
    return f"{GITHUB}/{repository}/blob/main/{page}" if repository else ""


# A remedy that begins with this word gets the button that restores.
RESTORE = "Restore"
RESTORE_FIRST = f"{RESTORE} the last good version, then find the cause."
_MORE_MEMORY = "Clear the task; if it is short of memory again, give its worker more."
# What to do about a failed task, by a part of its error.
ENDED_BY = {
    "killed": "Clear the task; if it is killed again, give its worker more memory.",
    "time limit": "Clear the task; if it exceeds its limit again, find what it waits for.",
    "too little memory": _MORE_MEMORY,
    "out of memory or threads": _MORE_MEMORY,
    "credit quota": "Have the quota raised, or wait for its next month; then clear the tasks.",
}
# The runbook section for a cause that is the same whatever failed, by a part of the error.
SECTIONS = {"credit quota": "docs/runbooks/load.md#a-reached-credit-quota"}

_ALL = (
    AlertType(
        "load",
        "a load failed",
        "If the source is down, wait: each hour tries again. Else follow the runbook.",
    ),
    AlertType(
        "sync",
        "a Fivetran sync failed",
        "Fix the connector in Fivetran, often by a new authorization, then clear sync.",
    ),
    AlertType(
        "transform",
        "a model or a data test failed",
        "Have wrong data corrected at its source, or revert the model; then clear the task.",
    ),
    AlertType(
        "unload", "an unload failed", "Fix the grant, the consent or the quota, then clear unload."
    ),
    AlertType(
        "release",
        "a release failed",
        "Correct the data or the model that breaks the contract, then clear its first task.",
        may_change_public_file=True,
    ),
    AlertType(
        "audit",
        "the new metrics break their contract",
        "Fix the source of the metric; its next run publishes again.",
    ),
    AlertType(
        "approval",
        "a review could not be requested",
        "Clear the task; if it fails again, trigger publish_metrics.",
    ),
    AlertType(
        "promotion",
        "a promotion failed",
        "Clear the task when the storage account answers.",
        may_change_public_file=True,
    ),
    AlertType(
        "verification",
        "the public address does not serve the promoted version",
        f"{RESTORE} the last good version if the public file is wrong; then clear verify.",
        may_change_public_file=True,
    ),
    AlertType(
        "record",
        "published values were not recorded",
        "Fix the connection or the grant, then clear record.",
    ),
    AlertType(
        "public-file",
        "the public file is missing, altered, invalid or out of date",
        "Check that the public file is right, then clear the task.",
        may_change_public_file=True,
        findings={
            ": earlier file": "Notify the people of the earlier system, or make the switch now.",
            ": missing": f"{RESTORE} the last version, then find out who deleted it.",
            ": unreachable": "Check the storage account and its public access.",
            ": altered": f"{RESTORE} the last version, then find out who wrote the file.",
            ": not promoted": f"{RESTORE} the last version, then find out who wrote the file.",
            ": rewritten": "Find out who wrote the file; its numbers are right.",
            ": no saved version": "Find out who deleted it; the next promotion saves another.",
            ": header": f"{RESTORE} another version and back; for CORS, run terraform apply.",
            ": invalid ": "Correct the data of that source, then clear its release.",
            ": invalid": f"{RESTORE} the last version, then find the source of the wrong value.",
            " is late": (
                "If staff keep the metric, ask them to enter it; if not, see its source's DAG."
                " Nothing to do at night."
            ),
            ": unfinished restore": "Clear promote of that run, or release the hold.",
            ": forgotten hold": "Release the hold when its cause is fixed.",
            ": not public": "Unpause or trigger publish_metrics, and read the log of its audit.",
        },
    ),
    AlertType(
        "dags",
        "a DAG is broken, stuck, paused or overdue",
        "Clear the task; if it fails again, check the connection airflow_api.",
        findings={
            "does not parse": "Revert the commit and deploy.",
            " hangs": "Mark the running task as failed, then clear it.",
            " is paused": "Unpause it, or leave it if that is on purpose.",
            " is missing": "Deploy the DAG again, or revert the commit that removed it.",
            " is overdue": "See its newest run, and clear what failed or hangs there.",
        },
    ),
    AlertType(
        "credits",
        "the month's Snowflake credits could not be read",
        "Apply Terraform, which grants MONITOR on the resource monitor; then clear the task.",
        findings={
            ": 50 %": "Find out who spends them; if that is right, have the quota raised in time.",
            ": 80 %": "Pause what can wait, or have the quota raised before every warehouse stops.",
        },
    ),
    AlertType(
        "secrets",
        "a secret ends soon",
        "Replace the secret, and enter its new date.",
        findings={
            "30 days": "Replace the secret in the next weeks, and enter its new date.",
            "7 days": "Replace the secret this week, and enter its new date.",
            "has ended": "Replace the secret now, then clear what failed.",
            "has no date": "Enter its date in the Variable secret_end_dates.",
            "invalid dates": "Correct the Variable secret_end_dates.",
        },
    ),
    AlertType(
        "freshness",
        "a source's data is too old",
        "Fix the source's load or sync; the next check then passes.",
    ),
    AlertType(
        "history", "history was not recorded", "Fix the model or the grant, then clear the task."
    ),
    AlertType(
        "incident-log",
        "the incident log was not written",
        "Renew the webhook or fix the grant, then clear the task.",
    ),
)
ALERT_TYPES = {alert_type.name: alert_type for alert_type in _ALL}

_BY_TASK = {
    "look_for_edits": "load",
    "look_for_changes": "load",
    "load": "load",
    "sync": "sync",
    "wait_for_sync": "sync",
    "unload": "unload",
    "release": "release",
    "settle": "dags",
    "audit": "audit",
    "ask": "approval",
    "ask_a_person": "approval",
    "choose": "approval",
    "confirm": "approval",
    "release_hold": "promotion",
    "publish": "dags",
    "promote": "promotion",
    "verify": "verification",
    "record": "record",
    "watch_public_file": "public-file",
    "watch_dags": "dags",
    "delete_old_rows": "dags",
    "watch_credits": "credits",
    "keep_incident_log": "incident-log",
    "set_severity": "incident-log",
}
_BY_DAG = {"check_freshness": "freshness", "keep_history": "history"}


def alert_type_of(dag: str, task: str) -> AlertType:
    """The alert type of a task.

    Raises:
        KeyError: The task is new and has no alert type yet; a test finds it first.
    """
    if dag in _BY_DAG:
        return ALERT_TYPES[_BY_DAG[dag]]
    if task.startswith("transform."):
        return ALERT_TYPES["transform"]
    if task.startswith("load_"):
        return ALERT_TYPES["load"]
    return ALERT_TYPES[_BY_TASK[task]]
