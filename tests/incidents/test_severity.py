"""Severity: by what is served, and by what the failed step can change."""

import pytest

from include.incidents.alert_types import ALERT_TYPES, AlertType
from include.incidents.severity import HIGH, LOW, assess_severity
from include.publishing.names import CANDIDATES_CONTAINER
from include.publishing.public_file import PublicFile, check_public_file
from include.publishing.store import Place, Store
from include.publishing.versions import PUBLISHED, save_version
from tests.publishing.samples import NOW, file, metric, publish

LOAD, VERIFICATION = ALERT_TYPES["load"], ALERT_TYPES["verification"]


def test_a_failed_load_is_low_while_the_last_good_version_is_served(store: Store) -> None:
    publish(store, file(metric("phase2_parcels_completed")), run="run 7")

    found = assess_severity("usace", "load", LOAD, check_public_file(store, NOW))

    assert found.severity == LOW
    assert found.why == "The last good version is still served; this step cannot change it."
    assert "version v1, promoted by run run 7" in found.public_sees
    assert "phase2_parcels_completed" in found.affected


def test_an_altered_file_is_high_for_every_failed_task(store: Store) -> None:
    publish(store, file())
    store.write(PUBLISHED, file(metric(value=9)))

    found = assess_severity("usace", "load", LOAD, check_public_file(store, NOW))

    assert found.severity == HIGH
    assert "somebody changed it" in found.why


def test_a_missing_file_is_high(store: Store) -> None:
    publish(store, file())
    save_version(store, store.need(PUBLISHED))
    store.delete(PUBLISHED)

    found = assess_severity(
        "publish_metrics", "promote", ALERT_TYPES["promotion"], check_public_file(store, NOW)
    )

    assert found.severity == HIGH
    assert "missing" in found.why


def test_a_file_without_public_access_is_high(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(store, file())
    # As an account answers whose container is private.
    elsewhere = store.public_url(Place(CANDIDATES_CONTAINER, "x.json"))
    monkeypatch.setattr(store, "public_url", lambda place: elsewhere)
    public_file = check_public_file(store, NOW)
    assert assess_severity("publish_metrics", "verify", VERIFICATION, public_file).severity == HIGH


def test_a_file_that_breaks_its_contract_is_high(store: Store) -> None:
    publish(store, file(metric(value="8")))
    assert assess_severity("usace", "load", LOAD, check_public_file(store, NOW)).severity == HIGH


def test_before_the_first_publication_nothing_wrong_is_public(store: Store) -> None:
    found = assess_severity("usace", "load", LOAD, check_public_file(store, NOW))
    assert (found.severity, found.public_sees) == (LOW, "No file yet.")


def test_outdated_values_are_high_for_the_source_that_they_come_from(store: Store) -> None:
    late = {"LAST_UPDATED": "2026-11-01T00:00:00.000Z"}
    publish(store, file(metric("phase2_parcels_completed", **late), metric("schools_resumed")))
    public_file = check_public_file(store, NOW)

    usace = assess_severity("usace", "load", LOAD, public_file)
    assert usace.severity == HIGH
    assert "phase2_parcels_completed" in usace.public_sees
    assert (
        assess_severity("publish_metrics", "audit", ALERT_TYPES["audit"], public_file).severity
        == HIGH
    )
    assert (
        assess_severity("check_freshness", "usace", ALERT_TYPES["freshness"], public_file).severity
        == HIGH
    )
    assert assess_severity("airtable", "sync", ALERT_TYPES["sync"], public_file).severity == LOW
    assert (
        assess_severity("page_feedback", "sync", ALERT_TYPES["sync"], public_file).severity == LOW
    )


def test_metrics_without_another_source_come_from_airtable() -> None:
    public_file = PublicFile(metrics=("schools_resumed", "cleanup_phase1_complete"))
    found = assess_severity("airtable", "sync", ALERT_TYPES["sync"], public_file)
    assert found.affected == ("schools_resumed",)
    assert (
        assess_severity("publish_metrics", "audit", ALERT_TYPES["audit"], public_file).affected
        == public_file.metrics
    )
    assert assess_severity("page_feedback", "sync", ALERT_TYPES["sync"], public_file).affected == ()


@pytest.mark.parametrize(("alert_type", "severity"), [(LOAD, LOW), (VERIFICATION, HIGH)])
def test_if_the_file_cannot_be_checked_only_a_step_that_may_have_changed_it_is_high(
    alert_type: AlertType, severity: str
) -> None:
    found = assess_severity("publish_metrics", "verify", alert_type, None)
    assert found.severity == severity
    assert "could not be checked" in found.why
