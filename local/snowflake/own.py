"""The statements that are answered here and never reach fakesnow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import Expr

from local.snowflake import access, databases, staging, tables

if TYPE_CHECKING:
    from local.snowflake.session import Session

# The parser knows only the first word of some statements: those are told by their text.
BY_TEXT = (
    databases.create_or_drop,
    access.accept,
    tables.comment_on_columns,
    staging.drop_or_remove,
)
BY_TREE = (access.use, databases.use, tables.comment, tables.swap)


def answer(session: Session, command: str, expression: Expr) -> str | None:
    """Run a statement that is ours, and give the SQL of its result; null if it is not.

    Raises:
        ProgrammingError: It is ours and cannot be done.
    """
    for by_text in BY_TEXT:
        if (result := by_text(session, command)) is not None:
            return result
    for by_tree in BY_TREE:
        if (result := by_tree(session, expression)) is not None:
            return result
    return None
