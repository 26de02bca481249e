"""The emulator's web application: Snowflake's own protocol, and two addresses of ours."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
from fakesnow import server
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from local.snowflake import login
from local.snowflake.account import Account

# A statement that waits for a lock holds a thread; the COMMIT that frees it must find another.
THREADS = 400


def make_app(account: Account) -> Starlette:
    """The application that serves one account and closes it at the end."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        yield
        account.close()

    app = Starlette(
        lifespan=lifespan,
        routes=[
            Route("/health", _health),
            Route("/emulator/statements", _statements),
            Route("/session/v1/login-request", login.log_in, methods=["POST"]),
            Route("/session", login.end, methods=["POST"]),
            Route("/session/heartbeat", login.end, methods=["POST"]),
            Route("/queries/v1/query-request", server.query_request, methods=["POST"]),
            Route("/queries/v1/abort-request", _accept, methods=["POST"]),
            Route("/telemetry/send", _accept, methods=["POST"]),
            Route("/fs_bucket/{path:path}", server.bucket_upload, methods=["PUT"]),
            Route("/monitoring/queries/{sfqid}", server.monitoring_query, methods=["GET"]),
        ],
    )
    app.state.account = account
    return app


async def _health(request: Request) -> JSONResponse:
    """Ready, and which databases there are."""
    account: Account = request.app.state.account
    return JSONResponse({"status": "ready", "databases": account.engine.databases()})


async def _statements(request: Request) -> JSONResponse:
    """The statements after `?since=`, a statement's number; all that are kept without it."""
    account: Account = request.app.state.account
    since = int(request.query_params.get("since", 0))
    return JSONResponse({"statements": account.history.since(since)})


async def _accept(_: Request) -> JSONResponse:
    return JSONResponse({"success": True, "code": None, "message": None, "data": None})
