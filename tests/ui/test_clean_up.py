"""The clean-up of Airflow's database: what goes, what stays, and who may start it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails
from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager
from airflow.models.asset import AssetEvent
from airflow.models.dag import DagModel
from airflow.models.dag_version import DagVersion
from airflow.models.dagrun import DagRun
from airflow.models.log import Log
from airflow.models.taskinstance import TaskInstance
from airflow.models.xcom import XComModel
from airflow.utils import db_cleanup
from airflow.utils.session import create_session
from airflow.utils.types import DagRunType
from fastapi.testclient import TestClient
from sqlalchemy import delete, inspect, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from include.ui.clean_up import TABLES, clean_up
from tests.ui.airflow_rows import add_dag, add_log_entry, add_report, add_run

# So long ago that no other test has a row as old.
NOW = datetime(2020, 6, 1, tzinfo=UTC)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
LIMIT = NOW - 90 * DAY
OLD = LIMIT - SECOND
# The clean-up commits, so other tests' rows must stay: these rows are of a DAG of their own.
DAG = "clean_up_sample"
ASSETS = 1_000_000


@pytest.fixture
def session(airflow_database: None) -> Iterator[Session]:
    """A session that knows one DAG; afterwards nothing that a test added is left."""
    with create_session() as opened:
        add_dag(opened, DAG)
        yield opened
        opened.rollback()
        for model in (TaskInstance, DagRun, DagVersion, DagModel, Log):
            opened.execute(delete(model).where(model.dag_id == DAG))
        opened.execute(delete(AssetEvent).where(AssetEvent.asset_id > ASSETS))


def add_event(session: Session, asset: int, at: datetime, **extra: Any) -> None:
    session.add(AssetEvent(asset_id=ASSETS + asset, timestamp=at, extra=extra))
    session.flush()


def left(session: Session, column: Any) -> list[Any]:
    """What is left of a column in the DAG's rows, sorted."""
    return sorted(session.scalars(select(column).where(column.class_.dag_id == DAG)))


def add_full_run(session: Session, run: str, at: datetime, **values: Any) -> None:
    """A run with a task and its XCom."""
    added = add_run(session, DAG, run, at, **values)
    add_report(session, added, "load", at, {"rows": 1})
    for task in session.scalars(select(TaskInstance).filter_by(dag_id=DAG, run_id=run)):
        task.start_date = at


def test_runs_of_90_days_stay_and_older_ones_go_with_their_tasks_and_xcoms(
    session: Session,
) -> None:
    for name, at in {"old": OLD, "edge": LIMIT, "new": NOW}.items():
        add_full_run(session, name, at)

    deleted = clean_up(session, NOW)

    assert deleted == {"dag_run": 1, "task_instance": 1, "xcom": 1}
    for column in (DagRun.run_id, TaskInstance.run_id, XComModel.run_id):
        assert left(session, column) == ["edge", "new"]


def test_the_newest_scheduled_run_stays_whatever_its_age(session: Session) -> None:
    for number in (1, 2, 3):
        at = OLD - number * DAY
        add_run(session, DAG, f"scheduled_{number}", at, run_type=DagRunType.SCHEDULED)
    add_run(session, DAG, "manual", OLD)

    clean_up(session, NOW)

    assert left(session, DagRun.run_id) == ["scheduled_1"]


def test_each_assets_newest_event_stays_whatever_its_age(session: Session) -> None:
    add_event(session, 1, OLD - DAY, seen="before")
    add_event(session, 1, OLD, seen="last")
    add_event(session, 2, OLD - 300 * DAY, seen="last")
    add_event(session, 3, OLD, seen="before")
    add_event(session, 3, NOW, seen="last")
    # Two events of the same moment: either may be the newest.
    add_event(session, 4, OLD, seen="last")
    add_event(session, 4, OLD, seen="last")

    deleted = clean_up(session, NOW)

    assert deleted == {"asset_event": 2}
    columns = select(AssetEvent.asset_id, AssetEvent.extra).order_by(AssetEvent.asset_id)
    kept = session.execute(columns.where(AssetEvent.asset_id > ASSETS))
    assert [(asset - ASSETS, extra["seen"]) for asset, extra in kept] == [
        (asset, "last") for asset in (1, 2, 3, 4, 4)
    ]


def test_old_entries_of_the_audit_log_go(session: Session) -> None:
    for event, at in {"old": OLD, "edge": LIMIT, "new": NOW}.items():
        add_log_entry(session, DAG, event, at)

    assert clean_up(session, NOW) == {"log": 1}

    assert left(session, Log.event) == ["edge", "new"]


def test_a_dags_newest_version_stays_and_those_that_a_run_needs(session: Session) -> None:
    for number in (1, 2, 3, 4):
        session.add(DagVersion(dag_id=DAG, version_number=number, created_at=OLD - DAY / number))
        session.flush()
    add_full_run(session, "new", NOW)
    [used] = left(session, TaskInstance.dag_version_id)
    assert session.get_one(DagVersion, used).version_number == 1

    clean_up(session, NOW)

    assert left(session, DagVersion.version_number) == [1, 4]


def test_a_second_clean_up_finds_nothing(session: Session) -> None:
    add_full_run(session, "old", OLD)
    clean_up(session, NOW)
    assert clean_up(session, NOW) == {}


def test_no_copy_of_the_deleted_rows_stays_not_even_that_of_a_killed_clean_up(
    session: Session,
) -> None:
    session.execute(text("CREATE TABLE _airflow_deleted__xcom__20200101000000 AS SELECT 1"))
    session.commit()
    add_full_run(session, "old", OLD)

    clean_up(session, NOW)

    tables = inspect(session.connection()).get_table_names()
    assert [name for name in tables if name.startswith("_airflow_deleted")] == []


def test_a_table_that_cannot_be_cleaned_is_an_error_and_the_others_are_cleaned(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_full_run(session, "old", OLD)
    add_log_entry(session, DAG, "old", OLD)
    session.commit()
    do_delete = db_cleanup._do_delete

    def busy(*, orm_model: Any, **more: Any) -> None:
        if orm_model.name == "log":
            raise OperationalError("DELETE", {}, Exception("database is locked"))
        do_delete(orm_model=orm_model, **more)

    monkeypatch.setattr(db_cleanup, "_do_delete", busy)
    with pytest.raises(RuntimeError, match="'log'"):
        clean_up(session, NOW)

    assert left(session, DagRun.run_id) == []


def test_airflow_knows_every_table_that_is_cleaned_and_none_that_must_stay() -> None:
    cleaned, _ = db_cleanup._effective_table_names(table_names=[*TABLES])
    assert set(cleaned) == {*TABLES, "deadline", "task_state_store"}
    event = db_cleanup.config_dict["asset_event"]
    assert not event.keep_last, "Airflow keeps the newest event itself: add it to TABLES"


def test_only_who_may_delete_runs_may_start_it(
    anyone: TestClient, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed = {"GET": True, "DELETE": False}

    def dag(_: object, *, method: str, access_entity: DagAccessEntity, **more: object) -> bool:
        assert access_entity == DagAccessEntity.RUN
        return allowed[method]

    def deleted(session: Session, now: datetime) -> dict[str, int]:
        return {"log": 7}

    monkeypatch.setattr(SimpleAuthManager, "is_authorized_dag", dag)
    monkeypatch.setattr("include.ui.app.clean_up", deleted)
    login = {"Authorization": f"Bearer {token}"}

    assert anyone.post("/ddrc/clean-up").status_code == 401
    for request in (anyone.get, anyone.post):
        assert request("/ddrc/clean-up", headers=login).status_code == 403
    allowed["DELETE"] = True
    assert anyone.get("/ddrc/clean-up", headers=login).json() == {"days": 90}
    assert anyone.post("/ddrc/clean-up", headers=login).json() == {"log": 7}


def test_who_may_delete_one_dags_runs_may_not_start_it(
    anyone: TestClient, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dag(_: object, *, details: DagDetails | None, **more: object) -> bool:
        return details is not None and details.id == "epa"

    monkeypatch.setattr(SimpleAuthManager, "is_authorized_dag", dag)
    monkeypatch.setattr("include.ui.app.clean_up", lambda *given: pytest.fail("it started"))
    login = {"Authorization": f"Bearer {token}"}

    assert anyone.post("/ddrc/clean-up", headers=login).status_code == 403
    answer = anyone.post("/ddrc/clean-up?dag_id=epa", headers=login)
    assert (answer.status_code, answer.json()) == (
        400, {"detail": "This page has no parameter dag_id."},
    )  # fmt: skip


def test_a_second_clean_up_at_the_same_time_is_refused(
    session: Session, anyone: TestClient, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = []

    def busy(*given: object, **more: object) -> None:
        answers.append(anyone.post("/ddrc/clean-up", headers={"Authorization": f"Bearer {token}"}))

    monkeypatch.setattr("include.ui.clean_up.run_cleanup", busy)
    assert clean_up(session, NOW) == {}

    [answer] = answers
    assert (answer.status_code, answer.json()) == (
        409, {"detail": "A clean-up is running already."},
    )  # fmt: skip
    monkeypatch.undo()
    assert clean_up(session, NOW) == {}
