"""Severity comes from what is served and what the step could have touched, not from a label."""

import pytest

from include.incidents.alert_types import KINDS
from include.incidents.severity import HIGH, LOW, judge
from include.publishing.names import PUBLIC_CONTAINER
from include.publishing.public_file import PublicFile, look
from include.publishing.store import Store
from include.publishing.versions import PUBLISHED, keep
from local.azurite import client
from local.cloud import Cloud
from tests.publishing.samples import NOW, file, metric, publish

LOAD, VERIFICATION = KINDS["load"], KINDS["verification"]


def test_a_failed_load_is_low_while_the_last_good_version_is_served(store: Store) -> None:
    publish(store, file(metric("phase2_parcels_completed")), run="run 7")

    found = judge("usace", "load", LOAD, look(store, NOW))

    assert found.severity == LOW
    assert found.why == "The last good version is served, which this step does not touch."
    assert "version v1, promoted by the run run 7" in found.sees
    assert "phase2_parcels_completed" in found.affected


def test_a_file_that_was_altered_is_high_whatever_failed(store: Store) -> None:
    publish(store, file())
    store.write(PUBLISHED, file(metric(value=9)))

    found = judge("usace", "load", LOAD, look(store, NOW))

    assert found.severity == HIGH
    assert "somebody changed it" in found.why


def test_a_file_that_is_gone_is_high(store: Store) -> None:
    publish(store, file())
    keep(store, store.need(PUBLISHED))
    store.delete(PUBLISHED)

    found = judge("publish_metrics", "promote", KINDS["promotion"], look(store, NOW))

    assert found.severity == HIGH
    assert "missing" in found.why


def test_a_file_that_nobody_may_read_is_high(store: Store, cloud: Cloud) -> None:
    publish(store, file())
    container = client(cloud.url("blob")).get_container_client(PUBLIC_CONTAINER)
    container.set_container_access_policy({}, public_access=None)
    try:
        seen = look(store, NOW)
    finally:
        container.set_container_access_policy({}, public_access="blob")
    assert judge("publish_metrics", "verify", VERIFICATION, seen).severity == HIGH


def test_a_file_that_breaks_its_contract_is_high(store: Store) -> None:
    publish(store, file(metric(value="8")))
    assert judge("usace", "load", LOAD, look(store, NOW)).severity == HIGH


def test_before_the_first_publication_nothing_wrong_is_public(store: Store) -> None:
    found = judge("usace", "load", LOAD, look(store, NOW))
    assert (found.severity, found.sees) == (LOW, "No file yet.")


def test_values_beyond_their_time_are_high_for_the_step_that_stands_for_them(store: Store) -> None:
    late = {"LAST_UPDATED": "2026-11-01T00:00:00.000Z"}
    publish(store, file(metric("phase2_parcels_completed", **late), metric("schools_resumed")))
    seen = look(store, NOW)

    usace = judge("usace", "load", LOAD, seen)
    assert usace.severity == HIGH
    assert "phase2_parcels_completed" in usace.sees
    assert judge("publish_metrics", "audit", KINDS["audit"], seen).severity == HIGH
    assert judge("check_freshness", "usace", KINDS["freshness"], seen).severity == HIGH
    assert judge("airtable", "sync", KINDS["sync"], seen).severity == LOW
    assert judge("page_feedback", "sync", KINDS["sync"], seen).severity == LOW


def test_hand_kept_metrics_are_airtables() -> None:
    seen = PublicFile(metrics=("schools_resumed", "cleanup_phase1_complete"))
    found = judge("airtable", "sync", KINDS["sync"], seen)
    assert found.affected == ("schools_resumed",)
    assert judge("publish_metrics", "audit", KINDS["audit"], seen).affected == seen.metrics
    assert judge("page_feedback", "sync", KINDS["sync"], seen).affected == ()


@pytest.mark.parametrize(("kind", "severity"), [(LOAD, LOW), (VERIFICATION, HIGH)])
def test_in_the_dark_only_a_step_that_may_have_changed_the_file_is_high(
    kind: object, severity: str
) -> None:
    found = judge("publish_metrics", "verify", kind, None)  # type: ignore[arg-type]
    assert found.severity == severity
    assert "could not be looked at" in found.why
