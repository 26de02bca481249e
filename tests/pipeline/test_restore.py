"""A restore holds publishing, serves an earlier version and says so; a release ends the hold."""

from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import DAG, TriggerRule
from airflow.sdk.exceptions import (
    AirflowSkipException,
    DownstreamTasksSkipped,
    ParamValidationError,
)

from include.pipeline import restore as module
from include.pipeline.restore import (
    CONFIRMED,
    HOLD,
    RELEASE,
    RESTORE,
    RESTORE_PARAMS,
    ChooseOperator,
    choose_version,
    confirm_version,
    publish_released,
    release_hold,
    restore_version,
)
from include.publishing import holds
from include.publishing.holds import Hold, current_hold, last_hold, set_hold
from include.publishing.names import PROMOTIONS, VERSIONS_CONTAINER
from include.publishing.promotion_log import promotions
from include.publishing.store import Place
from include.publishing.versions import PUBLISHED, saved_versions, version_of
from include.times import california_time
from tests.pipeline.running import RUN, call, context_of
from tests.publishing.memory_store import MemoryStore
from tests.publishing.samples import NOW, file, metric, publish
from tests.slack import Slack

OLD, NEW, LATEST = (file(metric("a", value)) for value in (1, 2, 3))
# The versions of OLD, NEW and LATEST.
V1, V2, V3 = (f"20261124T14{minute}00Z-abcdefabcdef" for minute in ("01", "02", "59"))
MINUTE = timedelta(minutes=1)
TRIGGERED = NOW + MINUTE
RESTORED = NOW + 2 * MINUTE
LINE = "Tue Nov 24, 6:01 AM PST · A 2 → 1 · abcdef"
REASON = "The new count is <wrong>"
HELD = Hold(V1, "ada", REASON, RESTORED, RUN)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "utc_now", lambda: RESTORED)


@pytest.fixture
def served(store: MemoryStore) -> MemoryStore:
    """A storage account that serves V2, and has saved V1 too."""
    publish(store, OLD, V1, run="run 1", at=NOW - MINUTE)
    publish(store, NEW, V2)
    return store


def run(
    answer: dict[str, Any] | None = None,
    by: str | None = "ada",
    *,
    confirmed: dict[str, Any] | None = None,
    cleared: bool = False,
    **params: Any,
) -> Any:
    """Run `promote` of a run that restores a version."""
    given: dict[str, Any] = {"action": RESTORE, "version": None, "reason": REASON, **params}
    xcoms = {("choose", "return_value"): answer, ("confirm", "return_value"): confirmed}
    context = context_of(
        "restore_metrics", "promote", by=by, xcoms=xcoms, run_after=TRIGGERED, cleared=cleared,
        **given,
    )  # fmt: skip
    return call(restore_version(), context)


def release(by: str | None = "grace", at: datetime = RESTORED + MINUTE, **params: Any) -> Any:
    """Run `release_hold` of a run that was triggered at a time to release the hold."""
    given: dict[str, Any] = {"action": RELEASE, "version": None, "reason": REASON, **params}
    context = context_of("restore_metrics", "release_hold", by=by, run_after=at, **given)
    return call(release_hold(), context)


def logged(store: MemoryStore) -> list[str]:
    return [one.version.version for one in promotions(store, NOW)]


def test_a_named_version_is_served_again_and_held(served: MemoryStore, slack: Slack) -> None:
    handed_on = run(version=V1)

    assert served.need(PUBLISHED).content == OLD
    restored = version_of(served.need(PUBLISHED))
    assert (restored.version, restored.run, restored.audit) == (V1, "run 1", "valid")
    assert (restored.decided_by, restored.reason) == ("ada", f"restored: {REASON}")
    assert handed_on["version"] == V1
    assert handed_on["decided_by"] == "ada"
    assert current_hold(served) == HELD
    assert {one.version for one in saved_versions(served, NOW)} == {V1, V2}
    last = next(promotions(served, NOW))
    assert (last.at, last.version) == (RESTORED, restored)
    [text] = slack.texts()
    assert f"*ada restored version {V1} of the public metrics.*" in text
    assert "The new count is &lt;wrong&gt;" in text
    saved_at = california_time(served.need(restored.place).modified_at)
    assert f"*The public sees*: the values saved {saved_at}, within a minute." in text
    assert "Nothing else is published until somebody releases the hold" in text


def test_a_restore_is_a_step_of_the_lineage(
    served: MemoryStore, slack: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    emitted: list[Any] = []
    monkeypatch.setattr(module, "emit_lineage", lambda **given: emitted.append(given))
    run(version=V1)
    saved = Place(VERSIONS_CONTAINER, f"{V1}.json")
    assert emitted == [{"reads": [saved], "writes": [PUBLISHED]}]


def test_a_version_is_chosen_from_the_list_by_the_person_who_answers(
    served: MemoryStore, slack: Slack
) -> None:
    run({"chosen_options": [LINE], "responded_by_user": {"name": "Grace"}})
    assert version_of(served.need(PUBLISHED)).decided_by == "Grace"
    assert served.need(PUBLISHED).content == OLD


def test_who_confirms_the_choice_of_another_person_has_decided(
    served: MemoryStore, slack: Slack
) -> None:
    chosen = {"chosen_options": [LINE], "responded_by_user": {"name": "Grace"}}
    run(chosen, confirmed={"chosen_options": [CONFIRMED], "responded_by_user": {"name": "Ada"}})
    assert version_of(served.need(PUBLISHED)).decided_by == "Ada"
    assert served.need(PUBLISHED).content == OLD


def test_a_line_of_an_earlier_deployment_is_still_understood(
    served: MemoryStore, slack: Slack
) -> None:
    run({"chosen_options": [f"{V1} by run 1"]})
    assert served.need(PUBLISHED).content == OLD


def test_a_line_without_a_version_changes_nothing(served: MemoryStore, slack: Slack) -> None:
    line = LINE.replace("6:01", "6:03")
    with pytest.raises(AirflowSkipException, match=f"no saved version {line}; nothing was changed"):
        run({"chosen_options": [line]})
    assert served.need(PUBLISHED).content == NEW


def confirm(chosen: str | None, **params: Any) -> Any:
    """Run `confirm` after a person chose a line; `None` if nobody was asked."""
    given: dict[str, Any] = {"action": RESTORE, "version": None, "reason": REASON, **params}
    answer = None if chosen is None else {"chosen_options": [chosen]}
    context = context_of(
        "restore_metrics", "confirm", xcoms={("choose", "return_value"): answer},
        after=("promote", "verify"), **given,
    )  # fmt: skip
    return confirm_version().execute(context)


def test_a_person_who_chose_from_the_list_is_asked_once_more_with_the_values(
    served: MemoryStore, asked: list[Any]
) -> None:
    confirm(LINE)
    [operator] = asked
    assert operator.subject == "Restore the version of Tue Nov 24, 6:01 AM PST?"
    assert operator.options == ["Restore it", "Change nothing"]
    warning, table, version = operator.body.split("\n\n")
    assert warning.startswith("The public sees these values within a minute")
    assert "| A (`a`) | 2 | 1 |" in table
    assert version == f"Version `{V1}`, audit: valid."


def test_the_form_says_what_a_version_looks_like() -> None:
    assert RESTORE_PARAMS["version"].schema["rule"] == (
        "A version's name as the page Publication has it"
    )


def test_a_line_without_a_version_asks_nobody_and_skips_the_rest(
    served: MemoryStore, asked: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    line = LINE.replace("6:01", "6:03")
    with pytest.raises(DownstreamTasksSkipped) as caught:
        confirm(line)
    assert caught.value.tasks == ["promote", "verify"]
    assert f"no saved version {line}; nothing was changed" in caplog.text
    assert asked == []


@pytest.mark.parametrize(
    ("chosen", "params"),
    [(None, {"version": V1}), (None, {"action": RELEASE}), (None, {"action": HOLD})],
)
def test_nobody_is_asked_once_more_about_what_the_form_says(
    chosen: str | None, params: dict[str, Any], served: MemoryStore, asked: list[Any]
) -> None:
    assert confirm(chosen, **params) is None
    assert asked == []


@pytest.mark.parametrize(("answer", "goes_on"), [("Restore it", True), ("Change nothing", False)])
def test_the_rest_is_skipped_unless_the_answer_is_yes(
    answer: str, goes_on: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    event = {
        "chosen_options": [answer],
        "params_input": {},
        "responded_at": NOW,
        "responded_by_user": {"id": "1", "name": "Grace"},
    }
    context = context_of("restore_metrics", "confirm", after=("promote", "verify"))
    if goes_on:
        assert confirm_version().execute_complete(context, event)["chosen_options"] == [answer]
    else:
        with pytest.raises(DownstreamTasksSkipped) as caught:
            confirm_version().execute_complete(context, event)
        assert caught.value.tasks == ["promote", "verify"]
        assert "Grace decided not to restore; nothing was changed" in caplog.text


def test_the_dag_that_releases_needs_no_choice(served: MemoryStore, slack: Slack) -> None:
    set_hold(served, HELD)
    context = context_of(
        "release_hold", "release_hold", by="grace", run_after=RESTORED + MINUTE, reason=REASON
    )
    call(release_hold(), context)
    assert current_hold(served) is None
    assert "*grace released the hold" in slack.texts()[0]


def test_a_restore_links_to_the_release_of_its_hold(
    served: MemoryStore, slack: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("include.incidents.settings.airflow_url", lambda: "https://a.example/x")
    run(version=V1)
    url = "https://a.example/x/plugin/sources/x/ddrc/run/release_hold"
    assert f"<{url}|release the hold>" in slack.texts()[0]


def test_without_airflows_address_a_restore_names_the_dag_that_releases_its_hold(
    served: MemoryStore, slack: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("include.incidents.settings.airflow_url", lambda: "")
    run(version=V1)
    assert "`release_hold`" in slack.texts()[0]
    assert "|release the hold>" not in slack.texts()[0]


def test_spaces_around_a_versions_name_do_not_matter(served: MemoryStore, slack: Slack) -> None:
    run(version=f"  {V1}\n")
    assert served.need(PUBLISHED).content == OLD
    assert current_hold(served) == HELD


def test_the_served_version_is_only_held(served: MemoryStore, slack: Slack) -> None:
    before = served.need(PUBLISHED)
    run(version=V2)
    assert served.need(PUBLISHED) == before
    assert logged(served) == [V2, V1]
    assert current_hold(served) == replace(HELD, version=V2)


def test_a_missing_file_can_be_restored(served: MemoryStore, slack: Slack) -> None:
    served.delete(PUBLISHED)
    run(version=V1)
    assert served.need(PUBLISHED).content == OLD


@pytest.mark.parametrize("answer", [None, {"chosen_options": []}])
def test_a_choice_that_nobody_made_changes_nothing(
    answer: dict[str, Any] | None, served: MemoryStore, slack: Slack
) -> None:
    with pytest.raises(AirflowSkipException, match=r"Nobody chose a version\. Clear the task"):
        run(answer)
    assert current_hold(served) is None


def test_an_unknown_version_changes_nothing(served: MemoryStore, slack: Slack) -> None:
    with pytest.raises(AirflowSkipException, match=rf"no saved version {V3}; nothing was changed"):
        run(version=V3)
    assert last_hold(served) is None
    assert served.need(PUBLISHED).content == NEW
    assert slack.texts() == []


def test_a_run_that_releases_restores_nothing_and_one_that_restores_releases_nothing(
    served: MemoryStore, slack: Slack
) -> None:
    set_hold(served, HELD)
    with pytest.raises(AirflowSkipException, match="no version is restored"):
        run(action=RELEASE, version=V1)
    with pytest.raises(AirflowSkipException, match="the hold stays"):
        release(action=RESTORE)
    assert current_hold(served) == HELD
    assert served.need(PUBLISHED).content == NEW
    assert slack.texts() == []


def test_a_hold_that_is_released_while_its_restore_runs_stays_released(
    served: MemoryStore, slack: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = served.copy

    def release_first(*given: Any, **options: Any) -> None:
        holds.release_hold(served, HELD, NOW + MINUTE)
        copy(*given, **options)

    monkeypatch.setattr(served, "copy", release_first)
    run(version=V1)
    assert current_hold(served) is None
    assert served.need(PUBLISHED).content == OLD


@pytest.mark.parametrize("cleared", [False, True])
def test_a_restore_that_was_killed_between_its_hold_and_its_copy_is_finished(
    cleared: bool, served: MemoryStore, slack: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(served, "copy", killed)
        with pytest.raises(KeyboardInterrupt):
            run(version=V1)
    assert current_hold(served) == HELD
    assert served.need(PUBLISHED).content == NEW

    run(version=V1, cleared=cleared)

    assert current_hold(served) == HELD
    assert served.need(PUBLISHED).content == OLD
    assert logged(served) == [V1, V2, V1]


def killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def another_run(store: MemoryStore, **changes: Any) -> None:
    """Another run holds publishing after this one was triggered."""
    set_hold(store, replace(HELD, run="manual 2", since=RESTORED + MINUTE, **changes))


@pytest.mark.parametrize(
    ("since", "why"),
    [
        ("released", "The hold of this run was released Tue Nov 24, 7:05 AM PST"),
        ("published", f"The version {V3} was published after this run was triggered"),
        ("held", f"The run manual 2 has held {V1} after this run was triggered"),
        ("held and released", f"The run manual 2 has held {V1} after this run was triggered"),
    ],
)
def test_a_cleared_restore_undoes_nothing_that_was_done_since_and_holds_nothing(
    since: str, why: str, served: MemoryStore, slack: Slack
) -> None:
    run(version=V1)
    slack.clear()
    if since == "released":
        holds.release_hold(served, HELD, NOW + 5 * MINUTE)
    elif since == "published":
        served.delete(holds.HOLD)
        publish(served, LATEST, V3, at=NOW + 5 * MINUTE)
    elif since == "held":
        another_run(served)
    else:
        another_run(served, released_at=NOW + 5 * MINUTE)
    before, hold = served.need(PUBLISHED), last_hold(served)

    with pytest.raises(AirflowSkipException, match=rf"^{why}\. To restore again, trigger this DAG"):
        run(version=V1, cleared=True)

    assert served.need(PUBLISHED) == before
    assert last_hold(served) == hold
    assert slack.texts() == []


@pytest.mark.parametrize("since", [TRIGGERED - MINUTE, TRIGGERED])
def test_a_cleared_restore_takes_the_place_of_a_hold_that_is_not_younger_than_its_run(
    since: datetime, served: MemoryStore, slack: Slack
) -> None:
    set_hold(served, replace(HELD, run="manual 0", version=V2, since=since))
    run(version=V1, cleared=True)
    assert served.need(PUBLISHED).content == OLD
    assert current_hold(served) == HELD


def test_a_cleared_restore_goes_on_where_no_promotion_was_logged(
    served: MemoryStore, slack: Slack
) -> None:
    for path in served.paths(VERSIONS_CONTAINER, PROMOTIONS.rstrip("/")):
        served.delete(Place(VERSIONS_CONTAINER, path))
    run(version=V1, cleared=True)
    assert served.need(PUBLISHED).content == OLD


def test_a_first_run_restores_whatever_was_published_since_it_was_triggered(
    served: MemoryStore, slack: Slack
) -> None:
    publish(served, LATEST, V3, at=NOW + 5 * MINUTE)
    run(version=V1)
    assert served.need(PUBLISHED).content == OLD


@pytest.mark.parametrize(("hours", "restores"), [(1, True), (2, False), (3, False)])
def test_a_run_that_never_restored_and_is_cleared_hours_later_undoes_nothing(
    hours: int, restores: bool, served: MemoryStore, slack: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(served, LATEST, V3, at=NOW + 5 * MINUTE)
    monkeypatch.setattr(module, "utc_now", lambda: TRIGGERED + timedelta(hours=hours))
    if restores:
        run(version=V1)
    else:
        with pytest.raises(AirflowSkipException, match=f"The version {V3} was published after"):
            run(version=V1)
    assert served.need(PUBLISHED).content == (OLD if restores else LATEST)


def test_a_hold_is_released_and_said(served: MemoryStore, slack: Slack) -> None:
    set_hold(served, HELD)
    release(by=None)
    assert current_hold(served) is None
    assert last_hold(served) == replace(HELD, released_at=RESTORED)
    [text] = slack.texts()
    assert f"*somebody released the hold on {V1}.*" in text
    assert "The new count is &lt;wrong&gt;" in text
    assert "*The public sees*: the newest released values, as soon as they pass" in text
    assert "Automatic publishing resumes now." in text
    assert served.need(PUBLISHED).content == NEW


def test_a_hold_of_the_second_in_which_its_release_was_asked_for_is_released(
    served: MemoryStore, slack: Slack
) -> None:
    set_hold(served, HELD)
    release(at=HELD.since)
    assert current_hold(served) is None


def test_without_a_hold_there_is_nothing_to_release(served: MemoryStore, slack: Slack) -> None:
    with pytest.raises(AirflowSkipException, match="Publishing is not held"):
        release()
    set_hold(served, HELD)
    release()
    slack.clear()
    with pytest.raises(AirflowSkipException, match="Publishing is not held"):
        release()
    assert slack.texts() == []


def test_a_release_that_is_cleared_later_does_not_release_a_newer_hold(
    served: MemoryStore, slack: Slack
) -> None:
    set_hold(served, HELD)
    with pytest.raises(
        AirflowSkipException, match=f"newer than the run, and stays: ada holds {V1}"
    ):
        release(at=RESTORED - MINUTE)
    assert current_hold(served) == HELD
    assert slack.texts() == []


def test_a_release_starts_a_publication_and_a_skipped_one_does_not() -> None:
    with DAG("restore_metrics"):
        publish_again = publish_released()
    assert publish_again.task_id == "publish"
    assert publish_again.trigger_dag_id == "publish_metrics"
    assert publish_again.trigger_run_id == "after_{{ run_id }}"
    assert publish_again.reset_dag_run is True
    assert publish_again.trigger_rule == TriggerRule.ALL_SUCCESS


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[ChooseOperator]:
    """The operators that have asked a person."""
    found: list[ChooseOperator] = []
    monkeypatch.setattr(HITLOperator, "execute", lambda self, context: found.append(self))
    return found


def choose(**params: Any) -> None:
    given: dict[str, Any] = {"action": RESTORE, "version": None, **params}
    context = context_of("restore_metrics", "choose", after=("promote", "verify"), **given)
    choose_version().execute(context)


def test_the_saved_versions_are_listed_for_a_person(
    served: MemoryStore, asked: list[ChooseOperator]
) -> None:
    choose()
    [operator] = asked
    assert operator.options == [LINE]
    assert operator.body is not None
    assert f"| Tue Nov 24, 6:01 AM PST | A 2 → 1 | valid | `{V1}` |" in operator.body
    operator.validate_chosen_options([LINE])


@pytest.mark.parametrize("known", [{"version": V1}, {"version": f" {V1} "}, {"action": RELEASE}])
def test_nobody_is_asked_if_the_parameters_say_what_to_do(
    known: dict[str, object], served: MemoryStore, asked: list[ChooseOperator]
) -> None:
    choose(**known)
    assert asked == []


@pytest.mark.parametrize(
    ("known", "why"),
    [
        ({"version": V3}, f"There is no saved version {V3}; nothing was changed"),
        ({"version": V1}, None),
        ({}, "There is no earlier version to restore"),
    ],
)
def test_without_a_version_to_restore_nobody_is_asked_and_the_rest_is_skipped(
    known: dict[str, object],
    why: str | None,
    store: MemoryStore,
    asked: list[ChooseOperator],
    caplog: pytest.LogCaptureFixture,
) -> None:
    publish(store, OLD, V1)
    caplog.set_level("INFO")
    if why is None:
        choose(**known)
    else:
        with pytest.raises(DownstreamTasksSkipped) as caught:
            choose(**known)
        assert caught.value.tasks == ["promote", "verify"]
        assert why in caplog.text
    assert asked == []


@pytest.mark.parametrize(
    ("given", "is_accepted"),
    [
        (None, True),
        ("", True),
        ("  ", True),
        (V1, True),
        (f" {V1}\t", True),
        (f"{V1} by run 1", False),
        (f"{V1}.json", False),
        (f"{V1} {V2}", False),
        (V1.upper(), False),
        (V1[:-1], False),
        ("v1", False),
    ],
)
def test_the_form_accepts_a_versions_name_or_nothing(given: str | None, is_accepted: bool) -> None:
    version = deepcopy(RESTORE_PARAMS["version"])
    if is_accepted:
        assert version.resolve(given) == given
    else:
        with pytest.raises(ParamValidationError, match="does not match"):
            version.resolve(given)


def test_the_form_asks_what_to_do_and_why() -> None:
    operator = choose_version()
    assert operator.task_id == "choose"
    assert operator.subject == "Restore which version?"
    assert operator.response_timeout == timedelta(hours=1)
    assert operator.options == ["The versions are listed when the run has started."]
    # A parameter keeps what it has resolved.
    params = deepcopy(dict(RESTORE_PARAMS))
    action, version, reason = (params[name] for name in ("action", "version", "reason"))
    assert action.value == RESTORE
    assert action.schema["enum"] == [
        "restore a version and hold publishing",
        "release the hold",
        "hold publishing until the switch",
    ]
    assert version.resolve() is None
    assert reason.resolve("ten letters") == "ten letters"
    for wrong in ("too short", "x" * 501, None):
        with pytest.raises(Exception, match=r"is not|too short|too long"):
            reason.resolve(wrong)
    for param in RESTORE_PARAMS.values():
        assert param.schema["title"]
        assert param.description or param.schema.get("description")
