"""The review of a suspicious candidate: which one it is, and whether the answer still applies."""

import json
from dataclasses import asdict, replace
from datetime import timedelta
from hashlib import sha256
from importlib import import_module
from typing import Any

import pytest
from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk.exceptions import (
    AirflowFailException,
    AirflowSkipException,
    DownstreamTasksSkipped,
    ParamValidationError,
)

from include.pipeline.approve import (
    ANSWER_WITHIN,
    HOLD,
    PUBLISH,
    act_on_answer,
    ask,
    candidate_of,
    promote_if_approved,
    reason_not_to_ask,
    recheck,
)
from include.pipeline.audit import OLDER, ask_a_person
from include.publishing.contract import parse
from include.publishing.differences import Difference
from include.publishing.holds import Hold, set_hold
from include.publishing.names import CANDIDATES_CONTAINER
from include.publishing.promotion_log import last_promotion
from include.publishing.released import fingerprint
from include.publishing.reviews import Review, last_review, save_review
from include.publishing.store import Place, Store
from include.publishing.versions import PUBLISHED, AuditedCandidate, Version, version_of
from tests.pipeline.running import call, context_of
from tests.publishing.memory_store import MemoryStore
from tests.publishing.samples import NOW, file, metric, publish, release
from tests.slack import Slack

JUMPED = Difference("a", 100.0, 200.0, "changed by more than 25%")
SERVED, NEW = file(metric("a", 100), metric("b", 5)), file(metric("a", 200), metric("b", 5))
HELD = Hold("v1", "Grace", "The count is wrong", NOW, "manual 1")
NEWER = {"LAST_UPDATED": "2026-11-24T14:00:00.000Z"}
ASKING = "for_run 2"
STILL_GOOD = "*The public sees*: still the last good values. A person is asked again"
IN_A_DAY = f"{STILL_GOOD} in a day, or when the metrics change."


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("approve", "promote"):
        monkeypatch.setattr(import_module(f"include.pipeline.{name}"), "utc_now", lambda: NOW)


def candidate(store: Store) -> AuditedCandidate:
    """A stored candidate in which one metric jumped, audited against the served file.

    It is what the sources have released.
    """
    place = Place(CANDIDATES_CONTAINER, "ddrc_metrics/run.json")
    store.write(place, NEW)
    release(store, NEW)
    version = Version("v2", sha256(NEW).hexdigest(), run="run 2", audit=str(JUMPED))
    return AuditedCandidate(place.path, version, store.need(PUBLISHED).etag, (JUMPED,))


def test_a_person_is_asked_to_publish_or_to_hold_and_silence_holds() -> None:
    operator = ask()
    assert operator.options == ["Publish", "Hold"]
    assert operator.defaults == ["Hold"]


@pytest.mark.parametrize("conf", [None, {}, {"candidate": "{}"}, {"candidate": {}}])
def test_a_run_without_a_candidate_fails_with_what_to_do(conf: dict[str, object] | None) -> None:
    with pytest.raises(AirflowFailException, match=r"not an audited candidate.*ask_a_person"):
        candidate_of(context_of(conf=conf))


def test_a_run_gets_its_candidate_from_the_run_that_asks() -> None:
    sent = AuditedCandidate("x.json", Version("v2", "f", "run", "valid"), None, (JUMPED,))
    [key] = ask_a_person().conf or {}
    assert candidate_of(context_of(conf={key: json.dumps(sent.as_dict())})) == sent


def test_a_candidate_stays_as_it_was_if_the_served_file_did(store: Store) -> None:
    publish(store, SERVED)
    asked = candidate(store)
    assert recheck(store, asked) == asked


@pytest.mark.parametrize(
    ("served", "unseen"),
    [
        # Another file is served: the same values, or some from which the change needs no review.
        (SERVED, None),
        (file(metric("a", 190), metric("b", 5)), None),
        # From these, the person has not seen the change.
        (file(metric("a", 1_000), metric("b", 5)), "a: 1,000 → 200"),
        (file(metric("a", 101), metric("b", 5)), "a: 101 → 200"),
        (file(metric("a", 100), metric("b", 50)), "b: 50 → 5"),
    ],
)
def test_an_approval_is_of_a_metric_and_its_two_values(
    served: bytes, unseen: str | None, store: Store
) -> None:
    publish(store, SERVED)
    asked = candidate(store)
    publish(store, served, "v1b")
    if unseen is None:
        assert recheck(store, asked) == replace(asked, replacing=store.need(PUBLISHED).etag)
        return
    with pytest.raises(AirflowSkipException, match=rf"{unseen}.*The next publication") as caught:
        recheck(store, asked)
    assert "100 → 200" not in str(caught.value), "this change was seen"


def answer(option: str, person: str | None = "Ada", reason: str = " Counted again ") -> Any:
    """What the operator returns after a person has answered."""
    user = None if person is None else {"id": "1", "name": person}
    return {"chosen_options": [option], "params_input": {"reason": reason},
            "responded_by_user": user}  # fmt: skip


def act(store: Store, asked: AuditedCandidate, given: Any) -> None:
    act_on_answer(store, asked, given, ASKING)


def test_an_approved_candidate_is_public_with_who_decided_and_why(
    store: Store, slack: Slack
) -> None:
    publish(store, SERVED)
    asked = candidate(store)
    xcoms = {("ask", "return_value"): answer(PUBLISH)}
    conf = {"candidate": json.dumps(asked.as_dict())}

    handed_on = call(promote_if_approved(), context_of("approve_change", xcoms=xcoms, conf=conf))

    served = store.need(PUBLISHED)
    assert served.content == NEW
    assert version_of(served) == replace(asked.version, decided_by="Ada", reason="Counted again")
    assert handed_on == asdict(version_of(served))
    assert slack.texts() == [
        ":white_check_mark: *The suspicious change of the public metrics is published.* Ada"
        " approved it: Counted again\n*The public sees*: the new values, within a minute."
    ]


def test_an_approval_whose_promotion_was_killed_is_finished_by_its_retry(
    store: Store, slack: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(store, SERVED)
    asked = candidate(store)
    with monkeypatch.context() as patch:
        patch.setattr("include.publishing.promotion.log_promotion", killed)
        with pytest.raises(KeyboardInterrupt):
            act(store, asked, answer(PUBLISH))
    act(store, asked, answer(PUBLISH))
    last = last_promotion(store, NOW)
    assert last is not None
    assert (last.version.version, last.version.decided_by) == ("v2", "Ada")


def killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_an_approval_without_a_name_or_a_reason_is_still_one(store: Store, slack: Slack) -> None:
    publish(store, SERVED)
    act(store, candidate(store), answer(PUBLISH, None) | {"params_input": {"reason": None}})
    served = version_of(store.need(PUBLISHED))
    assert (served.decided_by, served.reason) == ("unknown", "")
    assert "is published.* Somebody approved it.\n" in slack.texts()[0]


def test_an_approved_candidate_replaces_what_was_published_since(
    store: Store, slack: Slack
) -> None:
    publish(store, SERVED)
    asked = candidate(store)
    publish(store, file(metric("a", 190), metric("b", 5)), "v1b")
    act(store, asked, answer(PUBLISH))
    assert store.need(PUBLISHED).content == NEW


def test_an_approval_that_is_cleared_is_not_said_twice(store: Store, slack: Slack) -> None:
    publish(store, SERVED)
    asked = candidate(store)
    for _ in range(2):
        act(store, asked, answer(PUBLISH))
    assert len(slack.texts()) == 1


@pytest.mark.parametrize("now", ["held", "newer release", "newer publication"])
def test_an_approval_publishes_nothing_during_a_hold_or_after_a_newer_release(
    now: str, store: Store
) -> None:
    publish(store, SERVED)
    asked, why = candidate(store), OLDER
    newer = file(metric("a", 100), metric("b", 6, **NEWER))
    if now == "held":
        set_hold(store, HELD)
        why = "Nothing is published: Grace holds v1"
    else:
        release(store, newer)
    if now == "newer publication":
        publish(store, newer, "v3")
        why = "The public file says what the sources have released"
    served = store.need(PUBLISHED)
    with pytest.raises(AirflowSkipException, match=why):
        act(store, asked, answer(PUBLISH))
    assert store.need(PUBLISHED) == served


def test_without_an_answer_because_somebody_marked_the_question_nothing_is_public(
    store: Store,
) -> None:
    with pytest.raises(AirflowSkipException, match=r"Nobody was asked.*Clear it"):
        call(promote_if_approved(), context_of("approve_change"))


@pytest.mark.parametrize(
    ("given", "noted", "said"),
    [
        (answer(HOLD), ("Ada", "Counted again"), f"Ada held it: Counted again\n{IN_A_DAY}"),
        (answer(HOLD, reason=""), ("Ada", ""), f"Ada held it.\n{IN_A_DAY}"),
        (
            answer(HOLD, "<b>", "x & y"),
            ("<b>", "x & y"),
            f"&lt;b&gt; held it: x &amp; y\n{IN_A_DAY}",
        ),
        (
            answer(HOLD, None, ""),
            ("", ""),
            f"Nobody answered in time.\n{STILL_GOOD} with the next publication.",
        ),
    ],
)
def test_a_held_candidate_stays_private_and_who_held_it_is_remembered(
    given: Any, noted: tuple[str, str], said: str, store: Store, slack: Slack
) -> None:
    publish(store, SERVED)
    asked = candidate(store)
    review = Review(ASKING, "fingerprint", asked.replacing, NOW - ANSWER_WITHIN)
    save_review(store, review)
    with pytest.raises(AirflowSkipException, match=r"^Held by (Ada|<b>|default: nobody answered)"):
        act(store, asked, given)
    assert store.need(PUBLISHED).content == SERVED
    assert last_review(store) == replace(review, held_by=noted[0], reason=noted[1], answered_at=NOW)
    [text] = slack.texts()
    assert text.endswith(f"is not published.* {said}")


def test_an_answer_to_an_older_question_leaves_the_newer_one_open(
    store: Store, slack: Slack
) -> None:
    publish(store, SERVED)
    newer = Review("for_run 3", "fingerprint", None, NOW)
    save_review(store, newer)
    with pytest.raises(AirflowSkipException):
        act(store, candidate(store), answer(HOLD))
    assert last_review(store) == newer


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """The bodies of the questions that were asked."""
    bodies: list[str | None] = []
    monkeypatch.setattr(HITLOperator, "execute", lambda self, context: bodies.append(self.body))
    monkeypatch.setattr(
        HITLOperator, "generate_link_to_ui", lambda self, task_instance: "http://link"
    )
    return bodies


def asking(of: AuditedCandidate) -> None:
    """Run the task `ask` for a candidate."""
    conf = {"candidate": json.dumps(of.as_dict())}
    ask().execute(
        context_of("approve_change", "ask", run=ASKING, conf=conf, after=("promote", "verify"))
    )


def test_the_reviewer_sees_the_differences_and_slack_links_to_the_question(
    store: MemoryStore, slack: Slack, asked: list[str | None]
) -> None:
    publish(store, SERVED)
    many = tuple(Difference(f"m<{number}>", 9.0, 7.0, "fell") for number in range(12))
    of = replace(candidate(store), differences=(*many, Difference("fine", 1.0, 2.0)))
    store.backdate(of.place, NOW - timedelta(minutes=12))

    asking(of)

    [body] = asked
    assert body is not None
    assert "`m<11>`" in body
    assert "fine" in body
    [text] = slack.texts()
    assert text.startswith(
        ":raised_hand: *A suspicious change of the public metrics needs review.*\n"
        "*The public sees*: the last good values, until somebody decides.\n"
        "*Who may answer*: anyone of CalData or Analytica staff with access to Airflow.\n"
        "*Until*: Tue Nov 24, 11:00 AM PST. Without an answer it is held, and the next publication"
        " asks again.\n"
        "*What to do*: compare the values with the source, then <http://link|publish or hold>.\n"
        "*What changes*, by the values of Tue Nov 24, 6:48 AM PST, 12 min ago:\n"
        "• m&lt;0&gt;: 9 → 7 (fell)\n"
    )
    assert text.count("(fell)") == 10
    assert text.endswith("\n• and 2 more, which the form lists")


def test_ten_differences_are_all_in_the_question(
    store: MemoryStore, slack: Slack, asked: list[str | None]
) -> None:
    publish(store, SERVED)
    ten = tuple(Difference(f"m{number}", 9.0, 7.0, "fell") for number in range(10))

    asking(replace(candidate(store), differences=ten))

    [text] = slack.texts()
    assert text.endswith("\n• m9: 9 → 7 (fell)")


def test_what_a_person_is_asked_is_remembered_with_the_run_and_the_served_file(
    store: Store, slack: Slack, asked: list[str | None]
) -> None:
    publish(store, SERVED)
    of = candidate(store)
    asking(of)
    wanted = fingerprint(parse(NEW, NOW))
    assert last_review(store) == Review(ASKING, wanted, store.need(PUBLISHED).etag, NOW)


@pytest.mark.parametrize(
    ("now", "why"),
    [
        ("outdated", OLDER),
        ("public", "The public file says what the sources have released"),
        ("held", "Nothing is published: Grace holds v1 since"),
    ],
)
def test_nobody_is_asked_about_a_candidate_that_is_outdated_public_or_held(
    now: str, why: str, store: Store, slack: Slack, asked: list[str | None]
) -> None:
    publish(store, SERVED)
    of = candidate(store)
    if now == "outdated":
        release(store, file(metric("a", 150)))
    elif now == "public":
        publish(store, NEW, "v2")
    else:
        set_hold(store, HELD)

    assert reason_not_to_ask(store, of, NOW).startswith(why)
    with pytest.raises(DownstreamTasksSkipped) as caught:
        asking(of)

    assert caught.value.tasks == ["promote", "verify"]
    assert (asked, slack.texts(), last_review(store)) == ([], [], None)


def test_without_an_answer_in_time_a_change_is_held() -> None:
    operator = ask()
    assert operator.task_id == "ask"
    assert operator.subject == "Publish these metrics?"
    assert operator.options == [PUBLISH, HOLD]
    assert operator.defaults == [HOLD]
    assert operator.response_timeout == ANSWER_WITHIN == timedelta(hours=4)
    reason = operator.params.get_param("reason")
    assert reason.resolve() == ""
    assert reason.schema["type"] == "string"
    assert reason.schema["title"] == "Reason"
    assert "who confirmed it" in str(reason.description or reason.schema.get("description"))
    with pytest.raises(ParamValidationError):
        reason.resolve("x" * 501)
