"""Whether the public sees the right numbers, why not, and what to do: the page's first lines.

A pure function of what is public, what is released, and what stops the rest.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from include.incidents.airflow_links import task_path
from include.incidents.alert_types import ALERT_TYPES, RESTORE
from include.incidents.incident import Incident
from include.incidents.summary import headline, remedy
from include.incidents.text import count, join_names
from include.metric_words import label
from include.publishing.holds import Hold, unfinished_restore
from include.publishing.public_file import Fault, PublicFile
from include.publishing.reconcile import PUBLIC_WITHIN, Publishing
from include.publishing.reviews import Review
from include.publishing.versions import made_at
from include.sources.airtable import AIRTABLE
from include.times import california_time, duration
from include.ui.source_state import Question, SourceState

# The names in a sentence; the tables below have all of them.
_MOST_NAMES = 3


class Level(StrEnum):
    """How good an answer is: the page has a colour and a sign for each."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


class State(IntEnum):
    """The states of publication, the most urgent first."""

    WRONG = 1
    UNKNOWN = 2
    UNTIL_SWITCH = 3
    EMPTY = 4
    HELD = 5
    WAITING = 6
    BEHIND = 7
    LATE = 8
    RIGHT = 9
    NOTE = 10


@dataclass(frozen=True)
class Form:
    """The form that starts a run of a DAG.

    Attributes:
        dag: The DAG.
        label: What the run does, for the link.
        params: The values to fill in.
    """

    dag: str
    label: str
    params: Mapping[str, str] = field(default_factory=dict)


PUBLISH = Form("publish_metrics", "Publish")


@dataclass(frozen=True)
class Answer:
    """One state of publication with its reason.

    Attributes:
        state: The state.
        level: How good it is.
        head: The state in a few words, for example `Behind by 5 h`.
        text: The reason, in one sentence or more.
        action: What to do; empty if there is nothing to do.
        form: The form that does it, if there is one.
        path, link: Another page that helps, below Airflow's address, and the text of its link.
    """

    state: State
    level: Level
    head: str
    text: str
    action: str = ""
    form: Form | None = None
    path: str = ""
    link: str = ""


@dataclass(frozen=True)
class Facts:
    """What the answers follow from.

    Attributes:
        now: The current time, in UTC.
        public_file: The state of the public file; `None` if it is unknown.
        state: What is released and not public, and what stops it; `None` if it is unknown.
        behind_since: When the watch first saw that something released is not public, in UTC;
            `None` if it has not.
        other_version: The newest version that is not public now; empty if there is none.
        questions: The questions that wait for a person.
        incidents: The open incidents.
        dags: The state of DAGs in Airflow, by name.
        source_of: The source of each metric that is computed; staff enter the others.
        problem: Why the storage account could not be read; empty if it was.
    """

    now: datetime
    public_file: PublicFile | None = None
    state: Publishing | None = None
    behind_since: datetime | None = None
    other_version: str = ""
    questions: Sequence[Question] = ()
    incidents: Sequence[Incident] = ()
    dags: Mapping[str, SourceState] = field(default_factory=dict)
    source_of: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


def find_answers(facts: Facts) -> tuple[Answer, ...]:
    """The states of publication, the most urgent first: the first one is the answer."""
    return tuple(sorted(_answers(facts), key=lambda one: one.state))


def _answers(facts: Facts) -> Iterator[Answer]:
    file, state = facts.public_file, facts.state
    for fault in file.faults if file else ():
        yield _fault(fault, facts.other_version)
    if file is None or state is None:
        yield _unknown(file, facts.problem)
        return
    stop = _stop(facts, state)
    if stop:
        yield stop
    elif file.not_yet:
        yield _empty()
    elif state.comparison.unpublished and not file.wrong:
        yield _behind(facts, state)
    for broken in state.comparison.broken:
        yield _invalid(broken)
    if file.late and not file.wrong:
        is_right = not stop and state.comparison.is_public
        yield _late(facts, file, is_right=is_right)
    elif not stop and not file.wrong and not file.not_yet and state.comparison.is_public:
        yield _right(facts, state)


def _fault(fault: Fault, other_version: str) -> Answer:
    """A fault of the public file; one that nobody outside sees is only to be checked."""
    action = _remedy(fault.key)
    if not fault.is_wrong:
        return Answer(State.NOTE, Level.WARN, "To check", fault.text, action)
    form = None
    if action.startswith(RESTORE):
        params = {"version": other_version} if other_version else {}
        form = Form("restore_metrics", "Restore a version", params)
    return Answer(State.WRONG, Level.BAD, "Wrong", fault.text, action, form)


def _unknown(file: PublicFile | None, problem: str) -> Answer:
    text = f"The storage account does not answer ({problem}). The public file itself may be fine."
    if file is not None and not file.faults:
        text = (
            f"The storage account does not answer ({problem}). The public address serves a valid"
            f" file of {count(len(file.metrics), 'metric')}, but whether it is the last version is"
            " unknown."
        )
    action = "Load this page again in a minute. If it lasts, check the connection azure_storage."
    return Answer(State.UNKNOWN, Level.WARN, "Unknown", text, action)


def _empty() -> Answer:
    text = "Nothing has been published yet: the public page has no numbers."
    action = "When the sources have released their metrics, trigger publish_metrics."
    return Answer(State.EMPTY, Level.WARN, "Not published yet", text, action, PUBLISH)


def _stop(facts: Facts, state: Publishing) -> Answer | None:
    """Who or what stops publishing; `None` if nothing does."""
    if state.hold:
        return _hold(state.hold, state, facts.now)
    if (review := state.review) is None or not state.comparison.unpublished:
        return None
    if review.holds(facts.now):
        return _held_metrics(review, state)
    asked = next((one for one in facts.questions if one.run == review.run), None)
    if asked is None or review.answered_at:
        return None
    length = duration(_length(review.asked_at, facts.now))
    text = (
        f"{_waiting(state)} for a person's answer since {california_time(review.asked_at)}: the"
        " change is suspicious. The last version stays public."
    )
    action = "Compare the change with its source, and answer."
    head = f"Waiting for an answer for {length}"
    return Answer(
        State.WAITING, Level.WARN, head, text, action, path=asked.path, link=asked.subject
    )


def _hold(hold: Hold, state: Publishing, now: datetime) -> Answer:
    form = Form("release_hold", "Release the hold")
    if state.is_until_switch:
        head = "Held until the switch"
        text = str(hold).removeprefix(head).lstrip(": ").rstrip(".")
        text = f"{text[:1].upper()}{text[1:]}."
        action = "To publish, release the hold."
        return Answer(State.UNTIL_SWITCH, Level.WARN, head, text, action, form)
    version = made_at(hold.version)
    held = f"the version of {california_time(version)}" if version else hold.version
    reason = hold.reason.rstrip(".")
    text = f"{held or 'Publishing'} is held since {california_time(hold.since)}: {reason}."
    text = f"{text[:1].upper()}{text[1:]} {_waiting(state)}."
    head = f"Held by {hold.by}"
    if unfinished_restore(hold, state.served, now):
        text = f"The restore has not finished: another version is public. {text}"
        action = _remedy("unfinished restore")
        path = task_path("restore_metrics", hold.run, "promote")
        return Answer(State.HELD, Level.BAD, head, text, action, form, path, "Clear promote")
    action = "When its cause is fixed, release the hold."
    return Answer(State.HELD, Level.WARN, head, text, action, form)


def _held_metrics(review: Review, state: Publishing) -> Answer:
    held = california_time(review.answered_at) if review.answered_at else "an unknown time"
    again = california_time(review.ends_at) if review.ends_at else "a day"
    reason = (review.reason or "no reason given").rstrip(".")
    text = f"{_waiting(state)} since {held}: {reason}. A person is asked again after {again}."
    action = "To decide sooner, clear the task ask of the run."
    path = task_path("approve_change", review.run, "ask")
    head = f"Held by {review.held_by}"
    return Answer(State.HELD, Level.WARN, head, text, action, path=path, link="Clear ask")


def _waiting(state: Publishing) -> str:
    """How many released metrics are not public, as the beginning of a sentence."""
    number = len(state.comparison.unpublished)
    if not number:
        return "Nothing newer waits"
    return f"{count(number, 'released metric')} wait{'s' if number == 1 else ''}"


def _behind(facts: Facts, state: Publishing) -> Answer:
    """Something released is not public, and nobody stops it."""
    length = _length(facts.behind_since or state.since or facts.now, facts.now)
    found = state.comparison.unpublished
    is_are = "is" if len(found) == 1 else "are"
    names = join_names(tuple(label(one.name) for one in found), _MOST_NAMES)
    why, action = _why(facts, PUBLISH.dag)
    is_late = length > PUBLIC_WITHIN
    usual = "publish_metrics runs within half an hour."
    if is_late:
        usual = "Nothing holds publishing, but publish_metrics has not published."
        action = action or _remedy("not public")
    text = f"{count(len(found), 'released metric')} {is_are} not public: {names}. {why or usual}"
    head, level = f"Behind by {duration(length)}", Level.BAD if is_late else Level.WARN
    return Answer(State.BEHIND, level, head, text, action, PUBLISH if is_late else None)


def _why(facts: Facts, dag: str) -> tuple[str, str]:
    """What is known of a DAG that explains a delay, and what to do; empty if nothing is."""
    for incident in facts.incidents:
        if dag in incident.dags:
            return f"{headline(incident)}.", remedy(incident)
    state = facts.dags.get(dag)
    if state is None:
        return "", ""
    if state.is_paused:
        since = f" since {california_time(state.paused_at)}" if state.paused_at else ""
        return f"{dag} is paused{since}.", ""
    words = {"failed": "failed", "running": "is running", "queued": "waits to run"}
    word = words.get(state.state)
    return (f"The last run of {dag} {word}." if word else ""), ""


def _invalid(broken: str) -> Answer:
    """A released file that breaks the contract, from its sentence: `sources/epa.json: …`."""
    path, _, why = broken.partition(": ")
    source = path.removeprefix("sources/").removesuffix(".json")
    text = f"The newest values of {source} are not public: its released file is invalid. {why}"
    action = _remedy("invalid released file")
    return Answer(
        State.BEHIND, Level.BAD, f"Behind: {source}", text, action, path=f"/dags/{source}",
        link=source,
    )  # fmt: skip


def _late(facts: Facts, file: PublicFile, *, is_right: bool) -> Answer:
    names = join_names(tuple(label(name) for name in file.late), _MOST_NAMES)
    number = count(len(file.late), "public metric")
    text = f"Older than promised: {names}."
    sources = dict.fromkeys(facts.source_of.get(name, AIRTABLE.name) for name in file.late)
    reasons = filter(None, (_why(facts, source)[0] for source in sources))
    text = " ".join((text, *dict.fromkeys(reasons)))
    head = f"{number} {'is' if len(file.late) == 1 else 'are'} late"
    head = f"Right, but {head}" if is_right else head
    return Answer(State.LATE, Level.WARN, head, text, _remedy(f"{next(iter(file.late))} is late"))


def _right(facts: Facts, state: Publishing) -> Answer:
    text = "The public sees what the sources have released"
    if served := state.served:
        length = duration(_length(served.modified_at, facts.now))
        text += f", since {california_time(served.modified_at)} ({length})"
    return Answer(State.RIGHT, Level.GOOD, "Right", f"{text}.")


def _length(since: datetime, now: datetime) -> timedelta:
    """The time since a moment of the storage account, whose clock may be ahead of this one."""
    return max(now - since, timedelta(0))


def _remedy(key: str) -> str:
    """What to do about a problem of the public file, in the words of its incident."""
    findings = ALERT_TYPES["public-file"].findings
    return next((text for part, text in findings.items() if part in f"public file: {key}"), "")
