"""No secret of an error reaches Slack, GitHub, the file of incidents or the incident log."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest

from include.history_tables import HistoryTable
from include.incidents import notify
from include.incidents import slack as slack_webhook
from include.incidents import text as text_module
from include.incidents.data_warnings import Finding, describe_row, read_warnings, report_findings
from include.incidents.errors import describe_error
from include.incidents.incident import PUBLIC_FILE, new_incident
from include.incidents.incident_file import FILE, read_state
from include.incidents.incident_log import write_entries
from include.incidents.issue import body, new_issue_url, title
from include.incidents.notify import notify_failure, post_to_slack
from include.pipeline.monitor import public_file_problems
from include.publishing.public_file import Fault, PublicFile
from include.publishing.reconcile import Delay
from tests.dummy_secrets import ERRORS, PRIVATE_KEY, RANDOM, WEBHOOK, WORD
from tests.incidents.sample_incidents import failed, incident
from tests.incidents.samples import TUESDAY, context
from tests.publishing.memory_store import MemoryStore
from tests.slack import Slack

each_secret = pytest.mark.parametrize(("text", "secret"), ERRORS.values(), ids=ERRORS)
# For the ways that need servers.
_FEW = ("connection string", "webhook", "private key")
few_secrets = pytest.mark.parametrize(("text", "secret"), [ERRORS[name] for name in _FEW], ids=_FEW)


def rows_of(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """The rows of the incident log that are written for the events in the storage account."""
    written: list[tuple[object, ...]] = []

    def write(table: HistoryTable, connect: Any, rows: Sequence[tuple[object, ...]]) -> None:
        written.extend(rows)

    monkeypatch.setattr(HistoryTable, "merge", write)
    write_entries(lambda: None, read_state(store).entries)
    return written


@each_secret
def test_a_failed_tasks_error_is_masked_in_slack_and_in_every_record(
    text: str, secret: str, store: MemoryStore, slack: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notify, "utc_now", lambda: TUESDAY)

    notify_failure(context(RuntimeError(text)))

    [message] = slack.messages()
    stored = store.need(FILE).content.decode()
    rows = rows_of(store, monkeypatch)
    assert secret not in f"{unquote_plus(json.dumps(message))} {stored} {rows}"
    assert "***" in json.dumps(message)
    assert "***" in stored
    assert any("***" in str(value) for value in rows[0])


@pytest.mark.parametrize("after", range(29_900, 30_010, 10))
def test_a_secret_that_the_cut_of_a_long_error_halves_is_masked(after: int) -> None:
    text = "\n" * 40_000 + f"password={WORD * 9} " + "y" * after

    assert WORD[1:] not in describe_error(text).line


def test_a_secret_of_several_lines_is_masked_in_each_line() -> None:
    text = f"4 of 7 tests failed:\nfirst: {PRIVATE_KEY}\nsecond"

    assert RANDOM not in str(describe_error(text, "CosmosDbtRunError"))
    assert RANDOM not in str(describe_error(f"Traceback:\n{PRIVATE_KEY}\nValueError: no", ""))


@each_secret
def test_a_finding_about_the_public_file_is_masked(text: str, secret: str) -> None:
    found = PublicFile(faults=(Fault("altered", text),), late={"a": text})

    problems = list(public_file_problems(found, [Delay("not public", text)], (), TUESDAY))

    assert len(problems) == 3
    for problem in problems:
        shown = new_incident(problem, TUESDAY)
        assert secret not in f"{problem} {title(shown, TUESDAY)}"
        assert "***" in problem.error


@few_secrets
def test_an_error_of_the_storage_account_is_masked_in_the_log(
    *,
    text: str,
    secret: str,
    store: MemoryStore,
    slack: Slack,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    def fail(*_: object) -> None:
        raise OSError(text)

    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(notify, "record", fail)

    notify_failure(context(RuntimeError(text)))

    [message] = slack.messages()
    assert secret not in unquote_plus(json.dumps(message))
    assert secret not in caplog.text
    assert "The storage account does not answer: " in caplog.text


@few_secrets
def test_the_short_message_of_last_resort_is_masked(
    text: str, secret: str, slack: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(notify, "failed_task", fail)

    notify_failure(context(RuntimeError(text)))

    [sent] = slack.texts()
    assert secret not in sent
    assert "***" in sent


@few_secrets
def test_a_text_is_masked_in_slack_and_while_it_waits_for_slack(
    *,
    text: str,
    secret: str,
    store: MemoryStore,
    slack: Slack,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse(message: object) -> None:
        raise RuntimeError("down")

    post_to_slack(text)
    monkeypatch.setattr(slack_webhook, "send", refuse)
    post_to_slack(text)

    [sent] = slack.texts()
    [waiting] = read_state(store).posts
    assert secret not in f"{sent} {waiting.message} {caplog.text}"
    assert "***" in sent
    assert waiting.message == {"text": sent}


@each_secret
def test_a_github_issue_is_masked_whoever_described_the_problem(text: str, secret: str) -> None:
    shown = incident(failed(error=text, details=(f"on row 1: {text}",)))

    finding = replace(shown.latest, scope=PUBLIC_FILE)
    found = replace(shown, problems=(finding,), latest=finding)
    issue = f"{title(found, TUESDAY)}\n{body(shown, 'Ana', TUESDAY)}"
    form = unquote_plus(new_issue_url("owner/name", shown, "Ana", TUESDAY))

    assert secret not in issue + form
    assert "***" in title(found, TUESDAY)
    assert issue.count("***") >= 3


@few_secrets
def test_a_value_in_a_data_warning_is_masked(
    text: str, secret: str, store: MemoryStore, slack: Slack
) -> None:
    found = describe_row("a_test", {"machine_name": text})

    report_findings(store, "airtable", {"a_test": [found]}, lambda: {"a_test"}, TUESDAY)

    assert isinstance(found, Finding)
    assert secret not in f"{slack.messages()} {read_warnings(store)}"
    assert "***" in slack.texts()[0]


def test_a_message_is_masked_whoever_wrote_it_and_its_addresses_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(slack_webhook, "_post", sent.append)
    address = "https://airflow.example/dags/usace?code=abc"
    button = {"type": "button", "text": {"text": f"See {WEBHOOK}"}, "url": address}

    slack_webhook.send({"text": WEBHOOK, "blocks": [{"elements": [button]}]})

    masked = "https://hooks.slack.com/services/***"
    shown = {"type": "button", "text": {"text": f"See {masked}"}, "url": address}
    assert sent == [{"text": masked, "blocks": [{"elements": [shown]}]}]


def test_a_secret_of_airflow_within_the_name_of_another_one_unmasks_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(text_module, "redact", lambda text: text.replace("secret", "***"))
    assert "hunter2" not in text_module.mask_secrets('{"client_secret": "hunter2"}')
