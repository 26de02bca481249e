"""The review of a suspicious candidate: which one it is, and whether the answer still applies."""

import json
from dataclasses import asdict, replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk.exceptions import (
    AirflowFailException,
    AirflowSkipException,
    ParamValidationError,
)

from include.pipeline.approve import (
    ANSWER_WITHIN,
    HOLD,
    PUBLISH,
    act_on_answer,
    ask,
    candidate_of,
    newer_version,
    promote_if_approved,
    recheck,
)
from include.pipeline.audit import ask_a_person, waiting_run
from include.publishing.differences import Difference
from include.publishing.names import CANDIDATES_CONTAINER
from include.publishing.store import Place, Store
from include.publishing.versions import PUBLISHED, AuditedCandidate, Version, version_of
from tests.pipeline.running import call, context_of
from tests.publishing.samples import file, metric, publish
from tests.slack import Slack

SERVED, NEW = file(metric("a", 100), metric("b", 5)), file(metric("a", 10), metric("b", 5))
FELL = Difference("a", 100.0, 10.0, "fell, and should not")


def candidate(store: Store) -> AuditedCandidate:
    """A stored candidate in which one metric fell, audited against the served file."""
    place = Place(CANDIDATES_CONTAINER, "ddrc_metrics/run.json")
    store.write(place, NEW)
    version = Version("v2", sha256(NEW).hexdigest(), run="run 2", audit=str(FELL))
    store.set_metadata(place, version.as_metadata())
    return AuditedCandidate(place.path, version, store.need(PUBLISHED).etag, (FELL,))


@pytest.mark.parametrize("conf", [None, {}, {"candidate": "{}"}, {"candidate": {}}])
def test_a_run_without_a_candidate_fails_with_what_to_do(conf: dict[str, object] | None) -> None:
    with pytest.raises(AirflowFailException, match=r"not an audited candidate.*ask_a_person"):
        candidate_of(context_of(conf=conf))


def test_a_run_gets_its_candidate_from_the_run_that_asks() -> None:
    sent = AuditedCandidate("x.json", Version("v2", "f", "run", "valid"), None, (FELL,))
    [key] = ask_a_person().conf or {}
    assert candidate_of(context_of(conf={key: json.dumps(sent.as_dict())})) == sent


def test_a_candidate_stays_as_it_was_if_the_served_file_did(store: Store) -> None:
    publish(store, SERVED)
    asked = candidate(store)
    assert recheck(store, asked) == asked


def test_a_candidate_replaces_a_newer_served_file_if_the_reviewer_saw_every_suspicion(
    store: Store,
) -> None:
    publish(store, SERVED)
    asked = candidate(store)
    publish(store, file(metric("a", 99), metric("b", 5)), "v1b")
    assert recheck(store, asked) == replace(asked, replacing=store.need(PUBLISHED).etag)


def test_a_suspicious_difference_that_the_reviewer_did_not_see_is_refused(store: Store) -> None:
    publish(store, SERVED)
    asked = candidate(store)
    publish(store, file(metric("a", 99), metric("b", 50)), "v1b")
    with pytest.raises(AirflowFailException, match="b: 50 → 5") as caught:
        recheck(store, asked)
    assert "a: 99" not in str(caught.value)


def test_a_newer_candidate_or_served_version_replaces_a_candidate(store: Store) -> None:
    publish(store, SERVED)
    asked = candidate(store)
    assert newer_version(store, asked) is None
    newer = Place(CANDIDATES_CONTAINER, "ddrc_metrics/later.json")
    store.write(newer, NEW)
    store.set_metadata(newer, {"version": "v3"})
    assert newer_version(store, asked) == "v3"
    publish(store, file(metric("a", 98)), "v4")
    assert newer_version(store, asked) == "v4"


def test_the_served_version_that_it_was_compared_with_replaces_no_candidate(store: Store) -> None:
    publish(store, SERVED, "v9")
    assert newer_version(store, candidate(store)) is None


def test_the_same_candidate_of_another_run_is_already_waiting(store: Store) -> None:
    publish(store, SERVED)
    waiting = candidate(store).version
    again = replace(waiting, version="v3", run="run 3")
    assert waiting_run(store, again) == "run 2"
    assert waiting_run(store, waiting) is None
    assert waiting_run(store, replace(again, sha256="0" * 64)) is None


def answer(option: str, person: str | None = "Ada", reason: str = " Counted again ") -> Any:
    """What the operator returns after a person has answered."""
    user = None if person is None else {"id": "1", "name": person}
    return {"chosen_options": [option], "params_input": {"reason": reason},
            "responded_by_user": user}  # fmt: skip


def test_an_approved_candidate_is_public_with_who_decided_and_why(store: Store) -> None:
    publish(store, SERVED)
    asked = candidate(store)
    xcoms = {("ask", "return_value"): answer(PUBLISH)}
    conf = {"candidate": json.dumps(asked.as_dict())}

    handed_on = call(promote_if_approved(), context_of("approve_change", xcoms=xcoms, conf=conf))

    served = store.need(PUBLISHED)
    assert served.content == NEW
    assert version_of(served) == replace(asked.version, decided_by="Ada", reason="Counted again")
    assert handed_on == asdict(version_of(served))


def test_an_approval_without_a_name_or_a_reason_is_still_one(store: Store) -> None:
    publish(store, SERVED)
    without = answer(PUBLISH, None) | {"params_input": {"reason": None}}
    act_on_answer(store, candidate(store), without)
    served = version_of(store.need(PUBLISHED))
    assert (served.decided_by, served.reason) == ("unknown", "")


def test_an_approved_candidate_replaces_what_was_published_since(store: Store) -> None:
    publish(store, SERVED)
    asked = candidate(store)
    publish(store, file(metric("a", 99), metric("b", 5)), "v1b")
    act_on_answer(store, asked, answer(PUBLISH))
    assert store.need(PUBLISHED).content == NEW


@pytest.mark.parametrize(
    ("given", "noted", "said"),
    [
        (answer(HOLD), ("Ada", "held: Counted again"), "Ada held it: Counted again."),
        (answer(HOLD, reason=""), ("Ada", "held: no answer"), "Ada held it: ."),
        (answer(HOLD, "<b>", "x & y"), ("<b>", "held: x & y"), "&lt;b&gt; held it: x &amp; y."),
        (answer(HOLD, None, ""), ("nobody", "held: no answer"), "Nobody answered."),
    ],
)
def test_a_held_candidate_stays_private_with_who_held_it_and_why(
    given: Any, noted: tuple[str, str], said: str, store: Store, slack: Slack
) -> None:
    publish(store, SERVED)
    asked = candidate(store)
    with pytest.raises(AirflowSkipException, match=r"^Held by (Ada|<b>|default: nobody answered)"):
        act_on_answer(store, asked, given)
    assert store.need(PUBLISHED).content == SERVED
    held = Version.from_metadata(store.need(asked.place).metadata)
    assert held == replace(asked.version, decided_by=noted[0], reason=noted[1])
    [text] = slack.texts()
    assert text.endswith(f"is not published.* {said}")


@pytest.mark.parametrize("option", [PUBLISH, HOLD])
def test_an_answer_about_a_replaced_candidate_changes_nothing(
    option: str, store: Store, slack: Slack
) -> None:
    publish(store, SERVED)
    asked = candidate(store)
    publish(store, file(metric("a", 98)), "v4")
    with pytest.raises(AirflowSkipException, match="The newer version v4 replaces"):
        act_on_answer(store, asked, answer(option))
    assert store.need(PUBLISHED).content == file(metric("a", 98))
    assert slack.texts() == []


def test_the_reviewer_sees_the_differences_and_slack_links_to_the_question(
    store: Store, slack: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(store, SERVED)
    many = tuple(Difference(f"m<{number}>", 9.0, 7.0, "fell") for number in range(12))
    asked = replace(candidate(store), differences=(*many, Difference("fine", 1.0, 2.0)))
    monkeypatch.setattr(HITLOperator, "execute", lambda self, context: "asked")
    operator = ask()
    monkeypatch.setattr(operator, "generate_link_to_ui", lambda task_instance: "http://link")
    conf = {"candidate": json.dumps(asked.as_dict())}

    assert operator.execute(context_of("approve_change", "ask", conf=conf)) == "asked"

    assert operator.body is not None
    assert "`m<11>`" in operator.body
    assert "fine" in operator.body
    [text] = slack.texts()
    assert "suspicious change of the public metrics needs review" in text
    assert "• m&lt;0&gt;: 9 → 7 (fell)" in text
    assert text.count("• ") == 10
    assert "Until then, the last version stays public. <http://link|Publish or hold>" in text


def test_without_an_answer_in_time_a_change_is_held() -> None:
    operator = ask()
    assert operator.task_id == "ask"
    assert operator.subject == "Publish these metrics?"
    assert operator.options == [PUBLISH, HOLD]
    assert operator.defaults == [HOLD]
    assert operator.response_timeout == ANSWER_WITHIN == timedelta(hours=4)
    reason = operator.params.get_param("reason")
    assert reason.resolve() == ""
    with pytest.raises(ParamValidationError):
        reason.resolve("x" * 501)
