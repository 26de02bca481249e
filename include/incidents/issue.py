"""The GitHub issue of an incident: a link to a filled-in form, or the issue itself by the API."""

from datetime import timedelta
from urllib.parse import urlencode

import httpx
from airflow.sdk import Connection

from include.incidents.alert_types import GITHUB
from include.incidents.business_hours import retrospective_day, shown
from include.incidents.incident import Incident
from include.incidents.on_call import LEADS
from include.incidents.text import cut

API = "https://api.github.com"
# Slack's limit for the address behind a button, below what GitHub takes.
LONGEST_URL = 3_000
# GitHub's limit is 65,536 characters.
LONGEST_BODY = 60_000
_CUT = "\n\n(cut; the whole error is in the log)"
_TIMEOUT = timedelta(seconds=15)


def title(incident: Incident) -> str:
    """The issue's title."""
    return f"[{incident.severity}] {incident.dag}: {incident.alert.title}"


def labels(incident: Incident) -> list[str]:
    """The issue's labels, by severity."""
    return ["incident", f"severity: {incident.severity}"]


def body(incident: Incident, responder: str) -> str:
    """What is known, in Markdown; the evidence comes last, as that is what may be cut."""
    lines = [
        f"**Severity: {incident.severity}.** {incident.why}",
        f"**The public sees:** {incident.sees}",
        f"**Responds:** {responder}",
        "",
        "### Timeline",
        f"- first failed {shown(incident.opened_at)}, last {shown(incident.failed_at)},"
        f" in {incident.runs} run(s)",
        "",
        "### What was learned",
        "_(cause; what it touched; how it was noticed)_",
        "",
        "### Proposed fix",
        "- [ ] revert commits",
        "- [ ] revert changes in Airtable",
        "- [ ] trigger new Fivetran syncs, or clear and rerun tasks",
        "- [ ] restore an earlier version (`restore_metrics`)",
        "- [ ] last resort: ask the front-end team at CDT",
        "",
        f"Escalate to {LEADS} before other CalData staff.",
        f"Retrospective: {retrospective_day(incident.opened_at):%A, %B %d, %Y} (suggested).",
        "",
        "### Evidence",
        f"- DAG `{incident.dag}`, task(s) {_code(incident.tasks)}, try {incident.tries}",
        f"- run {_code((incident.run,))}: {incident.run_url}",
        f"- log: {incident.log_url}",
        f"- incident `{incident.id}`",
        f"- affected metrics: {_code(incident.affected) or 'none'}",
        "",
        "```",
        *(_fenced(line) for line in (incident.error, *incident.details)),
        "```",
    ]
    return "\n".join(lines)


def new_issue_url(repository: str, incident: Incident, responder: str) -> str:
    """The address of GitHub's form for a new issue, filled in.

    Args:
        repository: `owner/name`.
    """
    text, room = body(incident, responder), LONGEST_URL
    url = _form(repository, incident, text)
    while len(url) > LONGEST_URL:
        # Characters take up to twelve in an address: come down step by step.
        room -= 100
        url = _form(repository, incident, text[: max(room, 0)] + _CUT)
    return url


def create_issue(
    connection: Connection, repository: str, incident: Incident, responder: str
) -> str:
    """Create the issue.

    Args:
        connection: Its password is a token that may write issues of the repository; its host, if
            it has one, is the API's address.

    Returns:
        The issue's address.

    Raises:
        httpx.HTTPError: GitHub refuses or is out of reach.
    """
    port = f":{connection.port}" if connection.port else ""
    base = f"{connection.schema or 'https'}://{connection.host}{port}" if connection.host else API
    answer = httpx.post(
        f"{base}/repos/{repository}/issues",
        headers={
            "Authorization": f"Bearer {connection.password}",
            "Accept": "application/vnd.github+json",
        },
        json={
            "title": title(incident),
            "labels": labels(incident),
            "body": cut(body(incident, responder), LONGEST_BODY),
        },
        timeout=_TIMEOUT.total_seconds(),
    ).raise_for_status()
    return str(answer.json()["html_url"])


def _form(repository: str, incident: Incident, text: str) -> str:
    filled = {"title": title(incident), "labels": ",".join(labels(incident)), "body": text}
    return f"{GITHUB}/{repository}/issues/new?{urlencode(filled)}"


def _code(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name.replace('`', chr(39))}`" for name in names)


def _fenced(line: str) -> str:
    return line.replace("```", "'''")
