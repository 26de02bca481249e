"""Refusals: each role tries what it must not be able to do.

A statement that the account does not refuse changes only what the run has made, or is undone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Final, NamedTuple

from include import warehouse
from include.publishing.names import CANDIDATES_CONTAINER
from include.publishing.store import Place
from tools.acceptance.account import USERS, full_role
from tools.acceptance.outcomes import NotPermittedError, expect
from tools.acceptance.trial import MISSING, Trial

# Not authorized: no privilege, no such object for this role, a role that is not the user's.
REFUSED: Final = (*MISSING, 3001, 3003, 3013, 3041)


class Forbidden(NamedTuple):
    """A statement that must be refused, and the one that undoes it."""

    statement: str
    undo: str = ""


def refusals(trial: Trial, role: str) -> str:
    """`refusals`: every statement that a role must not run is refused for want of a privilege."""
    from snowflake.connector.errors import ProgrammingError

    # Says which login is missing.
    trial.account.run(role, "SELECT CURRENT_ROLE()")
    _need_targets(trial, role)
    # An unload that is not refused writes it.
    trial.candidates.append(Place(CANDIDATES_CONTAINER, f"{trial.prefix}.json"))
    allowed, others, tried = [], [], 0
    for statement, undo in _forbidden(trial, role):
        tried += 1
        try:
            trial.account.run(role, statement)
        except ProgrammingError as error:
            if error.errno not in REFUSED:
                text = " ".join(str(error.raw_msg or error).split())
                others.append(f"{statement} failed for another reason: {error.errno} {text}")
        else:
            allowed.append(statement)
            with suppress(ProgrammingError):
                trial.account.run(role, undo or "SELECT 1")
    expect(not allowed, f"{role} may run: {'; '.join(allowed)}.")
    expect(not others, "; ".join(others))
    return f"{tried} statements are refused."


def _need_targets(trial: Trial, role: str) -> None:
    """A refusal means nothing if what the statement names does not exist.

    Raises:
        NotPermittedError: The run has not made it.
    """
    from snowflake.connector.errors import ProgrammingError

    from tools.acceptance.unloads import MART

    targets = {
        trial.raw_name: "LOADER",
        warehouse.metrics_table(MART): "TRANSFORMER",
        f"{trial.fivetran_schema}.FEEDBACK": "TRANSFORMER",
    }
    for name, owner in targets.items():
        try:
            trial.account.run(owner, f"SELECT COUNT(*) FROM {name}")  # noqa: S608
        except ProgrammingError as error:
            if error.errno not in MISSING:
                raise
            raise NotPermittedError(
                f"{name} does not exist, so it cannot be refused to {role}."
            ) from error


def _forbidden(trial: Trial, role: str) -> Iterator[Forbidden]:
    from tools.acceptance.unloads import MART

    raw, transform, analytics = (warehouse.database(kind) for kind in warehouse.DATABASES)
    table, mart, foreign = trial.raw_name, warehouse.metrics_table(MART), f"{trial.prefix}_FOREIGN"
    feedback = f"{trial.fivetran_schema}.FEEDBACK"
    yield Forbidden(f"CREATE DATABASE {trial.prefix}", f"DROP DATABASE {trial.prefix}")
    yield Forbidden(f"CREATE ROLE {trial.prefix}", f"DROP ROLE {trial.prefix}")
    yield Forbidden("SELECT COUNT(*) FROM SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY")
    if role != "LOADER":
        yield Forbidden(f"DELETE FROM {table}")  # noqa: S608
        yield Forbidden(
            f"CREATE TABLE {raw}.LOADING.{foreign} (A INT)", f"DROP TABLE {raw}.LOADING.{foreign}"
        )
    if role in ("FIVETRAN", "REPORTER"):
        yield Forbidden(f"SELECT PERMIT_NUMBER FROM {table}")  # noqa: S608
    if role != "FIVETRAN":
        yield _schema(f"{raw}.{foreign}")
    # Contacts and visitors' comments are in the schemas that Fivetran makes.
    if role not in ("FIVETRAN", "TRANSFORMER"):
        yield Forbidden(f"SELECT FEEDBACK_KEY FROM {feedback}")  # noqa: S608
    if role == "TRANSFORMER":
        yield Forbidden(f"DELETE FROM {feedback}")  # noqa: S608
    if role != "TRANSFORMER":
        yield _schema(f"{transform}.{foreign}")
        yield _schema(f"{analytics}.{foreign}")
        yield Forbidden(f"UPDATE {mart} SET METRIC_VALUE = 0")  # noqa: S608
        view = f"{transform}.{warehouse.schema_prefix()}PASADENA.STG_PASADENA__PERMITS"
        yield Forbidden(f"SELECT PERMIT_NUMBER FROM {view}")  # noqa: S608
    if role in ("LOADER", "FIVETRAN"):
        yield Forbidden(f"SELECT METRIC_VALUE FROM {mart}")  # noqa: S608
    if role not in ("REPORTER", "TRANSFORMER"):
        yield Forbidden(_unload(f"@{warehouse.stage()}/{trial.prefix}"))
    # People have other roles too. The last ones, as they would change what the others try.
    if role in USERS:
        yield Forbidden(_unload(f"@~/{trial.prefix}"), f"REMOVE @~/{trial.prefix}.json")
        other = next(one for one in ("LOADER", "TRANSFORMER") if one != role)
        yield Forbidden(f"USE ROLE {full_role(other)}", f"USE ROLE {full_role(role)}")
        yield Forbidden("USE ROLE SYSADMIN", f"USE ROLE {full_role(role)}")
    if role != "LOADER":
        yield Forbidden(f"DROP TABLE {table}")
    if role != "TRANSFORMER":
        yield Forbidden(f"DROP TABLE {mart}")


def _schema(name: str) -> Forbidden:
    return Forbidden(f"CREATE SCHEMA {name}", f"DROP SCHEMA {name}")


def _unload(to: str) -> str:
    return (
        f"COPY INTO {to}.json FROM (SELECT PARSE_JSON('[]'))"
        " FILE_FORMAT = (TYPE = JSON COMPRESSION = NONE) SINGLE = TRUE"
    )
