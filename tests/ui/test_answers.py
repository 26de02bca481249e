"""The first lines of the page Publication: each state, what to do, and which one comes first."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from include.publishing.earlier import EARLIER_URL
from include.publishing.holds import FROM_THE_START, Hold
from include.publishing.public_file import Fault, PublicFile
from include.publishing.reconcile import Publishing
from include.publishing.released import Comparison, Unpublished
from include.publishing.reviews import Review
from include.publishing.store import Stored
from include.ui.answers import Answer, Facts, Form, Level, State, find_answers
from include.ui.source_state import Question, SourceState
from include.words import PUBLIC_FILE
from tests.incidents.sample_incidents import failed, incident
from tests.publishing.samples import NOW

HOUR = timedelta(hours=1)
MADE = "20261124T140000Z-00000000000e"
SERVED = Stored(b"", "e1", {"version": MADE}, NOW - 3 * HOUR)
SAME = Comparison("wanted", (), None, ())
OTHER = Comparison(
    "wanted",
    (Unpublished("schools_resumed", None, None, "airtable"),),
    NOW - timedelta(minutes=12),
    (),
)
BROKEN = replace(SAME, broken=("sources/epa.json: a.METRIC_VALUE: not a number.",))
HOLD = Hold(MADE, "Pat", "the count doubled.", NOW - 2 * HOUR, "manual 1")
UNFINISHED = replace(HOLD, version="20261123T140000Z-00000000000d")
UNTIL_SWITCH = Hold(
    "", "", "the page still reads https://x.example/f.json", FROM_THE_START, "",
    is_until_switch=True,
)  # fmt: skip
ASKED = Review("for_1", "wanted", "e1", NOW - 2 * HOUR)
REFUSED = replace(ASKED, held_by="Ada", reason="it is a test.", answered_at=NOW - HOUR)
QUESTION = Question("approve_change", "for_1", "ask", "Publish these metrics?", NOW - 2 * HOUR)
ALTERED = Fault("altered", "Somebody changed the file.")
HARMLESS = Fault("rewritten", "Somebody wrote the file.", is_wrong=False)
LATE = PublicFile(late={"schools_resumed": "…", "phase2_roes_accepted": "…"})
FAILED = incident(failed("publish_metrics.promote"))
PAUSED = SourceState("publish_metrics", "success", is_paused=True, paused_at=NOW - 5 * HOUR)


def facts(
    compared: Comparison = SAME,
    file: PublicFile | None = None,
    *,
    hold: Hold | None = None,
    review: Review | None = None,
    served: Stored | None = SERVED,
    **more: Any,
) -> Facts:
    """The facts of a file that is right, apart from the changes."""
    state = Publishing(compared, served, hold, review)
    return Facts(NOW, file or PublicFile(), state, **more)


def answers(found: Facts) -> list[tuple[State, Level]]:
    return [(one.state, one.level) for one in find_answers(found)]


def the_answer(found: Facts) -> Answer:
    return find_answers(found)[0]


@pytest.mark.parametrize(
    ("found", "head", "text"),
    [
        (facts(), "Right", "since Tue Nov 24, 4:00 AM PST (3 h)."),
        (
            facts(file=PublicFile((ALTERED,)), other_version="v1"),
            "Wrong",
            "Somebody changed the file.",
        ),
        (
            facts(OTHER),
            "Behind by 12 min",
            "1 released metric is not public: Schools resumed. publish_metrics runs within half",
        ),
        (
            facts(OTHER, behind_since=NOW - 5 * HOUR),
            "Behind by 5 h",
            "Nothing holds publishing, but publish_metrics has not published.",
        ),
        (
            facts(OTHER, behind_since=NOW - 5 * HOUR, dags={"publish_metrics": PAUSED}),
            "Behind by 5 h",
            "publish_metrics is paused since Tue Nov 24, 2:00 AM PST.",
        ),
        (
            facts(OTHER, incidents=[incident(failed("epa.load")), FAILED]),
            "Behind by 12 min",
            "Schools resumed. publish_metrics: a promotion failed.",
        ),
        (
            facts(OTHER, dags={"publish_metrics": SourceState("publish_metrics", "failed")}),
            "Behind by 12 min",
            "The last run of publish_metrics failed.",
        ),
        (
            facts(OTHER, dags={"publish_metrics": SourceState("publish_metrics", "running")}),
            "Behind by 12 min",
            "The last run of publish_metrics is running.",
        ),
        (
            facts(OTHER, dags={"publish_metrics": SourceState("publish_metrics", "success")}),
            "Behind by 12 min",
            "is not public: Schools resumed. publish_metrics runs within half an hour.",
        ),
        (
            facts(BROKEN),
            "Behind: epa",
            "its released file is invalid. a.METRIC_VALUE: not a number.",
        ),
        (
            facts(hold=HOLD),
            "Held by Pat",
            "The version of Tue Nov 24, 6:00 AM PST is held since Tue Nov 24, 5:00 AM PST:"
            " the count doubled. Nothing newer waits.",
        ),
        (facts(OTHER, hold=HOLD), "Held by Pat", "the count doubled. 1 released metric waits."),
        (facts(hold=replace(HOLD, version="v1")), "Held by Pat", "V1 is held since"),
        (facts(hold=replace(HOLD, version="")), "Held by Pat", "Publishing is held since"),
        (
            facts(hold=UNFINISHED),
            "Held by Pat",
            "The restore has not finished: another version is public.",
        ),
        (
            facts(OTHER, review=REFUSED),
            "Held by Ada",
            "1 released metric waits since Tue Nov 24, 6:00 AM PST: it is a test. A person is asked"
            " again after Wed Nov 25, 6:00 AM PST.",
        ),
        (
            facts(OTHER, review=ASKED, questions=[QUESTION]),
            "Waiting for an answer for 2 h",
            "1 released metric waits for a person's answer since Tue Nov 24, 5:00 AM PST",
        ),
        (
            facts(served=None, file=PublicFile(not_yet=True)),
            "Not published yet",
            "the public page has no numbers",
        ),
        (
            facts(file=LATE, source_of={"phase2_roes_accepted": "usace"},
                  dags={"usace": SourceState("usace", "failed")}),
            "Right, but 2 public metrics are late",
            "Older than promised: Schools resumed, Phase 2 ROEs accepted."
            " The last run of usace failed.",
        ),
        (facts(OTHER, LATE, hold=HOLD), "Held by Pat", "1 released metric waits."),
        (
            Facts(NOW, problem="ConnectionError"),
            "Unknown",
            "The storage account does not answer (ConnectionError). The public file itself may",
        ),
        (
            Facts(NOW, PublicFile(metrics=("a", "b")), problem="ConnectionError"),
            "Unknown",
            "The public address serves a valid file of 2 metrics",
        ),
    ],
)  # fmt: skip
def test_the_answer_is_one_state_in_words_with_its_reason(
    found: Facts, head: str, text: str
) -> None:
    answer = the_answer(found)
    assert answer.head == head
    assert text in answer.text
    assert answer.text.endswith(".")
    assert ".." not in answer.text


@pytest.mark.parametrize(
    ("found", "action", "form", "path"),
    [
        (facts(), "", None, ""),
        (
            facts(file=PublicFile((ALTERED,)), other_version="v1"),
            "Restore the last version, then find out who wrote the file.",
            Form("restore_metrics", "Restore a version", {"version": "v1"}),
            "",
        ),
        (
            facts(file=PublicFile((Fault("missing", "It is missing."),))),
            "Restore the last version, then find out who deleted it.",
            Form("restore_metrics", "Restore a version"),
            "",
        ),
        (
            facts(file=PublicFile((Fault("unreachable", "It is out of reach."),))),
            "Check the storage account and its public access.",
            None,
            "",
        ),
        (facts(OTHER), "", None, ""),
        (
            facts(OTHER, incidents=[FAILED]),
            "Clear the task when the storage account answers.",
            None,
            "",
        ),
        (
            facts(OTHER, behind_since=NOW - 5 * HOUR),
            "Unpause or trigger publish_metrics, and read the log of its audit.",
            Form("publish_metrics", "Publish"),
            "",
        ),
        (facts(OTHER, dags={"publish_metrics": PAUSED}), "", None, ""),
        (
            facts(BROKEN),
            "Correct the data of that source, then clear its release.",
            None,
            "/dags/epa",
        ),
        (
            facts(hold=HOLD),
            "When its cause is fixed, release the hold.",
            Form("release_hold", "Release the hold"),
            "",
        ),
        (
            facts(hold=UNFINISHED),
            "Clear promote of that run, or release the hold.",
            Form("release_hold", "Release the hold"),
            "/dags/restore_metrics/runs/manual%201/tasks/promote",
        ),
        (
            facts(OTHER, review=REFUSED),
            "To decide sooner, clear the task ask of the run.",
            None,
            "/dags/approve_change/runs/for_1/tasks/ask",
        ),
        (
            facts(OTHER, review=ASKED, questions=[QUESTION]),
            "Compare the change with its source, and answer.",
            None,
            QUESTION.path,
        ),
    ],
)
def test_the_answer_says_what_to_do_and_leads_there(
    found: Facts, action: str, form: Form | None, path: str
) -> None:
    answer = the_answer(found)
    assert (answer.action, answer.form, answer.path) == (action, form, path)


GOOD, WARN, BAD = Level.GOOD, Level.WARN, Level.BAD


@pytest.mark.parametrize(
    ("found", "states"),
    [
        (facts(), [(State.RIGHT, GOOD)]),
        (facts(file=PublicFile((HARMLESS,))), [(State.RIGHT, GOOD), (State.NOTE, WARN)]),
        (facts(file=LATE), [(State.LATE, WARN)]),
        (facts(OTHER, LATE), [(State.BEHIND, WARN), (State.LATE, WARN)]),
        (facts(OTHER, behind_since=NOW - HOUR), [(State.BEHIND, WARN)]),
        (facts(OTHER, behind_since=NOW - HOUR - timedelta(minutes=1)), [(State.BEHIND, BAD)]),
        (facts(BROKEN), [(State.BEHIND, BAD)]),
        # A question whose run has ended waits for nobody, and an answer of yesterday holds no more.
        (facts(OTHER, review=ASKED), [(State.BEHIND, WARN)]),
        (facts(OTHER, review=replace(ASKED, answered_at=NOW), questions=[QUESTION]),
         [(State.BEHIND, WARN)]),
        (facts(OTHER, review=replace(REFUSED, answered_at=NOW - 25 * HOUR)),
         [(State.BEHIND, WARN)]),
        # A review of other metrics, or of other public ones, says nothing of these.
        (facts(OTHER, review=replace(REFUSED, metrics="others")), [(State.BEHIND, WARN)]),
        (facts(review=REFUSED), [(State.RIGHT, GOOD)]),
        (facts(OTHER, review=REFUSED), [(State.HELD, WARN)]),
        # A hold comes before a question and a delay, and does not hide a broken release.
        (facts(OTHER, hold=HOLD, review=ASKED, questions=[QUESTION]), [(State.HELD, WARN)]),
        (facts(BROKEN, hold=HOLD), [(State.HELD, WARN), (State.BEHIND, BAD)]),
        (facts(hold=UNFINISHED), [(State.HELD, BAD)]),
        (facts(hold=replace(HOLD, released_at=NOW)), [(State.RIGHT, GOOD)]),
        # What is wrong comes first, and explains why the public file differs.
        (facts(OTHER, PublicFile((HARMLESS, ALTERED))), [(State.WRONG, BAD), (State.NOTE, WARN)]),
        (facts(OTHER, PublicFile((ALTERED,)), hold=HOLD), [(State.WRONG, BAD), (State.HELD, WARN)]),
        (facts(file=PublicFile((ALTERED,), late={"a": "…"})), [(State.WRONG, BAD)]),
        (facts(OTHER, PublicFile(not_yet=True), served=None), [(State.EMPTY, WARN)]),
        (facts(OTHER, PublicFile(not_yet=True), served=None, hold=HOLD), [(State.HELD, BAD)]),
        (Facts(NOW, problem="Timeout"), [(State.UNKNOWN, WARN)]),
        (Facts(NOW, PublicFile((ALTERED,)), problem="Timeout"),
         [(State.WRONG, BAD), (State.UNKNOWN, WARN)]),
    ],
)  # fmt: skip
def test_the_most_urgent_state_comes_first(found: Facts, states: list[tuple[State, Level]]) -> None:
    assert answers(found) == states


@pytest.mark.parametrize(
    ("file", "states"),
    [
        (PublicFile(), [(State.UNTIL_SWITCH, WARN)]),
        (PublicFile(not_yet=True), [(State.UNTIL_SWITCH, WARN)]),
        (PublicFile((Fault("earlier file", "It is gone."),)),
         [(State.WRONG, BAD), (State.UNTIL_SWITCH, WARN)]),
    ],
)  # fmt: skip
def test_beside_an_earlier_system_the_hold_is_the_answer_unless_its_file_is_gone(
    file: PublicFile, states: list[tuple[State, Level]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(EARLIER_URL, "https://x.example/f.json")
    found = facts(OTHER, file, hold=UNTIL_SWITCH, served=None)
    assert answers(found) == states
    [held] = [one for one in find_answers(found) if one.state is State.UNTIL_SWITCH]
    assert held.text == "The page still reads https://x.example/f.json."
    assert held.form == Form("release_hold", "Release the hold")


def test_a_clock_that_is_ahead_makes_no_negative_time() -> None:
    ahead = replace(SERVED, modified_at=NOW + timedelta(seconds=5))
    assert "(less than a minute)" in the_answer(facts(served=ahead)).text
    late = facts(OTHER, behind_since=NOW + timedelta(seconds=5))
    assert the_answer(late).head == "Behind by less than a minute"


@pytest.mark.parametrize(
    ("number", "names"), [(1, "Air 0."), (4, "Air 0, Air 1, Air 2 and 1 more.")]
)
def test_at_most_three_metrics_are_named(number: int, names: str) -> None:
    found = tuple(Unpublished(f"air_{each}", None, None, "") for each in range(number))
    behind = the_answer(facts(replace(OTHER, unpublished=found)))
    assert f"not public: {names}" in behind.text


@pytest.mark.parametrize("word", PUBLIC_FILE)
def test_the_words_are_those_of_slack_and_the_runbooks(word: str) -> None:
    examples = {
        "right": facts(),
        "behind": facts(OTHER),
        "held": facts(hold=HOLD),
        "waiting": facts(OTHER, review=ASKED, questions=[QUESTION]),
        "wrong": facts(file=PublicFile((ALTERED,))),
        "late": facts(file=LATE),
        "unknown": Facts(NOW, problem="ConnectionError"),
    }
    assert word in the_answer(examples[word]).head.lower().split()
