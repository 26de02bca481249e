"""Snowflake's errors: a client raises a `ProgrammingError`, the server never returns 500."""

import re

import duckdb
from snowflake.connector.errors import Error, OperationalError, ProgrammingError

CONFLICT = "conflict"
NOT_NULL = "NOT NULL constraint failed"
# DuckDB's words, with Snowflake's number, SQLSTATE and words for the same.
_TRANSLATIONS = (
    (
        re.compile(r'^Catalog Error: \w+ with name "?([^"\s]+)"? does not exist'),
        (2003, "42S02", "SQL compilation error:\nObject '{}' does not exist or not authorized."),
    ),
    (
        re.compile(r'^Binder Error: Referenced column "([^"]+)" not found'),
        (904, "42000", "SQL compilation error:\ninvalid identifier '{}'"),
    ),
    (
        re.compile(
            r"^Conversion Error: Could not (?:convert|cast) string '(.*)' to (?:U?INT|DEC|DOU)"
        ),
        (100038, "22018", "Numeric value '{}' is not recognized"),
    ),
)


def compilation_error(message: str, errno: int = 2003, sqlstate: str = "02000") -> Error:
    """An error found before the statement runs, worded as Snowflake words it.

    Args:
        message: The text after the compilation error's heading.
        errno: Snowflake's error number.
        sqlstate: The SQLSTATE.
    """
    return ProgrammingError(
        msg=f"SQL compilation error:\n{message}", errno=errno, sqlstate=sqlstate
    )


def unsupported(what: str) -> Error:
    """The error for a statement or an option that the emulator does not support."""
    return ProgrammingError(msg=f"The emulator does not support {what}.", errno=2, sqlstate="0A000")


def as_snowflake_error(error: Exception) -> Error:
    """Convert any error of the emulator to the error that a client receives."""
    if isinstance(error, ProgrammingError | OperationalError):
        return _in_its_words(error)
    if isinstance(error, duckdb.TransactionException) and "aborted" in str(error):
        return ProgrammingError(
            msg="The transaction failed at an earlier statement; only ROLLBACK can follow. "
            "(Snowflake itself would continue the transaction.)",
            errno=90232,
            sqlstate="25000",
        )
    if isinstance(error, duckdb.ConstraintException) and NOT_NULL in str(error):
        return ProgrammingError(
            msg="NULL result in a non-nullable column", errno=100072, sqlstate="22000"
        )
    if isinstance(error, duckdb.Error):
        first_line = str(error).split("\n", maxsplit=1)[0]
        return ProgrammingError(msg=first_line, errno=100183, sqlstate="22000")
    if isinstance(error, Error):
        return ProgrammingError(msg=error.msg, errno=error.errno, sqlstate=error.sqlstate)
    return unsupported(f"this statement ({type(error).__name__}: {error})")


def _in_its_words(error: Error) -> Error:
    for pattern, (errno, sqlstate, text) in _TRANSLATIONS:
        if found := pattern.match(str(error.raw_msg)):
            return ProgrammingError(msg=text.format(found[1]), errno=errno, sqlstate=sqlstate)
    return error


def is_conflict(error: BaseException | None) -> bool:
    """True if DuckDB aborted a transaction because another one committed first."""
    while error is not None:
        if isinstance(error, duckdb.TransactionException) and CONFLICT in str(error).lower():
            return True
        error = error.__cause__
    return False
