"""What people read when Fivetran refuses a request, fails a sync, or does not end it.

The emulated Fivetran account answers over HTTP; its warehouse is a port on which nothing listens.
"""

import socket
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from airflow.sdk.bases.operator import TRIGGER_FAIL_REPR, TriggerFailureReason
from airflow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowSensorTimeout,
    TaskDeferred,
)
from fivetran_provider_async.hooks import FivetranHook
from fivetran_provider_async.sensors import FivetranSensor

from include.pipeline import fivetran
from include.pipeline.fivetran import FivetranApi, FivetranError, refusal
from include.pipeline.sync import StartSync, SyncSensor
from include.pipeline.sync_state import reason
from local.fivetran.warehouse import Destination
from local.ports import HOST
from tests.local.fivetran.samples import AIRTABLE
from tests.pipeline.fivetran_account import Account, event_of, join_sync
from tests.pipeline.running import context_of

VARIABLE = "fivetran_connector_airtable"
LOGS = "https://fivetran.com/dashboard/connectors/airtable/odi_airtable/logs"
NEVER = "1970-01-02T00:00:00Z"


def start(tasks: tuple[StartSync, SyncSensor], account: Account, happens: Any) -> None:
    """Start a sync; it happens before."""
    happens(account)
    tasks[0].execute(context_of("airtable", "sync"))


def wait(
    tasks: tuple[StartSync, SyncSensor], account: Account, happens: Callable[[Account], None]
) -> Any:
    """Wait for a sync; it happens before."""
    happens(account)
    return tasks[1].execute(context_of("airtable", "wait_for_sync"))


def resume(
    tasks: tuple[StartSync, SyncSensor], account: Account, happens: Callable[[Account], None]
) -> Any:
    """Wait for a sync that is stuck; it happens while the task is deferred."""
    account.fault("stuck")
    tasks[0].execute(context_of("airtable", "sync"))
    context = context_of("airtable", "wait_for_sync")
    with pytest.raises(TaskDeferred) as caught:
        tasks[1].execute(context)
    happens(account)
    event = event_of(caught.value)
    # A task resumes in another process.
    del tasks[1].hook
    return tasks[1].resume_execution(caught.value.method_name, {"event": event}, context)


REFUSALS: list[tuple[Callable[[Account], None], str, bool]] = [
    (
        Account.revoke_key,
        "AuthFailed (401): Invalid authorization credentials. "
        "Check the key in the Airflow connection fivetran.",
        True,
    ),
    (
        Account.delete_connector,
        f"NotFound_Connector (404): Connector with id '{AIRTABLE}' does not exist. "
        f"Check the Airflow Variable {VARIABLE}.",
        True,
    ),
    (
        Account.exhaust_requests,
        "TooManyRequests (429): No more than 0 requests can be sent hourly. "
        "Fivetran accepts requests again in 3600 s.",
        False,
    ),
    (Account.break_api, "InternalServerError (500): The fault error-500 is set.", False),
]


@pytest.mark.parametrize("run", [start, wait, resume])
@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: case[0].__name__)
def test_a_refusal_has_fivetrans_code_and_message_and_is_retried_only_if_that_can_help(
    case: tuple[Callable[[Account], None], str, bool],
    run: Any,
    account: Account,
    tasks: tuple[StartSync, SyncSensor],
) -> None:
    happens, said, is_final = case
    with pytest.raises(AirflowException) as caught:
        run(tasks, account, happens)
    assert str(caught.value) == f"Fivetran refused the request: {said}"
    assert isinstance(caught.value, AirflowFailException) is is_final


@pytest.mark.parametrize("failures", [1, 2, 3])
def test_a_request_that_meets_an_error_of_fivetran_is_sent_three_times(
    failures: int,
    account: Account,
    tasks: tuple[StartSync, SyncSensor],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == failures:
            account.fix()

    monkeypatch.setattr(fivetran, "time", SimpleNamespace(sleep=sleep))
    if failures < 3:
        start(tasks, account, Account.break_api)
        join_sync()
    else:
        with pytest.raises(FivetranError, match="500"):
            start(tasks, account, Account.break_api)
    assert len(pauses) == min(failures, 2)


@pytest.mark.parametrize("run", [wait, resume])
def test_a_failed_sync_fails_the_task_with_fivetrans_reason(
    run: Any, account: Account, tasks: tuple[StartSync, SyncSensor]
) -> None:
    # The trigger takes a failure of the sync before for one of this sync.
    for _ in range(1 if run is resume else 2):
        # Nothing listens where the account's warehouse should be.
        with pytest.raises(AirflowException) as caught:
            run(tasks, account, Account.fix if run is resume else partial(sync_once, tasks))
        assert str(caught.value) == (
            "The Fivetran sync failed: Reconnect: the source refuses the authorization. "
            f"Its logs: {LOGS}"
        )
        assert not isinstance(caught.value, AirflowFailException), "a retry may help"


def sync_once(tasks: tuple[StartSync, SyncSensor], account: Account) -> None:
    start(tasks, account, Account.fix)
    join_sync()


def test_a_request_that_only_the_trigger_loses_fails_the_wait_and_may_be_retried(
    account: Account, tasks: tuple[StartSync, SyncSensor]
) -> None:
    start(tasks, account, lambda account: account.fault("stuck"))
    for lost in ("'data'", ""):
        with pytest.raises(AirflowException, match="refused a request, and accepts it now"):
            tasks[1].execute_complete(context_of("airtable", "wait_for_sync"), lost_by(tasks, lost))


def lost_by(tasks: tuple[StartSync, SyncSensor], message: str) -> dict[str, Any]:
    """The event of a trigger that could not see a sync."""
    after = tasks[1].completed_after_time
    return {"status": "error", "message": message, "is_final": False, "after": after}


def test_a_sync_that_ended_while_the_trigger_could_not_see_it_is_compared(
    account: Account, tasks: tuple[StartSync, SyncSensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Destination, "land", lambda self, sync, before_commit: None)

    sync_once(tasks, account)
    context = context_of("airtable", "wait_for_sync")
    assert tasks[1].execute_complete(context, lost_by(tasks, "'data'")) == {
        "content_hash": "7 rows, 99"
    }


def test_a_sync_that_does_not_end_fails_with_its_limit_and_is_not_retried(
    tasks: tuple[StartSync, SyncSensor],
) -> None:
    context = context_of("airtable", "wait_for_sync")
    for given, limit in ((timedelta(minutes=40), "40 min"), (timedelta(hours=1.5), "1 h 30 min")):
        tasks[1].execution_timeout = given
        # Not retried: that is what the class says to Airflow.
        with pytest.raises(AirflowSensorTimeout) as caught:
            tasks[1].resume_execution(
                TRIGGER_FAIL_REPR, {"error": TriggerFailureReason.TRIGGER_TIMEOUT}, context
            )
        assert str(caught.value) == (
            f"The Fivetran sync has not ended within its time limit. The limit is {limit}."
        )


def test_a_port_that_never_answers_fails_the_task_in_time(
    account: Account, tasks: tuple[StartSync, SyncSensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fivetran, "REQUEST_SECONDS", 0.05)
    with socket.socket() as silent:
        silent.bind((HOST, 0))
        silent.listen()
        monkeypatch.setattr(FivetranHook, "api_host", f"{HOST}:{silent.getsockname()[1]}")
        with pytest.raises(FivetranError) as caught:
            start(tasks, account, Account.fix)
    assert str(caught.value) == "API request to Fivetran failed 3 times: timed out"


@pytest.mark.parametrize(
    ("status", "text", "said"),
    [
        (409, '{"code": "Conflict", "message": "Syncing."}', "Conflict (409): Syncing."),
        (502, "<html><h1>502 Bad Gateway</h1></html>", "Bad Gateway (502)."),
        (503, "", "Service Unavailable (503)."),
        (400, '["code"]', "Bad Request (400)."),
        (400, '{"code": "Invalid"}', "Bad Request (400)."),
    ],
)
def test_every_refusal_is_a_sentence(status: int, text: str, said: str) -> None:
    phrase = httpx.codes.get_reason_phrase(status)
    assert refusal(status, phrase, text) == f"Fivetran refused the request: {said}"


@pytest.mark.parametrize(("status", "requests"), [(401, 1), (403, 1), (404, 1), (429, 1), (503, 3)])
def test_only_a_server_error_is_asked_again(
    status: int, requests: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []

    def refuse(method: str, url: str, **options: Any) -> httpx.Response:
        sent.append(url)
        return httpx.Response(status, json={})

    monkeypatch.setattr(httpx, "request", refuse)
    monkeypatch.setattr("include.pipeline.fivetran.time.sleep", lambda seconds: None)
    api = FivetranApi("fivetran", VARIABLE)
    with pytest.raises(AirflowException, match=f"({status})"):
        api.get_connector(AIRTABLE)
    assert len(sent) == requests


@pytest.mark.parametrize(("after", "syncs"), [("connected", True), ("broken", False)])
def test_a_connector_that_passes_its_setup_tests_again_can_sync(
    after: str, syncs: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def details(setup_state: str) -> dict[str, Any]:
        status = {"sync_state": "scheduled", "setup_state": setup_state, "tasks": []}
        return {"id": AIRTABLE, "service": "airtable", "schema": "base", "status": status}

    api = FivetranApi("fivetran", VARIABLE)
    monkeypatch.setattr(api, "get_connector", lambda connector: details("broken"))
    monkeypatch.setattr(api, "test_connector", lambda connector: details(after))
    if syncs:
        assert api.check_connector(AIRTABLE) == details("connected")
    else:
        with pytest.raises(AirflowFailException, match="setup is broken"):
            api.check_connector(AIRTABLE)


@pytest.mark.parametrize(
    ("error", "said"),
    [(httpx.ReadError("broken"), "broken"), (httpx.ReadError(""), "ReadError")],
)
def test_a_lost_connection_is_said_in_its_words_or_by_its_name(
    error: httpx.ReadError, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(method: str, url: str, **options: Any) -> httpx.Response:
        raise error

    monkeypatch.setattr(httpx, "request", fail)
    monkeypatch.setattr("include.pipeline.fivetran.time.sleep", lambda seconds: None)
    with pytest.raises(FivetranError, match=f"^API request to Fivetran failed 3 times: {said}$"):
        FivetranApi("fivetran", VARIABLE).get_connector(AIRTABLE)


def test_a_redirect_of_the_api_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    connector = {"data": {"status": {"sync_state": "scheduled"}}}

    def answer(_: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/moved":
            return httpx.Response(200, json=connector)
        return httpx.Response(307, headers={"location": "/moved"})

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", answer)
    assert FivetranApi("fivetran", VARIABLE).get_connector(AIRTABLE) == connector["data"]


@pytest.mark.parametrize("body", [{}, [], {"data": None}, {"data": {"id": "x"}}])
def test_an_answer_without_a_status_is_a_sentence_and_may_be_retried(
    body: Any,
    account: Account,
    tasks: tuple[StartSync, SyncSensor],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(httpx, "request", lambda *given, **options: httpx.Response(200, json=body))
    monkeypatch.setattr(FivetranHook, "api_host", "proxy.example")
    with pytest.raises(FivetranError) as caught:
        start(tasks, account, lambda account: None)
    assert str(caught.value) == (
        f"The answer of proxy.example to GET {AIRTABLE} has no connector's status: it may be a "
        "proxy's, so check the network's way to Fivetran."
    )


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ({"tasks": [{"code": "reconnect", "message": "Reconnect."}]}, "Reconnect"),
        (
            {"tasks": [{"code": "r", "message": "Reconnect", "details": "The key expired."}]},
            "Reconnect: The key expired",
        ),
        (
            {
                "tasks": [{"code": "a", "message": "One"}, {"code": "b", "message": "One"}],
                "warnings": [{"code": "only_a_code", "message": None}],
            },
            "One; only_a_code",
        ),
        ({"tasks": [], "warnings": None}, "Fivetran's API gives no reason"),
    ],
)
def test_the_reason_of_a_failed_sync_is_in_its_tasks_and_warnings(
    status: dict[str, Any], said: str
) -> None:
    assert reason({"status": status}) == said


def test_the_hook_is_needed_while_the_provider_loses_what_fivetran_says(account: Account) -> None:
    given = {"fivetran_conn_id": "fivetran", "connector_id": AIRTABLE}
    sensor = FivetranSensor(task_id="wait", completed_after_time=NEVER, **given)
    with pytest.raises(TaskDeferred) as deferred:
        sensor.execute({})
    account.delete_connector()
    assert event_of(deferred.value) == {"status": "error", "message": "'data'"}, (
        "The provider's trigger now reports refusals: simplify SyncSensor.execute_complete"
    )
    with pytest.raises(AirflowException) as caught:
        FivetranHook("fivetran").get_connector(AIRTABLE)
    assert not isinstance(caught.value, AirflowFailException), (
        "The provider's hook now distinguishes refusals: simplify FivetranApi"
    )


def test_the_rights_of_a_key_are_named() -> None:
    answer = httpx.Response(403, json={"code": "Forbidden", "message": "Read only"})
    found = FivetranApi("fivetran", VARIABLE)._refused(answer)
    assert isinstance(found, AirflowFailException)
    assert str(found).endswith("Check the rights of the key in the Airflow connection fivetran.")
