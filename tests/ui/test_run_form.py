"""The form that starts a run: filled in by its link, with its rules said beforehand."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from airflow.sdk import DAG, Param
from airflow.serialization.serialized_objects import DagSerialization
from airflow.utils.session import create_session
from fastapi import FastAPI
from fastapi.testclient import TestClient

from include.incidents.airflow_links import form_url, run_form, task_path
from include.sources import SOURCES
from include.ui import airflow_state, sources
from include.ui.airflow_state import RunForm
from include.ui.links import trigger_link
from include.ui.run_form import CONFIRMED, EFFECTS, make_field, public_effect, render_run_form
from tests.pipeline.forms import FORMS
from tests.ui.airflow_rows import add_dag, clear


def form_of(dag: str) -> RunForm:
    """A DAG's form, as Airflow has it after it has stored the DAG."""
    made = DAG(dag, params=FORMS[dag], schedule=None)
    params: Any = DagSerialization.from_dict(DagSerialization.to_dict(made)).params
    return RunForm(dag, airflow_state.describe_params(params))


def text(dag: str, **given: str) -> str:
    return " ".join(bytes(render_run_form(form_of(dag), given).body).decode().split())


@pytest.mark.parametrize("dag", FORMS)
def test_every_field_has_a_label_and_help_and_no_schema_is_shown(dag: str) -> None:
    shown = text(dag)
    for name, param in FORMS[dag].items():
        assert f'id="help-{name}"' in shown
        assert param.schema["title"] in shown
    assert "What happens to the public file: " in shown
    seen = re.sub(r'pattern="[^"]*"', "", shown)
    for word in ("minLength", "maxLength", "jsonschema", "^\\s", "NOTSET", "&lt;airflow"):
        assert word not in seen, word


@pytest.mark.parametrize("source", SOURCES)
def test_a_switch_is_never_required(source: str) -> None:
    form = form_of(source)
    fields = [make_field(name, param, None) for name, param in form.params.items()]
    assert [one.name for one in fields if one.kind == "switch"] == [
        "force_full_load",
        "skip_publishing",
    ]
    assert not any(one.is_required for one in fields)
    assert "(required)" not in text(source)


def test_a_required_reason_says_its_length_beforehand() -> None:
    shown = text("release_hold")
    assert 'Reason <span class="dim">(required)</span>' in shown
    assert "Accepted: 10 to 500 characters." in shown
    assert 'minlength="10" maxlength="500"' in shown
    assert "required" in shown.split("<textarea")[1].split(">")[0]


def test_the_address_fills_in_the_form() -> None:
    shown = text("pasadena", force_full_load="true", accept_drop="", page_size="50")
    assert "checked" in shown.split('name="force_full_load"')[1].split(">")[0]
    assert "checked" not in shown.split('name="skip_publishing"')[1].split(">")[0]
    assert "autofocus" in shown.split('id="f-accept_drop"')[1].split(">")[0]
    assert 'value="50"' in shown.split('id="f-page_size"')[1].split(">")[0]
    assert "<details open>" in shown
    assert "<details >" in text("pasadena")
    version = "20261124T142700Z-1a2b3c4d5e6f"
    assert f'value="{version}"' in text("restore_metrics", version=version)


def test_what_the_address_fills_in_is_escaped_and_an_unknown_value_is_left_out() -> None:
    shown = text("release_hold", reason="<script>alert(1)</script>", other="hostile")
    assert "<script>alert(1)" not in shown
    assert "&lt;script&gt;alert(1)" in shown
    assert "hostile" not in shown


@pytest.mark.parametrize("dag", FORMS)
def test_only_what_changes_the_public_file_at_once_asks_once_more(dag: str) -> None:
    assert ('role="alertdialog"' in text(dag)) is (dag in CONFIRMED)
    assert set(CONFIRMED) <= set(EFFECTS)


@pytest.mark.parametrize(
    ("dag", "effect"),
    [
        ("epa", "it changes only when the load, the tests and the audit have passed."),
        ("page_feedback", "it stays as it is, as this source is not part of it."),
        ("set_severity", "it stays as it is."),
        ("release_hold", "the newest released values replace it as soon as they pass their audit."),
    ],
)
def test_the_form_says_what_happens_to_the_public_file(dag: str, effect: str) -> None:
    assert public_effect(dag) == effect


def test_the_page_may_ask_airflows_api_and_nothing_else() -> None:
    policy = render_run_form(form_of("epa"), {}).headers["Content-Security-Policy"]
    assert "connect-src 'self'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe-eval" not in policy


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 32}, "A whole number from 1 to 32."),
        (
            {"type": ["null", "number"], "minimum": 0, "maximum": 900},
            "A number from 0 to 900, or empty.",
        ),
        ({"type": "string", "maxLength": 200}, "At most 200 characters."),
        ({"type": "string", "pattern": "^a$"}, "It matches ^a$."),
        ({"type": "string", "pattern": "^a$", "rule": "The letter a"}, "The letter a."),
        ({"type": "number"}, ""),
        ({"type": "string"}, ""),
        ({"type": "boolean"}, ""),
        ({}, ""),
    ],
)
def test_a_rule_is_a_sentence(schema: dict[str, Any], expected: str) -> None:
    assert make_field("x", {"value": None, "schema": schema}, None).rule == expected


@pytest.fixture
def client(airflow_database: None) -> Iterator[TestClient]:
    app = FastAPI()
    sources.add_pages(app)
    with create_session() as session:
        clear(session)
    with TestClient(app) as opened:
        yield opened


def test_a_dag_that_airflow_does_not_have_has_no_form(client: TestClient) -> None:
    answer = client.get("/run/epa")
    assert answer.status_code == 404
    assert "Airflow has no DAG epa: check the address." in answer.text


def test_a_dag_of_airflow_has_a_form_which_says_that_it_is_paused(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = DAG("epa", params={"x": Param(7, type="integer", title="The X")}, schedule=None)

    class Stored:
        dag = DagSerialization.from_dict(DagSerialization.to_dict(made))

    monkeypatch.setattr(
        "airflow.models.serialized_dag.SerializedDagModel.get", lambda dag_id, *, session: Stored()
    )
    with create_session() as session:
        add_dag(session, "epa", is_paused=True, is_stale=False)
    shown = client.get("/run/epa?x=8").text
    assert "The X" in shown
    assert 'value="8"' in shown
    assert "This DAG is paused" in shown
    with create_session() as session:
        clear(session)


def test_a_link_to_a_form_names_the_dag_and_the_values() -> None:
    assert trigger_link("epa") == "/plugin/sources/ddrc/run/epa"
    assert trigger_link("epa", force_full_load=True, accept_drop=None) == (
        "/plugin/sources/ddrc/run/epa?force_full_load=true"
    )
    assert trigger_link("restore_metrics", reason="a & b?", page=5) == (
        "/plugin/sources/ddrc/run/restore_metrics?reason=a+%26+b%3F&page=5"
    )


def test_links_work_under_a_path_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_form("/airflow", "epa", {}) == "/plugin/sources/airflow/ddrc/run/epa"
    address = "include.incidents.settings.airflow_url"
    monkeypatch.setattr(address, lambda: "https://a.example/airflow")
    expected = "https://a.example/airflow/plugin/sources/airflow/ddrc/run/epa?x=1"
    assert form_url("epa", x=1) == expected
    monkeypatch.setattr(address, lambda: "")
    assert form_url("epa") == ""


def test_a_tasks_path_is_quoted() -> None:
    run = "manual__2026-11-24T21:27:00+00:00"
    quoted = "manual__2026-11-24T21%3A27%3A00%2B00%3A00"
    assert task_path("epa", run, "load") == f"/dags/epa/runs/{quoted}/tasks/load"
    assert task_path("epa", run, "transform.a", 3) == (
        f"/dags/epa/runs/{quoted}/tasks/transform.a?try_number=3"
    )
