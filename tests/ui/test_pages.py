"""The pages in Airflow's UI: access, content, and content when something is broken."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from airflow.utils.session import create_session
from fastapi.testclient import TestClient

from include.incidents.data_warnings import Finding, report_findings
from include.incidents.severity import HIGH
from include.publishing.holds import Hold, set_hold
from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.store import Place, Store
from include.publishing.versions import PUBLISHED
from include.sources import SOURCES
from include.ui import app, models
from local.home import REPOSITORY
from tests.incidents.sample_incidents import TUESDAY, failed, incident, rated
from tests.publishing.samples import file, metric, publish, release
from tests.slack import Slack
from tests.ui.airflow_rows import add_dag, add_run, add_task, clear
from tests.ui.conftest import Page, save_incidents

# The sandbox that Airflow's UI gives to the frame of a page (ExternalView.tsx).
SANDBOX = "allow-scripts allow-same-origin allow-forms allow-downloads"
HOSTILE = "<script>alert(1)</script>"
HOLD = Hold(
    "v1", "Pat", "the count doubled", datetime(2026, 11, 24, 14, 27, tzinfo=UTC), "manual 1"
)
FIRST, SECOND = "20261124T140100Z-aaa", "20261124T140200Z-bbb"
FRESH = {"LAST_UPDATED": "2026-11-24T00:00:00Z", "UPDATE_FREQUENCY": "completed"}


@pytest.mark.parametrize("path", ["publication", "sources", "sources/epa", "models"])
def test_a_page_needs_a_login(path: str, anyone: TestClient) -> None:
    answer = anyone.get(f"/ddrc/{path}")
    assert answer.status_code == 401
    assert "metric" not in answer.text
    assert "manifest" not in answer.text


def test_a_page_loads_nothing_from_elsewhere_and_only_airflow_may_frame_it(
    anyone: TestClient, token: str, store: Store
) -> None:
    answer = anyone.get("/ddrc/sources", headers={"Authorization": f"Bearer {token}"})
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "http" not in answer.text.replace("http-equiv", "")


def test_before_the_first_publication_the_page_says_so(page: Page, store: Store) -> None:
    shown = page("publication")
    assert "Nothing has been published yet" in shown
    assert "None yet." in shown


def test_the_served_version_its_metrics_and_what_changed_are_shown(
    page: Page, store: Store
) -> None:
    schools = metric("schools", 7, **FRESH)
    publish(store, file(metric("cleanup_phase1_complete", 9000, **FRESH)), FIRST)
    publish(
        store,
        file(metric("cleanup_phase1_complete", 9044, **FRESH), schools),
        SECOND,
        run="run 2",
        decided_by="Pat",
        reason="counted by hand",
    )
    release(store, file(metric("cleanup_phase1_complete", 9044, **FRESH)), "epa")
    release(store, file(schools), "airtable")

    shown = page("publication")

    assert "is the last promoted version, and says what the sources have released" in shown
    assert "Released and not public" not in shown
    assert f"<code>{SECOND}</code>" in shown
    assert "Approved or restored by Pat: counted by hand." in shown
    row = shown[shown.index("<code>cleanup_phase1_complete") :].split("</tr>")[0]
    assert ">9,044<" in row
    assert ">+44<" in row
    assert "/dags/epa" in row
    from_airtable = shown[shown.index("<code>schools</code>") :].split("</tr>")[0]
    assert ">new<" in from_airtable
    assert "/dags/airtable" in from_airtable
    versions = shown[shown.index('id="versions"') :]
    assert f"<code>{FIRST}</code>" in versions
    assert "cleanup_phase1_complete: 9,044 → 9,000" in versions


def test_an_altered_file_and_an_outdated_value_are_shown(page: Page, store: Store) -> None:
    publish(store, file())
    old = {"LAST_UPDATED": "2025-02-01T00:00:00Z", "UPDATE_FREQUENCY": "daily"}
    store.write(PUBLISHED, file(metric("forgotten", 1, **old)))
    shown = page("publication")
    assert '<p class="card bad">The public file is not the last version' in shown
    assert "The public file is the last promoted version" not in shown
    assert "ago, late" in shown


def test_a_fault_that_nobody_outside_sees_is_a_warning_and_the_file_is_right(
    page: Page, store: Store
) -> None:
    publish(store, file(metric("schools", 7, **FRESH)), FIRST)
    release(store, file(metric("schools", 7, **FRESH)))
    store.delete(Place(VERSIONS_CONTAINER, f"{FIRST}.json"))
    shown = page("publication")
    text = f"The saved file of the promoted version {FIRST} is missing."
    assert f'<p class="card warn">{text}</p>' in shown
    assert "The public file is the last promoted version" in shown
    assert "card bad" not in shown


def test_a_hold_is_shown_with_the_restore_that_did_not_finish(page: Page, store: Store) -> None:
    set_hold(store, HOLD)
    shown = page("publication")
    assert "Pat holds v1 since Tue Nov 24, 6:27 AM PST: the count doubled" in shown
    assert "The restore has not finished" in shown
    assert "/dags/restore_metrics/runs/manual%201" in shown


def test_a_finished_restore_is_not_said_to_be_unfinished(page: Page, store: Store) -> None:
    set_hold(store, replace(HOLD, done=True))
    shown = page("publication")
    assert "Publishing is on hold: Pat holds v1" in shown
    assert "has not finished" not in shown


@pytest.mark.parametrize("stopped", [False, True])
def test_what_is_released_and_not_public_is_listed_with_what_stops_it(
    stopped: bool, page: Page, store: Store
) -> None:
    publish(store, file(metric("gone", 5, **FRESH), metric("schools", 7, **FRESH)))
    newer = FRESH | {"LAST_UPDATED": "2026-11-24T01:00:00Z"}
    release(store, file(metric("schools", 7, **newer), metric("helped", 1_200, **FRESH)))
    release(store, b"[]", "epa")
    if stopped:
        set_hold(store, replace(HOLD, done=True))

    shown = page("publication")

    assert "is the last promoted version, and older than what the sources have released" in shown
    assert "A released file is invalid: sources/epa.json" in shown
    listed = shown[shown.index('id="unpublished"') :].split("</table>")[0]
    why = "Pat holds v1" if stopped else "publishes, within half an hour"
    assert why in listed
    rows = {row.split("</code>")[0]: row for row in listed.split("<tr><td><code>")[1:]}
    assert list(rows) == ["gone", "helped", "schools"]
    assert ">5<" in rows["gone"]
    assert ">none" in rows["gone"]
    assert ">1,200" in rows["helped"]
    assert "/dags/airtable" in rows["helped"]
    assert "newer time or words" in rows["schools"]


def test_text_from_errors_and_people_is_escaped(page: Page, store: Store) -> None:
    hostile = replace(failed(error=HOSTILE), dag=HOSTILE, key=HOSTILE)
    save_incidents(store, rated(incident(hostile), HIGH, HOSTILE))
    publish(store, file(metric("schools", 7, **FRESH)), run=HOSTILE, reason=HOSTILE,
            decided_by=HOSTILE)  # fmt: skip
    release(store, file(metric("schools", 8, **FRESH)))
    set_hold(store, Hold(HOSTILE, HOSTILE, HOSTILE, HOLD.since, HOSTILE))
    shown = page("publication")
    assert HOSTILE not in shown
    assert "&lt;script&gt;alert(1)" in shown


def test_without_the_storage_account_the_page_says_so_and_shows_the_rest(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> Store:
        raise ConnectionError("token=hunter2")

    monkeypatch.setattr(app, "open_store", gone)
    shown = page("publication")
    assert "the storage account does not answer (ConnectionError)" in shown
    assert "hunter2" not in shown
    assert "Waiting for a decision" in shown


def test_with_an_empty_database_each_source_has_no_run_yet(page: Page, store: Store) -> None:
    with create_session() as session:
        clear(session)
    shown = page("sources")
    assert shown.count("no run yet") == len(SOURCES)
    assert "No complete run yet" in shown


def test_a_source_shows_its_last_run_and_that_it_is_paused(page: Page, store: Store) -> None:
    began = datetime.now(UTC) - timedelta(minutes=5)
    with create_session() as session:
        clear(session)
        add_dag(session, "usace", is_paused=True)
        add_run(session, "usace", "r1", began, end_date=began + timedelta(seconds=42))
    shown = page("sources/usace")
    assert "paused" in shown
    assert "in 42 s" in shown
    assert "epa" not in shown


def test_a_source_with_old_tables_is_marked(page: Page, store: Store) -> None:
    with create_session() as session:
        clear(session)
        add_dag(session, "epa")
        add_dag(session, "check_freshness")
        at = datetime.now(UTC)
        run = add_run(session, "check_freshness", "r1", at)
        add_task(session, run, "epa", "failed", at)
    assert "tables are too old" in page("sources/epa")
    assert "tables are too old" not in page("sources/usace")


def test_a_source_shows_its_data_warnings_and_since_when(
    page: Page, store: Store, slack: Slack
) -> None:
    def warn(source: str, test: str, text: str, now: datetime) -> None:
        found = {test: [Finding(text, text)]}
        report_findings(store, source, found, lambda: {"entries", "words"}, now)

    warn("airtable", "entries", f"schools {HOSTILE} is not published", TUESDAY)
    warn("airtable", "words", "type: the value dollar is not known", TUESDAY - timedelta(days=1))
    warn("usace", "words", "ma: the value new is not known", TUESDAY)

    shown = page("sources/airtable")
    assert "Data warnings: 2" in shown
    first, second = shown.split("<li>")[1:]
    assert "type: the value dollar is not known" in first
    assert "since Mon Nov 23, 2:00 PM PST" in first
    assert "schools &lt;script&gt;" in second
    assert "since Tue Nov 24, 2:00 PM PST" in second
    assert HOSTILE not in shown
    assert "ma: the value" not in shown

    everything = page("sources")
    assert everything.count("Data warnings: ") == 2
    assert everything.index("ma: the value") > everything.index('id="usace"')


def test_without_the_storage_account_the_sources_are_shown_without_their_warnings(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> Store:
        raise ConnectionError("token=hunter2")

    monkeypatch.setattr(app, "open_store", gone)
    shown = page("sources")
    assert "data warnings are unknown" in shown
    assert "(ConnectionError)" in shown
    assert "hunter2" not in shown
    assert all(f'id="{source}"' in shown for source in SOURCES)


def test_the_models_documentation_is_shown_and_loads_nothing_from_elsewhere(
    anyone: TestClient, token: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    manifest = tmp_path / "manifest.json"
    monkeypatch.setattr(app, "render_models_page", lambda: models.render_models_page(manifest))
    headers = {"Authorization": f"Bearer {token}"}
    assert "dbt has not parsed its project" in anyone.get("/ddrc/models", headers=headers).text
    manifest.write_text(json.dumps({"nodes": {"a model": {"description": "</script><b>"}}}))

    answer = anyone.get("/ddrc/models", headers=headers)

    assert "<title>dbt Docs</title>" in answer.text
    assert '{"nodes": {"a model": {"description": "\\u003c/script>' in answer.text
    assert "INLINE DATA" not in answer.text.split("</script>")[-2]
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "connect-src" not in policy
    assert "http" not in policy
    assert "frame-ancestors 'self'" in policy


def test_a_new_manifest_changes_the_page(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.json"
    pages = []
    for modified, name in enumerate(("first", "second"), 1):
        manifest.write_text(json.dumps({"nodes": {name: {}}}))
        os.utime(manifest, (modified, modified))
        pages.append(models.render_models_page(manifest) or "")
    assert '{"nodes": {"first": {}}}' in pages[0]
    assert '{"nodes": {"second": {}}}' in pages[1]


def test_an_earlier_versions_name_can_be_copied_and_read_without_a_script(
    page: Page, store: Store
) -> None:
    publish(store, file(metric("schools", 6, **FRESH)), FIRST)
    publish(store, file(metric("schools", 7, **FRESH)), SECOND)
    versions = page("publication").split('id="versions"')[1]
    button = f'<button type="button" data-copy="{FIRST}" hidden>'
    assert f"<code>{FIRST}</code> {button}" in versions


def test_another_dags_page_says_that_it_is_not_a_source(page: Page) -> None:
    assert "publish_metrics is not a source" in page("sources/publish_metrics")


def test_links_and_views_work_under_a_path_prefix() -> None:
    code = (
        "from plugins.ddrc_pages import DdrcPages; from include.ui.address import base_path;"
        "print(base_path(), *(view['href'] for view in DdrcPages.external_views))"
    )
    environment = {**os.environ, "AIRFLOW__API__BASE_URL": "https://example.gov/airflow/"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment, cwd=REPOSITORY, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split("\n")[-2].split() == [
        "/airflow",
        "/airflow/ddrc/publication",
        "/airflow/ddrc/sources",
        "/airflow/ddrc/models",
        "/airflow/ddrc/sources/{DAG_ID}",
    ]


def test_the_plugin_does_not_import_the_pages() -> None:
    code = (
        "import sys, plugins.ddrc_pages; print({'include.ui.app', 'fastapi'} & sys.modules.keys())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[-1] == "set()"


def test_airflows_sandbox_still_blocks_links() -> None:
    """A failure means that `base.html` may no longer need its script that opens links."""
    assets = files("airflow.ui.dist.assets")
    scripts = (item.read_text() for item in assets.iterdir() if item.name.endswith(".js"))
    assert any(f"externalView:s,sandbox:`{SANDBOX}`" in script for script in scripts)
