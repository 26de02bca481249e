"""Promotion, verification and the record as tasks."""

from collections.abc import Callable
from dataclasses import asdict
from hashlib import sha256
from typing import Any

import pytest
from airflow.sdk import DAG, TriggerRule, XComArg
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from include.pipeline import promote
from include.pipeline.promote import (
    promote_audited,
    promote_candidate,
    record_published,
    verify_served,
)
from include.publishing import public_file
from include.publishing.holds import Hold, set_hold
from include.publishing.names import CANDIDATES_CONTAINER
from include.publishing.store import NotServedError, Place
from include.publishing.versions import PUBLISHED, AuditedCandidate, Version, version_of
from tests.pipeline.running import call, context_of, operator_of
from tests.publishing.memory_store import MemoryStore
from tests.publishing.samples import file, metric, publish

OLD, NEW = file(metric("a", 1)), file(metric("a", 2), metric("b", 3))
VERSION = Version("v2", sha256(NEW).hexdigest(), run="run 2", audit="valid")


def candidate(store: MemoryStore) -> AuditedCandidate:
    """An audited candidate beside a served file."""
    publish(store, OLD)
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


def test_during_a_hold_a_candidate_is_skipped(store: MemoryStore) -> None:
    audited = candidate(store)
    set_hold(store, Hold("v1", "Grace", "The count is wrong", "2026-11-24T15:00Z"))
    with pytest.raises(AirflowSkipException, match="Nothing is published: Grace holds v1"):
        promote_audited(store, audited)
    assert store.need(PUBLISHED).content == OLD


def test_a_file_that_changed_since_the_audit_fails_with_the_task_to_clear(
    store: MemoryStore,
) -> None:
    audited = candidate(store)
    store.write(PUBLISHED, file(metric("a", 5)))
    with pytest.raises(AirflowFailException, match=r"audit again\. Clear the task audit\.$"):
        promote_audited(store, audited)


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

    [(connect, version, published_at, metrics)] = written
    assert connect.__self__.snowflake_conn_id == "snowflake_transformer"
    assert version == VERSION
    assert published_at == store.need(PUBLISHED).modified_at
    assert [(one.name, one.value) for one in metrics] == [("a", 2), ("b", 3)]


def test_a_version_that_was_replaced_is_recorded_by_the_run_that_did(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(promote, "write_published_metrics", pytest.fail)
    promote_audited(store, candidate(store))
    publish(store, file(metric("a", 7)), "v3")
    with pytest.raises(AirflowSkipException, match="A newer version is served"):
        recorded(VERSION)


@pytest.mark.parametrize("following", [verify_served, record_published])
def test_nothing_is_verified_or_recorded_after_a_skipped_promotion(following: Any) -> None:
    operator = operator_of(after_promotion(following))
    assert operator.trigger_rule == TriggerRule.ALL_SUCCESS
    assert operator.task_id == following.__name__.split("_")[0]
