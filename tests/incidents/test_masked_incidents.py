"""A secret that nobody has masked before reaches neither Slack nor an issue."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from airflow.sdk import Connection

from include.incidents import notify, slack
from include.incidents.errors import describe_error
from include.incidents.incident import Event, Incident, new_incident
from include.incidents.incident_file import read_state
from include.incidents.issue import body, create_issue, new_issue_url, title
from include.incidents.message import notice_message
from include.incidents.notify import notify_failure, post_to_slack, report_without_storage
from include.pipeline.monitor import public_file_problems
from include.publishing.public_file import Fault, PublicFile
from include.publishing.store import Store
from tests.incidents.sample_incidents import LINKS, found, responder
from tests.incidents.samples import TUESDAY, context, failure, incident
from tests.publishing.memory_store import MemoryStore
from tests.slack import Slack as SlackServer

WORD = "hunter2hunter2"
LEAKS = (
    f"https://host/query?token={WORD}&f=json",
    f"snowflake://user:{WORD}@account/database",
    f"AccountName=ddrc;AccountKey={WORD}==;EndpointSuffix=core.windows.net",
    f"refused: {{'client_secret': '{WORD}'}}",
    f"Authorization: Basic {WORD}",
    f"https://hooks.slack.com/services/T0/B0/{WORD}",
    f"login failed, password: {WORD}",
)


def leaky(leak: str) -> Incident:
    """An incident whose error nobody has masked, as a finding or an older version may leave it."""
    return new_incident(found("public file: altered", f"It is altered: {leak}"), TUESDAY)


@pytest.fixture
def slack_server(slack: SlackServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> SlackServer:
    """A Slack that a machine which has posted nothing posts to."""
    monkeypatch.setattr(notify, "utc_now", lambda: TUESDAY)
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    monkeypatch.delenv("AIRFLOW_CONN_GITHUB", raising=False)
    return slack


@pytest.mark.parametrize("leak", LEAKS)
def test_slack_gets_no_secret_by_any_way(
    leak: str, store: Store, slack_server: SlackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    post_to_slack(f"*Pat restored version v1.* {leak}")
    report_without_storage(leaky(leak).latest, TUESDAY, None)
    section = {"type": "section", "text": {"type": "mrkdwn", "text": leak}}
    slack.send({"text": leak, "blocks": [section]})

    def fail(*_: object) -> None:
        raise KeyError(leak)

    monkeypatch.setattr(notify, "_report_failure", fail)
    notify_failure(context(ValueError(leak)))

    messages = slack_server.messages()
    assert len(messages) == 4
    for message in messages:
        assert "***" in json.dumps(message)
        assert WORD not in json.dumps(message)


def test_the_address_of_a_button_stays_as_it_is(slack_server: SlackServer) -> None:
    url = "https://airflow.example/dags/x?token=abc"
    button = {"type": "button", "text": {"type": "plain_text", "text": "Log"}, "url": url}

    slack.send({"text": "one", "blocks": [{"type": "actions", "elements": [button]}]})

    [message] = slack_server.messages()
    assert message["blocks"][0]["elements"][0]["url"] == url


@pytest.mark.parametrize("leak", LEAKS)
@pytest.mark.parametrize("make", [leaky, incident])
def test_an_issue_has_no_secret(
    make: Callable[[str], Incident], leak: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []

    def post(url: str, *, headers: object, json: object, timeout: float) -> httpx.Response:
        sent.append(f"{url} {json}")
        return httpx.Response(201, json={"html_url": "x"}, request=httpx.Request("POST", url))

    monkeypatch.setattr("include.incidents.issue.httpx.post", post)
    one = make(leak)
    create_issue(Connection(conn_id="github", password="x"), "o/n", one, "Pat", TUESDAY)

    form = new_issue_url("o/n", one, "Pat", TUESDAY)
    for shown in (title(one, TUESDAY), body(one, "Pat", TUESDAY), form, *sent):
        assert WORD not in shown
    assert "***" in body(one, "Pat", TUESDAY)


@pytest.mark.parametrize("leak", LEAKS)
@pytest.mark.parametrize("make", [leaky, incident])
def test_a_message_has_no_secret(make: Callable[[str], Incident], leak: str) -> None:
    one = make(leak)
    for event in Event:
        message = notice_message(event, [one], responder(one, TUESDAY), LINKS, TUESDAY).as_dict()
        assert WORD not in json.dumps(message)


@pytest.mark.parametrize("leak", LEAKS)
def test_a_finding_of_the_watch_has_no_secret(leak: str) -> None:
    fault = Fault("header content-type", f"The public file is served with {leak}.")
    [problem] = public_file_problems(PublicFile((fault,)), (), (), TUESDAY)

    assert WORD not in repr(problem)
    assert "***" in problem.error
    assert "***" in problem.assessment.why


@pytest.mark.parametrize("cut", range(100, 1_000, 150))
def test_the_rest_of_a_secret_that_a_long_log_is_cut_in_is_no_error(cut: int) -> None:
    name = "PRIVATE" + " KEY"
    lines = f"{WORD}{'a' * 50}\n" * 20
    key = f"-----BEGIN {name}-----\n{lines}-----END {name}-----\n"
    before, after = ("    a line of a log\n" * 5_000, "    another line of it\n" * 5_000)
    # The second half that is read begins inside the key.
    text = f"Traceback (most recent call last):\n{before}{key}{after[: 30_000 - len(key) + cut]}"

    assert WORD not in repr(describe_error(text))


def test_a_failure_with_a_secret_has_the_cause_of_one_without() -> None:
    causes = {
        failure(ValueError(f"refused: password={each} is wrong")).cause for each in ("abc", "defg")
    }
    assert len(causes) == 1


def test_what_waits_for_slack_is_stored_without_its_secret(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_message: object) -> None:
        raise ConnectionError("no answer")

    monkeypatch.setattr(slack, "send", refuse)
    post_to_slack(f"*Pat*: token={WORD}")

    [post] = read_state(store).posts
    assert post.message == {"text": "*Pat*: token=***"}
    assert "A MESSAGE DID NOT REACH SLACK: *Pat*: token=***" in caplog.text
