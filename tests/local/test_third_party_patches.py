"""Each patch of another package works, and the package still needs it.

A failed `test_..._still_...` means that a newer version does without the patch: remove both.
"""

import importlib.util
import inspect
import threading
from types import ModuleType, SimpleNamespace
from unittest.mock import Mock

import pytest
from airflow.api_fastapi.common.db.common import SessionDep
from airflow.api_fastapi.logging import decorators
from dbt.adapters.snowflake import SnowflakeCredentials
from dbt.parser.manifest import ManifestLoader
from dbt_common import behavior_flags
from fastapi import Depends, FastAPI, Request
from fastapi.testclient import TestClient

from local.third_party_patches import (
    profile_hash,
    skip_search_for_flags_source,
    write_action_log_in_a_thread,
)

CREDENTIALS = SnowflakeCredentials(
    database="TRANSFORM", schema="PUBLIC", account="local", user="nobody", query_tag="a"
)


def test_airflow_still_writes_its_action_log_from_the_event_loop() -> None:
    log_action = decorators.action_logging("an_action")

    assert inspect.iscoroutinefunction(log_action)
    parameters = inspect.signature(log_action, eval_str=True).parameters
    assert parameters["session"].annotation == SessionDep


def test_the_action_log_is_written_in_a_thread_with_the_requests_body(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = []

    def action_logging(event: str | None = None) -> object:
        async def log_action(request: Request) -> None:
            written.append((event, threading.current_thread(), await request.json()))

        return log_action

    monkeypatch.setattr(decorators, "action_logging", action_logging)
    write_action_log_in_a_thread()
    app, loops = FastAPI(), []

    @app.post("/", dependencies=[Depends(decorators.action_logging("an_action"))])
    async def endpoint() -> None:
        loops.append(threading.current_thread())

    assert TestClient(app).post("/", json={"note": 1}).is_success
    [(event, thread, body)] = written
    assert (event, body) == ("an_action", {"note": 1})
    assert [thread] != loops


@pytest.fixture
def unpatched_flags() -> ModuleType:
    """A second import of dbt's module: the tests' own process has the first one patched."""
    spec = importlib.util.spec_from_file_location("unpatched_flags", behavior_flags.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def search(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """The search of the stack, which counts its calls."""
    counting = Mock(wraps=inspect.stack)
    monkeypatch.setattr(inspect, "stack", counting)
    return counting


FLAG = behavior_flags.BehaviorFlag(name="a_flag", default=False, docs_url="https://example.org")


def test_dbt_still_searches_the_stack_for_each_flag(
    unpatched_flags: ModuleType, search: Mock
) -> None:
    unpatched_flags.BehaviorFlagRendered(FLAG, {})

    assert search.call_count == 1


def test_dbt_does_not_search_for_a_flags_source(search: Mock) -> None:
    skip_search_for_flags_source()

    behavior_flags.BehaviorFlagRendered(FLAG, {})

    assert search.call_count == 0


def test_dbt_still_hashes_the_query_tag_with_the_profile() -> None:
    for tag in ("a", "b"):
        hashed = hash_of_dbt(SnowflakeCredentials(**{**vars(CREDENTIALS), "query_tag": tag}))
        assert profile_hash(CREDENTIALS, tag) == hashed
    assert profile_hash(CREDENTIALS, "a") != profile_hash(CREDENTIALS, "b")


def hash_of_dbt(credentials: SnowflakeCredentials) -> bytes:
    config = SimpleNamespace(
        cli_vars={},
        args=SimpleNamespace(profile="ddrc", target="airflow"),
        project_env_vars={},
        profile_env_vars={},
        profile_name="ddrc",
        credentials=credentials,
    )
    loader = SimpleNamespace(root_project=config, all_projects={})
    state = ManifestLoader.build_manifest_state_check(loader)
    return str(state.profile_hash.checksum).encode()
