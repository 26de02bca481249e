"""The form of a run in Airflow's frame: it starts a run, refuses in a sentence, asks once more."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Page, Route, expect

from include.ui.airflow_state import RunForm
from include.ui.run_form import render_run_form
from tests.browser.parent_page import HOST, PARENT_PAGE

REASON = {
    "value": None,
    "description": "Why.",
    "schema": {"type": "string", "minLength": 10, "maxLength": 500, "title": "Reason"},
}
SWITCH = {
    "value": False,
    "description": "All of it.",
    "schema": {"type": "boolean", "title": "Force a full load"},
}
ROWS = {
    "value": None,
    "description": "How many.",
    "schema": {"type": ["null", "integer"], "minimum": 1, "maximum": 9, "title": "Rows"},
}
RUN = {"dag_run_id": "manual__2026-11-24T21:27:00+00:00"}

Open = Callable[..., FrameLocator]


class Airflow:
    """Airflow's API, which answers every request to start a run."""

    def __init__(self) -> None:
        self.status, self.body = 200, dict[str, Any](RUN)
        self.answers = True
        self.started: list[dict[str, Any]] = []

    def answer(self, route: Route) -> None:
        self.started.append(json.loads(route.request.post_data or "{}"))
        if self.answers:
            route.fulfill(status=self.status, json=self.body)
        else:
            route.abort()


@pytest.fixture
def airflow() -> Airflow:
    return Airflow()


@pytest.fixture
def form(page: Page, airflow: Airflow) -> Open:
    """Opens the form of a DAG with these parameters, in Airflow's frame."""

    def opened(dag: str, given: dict[str, str] | None = None, **params: Any) -> FrameLocator:
        made = render_run_form(RunForm(dag, params), given or {})

        def answer(route: Route) -> None:
            path = route.request.url.removeprefix(HOST)
            if path == f"/api/v2/dags/{dag}/dagRuns":
                airflow.answer(route)
            elif path == "/ddrc/page":
                headers = {**dict(made.headers), "Content-Type": "text/html"}
                headers.pop("content-length", None)
                route.fulfill(body=bytes(made.body), headers=headers)
            else:
                other = PARENT_PAGE if path == "/plugin/page" else f"<h1>{path}</h1>"
                route.fulfill(body=other, content_type="text/html")

        page.context.route("**/*", answer)
        page.goto(f"{HOST}/plugin/page")
        return page.frame_locator("iframe")

    return opened


def start(frame: FrameLocator) -> None:
    frame.get_by_role("button", name="Start the run").click()


def test_a_run_starts_with_the_values_of_the_form_and_is_linked(
    form: Open, airflow: Airflow, page: Page
) -> None:
    frame = form(
        "epa", {"force_full_load": "true"}, force_full_load=SWITCH, reason=REASON, rows=ROWS
    )
    frame.get_by_label("Reason").fill("  The county said so ")
    start(frame)
    link = frame.get_by_role("alert").get_by_role("link", name="See it run")
    link.wait_for()
    conf = {"force_full_load": True, "reason": "The county said so", "rows": None}
    assert airflow.started == [{"logical_date": None, "conf": conf}]
    link.click()
    page.wait_for_url(f"{HOST}/dags/epa/runs/manual__2026-11-24T21%3A27%3A00%2B00%3A00")


@pytest.mark.parametrize("reason", ["", "too short", "          x "])
def test_a_refusal_is_a_sentence_with_the_rule_and_starts_nothing(
    reason: str, form: Open, airflow: Airflow
) -> None:
    frame = form("epa", reason=REASON)
    expect(frame.get_by_text("Accepted: 10 to 500 characters.")).to_be_visible()
    frame.get_by_label("Reason").fill(reason)
    start(frame)
    expect(frame.get_by_role("alert")).to_have_text(
        "Nothing was started. Reason: 10 to 500 characters."
    )
    expect(frame.get_by_label("Reason")).to_be_focused()
    assert frame.get_by_label("Reason").get_attribute("aria-invalid") == "true"
    assert airflow.started == []


def test_a_wrong_number_is_shown_where_it_is_hidden(form: Open, airflow: Airflow) -> None:
    frame = form("epa", {"rows": "12"}, rows=ROWS)
    start(frame)
    expect(frame.get_by_role("alert")).to_contain_text("A whole number from 1 to 9, or empty.")
    expect(frame.get_by_label("Rows")).to_be_visible()
    assert airflow.started == []


def test_what_changes_the_public_file_is_asked_once_more(form: Open, airflow: Airflow) -> None:
    frame = form("release_hold", {"reason": "The cause is fixed"}, reason=REASON)
    start(frame)
    question = frame.get_by_role("alertdialog")
    expect(question).to_contain_text("This changes what is published")
    assert airflow.started == []
    question.get_by_role("button", name="Back").click()
    expect(question).to_be_hidden()
    start(frame)
    question.get_by_role("button", name="Yes, start it").click()
    frame.get_by_role("link", name="See it run").wait_for()
    assert len(airflow.started) == 1


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (401, {"detail": "Not authenticated"}, "your login has expired. Log in again"),
        (403, {"detail": "Forbidden"}, "your role in Airflow may not trigger this DAG"),
        (
            400,
            {"detail": "Invalid input\nschema: {}"},
            "Airflow refused the run (400). Invalid input",
        ),
    ],
)
def test_what_airflow_refuses_is_a_sentence(
    status: int, body: dict[str, str], said: str, form: Open, airflow: Airflow
) -> None:
    airflow.status, airflow.body = status, body
    frame = form("epa", force_full_load=SWITCH)
    start(frame)
    expect(frame.get_by_role("alert")).to_contain_text(said)
    expect(frame.get_by_role("alert")).not_to_contain_text("schema")
    expect(frame.get_by_role("button", name="Start the run")).to_be_enabled()


@pytest.mark.parametrize("status", [None, 500, 502])
def test_without_an_answer_nobody_is_sure_that_nothing_was_started(
    status: int | None, form: Open, airflow: Airflow, page: Page
) -> None:
    airflow.answers, airflow.status = status is not None, status or 200
    frame = form("epa", force_full_load=SWITCH)
    start(frame)
    expect(frame.get_by_role("alert")).to_contain_text(
        "it is not known whether the run has started"
    )
    frame.get_by_role("link", name="See the runs").click()
    page.wait_for_url(f"{HOST}/dags/epa/runs")


@pytest.mark.parametrize(
    ("status", "detail"), [(401, "Not authenticated"), (403, "Invalid JWT token")]
)
def test_an_expired_login_leads_to_the_login_and_back(
    status: int, detail: str, form: Open, airflow: Airflow, page: Page
) -> None:
    airflow.status, airflow.body = status, {"detail": detail}
    frame = form("epa", force_full_load=SWITCH)
    start(frame)
    frame.get_by_role("link", name="Log in again").click()
    page.wait_for_url(f"{HOST}/api/v2/auth/login?next=%2Fplugin%2Fpage")


def test_the_keyboard_alone_starts_a_run(form: Open, airflow: Airflow, page: Page) -> None:
    frame = form("release_hold", {"reason": ""}, reason=REASON)
    expect(frame.get_by_label("Reason")).to_be_focused()
    page.keyboard.type("The cause is fixed")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(frame.locator("#sure")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    frame.get_by_role("link", name="See it run").wait_for()
    assert airflow.started[0]["conf"] == {"reason": "The cause is fixed"}
