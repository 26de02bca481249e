"""Reporting: the decision about what was seen, written to the file of incidents and posted.

The failure callbacks and the watch both report in this way.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from include.incidents import settings, slack
from include.incidents.airflow_links import form_url
from include.incidents.alert_types import page_url
from include.incidents.decide import Decision
from include.incidents.incident import PUBLIC_FILE, Event, Incident
from include.incidents.incident_file import Post, State, change_state
from include.incidents.issue import create_issue, new_issue_url
from include.incidents.message import Links, notice_message
from include.incidents.on_call import Responder, choose_responder, declared_rotation
from include.incidents.summary import runbook_page
from include.incidents.text import as_code, mask_secrets
from include.incidents.time_limit import within
from include.publishing.earlier import earlier_url, shown_address
from include.publishing.page_file import EARLIER
from include.publishing.store import Store
from include.publishing.versions import PUBLISHED
from include.sources import SOURCES

# Another process may still be sending a younger message.
MAY_BE_IN_DELIVERY = timedelta(minutes=2)
_GITHUB_SECONDS = 2.0
PUBLICATION_PAGE = "/plugin/publication"
# A part of the error of a load with far fewer rows, and of the key of a finding about a hold.
IS_DROP = "accept it with a reason"
HOLD_STAYS = ": forgotten hold"

log = logging.getLogger(__name__)

Decide = Callable[[State], Decision]


def report(store: Store, decide: Decide, now: datetime, **changes: Any) -> None:
    """Decide, write the result and post the messages.

    Args:
        store: The storage account.
        decide: Makes the decision from the present state; it may be called several times.
        now: The current time, in UTC.
        changes: Other fields of the state to set, for example `last_check`.

    Raises:
        AzureError: The storage account does not answer.
    """
    _, posts = record(store, decide, now, **changes)
    deliver(store, posts, now)


def record(
    store: Store, decide: Decide, now: datetime, **changes: Any
) -> tuple[State, tuple[Post, ...]]:
    """Decide and write the result.

    Returns:
        The new state, and the messages to post.
    """

    def change(state: State) -> State:
        return replace(state.after(decide(state), now), **changes)

    before, after = change_state(store, change)
    known = {post.id for post in before.posts}
    return after, tuple(post for post in after.posts if post.id not in known)


def deliver(store: Store, posts: Sequence[Post], now: datetime) -> int:
    """Send messages, and note that Slack has accepted them; never raises.

    A message that Slack does not accept stays in the file: `deliver_pending` sends it again.

    Returns:
        The number of messages that Slack has accepted.
    """
    sent = [done for post in posts if (done := send(post, now, store)) is not None]
    try:
        note_sent(store, sent)
    except Exception:
        log.exception("Posted messages could not be noted: they will be posted again")
    return len(sent)


def note_sent(store: Store, sent: Sequence[Post]) -> None:
    """Remove messages that Slack has accepted from the file; their incidents keep the issue.

    Raises:
        AzureError: The storage account does not answer.
    """
    if sent:
        change_state(store, lambda state: state.without_posts(sent))


def deliver_pending(store: Store, state: State, now: datetime) -> int:
    """Send the messages that no other process is sending.

    Returns:
        The number of messages that Slack has accepted.
    """
    return deliver(
        store, [post for post in state.posts if now - post.at >= MAY_BE_IN_DELIVERY], now
    )


def send(post: Post, now: datetime, store: Store | None) -> Post | None:
    """Send a message; an error is only logged.

    Returns:
        The message with its incidents' responder and issue; `None` if Slack did not accept it.
    """
    done, message = post, post.message
    if post.event is not None:
        try:
            done, message = _render(post, post.event, now, store)
        except Exception:
            log.exception("The message could not be made; a short one is posted instead")
            message = {"text": _short_text(post, post.event)}
    try:
        slack.send(message)
    except Exception:
        log.exception("A MESSAGE DID NOT REACH SLACK: %s", message["text"])
        return None
    return done


def post_text(store: Store | None, text: str, now: datetime) -> bool:
    """Post a text to the incidents channel; text from outside must be escaped.

    Args:
        store: The storage account, in which the text waits for Slack; `None` if it is unreachable.
        text: The text, in Slack's format.
        now: The current time, in UTC.

    Returns:
        True if Slack has accepted it or will get it later.
    """
    post = Post(now, message={"text": mask_secrets(text)})
    if store is not None:
        try:
            change_state(store, lambda state: replace(state, posts=(*state.posts, post)))
        except Exception:
            log.exception("A message could not be saved")
        else:
            deliver(store, [post], now)
            return True
    return send(post, now, store) is not None


def _render(
    post: Post, event: Event, now: datetime, store: Store | None
) -> tuple[Post, dict[str, Any]]:
    is_high = any(one.is_high(now) for one in post.incidents)
    mentions = settings.mentions() if post.calls else {}
    who = choose_responder(is_high, now, declared_rotation, mentions)
    incidents = tuple(replace(one, responder=who.name) for one in post.incidents)
    if len(incidents) == 1 and event is Event.OPENED:
        # Of a storm, a person decides which ones are worth an issue.
        incidents = (replace(incidents[0], issue_url=_new_issue(incidents[0], who, now)),)
    done = replace(post, incidents=incidents)
    links = _links(incidents[0], who, now, store)
    if len(incidents) > 1:
        links = replace(links, severity=form_url("set_severity"))
    return done, notice_message(event, incidents, who, links, now).as_dict()


def _short_text(post: Post, event: Event) -> str:
    lines = (
        f"{', '.join(one.tasks) or one.kind}: {as_code(one.latest.error)}" for one in post.incidents
    )
    return f":red_circle: incident {event.value}: {'; '.join(lines)}"


def _new_issue(incident: Incident, who: Responder, now: datetime) -> str:
    """Create the issue of an incident, and return its address; empty if GitHub does not answer."""
    repository, connection = settings.repository(), settings.github()
    if not repository or connection is None:
        return ""
    try:
        return within(
            _GITHUB_SECONDS,
            lambda: create_issue(connection, repository, incident, who.name, now),
        )
    except Exception:
        log.exception("GitHub did not create the issue; the message links to the form instead")
        return ""


def _links(incident: Incident, who: Responder, now: datetime, store: Store | None) -> Links:
    """The buttons; without an issue, the form for one."""
    repository, issue = settings.repository(), incident.issue_url
    if not issue and repository:
        issue = new_issue_url(repository, incident, who.name, now)
    airflow = settings.airflow_url()
    return Links(
        log=incident.latest.log_url,
        run=incident.latest.run_url,
        runbook=page_url(repository, runbook_page(incident)),
        issue=issue,
        issue_exists=bool(incident.issue_url),
        publication=f"{airflow}{PUBLICATION_PAGE}" if airflow else "",
        public_file=_public_url(incident, store),
        restore=form_url("restore_metrics"),
        release=form_url("release_hold") if HOLD_STAYS in incident.latest.key else "",
        severity=form_url("set_severity", incident=incident.id),
        **_load_forms(incident),
    )


def _load_forms(incident: Incident) -> dict[str, str]:
    """The forms that load the source of a failed load or sync again."""
    latest = incident.latest
    if not latest.is_task or latest.kind not in ("load", "sync") or latest.dag not in SOURCES:
        return {}
    forms = {"load": form_url(latest.dag, force_full_load=True)}
    if IS_DROP in latest.error:
        forms["accept_drop"] = form_url(latest.dag, accept_drop="")
    return forms


def _public_url(incident: Incident, store: Store | None) -> str:
    """The address of the file that an incident is about."""
    if incident.latest.key == f"{PUBLIC_FILE}: {EARLIER}":
        return shown_address(earlier_url())
    return store.public_url(PUBLISHED) if store else ""
