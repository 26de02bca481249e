"""Patches of other packages, and uses of their private parts, that serve the laptop and its tests.

Each says with which version the need for it was seen, and has a test in
`tests/local/test_third_party_patches.py` that fails when the package no longer needs it.
Packages are imported inside the functions: the API server does without dbt, and tasks without
FastAPI. The patches of fakesnow are in `local/snowflake/fakesnow_patches.py`.
"""

import asyncio
import pprint
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dbt.adapters.snowflake import SnowflakeCredentials
    from fastapi import Request

LogAction = Callable[..., Awaitable[None]]


def write_action_log_in_a_thread() -> None:
    """Airflow: have its API write the log of people's actions outside of its event loop.

    Call it before anything imports Airflow's routes.

    Airflow 3.3.2 writes that log from the event loop. SQLite has one writer at a time: while a
    task's request has a transaction open, the write waits for its end, and the loop, which would
    have to end it, waits for the write. Nobody gets a response until SQLite gives up. On a database
    server one row does not wait for another, so only a laptop needs this. Upstream moves the
    routes to asynchronous sessions: https://github.com/apache/airflow/issues/67799
    """
    from airflow.api_fastapi.logging import decorators
    from fastapi.concurrency import run_in_threadpool

    action_logging_of_airflow: Callable[[str | None], LogAction] = decorators.action_logging

    def action_logging(event: str | None = None) -> LogAction:
        log_action = action_logging_of_airflow(event)

        # FastAPI reads the signature of the wrapped function, so this one has to have the same.
        @wraps(log_action)
        async def log_in_a_thread(request: "Request", **provided: object) -> None:
            # The body arrives in this loop; the thread finds it stored in the request.
            await request.body()
            await run_in_threadpool(lambda: asyncio.run(log_action(request, **provided)))  # type: ignore[arg-type]

        return log_in_a_thread

    decorators.action_logging = action_logging


def skip_search_for_flags_source() -> None:
    """dbt: spare each process a search that yields only the name of a module in its log.

    For each behaviour flag of an adapter, dbt-common 1.39.0 inspects the whole stack, and all
    modules for each frame: a third of a short task's processor time. Holds for this process and its
    forks.
    """
    from dbt_common.behavior_flags import BehaviorFlagRendered

    BehaviorFlagRendered._default_source = staticmethod(  # type: ignore[method-assign]
        lambda: "dbt.adapters.snowflake.impl"
    )


def profile_hash(credentials: "SnowflakeCredentials", query_tag: str) -> bytes:
    """dbt: its hash of a profile with this query tag, as its parsed project stores it.

    dbt-core 1.11.16 parses a project in full again when the profile's hash has changed, even if
    only the query tag differs: https://github.com/dbt-labs/dbt-core/issues/11004. The hash is
    computed as in dbt's `ManifestLoader.build_manifest_state_check`.
    """
    from dbt.contracts.files import FileHash

    tagged = replace(credentials, query_tag=query_tag)
    hashed = pprint.pformat(sorted(tagged.connection_info()))
    return str(FileHash.from_contents(hashed).checksum).encode()
