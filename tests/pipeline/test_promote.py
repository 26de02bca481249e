"""Promotion, verification and the record as tasks."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from airflow.sdk import DAG, TriggerRule, XComArg
from airflow.sdk.exceptions import AirflowSkipException

from include.pipeline import promote
from include.pipeline.promote import (
    promote_audited,
    promote_candidate,
    record_published,
    verify_served,
)
from include.publishing import public_file
from include.publishing.holds import Hold, set_hold
from include.publishing.names import CANDIDATES_CONTAINER, PROMOTIONS, VERSIONS_CONTAINER
from include.publishing.promotion_log import Promotion, promotions
from include.publishing.store import NotServedError, Place
from include.publishing.versions import PUBLISHED, AuditedCandidate, Version, version_of
from tests.pipeline.running import call, context_of, operator_of
from tests.publishing.memory_store import MemoryStore
from tests.publishing.samples import NOW, file, metric, publish, release

OLD, NEW = file(metric("a", 1)), file(metric("a", 2), metric("b", 3))
VERSION = Version("v2", sha256(NEW).hexdigest(), run="run 2", audit="valid")
NOT_BEFORE = NOW + timedelta(minutes=1)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promote, "utc_now", lambda: NOT_BEFORE)


def candidate(store: MemoryStore) -> AuditedCandidate:
    """An audited candidate beside a served file; it is what the sources have released."""
    publish(store, OLD)
    release(store, NEW)
    place = Place(CANDIDATES_CONTAINER, "ddrc_metrics/run 2.json")
    store.unload(place, NEW)
    return AuditedCandidate(place.path, VERSION, store.need(PUBLISHED).etag, ())


def after_promotion(following: Callable[[XComArg], XComArg]) -> XComArg:
    """The task that follows a promotion."""
    with DAG("publish_metrics"):
        return following(promote_candidate())


def verified(version: Version) -> Any:
    return call(after_promotion(verify_served), context_of("publish_metrics"), asdict(version))


def recorded(version: Version) -> Any:
    return call(after_promotion(record_published), context_of("publish_metrics"), asdict(version))


def test_the_audited_candidate_is_served_and_handed_on(store: MemoryStore) -> None:
    xcoms = {("audit", "candidate"): candidate(store).as_dict()}

    handed_on = call(promote_candidate(), context_of("publish_metrics", "promote", xcoms=xcoms))

    assert handed_on == asdict(VERSION)
    assert store.need(PUBLISHED).content == NEW
    assert version_of(store.need(PUBLISHED)) == VERSION


def test_who_decided_and_why_is_served_with_the_version(store: MemoryStore) -> None:
    promote_audited(store, candidate(store), decided_by="Ada", reason="Counted again")
    served = version_of(store.need(PUBLISHED))
    assert (served.decided_by, served.reason) == ("Ada", "Counted again")


def test_a_promotion_is_logged_when_it_happened(store: MemoryStore) -> None:
    promote_audited(store, candidate(store))
    assert next(promotions(store, NOW)) == Promotion(NOT_BEFORE, VERSION)


def test_during_a_hold_a_candidate_is_skipped(store: MemoryStore) -> None:
    audited = candidate(store)
    set_hold(store, Hold("v1", "Grace", "The count is wrong", NOW, "manual 1"))
    with pytest.raises(AirflowSkipException, match="Nothing is published: Grace holds v1"):
        promote_audited(store, audited)
    assert store.need(PUBLISHED).content == OLD


def test_a_candidate_that_is_older_than_what_is_released_is_skipped(store: MemoryStore) -> None:
    audited = candidate(store)
    release(store, file(metric("a", 5)))
    with pytest.raises(AirflowSkipException, match="The sources have released other metrics since"):
        promote_audited(store, audited)
    assert store.need(PUBLISHED).content == OLD


def test_a_file_that_changed_since_the_audit_is_left_to_the_next_publication(
    store: MemoryStore,
) -> None:
    audited = candidate(store)
    store.write(PUBLISHED, file(metric("a", 5)))
    with pytest.raises(
        AirflowSkipException, match=r"audit again\. The next publication compares again\.$"
    ):
        promote_audited(store, audited)
    assert store.need(PUBLISHED).content == file(metric("a", 5))


def test_a_promotion_that_was_killed_before_it_was_logged_is_finished_even_during_a_hold(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    audited = candidate(store)
    with monkeypatch.context() as patch:
        patch.setattr("include.publishing.promotion.log_promotion", killed)
        with pytest.raises(KeyboardInterrupt):
            promote_audited(store, audited)
    release(store, file(metric("a", 5)))
    set_hold(store, Hold("v2", "Grace", "The count is right", NOW, "manual 1"))

    assert promote_audited(store, audited) == asdict(VERSION)

    assert [one.version.version for one in promotions(store, NOW)] == ["v2", "v1"]


def killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_an_old_promotion_that_is_cleared_publishes_nothing(store: MemoryStore) -> None:
    audited = candidate(store)
    promote_audited(store, audited)
    newer = file(metric("a", 5), metric("b", 3))
    publish(store, newer, "v3", at=NOT_BEFORE + timedelta(minutes=1))
    release(store, newer)
    with pytest.raises(AirflowSkipException, match="The sources have released other metrics since"):
        promote_audited(store, audited)
    assert store.need(PUBLISHED).content == newer


def test_a_promotion_whose_audit_somebody_marked_is_skipped(store: MemoryStore) -> None:
    with pytest.raises(AirflowSkipException, match=r"The audit did not run.*Clear it\."):
        call(promote_candidate(), context_of("publish_metrics", "promote"))


def test_a_served_version_is_verified_at_its_public_address(store: MemoryStore) -> None:
    promote_audited(store, candidate(store))
    verified(VERSION)


def test_another_file_at_the_public_address_is_said_in_capitals(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(public_file.verify.__kwdefaults__ or {}, "patience_seconds", 0)
    promote_audited(store, candidate(store))
    store.write(PUBLISHED, OLD)
    with pytest.raises(NotServedError, match=r"THE PUBLIC FILE IS NOT WHAT WAS PROMOTED\. http"):
        verified(VERSION)


def test_the_served_metrics_are_recorded(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    promote_audited(store, candidate(store))
    written: list[Any] = []
    monkeypatch.setattr(promote, "write_published_metrics", lambda *given: written.append(given))

    assert recorded(VERSION) == 2

    [(connect, promotion, metrics)] = written
    assert connect.__self__.snowflake_conn_id == "snowflake_transformer"
    assert promotion == Promotion(NOT_BEFORE, VERSION)
    assert [(one.name, one.value) for one in metrics] == [("a", 2), ("b", 3)]


@pytest.mark.parametrize(("after", "does"), [(verified, "verifies"), (recorded, "records")])
def test_a_version_that_was_replaced_is_verified_and_recorded_by_the_run_that_did(
    after: Callable[[Version], Any], does: str, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(promote, "write_published_metrics", pytest.fail)
    promote_audited(store, candidate(store))
    publish(store, file(metric("a", 7)), "v3", at=NOT_BEFORE + timedelta(minutes=1))
    with pytest.raises(
        AirflowSkipException, match=f"The version v3 is public since .*; its own run {does} it"
    ):
        after(VERSION)


def test_without_the_log_of_promotions_the_file_is_verified_and_a_person_told_what_to_clear(
    store: MemoryStore,
) -> None:
    promote_audited(store, candidate(store))
    for path in store.list(VERSIONS_CONTAINER, PROMOTIONS):
        store.delete(Place(VERSIONS_CONTAINER, path))
    assert list(promotions(store, NOT_BEFORE)) == []

    verified(VERSION)

    with pytest.raises(AirflowSkipException, match=r"No promotion is in the log .*: clear promote"):
        recorded(VERSION)


@pytest.mark.parametrize("following", [verify_served, record_published])
def test_after_a_promotion_that_somebody_marked_nothing_is_verified_or_recorded(
    following: Callable[[XComArg], XComArg], store: MemoryStore
) -> None:
    with pytest.raises(AirflowSkipException, match=r"Nothing was promoted.*Clear it\."):
        call(after_promotion(following), context_of("publish_metrics"), None)


@pytest.mark.parametrize("following", [verify_served, record_published])
def test_nothing_is_verified_or_recorded_after_a_skipped_promotion(following: Any) -> None:
    operator = operator_of(after_promotion(following))
    assert operator.trigger_rule == TriggerRule.ALL_SUCCESS
    assert operator.task_id == following.__name__.split("_")[0]
