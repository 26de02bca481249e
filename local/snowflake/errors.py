"""Snowflake's errors: a client raises a `ProgrammingError`, the server never returns 500."""

import duckdb
from snowflake.connector.errors import Error, OperationalError, ProgrammingError

from local.snowflake.error_texts import in_snowflakes_words

CONFLICT = "conflict"
# The numbers of errors that are found before a statement runs; 1 and 2 are the emulator's own.
COMPILATION_ERRORS = {1, 2, *range(700, 10_000)}
NOT_NULL = "NOT NULL constraint failed"


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


def is_compilation_error(error: BaseException) -> bool:
    """True for an error that Snowflake finds before a warehouse runs the statement."""
    number = error.errno if isinstance(error, Error) else None
    return number is not None and number in COMPILATION_ERRORS


def as_snowflake_error(error: Exception) -> Error:
    """Convert any error of the emulator to the error that a client receives."""
    if isinstance(error, ProgrammingError | OperationalError):
        return _worded(str(error.raw_msg), error)
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
        return _worded(str(error), ProgrammingError(str(error), errno=100183, sqlstate="22000"))
    if isinstance(error, Error):
        return ProgrammingError(msg=error.msg, errno=error.errno, sqlstate=error.sqlstate)
    return unsupported(f"this statement ({type(error).__name__}: {error})")


def _worded(text: str, otherwise: Error) -> Error:
    words = in_snowflakes_words(text)
    if words is None:
        return otherwise
    return ProgrammingError(msg=words.text, errno=words.number, sqlstate=words.sqlstate)


def is_conflict(error: BaseException | None) -> bool:
    """True if DuckDB aborted a transaction because another one committed first."""
    while error is not None:
        if isinstance(error, duckdb.TransactionException) and CONFLICT in str(error).lower():
            return True
        error = error.__cause__
    return False
