"""The lines about a failed sync: what Fivetran says of its connector, or why nothing is known."""

from types import SimpleNamespace
from typing import Any

import pytest
from fivetran_provider_async import hooks

from include.incidents.failed_task import fivetran_details
from tests.incidents.samples import context

CONNECTOR = {
    "service": "airtable",
    "schema": "ddrc_airtable",
    "failed_at": "2026-11-24T21:00:00Z",
    "status": {
        "setup_state": "incomplete",
        "sync_state": "paused",
        "tasks": [{"code": "reconnect", "message": "Reconnect\nthe account"}],
        "warnings": [{"code": "schema_changed", "message": ""}],
    },
}


class Fivetran:
    """A Fivetran that answers with this, and the requests that it got."""

    def __init__(self, answer: object) -> None:
        self.answer = answer
        self.opened: list[tuple[tuple[object, ...], dict[str, object]]] = []
        self.requested: list[str] = []

    def __call__(self, *args: object, **named: object) -> "Fivetran":
        self.opened.append((args, named))
        return self

    def get_connector(self, connector_id: str) -> Any:
        self.requested.append(connector_id)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def details(
    monkeypatch: pytest.MonkeyPatch,
    answer: object,
    *,
    task: str = "sync",
    connector_id: object = "abc_def",
) -> tuple[str, ...]:
    """The lines about a sync of this connector, if Fivetran answers with this."""
    monkeypatch.setattr(hooks, "FivetranHook", Fivetran(answer))
    return fivetran_details(context("x", dag="airtable", task=task, connector_id=connector_id))


@pytest.mark.parametrize("task", ["sync", "wait_for_sync"])
def test_a_failed_sync_has_its_connectors_state_and_fivetrans_reasons(
    task: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert details(monkeypatch, CONNECTOR, task=task) == (
        "connector abc_def (airtable, ddrc_airtable): setup incomplete, sync paused,"
        " last failed Tue Nov 24, 1:00 PM PST",
        "Fivetran: Reconnect",
        "Fivetran: schema_changed",
    )


@pytest.mark.parametrize("status", [{"tasks": None, "warnings": None}, {}, None])
def test_a_connector_without_reasons_has_one_line(
    status: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    connector = {**CONNECTOR, "status": status}
    assert details(monkeypatch, connector) == (
        "connector abc_def (airtable, ddrc_airtable): setup None, sync None,"
        " last failed Tue Nov 24, 1:00 PM PST",
    )


def test_fivetran_is_asked_once_and_briefly_with_the_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fivetran = Fivetran(CONNECTOR)
    monkeypatch.setattr(hooks, "FivetranHook", fivetran)

    fivetran_details(context("x", dag="airtable", task="sync", connector_id="abc_def"))

    assert fivetran.opened == [(("fivetran",), {"retry_limit": 1, "timeout_seconds": 2})]
    assert fivetran.requested == ["abc_def"]


def test_if_fivetran_does_not_answer_the_line_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    found = details(monkeypatch, ConnectionError("no route"))

    assert found == ("connector abc_def: Fivetran does not answer",)
    assert "Fivetran did not return the connector abc_def: no route" in caplog.text


def test_each_line_has_at_most_200_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    long = {**CONNECTOR, "schema": "s" * 300, "status": {"tasks": [{"message": "m" * 300}]}}

    state, reason = details(monkeypatch, long)

    assert state == f"connector abc_def (airtable, {'s' * 170}…"
    assert reason == f"Fivetran: {'m' * 189}…"
    [silent] = details(monkeypatch, ConnectionError(), connector_id="c" * 300)
    assert silent == f"connector {'c' * 189}…"


@pytest.mark.parametrize(
    ("task", "connector_id"),
    [("unload", "abc_def"), ("load", "abc_def"), ("sync", ""), ("sync", None)],
)
def test_other_tasks_and_a_sync_without_a_connector_have_no_lines(
    task: str, connector_id: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert details(monkeypatch, CONNECTOR, task=task, connector_id=connector_id) == ()


def test_a_task_without_its_operator_has_no_lines() -> None:
    killed: Any = {"ti": SimpleNamespace(task_id="sync"), "exception": "killed"}
    no_attribute: Any = {"ti": SimpleNamespace(task_id="sync", task=SimpleNamespace())}

    assert fivetran_details(killed) == ()
    assert fivetran_details(no_attribute) == ()


@pytest.mark.parametrize(
    ("error", "lines"),
    [
        (
            "Variable fivetran_connector_airtable not found",
            ("set the Airflow Variable fivetran_connector_airtable to the connector's id",),
        ),
        ("Variable another not found", ()),
        (None, ()),
    ],
)
def test_an_id_that_was_not_rendered_is_not_requested(
    error: str | None, lines: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    fivetran = Fivetran(CONNECTOR)
    monkeypatch.setattr(hooks, "FivetranHook", fivetran)
    unrendered = "{{var.value.fivetran_connector_airtable}}"
    failed = context(error, dag="airtable", task="wait_for_sync", connector_id=unrendered)

    assert fivetran_details(failed) == lines
    assert fivetran.opened == []
