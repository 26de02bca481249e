"""Alert types: the type of a failed task's alert, and the runbook page of each type."""

from dataclasses import dataclass

# The heading of a runbook page that a message's button opens.
ANCHOR = "act"
GITHUB = "https://github.com"


@dataclass(frozen=True)
class AlertType:
    """A type of alert.

    Attributes:
        name: Its name, and that of its page in `docs/runbooks`.
        title: What happened, in a few words.
        may_change_public_file: Whether a failed step of this type can have changed the public file.
    """

    name: str
    title: str
    may_change_public_file: bool = False

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


_ALL = (
    AlertType("load", "a load failed"),
    AlertType("sync", "a Fivetran sync failed"),
    AlertType("transform", "a model or a data test failed"),
    AlertType("unload", "an unload failed"),
    AlertType("release", "a release failed", may_change_public_file=True),
    AlertType("audit", "the new metrics break their contract"),
    AlertType("approval", "a review could not be requested"),
    AlertType("promotion", "a promotion failed", may_change_public_file=True),
    AlertType(
        "verification",
        "the public address does not serve the promoted version",
        may_change_public_file=True,
    ),
    AlertType("record", "published values were not recorded"),
    AlertType(
        "public-file",
        "the public file is missing, altered, invalid or out of date",
        may_change_public_file=True,
    ),
    AlertType("dags", "a DAG is broken, stuck, paused or overdue"),
    AlertType("freshness", "a source's data is too old"),
    AlertType("history", "history was not recorded"),
    AlertType("incident-log", "the incident log was not written"),
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
    "release_hold": "promotion",
    "publish": "dags",
    "promote": "promotion",
    "verify": "verification",
    "record": "record",
    "watch_public_file": "public-file",
    "watch_dags": "dags",
    "keep_incident_log": "incident-log",
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
