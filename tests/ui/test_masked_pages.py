"""No secret of an error or of a load's warning is shown by the pages in Airflow's UI."""

from dataclasses import replace

import pytest
from airflow.utils.session import create_session

from include.incidents.incident_file import FILE
from tests.dummy_secrets import ERRORS
from tests.incidents.sample_incidents import failed, incident
from tests.publishing.memory_store import MemoryStore
from tests.ui.airflow_rows import NOON, add_dag, add_report, add_run, clear
from tests.ui.conftest import Page, save_incidents

each_secret = pytest.mark.parametrize(("text", "secret"), ERRORS.values(), ids=ERRORS)


@each_secret
def test_the_error_of_an_incident_is_masked(
    text: str, secret: str, page: Page, store: MemoryStore
) -> None:
    # As an earlier version of the code may have stored it.
    save_incidents(store, replace(incident(failed(error=text)), id="one"))
    assert secret in store.need(FILE).content.decode().replace("\\n", "\n")

    shown = page("publication")

    assert secret not in shown
    assert "***" in shown


@each_secret
def test_the_warning_of_a_load_is_masked(
    text: str, secret: str, page: Page, store: MemoryStore
) -> None:
    with create_session() as session:
        clear(session)
        add_dag(session, "epa")
        report = {
            "rows": 1,
            "loaded_at": NOON.isoformat(),
            "source_edited_at": None,
            "notes": [text],
        }
        add_report(session, add_run(session, "epa", "one", NOON), "load", NOON, report)
    try:
        shown = page("sources/epa")
    finally:
        with create_session() as session:
            clear(session)

    assert secret not in shown
    assert "***" in shown
