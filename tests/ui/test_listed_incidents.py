"""The open incidents on the page Publication."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from include.incidents.incident import Incident
from include.incidents.severity import HIGH, LOW, Impact
from include.publishing.store import Store
from include.ui.publication import read_publication
from include.ui.render import render_page
from tests.incidents.sample_incidents import (
    ALTERED,
    GOOD,
    LATE,
    LOG,
    TUESDAY,
    failed,
    incident,
    over,
    rated,
)
from tests.ui.conftest import save_incidents

# A failure whose metrics are late, and a night at which it waits.
STALE = failed(error="its <host> does not answer", assessment=replace(GOOD, impact=Impact.LATE))
THURSDAY_NIGHT = datetime(2026, 11, 26, 11, 0, tzinfo=UTC)
SINCE = "since Tue Nov 24, 2:00 PM PST"


def listed(store: Store, at: datetime = TUESDAY) -> str:
    """The list on the page, at this time."""
    publication = read_publication(store, at)
    page = render_page(
        "publication.html", publication=publication, problem="", states={}, questions=[], now=at
    )
    text = bytes(page.body).decode()
    return text.partition("<h2>Open incidents</h2>")[2].partition("<h2>")[0]


@pytest.mark.parametrize(
    ("opened", "at", "card", "said"),
    [
        (incident(STALE), TUESDAY, "bad", f"<b>HIGH</b> usace: a load failed, {SINCE}."),
        (incident(STALE), THURSDAY_NIGHT, "warn", f"<b>LOW</b> usace: a load failed, {SINCE}."),
        (incident(STALE), TUESDAY, "bad", "<code>its &lt;host&gt; does not answer</code>"),
        (incident(STALE), TUESDAY, "bad", f'href="{LOG}">Log</a>'),
        (
            incident(failed(), failed("epa.load"), failed("epa.load", tries=4)),
            TUESDAY,
            "warn",
            f"<b>LOW</b> usace, epa: a load failed, {SINCE}, 3 failed attempts.",
        ),
        (
            incident(failed(), failed("epa.load")),
            TUESDAY,
            "warn",
            "<code>usace.load</code> <code>epa.load</code>",
        ),
        (
            incident(ALTERED),
            THURSDAY_NIGHT,
            "bad",
            f"<b>HIGH</b> the public file is missing, altered, invalid or out of date, {SINCE}.",
        ),
        (incident(ALTERED), TUESDAY, "bad", "not the last version that was promoted: somebody"),
        (
            incident(LATE, replace(LATE, key="another", error="And homes too.")),
            TUESDAY,
            "bad",
            "last updated Thu Nov 19, 9:12 AM PST. And homes too.",
        ),
        (rated(incident(), HIGH), THURSDAY_NIGHT, "bad", "<b>HIGH</b> usace"),
        (rated(incident(ALTERED), LOW), TUESDAY, "warn", "<b>LOW</b> the public file"),
        (
            rated(incident(), HIGH, "It counts <twice>"),
            TUESDAY,
            "bad",
            "Grace set the severity: It counts &lt;twice&gt;",
        ),
        (
            replace(incident(), issue_url="https://github.com/o/n/issues/7"),
            TUESDAY,
            "warn",
            'href="https://github.com/o/n/issues/7">Issue</a>',
        ),
    ],
)
def test_an_open_incident_is_shown_with_its_severity_of_this_hour(
    opened: Incident, at: datetime, card: str, said: str, store: Store
) -> None:
    save_incidents(store, opened)
    shown = " ".join(listed(store, at).partition("</p>")[0].split())
    assert f'<p class="card {card}">' in shown
    assert said in shown


def test_each_open_incident_says_how_its_severity_is_changed(store: Store) -> None:
    opened = [incident(), incident(ALTERED)]
    save_incidents(store, *opened, over(incident(LATE), timedelta(hours=1)))
    hints = listed(store).split("To raise or lower the severity, trigger ")[1:]
    assert len(hints) == 2, "not of the closed one"
    for one, hint in zip(sorted(opened, key=lambda each: each.id), hints, strict=True):
        assert "/dags/set_severity" in hint
        assert f"<code>{one.id}</code>" in hint


def test_a_finding_has_no_log(store: Store) -> None:
    save_incidents(store, incident(ALTERED))
    assert ">Log</a>" not in listed(store)
