"""The pages in Airflow's UI: access, content, and content when something is broken."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from threading import Event

import pytest
from airflow.utils.session import create_session
from anyio import sleep_forever
from fastapi.testclient import TestClient
from starlette.types import Message

from include.incidents.severity import HIGH
from include.publishing.holds import Hold, set_hold
from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.store import Place, Store
from include.publishing.versions import PUBLISHED
from include.ui import app, models
from local.home import REPOSITORY
from tests.incidents.sample_incidents import failed, incident, rated
from tests.publishing.samples import file, metric, publish, release
from tests.ui.airflow_rows import clear
from tests.ui.conftest import Page, save_incidents
from tests.ui.page_text import answers_of, rows_of, text_of

# The sandbox that Airflow's UI gives to the frame of a page (ExternalView.tsx).
SANDBOX = "allow-scripts allow-same-origin allow-forms allow-downloads"
HOSTILE = "<script>alert(1)</script>"
HOLD = Hold(
    "v1", "Pat", "the count doubled", datetime(2026, 11, 24, 14, 27, tzinfo=UTC), "manual 1"
)
FIRST, SECOND = "20261124T140100Z-aaa", "20261124T140200Z-bbb"
FRESH = {"LAST_UPDATED": "2026-11-24T00:00:00Z", "UPDATE_FREQUENCY": "completed"}


PAGES = ["publication", "sources", "sources/epa", "models"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_needs_a_login(path: str, anyone: TestClient) -> None:
    answer = anyone.get(f"/ddrc/{path}")
    assert answer.status_code == 401
    assert "metric" not in answer.text
    assert "manifest" not in answer.text


@pytest.mark.parametrize("path", [*PAGES, "run/epa"])
def test_a_page_loads_nothing_from_elsewhere_and_only_airflow_may_frame_it(
    path: str, anyone: TestClient, token: str, store: Store
) -> None:
    with create_session() as session:
        clear(session)
    answer = anyone.get(f"/ddrc/{path}", headers={"Authorization": f"Bearer {token}"})
    policy = dict(
        rule.split(" ", 1) for rule in answer.headers["content-security-policy"].split("; ")
    )
    assert policy["default-src"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert policy["form-action"] == "'none'"
    assert policy["frame-ancestors"] == "'self'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert "http" not in " ".join(policy.values())
    if path != "models":
        assert "http" not in answer.text.replace("http-equiv", "").replace(
            store.public_url(PUBLISHED), ""
        )


@pytest.mark.parametrize("path", ["publication", "sources", "sources/epa", "run/epa"])
def test_a_page_evaluates_no_text_as_code(
    path: str, anyone: TestClient, token: str, store: Store
) -> None:
    answer = anyone.get(f"/ddrc/{path}", headers={"Authorization": f"Bearer {token}"})
    assert "unsafe-eval" not in answer.headers["content-security-policy"]


def test_an_expired_login_leads_to_the_login(anyone: TestClient) -> None:
    answer = anyone.get("/ddrc/publication", headers={"Authorization": "Bearer expired"})
    assert answer.status_code in {401, 403}
    assert 'data-login href="/api/v2/auth/login"' in answer.text
    assert "Your login has expired" in text_of(answer.text)
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]


def test_an_unknown_page_says_so_in_words(anyone: TestClient, token: str) -> None:
    answer = anyone.get("/ddrc/nowhere", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 404
    assert "This page does not exist" in text_of(answer.text)


def test_the_head_of_publication_is_sent_before_anything_is_read(
    anyone: TestClient, token: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also through Airflow's middleware, which would compress the page as a whole."""
    sent, shown = bytearray(), Event()

    def opened() -> Store:
        assert shown.wait(10), "nothing was sent until the account was read"
        return store

    requests: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Message:
        if not requests:
            await sleep_forever()
        return requests.pop()

    async def send(message: Message) -> None:
        sent.extend(message.get("body", b""))
        if b"Reading the public file" in sent:
            shown.set()

    monkeypatch.setattr(app, "open_store", opened)
    headers = {"authorization": f"Bearer {token}", "accept-encoding": "gzip", "host": "testserver"}
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/ddrc/publication",
        "raw_path": b"/ddrc/publication",
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("testclient", 1),
        "server": ("testserver", 80),
    }
    assert anyone.portal is not None
    anyone.portal.call(anyone.app, scope, receive, send)
    page = sent.decode()
    assert page.count("<h1>") == 1
    assert page.index("Reading the public file") < page.index("<h1>Publication</h1>")
    assert page.rstrip().endswith("</html>")
    assert page.count("<main") == page.count("</main>") == 1


def test_before_the_first_publication_the_page_says_so(page: Page, store: Store) -> None:
    shown = page("publication")
    assert "Nothing has been published yet" in answers_of(shown)[0][1]
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

    [(level, answer)] = answers_of(shown)
    assert level == "good"
    assert "Right The public sees what the sources have released, since" in answer
    assert "Released and not public" not in shown
    assert f"<code>{SECOND}</code>" in shown
    assert "Public now: the version of Tue Nov 24, 6:02 AM PST (" in text_of(shown)
    assert "by run 2." in text_of(shown)
    assert "Approved or restored by Pat: counted by hand." in shown
    rows = rows_of(shown, 'class="metrics"')
    assert list(rows) == ["cleanup_phase1_complete", "schools"]
    row = rows["cleanup_phase1_complete"]
    assert "Cleanup phase 1 complete (schools resumed) cleanup_phase1_complete" in text_of(row)
    assert ">9,044<" in row
    assert ">+44<" in row
    assert "/dags/epa" in row
    assert ">new<" in rows["schools"]
    assert "/dags/airtable" in rows["schools"]
    topics = ("Debris removal", "Other")
    assert shown.index(topics[0]) < shown.index(row) < shown.index(topics[1])
    _, newest, first = shown[shown.index('id="versions"') :].split('<th scope="row">')
    assert "Tue Nov 24, 6:02 AM PST public now" in text_of(newest)
    assert "Cleanup phase 1 complete: 9,000 → 9,044" in text_of(newest)
    assert "restore_metrics" not in newest
    assert "Tue Nov 24, 6:01 AM PST" in text_of(first)
    assert f"/run/restore_metrics?version={FIRST}" in first
    assert "would change 2 values" in text_of(first)
    assert "Cleanup phase 1 complete: 9,044 → 9,000" in text_of(first)


def test_an_altered_file_and_an_outdated_value_are_shown(page: Page, store: Store) -> None:
    publish(store, file())
    old = {"LAST_UPDATED": "2025-02-01T00:00:00Z", "UPDATE_FREQUENCY": "daily"}
    store.write(PUBLISHED, file(metric("forgotten", 1, **old)))
    shown = page("publication")
    [(level, answer)] = answers_of(shown)
    assert level == "bad"
    assert "Wrong The public file is not the last version that was promoted" in answer
    assert "Restore the last version, then find out who wrote the file." in answer
    assert "/run/restore_metrics?version=v1" in shown
    assert "ago, late" in shown


def test_a_fault_that_nobody_outside_sees_is_a_warning_and_the_file_is_right(
    page: Page, store: Store
) -> None:
    publish(store, file(metric("schools", 7, **FRESH)), FIRST)
    release(store, file(metric("schools", 7, **FRESH)))
    store.delete(Place(VERSIONS_CONTAINER, f"{FIRST}.json"))
    shown = page("publication")
    text = f"The saved file of the promoted version {FIRST} is missing."
    (right, _), (level, note) = answers_of(shown)
    assert (right, level) == ("good", "warn")
    assert f"To check {text}" in note
    assert "card bad" not in shown


def test_a_hold_is_shown_with_the_restore_that_did_not_finish(page: Page, store: Store) -> None:
    set_hold(store, HOLD)
    shown = page("publication")
    level, answer = answers_of(shown)[0]
    assert level == "bad"
    assert "Held by Pat The restore has not finished" in answer
    assert "V1 is held since Tue Nov 24, 6:27 AM PST: the count doubled." in answer
    assert "/dags/restore_metrics/runs/manual%201/tasks/promote" in shown
    assert "/run/release_hold" in shown


def test_a_finished_restore_is_not_said_to_be_unfinished(page: Page, store: Store) -> None:
    publish(store, file(metric("schools", 7, **FRESH)))
    set_hold(store, HOLD)
    level, answer = answers_of(page("publication"))[0]
    assert level == "warn"
    assert "has not finished" not in answer
    assert "release the hold" in answer


@pytest.mark.parametrize("stopped", [False, True])
def test_what_is_released_and_not_public_is_listed_with_what_stops_it(
    stopped: bool, page: Page, store: Store
) -> None:
    publish(store, file(metric("gone", 5, **FRESH), metric("schools", 7, **FRESH)))
    newer = FRESH | {"LAST_UPDATED": "2026-11-24T01:00:00Z"}
    release(store, file(metric("schools", 7, **newer), metric("helped", 1_200, **FRESH)))
    release(store, b"[]", "epa")
    if stopped:
        set_hold(store, HOLD)

    shown = page("publication")

    (_, first), (_, second), *_ = answers_of(shown)
    behind = (
        ("Held by Pat", "3 released metrics wait.") if stopped else ("Behind by", "Gone, Helped")
    )
    assert first.partition(" ")[2].startswith(behind[0])
    assert behind[1] in first
    assert "The newest values of epa are not public: its released file is invalid." in second
    rows = rows_of(shown, 'id="unpublished"')
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
    [(level, answer)] = answers_of(shown)
    assert level == "warn"
    assert "Unknown The storage account does not answer (ConnectionError)." in answer
    assert "hunter2" not in shown
    assert "Waiting for a decision" in shown


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
    button = f'<button type="button" data-copy="{FIRST}">'
    assert f'<code class="dim">{FIRST}</code> {button}' in versions


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
