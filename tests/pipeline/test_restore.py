"""A restore holds publishing, serves an earlier version and says so; a release ends the hold."""

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from include.pipeline import restore as module
from include.pipeline.restore import (
    CHOOSE_WITHIN,
    RELEASE,
    RESTORE,
    RESTORE_PARAMS,
    ChooseOperator,
    choose_version,
    restore_version,
)
from include.publishing.holds import Hold, current_hold, set_hold
from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.store import Place
from include.publishing.versions import PUBLISHED, saved_versions, version_of
from tests.pipeline.running import call, context_of
from tests.publishing.memory_store import MemoryStore
from tests.publishing.samples import file, metric, publish
from tests.slack import Slack

OLD, NEW = file(metric("a", 1)), file(metric("a", 2))
NOW = datetime(2026, 11, 24, 15, 4, tzinfo=UTC)
REASON = "The new count is <wrong>"


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "utc_now", lambda: NOW)


@pytest.fixture
def served(store: MemoryStore) -> MemoryStore:
    """A storage account that serves v2, and has saved v1."""
    publish(store, OLD, "v1", run="run 1")
    publish(store, NEW, "v2")
    return store


def run(answer: dict[str, Any] | None = None, by: str | None = "ada", **params: Any) -> Any:
    given: dict[str, Any] = {
        "action": RESTORE, "version": None, "reason": REASON, **params
    }  # fmt: skip
    xcoms = {("choose", "return_value"): answer}
    return call(
        restore_version(), context_of("restore_metrics", "promote", by=by, xcoms=xcoms, **given)
    )


def test_a_named_version_is_served_again_and_held(served: MemoryStore, slack: Slack) -> None:
    handed_on = run(version="v1")

    assert served.need(PUBLISHED).content == OLD
    restored = version_of(served.need(PUBLISHED))
    assert (restored.version, restored.run, restored.audit) == ("v1", "run 1", "valid")
    assert (restored.decided_by, restored.reason) == ("ada", f"restored: {REASON}")
    assert handed_on["version"] == "v1"
    assert handed_on["decided_by"] == "ada"
    assert current_hold(served) == Hold("v1", "ada", REASON, "2026-11-24T15:04Z")
    assert {one.version for one in saved_versions(served)} == {"v1", "v2"}
    [text] = slack.texts()
    assert "*ada restored version v1 of the public metrics.*" in text
    assert "The new count is &lt;wrong&gt;" in text
    assert "Nothing else is published until somebody releases the hold" in text


def test_a_restore_is_a_step_of_the_lineage(
    served: MemoryStore, slack: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    emitted: list[Any] = []
    monkeypatch.setattr(module, "emit_lineage", lambda **given: emitted.append(given))
    run(version="v1")
    saved = Place(VERSIONS_CONTAINER, "v1.json")
    assert emitted == [{"reads": [saved], "writes": [PUBLISHED]}]


def test_a_version_is_chosen_from_the_list_by_the_person_who_answers(
    served: MemoryStore, slack: Slack
) -> None:
    run({"chosen_options": ["v1 by run 1"], "responded_by_user": {"name": "Grace"}})
    assert version_of(served.need(PUBLISHED)).decided_by == "Grace"
    assert served.need(PUBLISHED).content == OLD


def test_the_served_version_is_only_held(served: MemoryStore, slack: Slack) -> None:
    before = served.need(PUBLISHED)
    run(version="v1")
    served_now = served.need(PUBLISHED)
    run(version="v1")
    assert served_now.etag != before.etag
    assert served.need(PUBLISHED).etag == served_now.etag
    assert current_hold(served) is not None


def test_a_missing_file_can_be_restored(served: MemoryStore, slack: Slack) -> None:
    served.delete(PUBLISHED)
    run(version="v1")
    assert served.need(PUBLISHED).content == OLD


def test_an_unknown_version_changes_nothing(served: MemoryStore, slack: Slack) -> None:
    with pytest.raises(AirflowFailException, match="no saved version v9; nothing was changed"):
        run(version="v9")
    assert current_hold(served) is None
    assert served.need(PUBLISHED).content == NEW
    assert slack.texts() == []


def test_a_hold_is_released_and_said(served: MemoryStore, slack: Slack) -> None:
    set_hold(served, Hold("v1", "ada", REASON, "2026-11-24T15:04Z"))
    with pytest.raises(AirflowSkipException, match="resumes"):
        run(action=RELEASE, by=None)
    assert current_hold(served) is None
    [text] = slack.texts()
    assert "*somebody released the hold on v1.*" in text
    assert "The new count is &lt;wrong&gt;" in text
    assert "Automatic publishing resumes with the next publication" in text
    assert served.need(PUBLISHED).content == NEW


def test_without_a_hold_there_is_nothing_to_release(served: MemoryStore, slack: Slack) -> None:
    with pytest.raises(AirflowSkipException, match="Publishing is not held"):
        run(action=RELEASE)
    assert slack.texts() == []


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[ChooseOperator]:
    """The operators that have asked a person."""
    found: list[ChooseOperator] = []
    monkeypatch.setattr(HITLOperator, "execute", lambda self, context: found.append(self))
    return found


def choose(**params: Any) -> None:
    given: dict[str, Any] = {"action": RESTORE, "version": None, **params}
    choose_version().execute(context_of("restore_metrics", "choose", **given))


def test_the_saved_versions_are_listed_for_a_person(
    served: MemoryStore, asked: list[ChooseOperator]
) -> None:
    choose()
    [operator] = asked
    assert operator.options == ["v1 by run 1"]
    assert operator.body is not None
    assert "| v1 | run 1 | valid | a: 2 → 1 |" in operator.body
    operator.validate_chosen_options(["v1 by run 1"])


@pytest.mark.parametrize("known", [{"version": "v1"}, {"action": RELEASE}])
def test_nobody_is_asked_if_the_parameters_say_what_to_do(
    known: dict[str, object], served: MemoryStore, asked: list[ChooseOperator]
) -> None:
    choose(**known)
    assert asked == []


def test_without_an_earlier_version_there_is_no_choice(
    store: MemoryStore, asked: list[ChooseOperator]
) -> None:
    publish(store, OLD)
    with pytest.raises(AirflowFailException, match="There is no earlier version to restore"):
        choose()
    assert asked == []


def test_the_form_asks_what_to_do_and_why() -> None:
    operator = choose_version()
    assert operator.task_id == "choose"
    assert operator.subject == "Restore which version?"
    assert operator.response_timeout == CHOOSE_WITHIN
    # A parameter keeps what it has resolved.
    params = deepcopy(dict(RESTORE_PARAMS))
    action, version, reason = (params[name] for name in ("action", "version", "reason"))
    assert action.value == RESTORE
    assert action.schema["enum"] == [RESTORE, RELEASE]
    assert version.resolve() is None
    assert reason.resolve("ten letters") == "ten letters"
    for wrong in ("too short", "x" * 501, None):
        with pytest.raises(Exception, match=r"is not|too short|too long"):
            reason.resolve(wrong)
    for param in RESTORE_PARAMS.values():
        assert param.schema["title"]
        assert param.description or param.schema.get("description")
