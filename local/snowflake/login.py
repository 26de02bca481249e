"""The login request and the end of a session, as Snowflake's clients send them."""

import gzip
import json
from base64 import urlsafe_b64decode
from time import time
from typing import Any

from fakesnow.expr import normalise_ident
from fakesnow.server import to_token
from fakesnow.transforms import SERVER_VERSION
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse

from local.snowflake.account import Account, Session
from local.snowflake.identity import Identity, Login
from local.snowflake.login_errors import INVALID_TOKEN, LoginError
from local.snowflake.privileges import is_visible, may_use_warehouse
from local.snowflake.user_keys import is_accepted

HEARTBEAT_SECONDS = 3600
# How far a client's clock may be ahead.
CLOCK_SECONDS = 60


async def log_in(request: Request) -> JSONResponse:
    """Open a session, unless the token is out of date or of another user, or the role is refused.

    Every password is accepted, and every key of a user for whom `ALTER USER` has set none, because
    nothing here is secret.
    """
    account: Account = request.app.state.account
    data = await _body(request)
    if data.get("AUTHENTICATOR") == "SNOWFLAKE_JWT":
        token, user = str(data.get("TOKEN")), str(data.get("LOGIN_NAME"))
        keys = account.user_keys.get(user.upper(), {}).values()
        if not _is_valid(token, user) or not is_accepted(keys, token):
            return _refused(LoginError(INVALID_TOKEN))
    try:
        token, session = await run_in_threadpool(open_session, account, _login(request, data))
    except LoginError as error:
        return _refused(error)
    parameters = {
        **session.parameters.items(),
        "CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY": HEARTBEAT_SECONDS,
        # Rows are bound inline; 0 prevents clients from staging large batches.
        "CLIENT_STAGE_ARRAY_BINDING_THRESHOLD": 0,
    }
    return JSONResponse(
        {
            "success": True,
            "data": {
                "token": token,
                # Clients only end a session if they received a master token.
                "masterToken": token,
                "sessionId": session.number,
                "serverVersion": SERVER_VERSION,
                "parameters": [{"name": name, "value": of} for name, of in parameters.items()],
                "sessionInfo": {
                    "databaseName": session.database,
                    "schemaName": session.schema,
                    "warehouseName": session.identity.warehouse or None,
                    "roleName": session.identity.role or None,
                },
            },
        }
    )


def open_session(account: Account, login: Login) -> tuple[str, Session]:
    """Open a session, whose warehouse and database are none if its role cannot use them.

    Args:
        account: The account.
        login: The client's request.

    Returns:
        The token of the session's requests, and the session.

    Raises:
        LoginError: The user is unknown, or may not use the role.
    """
    token, session = account.log_in(login)
    if not may_use_warehouse(session, session.identity.warehouse):
        session.identity.warehouse = ""
    if session.database and not is_visible(session, "DATABASE", (session.database,)):
        session.leave(session.database)
    return token, session


def _refused(error: LoginError) -> JSONResponse:
    answer = {"data": None, "code": error.code, "message": error.message, "success": False}
    return JSONResponse(answer)


async def end(request: Request) -> JSONResponse:
    """Respond to a heartbeat, or end the session if the request has `delete=true`."""
    account: Account = request.app.state.account
    token = to_token(request)
    known = token in account.sessions
    if request.query_params.get("delete"):
        await run_in_threadpool(account.log_out, token)
    message = None if known else "User must login again to access the service."
    code = None if known else "390104"
    return JSONResponse({"data": None, "code": code, "message": message, "success": known})


async def _body(request: Request) -> dict[str, Any]:
    raw = await request.body()
    if request.headers.get("Content-Encoding") == "gzip":
        raw = gzip.decompress(raw)
    data: dict[str, Any] = json.loads(raw)["data"]
    return data


def _is_valid(token: str, user: str) -> bool:
    """True if a JSON Web Token names the user and the present time.

    `user_keys` checks its signature.
    https://docs.snowflake.com/en/user-guide/key-pair-auth-troubleshooting
    """
    try:
        claims: dict[str, Any] = json.loads(urlsafe_b64decode(token.split(".")[1] + "=="))
        _account, _, named = claims["sub"].partition(".")
        issuer, _, fingerprint = claims["iss"].rpartition(".")
        return (
            named == user.upper()
            and issuer == claims["sub"]
            and fingerprint.startswith("SHA256:")
            and float(claims["iat"]) - CLOCK_SECONDS <= time() < float(claims["exp"])
        )
    except (ValueError, LookupError, TypeError, AttributeError):
        return False


def _login(request: Request, data: dict[str, Any]) -> Login:
    def named(parameter: str) -> str:
        value = request.query_params.get(parameter)
        return normalise_ident(value) if value else ""

    return Login(
        identity=Identity(
            user=str(data.get("LOGIN_NAME") or "").upper(),
            account=str(data.get("ACCOUNT_NAME") or "").upper(),
            role=named("roleName"),
            warehouse=named("warehouse"),
        ),
        database=named("databaseName") or None,
        schema=named("schemaName") or None,
        parameters={
            name.upper(): value for name, value in (data.get("SESSION_PARAMETERS") or {}).items()
        },
    )
