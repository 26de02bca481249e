"""Statements about stages: their names made the session's, and dropping and emptying them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from fakesnow.transforms import stage
from sqlglot import Expr, exp

from local.snowflake import stages
from local.snowflake.roles import SUCCESS

if TYPE_CHECKING:
    from local.snowflake.account import Session

_DROP = re.compile(r"\s*DROP\s+STAGE\s+(?P<exists>IF\s+EXISTS\s+)?(?P<name>[^\s;]+)", re.IGNORECASE)
_REMOVE = re.compile(r"\s*(?:REMOVE|RM)\s+'?(?P<stage>@[^\s;']+)'?\s*;?\s*$", re.IGNORECASE)
_BARE_PUT = re.compile(r"^\s*PUT\s+(file://[^\s']+)\s", re.IGNORECASE)


def quote_put(command: str) -> str:
    """`PUT file://… @s` with its file in quotes, which the parser needs."""
    return _BARE_PUT.sub(r"PUT '\1' ", command)


def name_stages(session: Session, expression: Expr) -> None:
    """Rewrite every stage reference of a statement to the name that is kept for it."""
    if isinstance(expression, exp.Create) and str(expression.args.get("kind")).upper() == "STAGE":
        session.stages.create(expression, session.database, session.schema)
    if not isinstance(expression, exp.Put | exp.Copy | exp.ListStage):
        return
    for node in list(expression.find_all(exp.Var, exp.Literal)):
        if node.name.startswith("@"):
            if node.name.startswith("@~"):
                _make_user_stage(session)
            node.set("this", session.stages.resolve(node.name, session.database, session.schema))


def drop_or_remove(session: Session, command: str) -> str | None:
    """`DROP STAGE` and `REMOVE @stage/path`; null for anything else.

    Raises:
        ProgrammingError: The stage does not exist.
    """
    if match := _DROP.match(command):
        reference = session.stages.resolve(f"@{match['name']}", session.database, session.schema)
        name, _ = stages.split(reference, session.database, session.schema)
        if not match["exists"]:
            stages.url(session.connection, name)
        stages.forget(session.connection, name)
        return SUCCESS
    if match := _REMOVE.match(command):
        reference = session.stages.resolve(match["stage"], session.database, session.schema)
        name, path = stages.split(reference, session.database, session.schema)
        folder = Path(stage.internal_dir(".".join(name), path.rstrip("/")))
        if folder.is_dir():
            shutil.rmtree(folder)
        else:
            folder.unlink(missing_ok=True)
        return SUCCESS
    return None


def _make_user_stage(session: Session) -> None:
    """A user's own stage is there without having been created."""
    with session.account.catalog, session.account.engine.connect() as connection:
        connection.execute(
            f"INSERT INTO {stages.TABLE} (name, database_name, schema_name, url, type) "  # noqa: S608
            "VALUES (?, ?, ?, '', 'INTERNAL') ON CONFLICT DO NOTHING",
            [session.identity.user, stages.USER_DATABASE, stages.USER_SCHEMA],
        )
