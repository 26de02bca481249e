"""Connectors that are paused, rescheduled or not set up, and syncs that are started again."""

import asyncio
import threading
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

import pytest
from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowException, AirflowFailException, TaskDeferred
from fivetran_provider_async.hooks import FivetranHook
from fivetran_provider_async.operators import FivetranOperator

from include.pipeline.fivetran import FivetranApi
from include.pipeline.sync import StartSync, SyncSensor
from include.pipeline.sync_state import NEVER, parse_time
from include.pipeline.sync_trigger import SyncTrigger
from include.times import california_time
from local.fivetran.connectors import PACKED, UNPACKED
from tests.local.fivetran.samples import AIRTABLE, FEEDBACK
from tests.pipeline.fivetran_account import Account, event_of, join_sync
from tests.pipeline.running import context_of, pushed

Tasks = tuple[StartSync, SyncSensor]

ARRIVED = {"content_hash": "7 rows, 99"}
DASHBOARD = "https://fivetran.com/dashboard/connectors/airtable/odi_airtable"
PAUSED = (
    f"The Fivetran connector odi_airtable ({AIRTABLE}) is paused: somebody who may edit it in "
    f"Fivetran can enable it at {DASHBOARD}, then clear this task; to leave it paused, pause this "
    "DAG too."
)
BROKEN = (
    f"The Fivetran connector odi_airtable ({AIRTABLE}) cannot sync, its setup is broken: "
    "Reconnect: the source refuses the authorization. Somebody who may edit it in Fivetran can "
    "fix it at "
    f"{DASHBOARD}/setup, then clear this task."
)


def start(tasks: Tasks) -> str:
    """Start a sync as the task `sync`, and give its result to `wait_for_sync`."""
    ended = tasks[0].execute(context_of("airtable", "sync"))
    tasks[1].completed_after_time = ended
    return ended


def wait_context(tries: int = 1) -> Context:
    return context_of("airtable", "wait_for_sync", tries=tries)


def deferred(tasks: Tasks, tries: int = 1) -> TaskDeferred:
    with pytest.raises(TaskDeferred) as caught:
        tasks[1].execute(wait_context(tries))
    return caught.value


def resume(tasks: Tasks, caught: TaskDeferred, event: dict[str, Any]) -> Any:
    """Resume with the event of a trigger, in another process."""
    del tasks[1].hook
    return tasks[1].resume_execution(caught.method_name, {"event": event}, wait_context())


def sync_fails(tasks: Tasks, account: Account) -> None:
    account.fault("sync-failed")
    start(tasks)
    join_sync()
    account.fix()


def sync_is_rescheduled(tasks: Tasks, account: Account, seconds: float) -> str:
    """Start a sync that is rescheduled; return until when."""
    account.app = account.new_app(rescheduled_seconds=seconds)
    account.fault("rescheduled")
    start(tasks)
    join_sync()
    account.fix()
    until = account.details()["status"]["rescheduled_for"]
    assert isinstance(until, str)
    return until


def pause(account: Account) -> None:
    account.change(paused=True)


def break_setup(account: Account) -> None:
    account.fault("broken")


@pytest.mark.parametrize(("happens", "said"), [(pause, PAUSED), (break_setup, BROKEN)])
@pytest.mark.parametrize("when", ["before sync", "before wait_for_sync", "while it waits"])
def test_a_connector_that_only_a_person_can_fix_fails_with_who_and_where_and_is_left_as_it_is(
    happens: Callable[[Account], None], said: str, when: str, account: Account, tasks: Tasks
) -> None:
    if when == "before sync":
        happens(account)
        run: Callable[[], object] = partial(start, tasks)
    else:
        account.fault("stuck")
        start(tasks)
        caught = deferred(tasks)
        account.change(paused=True)
        account.change(paused=happens is pause)
        account.fix()
        happens(account)
        if when == "while it waits":
            run = partial(resume, tasks, caught, event_of(caught))
        else:
            run = partial(tasks[1].execute, wait_context())
    with pytest.raises(AirflowFailException) as failed:
        run()
    assert str(failed.value) == said
    assert account.details()["paused"] is (happens is pause)


@pytest.mark.parametrize("task", ["sync", "wait_for_sync"])
def test_a_connector_that_somebody_enables_again_syncs_when_the_task_is_cleared(
    task: str, account: Account, tasks: Tasks
) -> None:
    landed = account.let_rows_land()
    account.fault("stuck")
    start(tasks)
    pause(account)
    with pytest.raises(AirflowFailException):
        tasks[1].execute(wait_context())
    account.fix()
    account.change(paused=False)
    if task == "sync":
        start(tasks)
        join_sync()
        assert tasks[1].execute(wait_context(tries=2)) == ARRIVED
    else:
        caught = deferred(tasks, tries=2)
        assert resume(tasks, caught, event_of(caught)) == ARRIVED
    assert len(landed) == 1


def test_the_first_sync_of_a_new_connector_is_waited_for(account: Account, tasks: Tasks) -> None:
    landed = account.let_rows_land()
    assert start(tasks) == "1970-01-01T00:00:00+00:00"
    join_sync()
    assert tasks[1].execute(wait_context()) == ARRIVED
    assert len(landed) == 1


def test_only_airflow_schedules_the_syncs_from_the_first_one_on(
    account: Account, tasks: Tasks
) -> None:
    assert account.details()["schedule_type"] == "auto"
    start(tasks)
    assert account.details()["schedule_type"] == "manual"


def test_what_fivetran_says_when_a_sync_starts_is_stored_for_the_page_sources(
    account: Account, tasks: Tasks
) -> None:
    context = context_of("airtable", "sync")
    tasks[0].execute(context)
    assert pushed(context)["fivetran"]["name"] == "odi_airtable"


def test_a_schedule_that_is_right_is_left_alone(
    account: Account, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.change(schedule_type="manual")
    changed: list[object] = []
    monkeypatch.setattr(FivetranApi, "set_schedule_type", lambda *given: changed.append(given))
    start(tasks)
    assert changed == []


def test_a_cleared_wait_starts_another_sync_if_the_awaited_one_failed(
    account: Account, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync_fails(tasks, account)
    with pytest.raises(AirflowException, match="The Fivetran sync failed: Reconnect"):
        tasks[1].execute(wait_context())
    landed = account.let_rows_land()
    starts: list[bool] = []
    start_sync = tasks[1].hook.start_sync

    def started(connector_id: str, *, force: bool) -> str:
        starts.append(force)
        return start_sync(connector_id, force=force)

    monkeypatch.setattr(tasks[1].hook, "start_sync", started)
    caught = deferred(tasks, tries=2)
    assert starts == [False], "it would stop a sync that runs"
    assert resume(tasks, caught, event_of(caught)) == ARRIVED
    assert len(landed) == 1


@pytest.mark.parametrize("is_refused", [False, True])
def test_the_failure_before_is_not_taken_for_one_of_the_sync_that_a_cleared_wait_starts(
    is_refused: bool, account: Account, tasks: Tasks
) -> None:
    sync_fails(tasks, account)
    account.let_rows_land()
    account.app = account.new_app(rescheduled_seconds=1200)
    account.fault("rescheduled")
    caught = deferred(tasks, tries=2)
    join_sync()
    assert account.details()["status"]["sync_state"] == "rescheduled"
    if is_refused:
        trigger: Any = caught.trigger
        after = trigger.serialize()[1]["after"]
        said = {"message": "Fivetran is down.", "is_final": False, "after": after}
        event = {"status": "error", **said}
        with pytest.raises(AirflowException, match=r"failed: Fivetran is down\.$"):
            resume(tasks, caught, event)
    else:
        account.fix()
        account.due_now()
        assert resume(tasks, caught, event_of(caught)) == ARRIVED


def test_a_cleared_wait_starts_another_sync_if_none_runs_and_none_has_ended(
    account: Account, tasks: Tasks
) -> None:
    account.fault("stuck")
    start(tasks)
    account.change(paused=True)
    account.change(paused=False)
    account.fix()
    assert account.details()["status"]["sync_state"] == "scheduled"
    landed = account.let_rows_land()
    caught = deferred(tasks, tries=2)
    assert resume(tasks, caught, event_of(caught)) == ARRIVED
    assert len(landed) == 1


def test_a_cleared_wait_waits_for_the_sync_that_runs_and_takes_one_that_succeeded(
    account: Account, tasks: Tasks
) -> None:
    landed = account.let_rows_land()
    account.fault("stuck")
    start(tasks)
    caught = deferred(tasks, tries=2)
    account.fix()
    assert resume(tasks, caught, event_of(caught)) == ARRIVED
    assert tasks[1].execute(wait_context(tries=3)) == ARRIVED
    assert len(landed) == 1, "no second sync"


def test_a_second_failure_fails_the_cleared_wait_too(account: Account, tasks: Tasks) -> None:
    sync_fails(tasks, account)
    account.fault("sync-failed")
    caught = deferred(tasks, tries=2)
    with pytest.raises(AirflowException, match="The Fivetran sync failed: Reconnect"):
        resume(tasks, caught, event_of(caught))


def test_a_sync_task_marked_as_successful_by_hand_has_the_wait_take_the_newest_sync(
    account: Account, tasks: Tasks
) -> None:
    account.let_rows_land()
    start(tasks)
    join_sync()
    tasks[1].completed_after_time = "None"
    assert tasks[1].execute(wait_context()) == ARRIVED


def test_a_rescheduled_sync_is_waited_for_while_other_triggers_run_and_started_when_it_is_due(
    account: Account, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    landed = account.let_rows_land()
    sync_is_rescheduled(tasks, account, seconds=1200)
    caught = deferred(tasks)
    polls = []
    has_synced = FivetranApi.has_synced

    def poll(self: FivetranApi, *wanted: Any) -> bool:
        polls.append(wanted)
        return has_synced(self, *wanted)

    monkeypatch.setattr(FivetranApi, "has_synced", poll)

    def sleep(seconds: float) -> None:
        raise AssertionError(f"blocks for {seconds} s")

    monkeypatch.setattr(time, "sleep", sleep)

    async def another_trigger() -> None:
        while len(polls) < 3:
            await asyncio.sleep(0)
        # The time comes: Fivetran leaves the connector rescheduled until somebody starts a sync.
        await asyncio.to_thread(bring_forward)

    def bring_forward() -> None:
        assert account.details()["status"]["sync_state"] == "rescheduled"
        account.due_now()

    async def both() -> dict[str, Any]:
        event, _ = await asyncio.gather(anext(caught.trigger.run()), another_trigger())
        return dict(event.payload)

    event = asyncio.run(asyncio.wait_for(both(), 30))
    assert resume(tasks, caught, event) == ARRIVED
    assert len(landed) == 1


def test_a_slow_answer_of_fivetran_does_not_stop_other_triggers(
    account: Account, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.fault("stuck")
    start(tasks)
    caught = deferred(tasks)
    requested, other_ran = threading.Event(), threading.Event()

    def answer(_: FivetranApi, connector_id: str) -> dict[str, Any]:
        requested.set()
        assert other_ran.wait(2), f"the request about {connector_id} blocks the event loop"
        return {"succeeded_at": "2999-01-01T00:00:00Z", "status": {}}

    monkeypatch.setattr(FivetranApi, "get_connector", answer)

    async def another_trigger() -> None:
        while not requested.is_set():
            await asyncio.sleep(0)
        other_ran.set()

    async def both() -> dict[str, Any]:
        event, _ = await asyncio.gather(anext(caught.trigger.run()), another_trigger())
        return dict(event.payload)

    assert asyncio.run(both())["status"] == "success"


def test_a_sync_that_is_rescheduled_again_is_waited_for_again(
    account: Account, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    landed = account.let_rows_land()
    sync_is_rescheduled(tasks, account, seconds=0)
    account.fault("rescheduled")
    starts = []
    request_sync = FivetranApi._request_sync

    def request(self: FivetranApi, connector_id: str, *, force: bool) -> None:
        starts.append(force)
        if len(starts) == 3:
            account.fix()
        request_sync(self, connector_id, force=force)
        join_sync()

    monkeypatch.setattr(FivetranApi, "_request_sync", request)
    caught = deferred(tasks)
    assert event_of(caught)["status"] == "success"
    assert starts == [False, False, False], "a running sync is never stopped"
    assert len(landed) == 1


@pytest.mark.parametrize("when", ["before wait_for_sync", "while it waits"])
def test_a_sync_that_is_rescheduled_beyond_the_time_limit_fails_with_until_when_and_why(
    when: str, account: Account, tasks: Tasks
) -> None:
    if when == "while it waits":
        account.app = account.new_app(rescheduled_seconds=3600)
        account.fault("stuck")
        start(tasks)
        caught = deferred(tasks)
        account.fault("rescheduled")
        join_sync()
        run: Callable[[], object] = partial(resume, tasks, caught, event_of(caught))
    else:
        sync_is_rescheduled(tasks, account, seconds=3600)
        run = partial(tasks[1].execute, wait_context())
    with pytest.raises(AirflowFailException) as failed:
        run()
    until = parse_time(account.details()["status"]["rescheduled_for"])
    assert str(failed.value) == (
        f"Fivetran has rescheduled the sync of the connector odi_airtable ({AIRTABLE}) to "
        f"{california_time(until)}, after this task's time limit, because the source accepts no "
        "more requests until then: clear wait_for_sync after that time, and it starts the sync "
        "again."
    )


def test_a_wait_that_is_cleared_when_the_rescheduled_sync_is_due_starts_it(
    account: Account, tasks: Tasks
) -> None:
    landed = account.let_rows_land()
    sync_is_rescheduled(tasks, account, seconds=0)
    caught = deferred(tasks, tries=2)
    assert resume(tasks, caught, event_of(caught)) == ARRIVED
    assert len(landed) == 1


def test_a_wait_that_is_cleared_before_the_rescheduled_sync_is_due_waits_on(
    account: Account, tasks: Tasks
) -> None:
    until = sync_is_rescheduled(tasks, account, seconds=1200)
    deferred(tasks, tries=2)
    assert account.details()["status"]["rescheduled_for"] == until


def test_only_the_task_sync_stops_a_running_sync(account: Account, tasks: Tasks) -> None:
    account.fault("stuck")
    start(tasks)
    first = running_sync()
    tasks[1].hook.start_sync(AIRTABLE, force=False)
    assert running_sync() is first
    start(tasks)
    first.join()
    assert running_sync() is not first


def running_sync() -> threading.Thread:
    threads = [each for each in threading.enumerate() if each.name == AIRTABLE]
    return max(threads, key=lambda thread: thread.native_id or 0)


def test_a_rescheduled_sync_without_a_time_is_polled(account: Account, tasks: Tasks) -> None:
    api = FivetranApi("fivetran", "fivetran_connector_airtable")
    details = {
        "id": AIRTABLE, "service": "airtable", "schema": "odi_airtable", "schedule_type": "manual",
        "status": {"sync_state": "rescheduled", "rescheduled_for": None},
    }  # fmt: skip
    api.get_connector = lambda connector_id: details  # type: ignore[method-assign]
    assert api.has_synced(AIRTABLE, NEVER) is False
    assert account.details()["status"]["sync_state"] == "scheduled", "no sync is started"


def test_a_refusal_reaches_the_person_through_the_triggers_event(
    account: Account, tasks: Tasks
) -> None:
    account.fault("stuck")
    start(tasks)
    caught = deferred(tasks)
    account.delete_connector()
    assert event_of(caught) == {
        "status": "error",
        "message": (
            "Fivetran refused the request: NotFound_Connector (404): Connector with id "
            f"'{AIRTABLE}' does not exist. Check the Airflow Variable fivetran_connector_airtable."
        ),
        "is_final": True,
        "after": "1970-01-01T00:00:00+00:00",
    }


def test_the_triggerer_makes_the_trigger_again_from_what_it_stores(
    account: Account, tasks: Tasks
) -> None:
    account.fault("stuck")
    start(tasks)
    trigger: Any = deferred(tasks).trigger
    path, options = trigger.serialize()
    module, _, name = path.rpartition(".")
    assert getattr(import_module(module), name) is SyncTrigger
    again = SyncTrigger(**options)
    assert again.serialize() == (path, options)
    assert all(isinstance(value, str | float) for value in options.values())


def test_a_connector_in_packed_mode_does_not_start_and_starts_once_it_is_unpacked(
    account: Account, tasks: Tasks
) -> None:
    account.change(FEEDBACK, config={"sync_mode": PACKED})
    tasks[0].connector_id = FEEDBACK
    with pytest.raises(AirflowFailException) as failed:
        start(tasks)
    assert str(failed.value) == (
        f"The Fivetran connector forms ({FEEDBACK}) delivers each row as one JSON column: choose "
        "Unpacked mode at https://fivetran.com/dashboard/connectors/dynamodb/forms/setup, let it "
        "re-sync its table, then clear sync."
    )
    assert account.details(FEEDBACK)["status"]["sync_state"] == "scheduled"
    account.change(FEEDBACK, config={"sync_mode": UNPACKED})
    start(tasks)
    join_sync(FEEDBACK)


def test_the_api_is_needed_while_the_provider_unpauses_and_sleeps(
    account: Account, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"fivetran_conn_id": "fivetran", "connector_id": AIRTABLE}
    pause(account)
    FivetranOperator(task_id="sync", wait_for_completion=False, **given).execute({})
    join_sync()
    assert account.details()["paused"] is False, (
        "The provider's operator leaves a paused connector paused: simplify FivetranApi"
    )
    sync_is_rescheduled(tasks, account, seconds=1200)
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    monkeypatch.setattr(FivetranHook, "start_fivetran_sync", lambda self, connector_id: "")
    after = parse_time("2999-01-01T00:00:00Z")
    FivetranHook("fivetran").is_synced_after_target_time(
        AIRTABLE, after, propagate_failures_forward=False
    )
    assert slept, "The provider no longer sleeps: simplify SyncTrigger"
