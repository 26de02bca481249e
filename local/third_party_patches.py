"""Has Airflow's API write down what people do without keeping everybody else waiting.

Airflow 3.3.2 writes that log from its event loop. SQLite has one writer at a time: while a task's
request has a transaction open, the write waits for the end of it, and the loop, which would have to
end it, waits for the write. Nobody is answered until SQLite gives the write up. No database server
makes one row wait for another, so that only a laptop needs this.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

LogAction = Callable[..., Awaitable[None]]


def write_outside_of_the_loop() -> None:
    """Have a thread write it; to be called before anything imports Airflow's routes."""
    from airflow.api_fastapi.logging import decorators

    made_by_airflow: Callable[[str | None], LogAction] = decorators.action_logging

    def action_logging(event: str | None = None) -> LogAction:
        log_action = made_by_airflow(event)

        # FastAPI reads the signature of what is wrapped: it has to provide the same.
        @wraps(log_action)
        async def in_a_thread(request: Request, **provided: object) -> None:
            # Read here, where it arrives; the thread finds it in the request.
            await request.body()
            await run_in_threadpool(lambda: asyncio.run(log_action(request, **provided)))  # type: ignore[arg-type]

        return in_a_thread

    decorators.action_logging = action_logging
