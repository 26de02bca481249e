"""The kinds of alerts: what a failed task stands for, and which page says what to do."""

from dataclasses import dataclass

# The heading of a runbook page that a message's button opens.
ANCHOR = "act"
GITHUB = "https://github.com"


@dataclass(frozen=True)
class Kind:
    """A kind of alert.

    Attributes:
        name: Its name, and that of its page in `docs/runbooks`.
        title: What happened, in a few words.
        touches: Whether the step could have changed what the public sees.
    """

    name: str
    title: str
    touches: bool = False

    @property
    def page(self) -> str:
        """Its page and section, from the repository's root."""
        return f"docs/runbooks/{self.name}.md#{ANCHOR}"

    def page_url(self, repository: str) -> str:
        """Its page's address in a repository, `owner/name`; empty where there is none."""
        return f"{GITHUB}/{repository}/blob/main/{self.page}" if repository else ""


_ALL = (
    Kind("load", "a load failed"),
    Kind("sync", "a Fivetran sync failed"),
    Kind("transform", "a model or a data test failed"),
    Kind("unload", "an unload failed"),
    Kind("release", "a source's metrics are not fit to be public", touches=True),
    Kind("audit", "the new metrics break their contract"),
    Kind("approval", "a question to a person could not be asked"),
    Kind("promotion", "a promotion failed", touches=True),
    Kind("verification", "the public address does not serve what was promoted", touches=True),
    Kind("record", "published values were not recorded"),
    Kind("public-file", "the public file is not as it should be", touches=True),
    Kind("dags", "a DAG is broken, hangs or rests"),
    Kind("freshness", "a source was not loaded for too long"),
    Kind("history", "history was not kept"),
    Kind("incident-log", "the incident log was not kept"),
)
KINDS = {kind.name: kind for kind in _ALL}

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
    "promote": "promotion",
    "verify": "verification",
    "record": "record",
    "watch_public_file": "public-file",
    "watch_dags": "dags",
    "keep_incident_log": "incident-log",
}
_BY_DAG = {"check_freshness": "freshness", "keep_history": "history"}


def kind_of(dag: str, task: str) -> Kind:
    """The kind of alert of a failed task.

    Raises:
        KeyError: The task is new and has no kind yet; a test finds it first.
    """
    if dag in _BY_DAG:
        return KINDS[_BY_DAG[dag]]
    if task.startswith("transform."):
        return KINDS["transform"]
    if task.startswith("load_"):
        return KINDS["load"]
    return KINDS[_BY_TASK[task]]
