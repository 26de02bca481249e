"""Statements about stages: PUT, COPY and LIST name them; DROP STAGE and REMOVE delete."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from fakesnow.transforms import stage
from sqlglot import Expr, exp

from local.snowflake import stages
from local.snowflake.account import Session
from local.snowflake.sql import SUCCESS, Name

_DROP = re.compile(r"\s*DROP\s+STAGE\s+(?P<exists>IF\s+EXISTS\s+)?(?P<name>[^\s;]+)", re.IGNORECASE)
_REMOVE = re.compile(r"\s*(?:REMOVE|RM)\s+'?(?P<stage>@[^\s;']+)'?\s*;?\s*$", re.IGNORECASE)
_UNQUOTED_PUT = re.compile(r"^\s*PUT\s+(file://[^\s']+)\s", re.IGNORECASE)


def quote_put(command: str) -> str:
    """`PUT file://… @s` with its file in quotation marks, which the parser needs."""
    return _UNQUOTED_PUT.sub(r"PUT '\1' ", command)


def resolve_stages(session: Session, expression: Expr) -> None:
    """Rewrite a statement's references to stages to the names that fakesnow knows."""
    if isinstance(expression, exp.Create) and str(expression.args.get("kind")).upper() == "STAGE":
        session.stages.create(expression, session.database, session.schema)
    if not isinstance(expression, exp.Put | exp.Copy | exp.ListStage):
        return
    for node in list(expression.find_all(exp.Var, exp.Literal)):
        if node.name.startswith("@"):
            if node.name.startswith("@~"):
                _create_user_stage(session)
            node.set("this", session.stages.resolve(node.name, session.database, session.schema))


def drop_or_remove(session: Session, command: str) -> str | None:
    """Run `DROP STAGE` or `REMOVE @stage/path`; `None` for another statement.

    Raises:
        ProgrammingError: The stage does not exist.
    """
    if match := _DROP.match(command):
        name, _ = _locate(session, f"@{match['name']}")
        if not match["exists"]:
            stages.url(session.connection, name)
        stages.forget(session.connection, name)
        return SUCCESS
    if match := _REMOVE.match(command):
        name, path = _locate(session, match["stage"])
        target = Path(stage.internal_dir(".".join(name), path.rstrip("/")))
        if target.is_dir():
            shutil.rmtree(target)
        else:
            target.unlink(missing_ok=True)
        return SUCCESS
    return None


def _locate(session: Session, reference: str) -> tuple[Name, str]:
    resolved = session.stages.resolve(reference, session.database, session.schema)
    return stages.split(resolved, session.database, session.schema)


def _create_user_stage(session: Session) -> None:
    with session.account.catalog, session.account.engine.connect() as connection:
        stages.create_user_stage(connection, session.identity.user)
