"""Snowflake's errors as the loaders' own: by number, SQLSTATE and class, whether a retry may help.

The numbers of clients are in the connector's `errorcode.py`, those of logins in its `network.py`.
"""

import re
from typing import TYPE_CHECKING

from include.loaders.errors import LoadError, PermanentError, TransientError

if TYPE_CHECKING:
    # The import takes a second and 65 MB, which saving a layer to a file does not need.
    from snowflake.connector.errors import Error

# A resource monitor keeps the warehouse suspended.
_QUOTA = re.compile(r"because resource monitor (.{1,260}?) has exceeded its quota")
_QUOTA_NUMBER = "090073"

# A session or its token that has expired: the next login gets a new one.
_EXPIRED = {390104, *range(390110, 390116), 390195, 390303, 390318, 390400}
# The login is refused: a wrong key, an unknown or disabled user, an address outside of the policy.
_REFUSED_LOGINS = (range(390000, 391000), range(394000, 396000))
_AUTHORIZATION = "28"
# The number of every login that failed, with any class, before the connector's version 4.
_LOGIN_FAILED = 250001
# Although their SQLSTATE or class may pass: no warehouse is selected, the account is suspended, a
# quota is reached, the server's certificate is revoked.
_PERMANENT = {606, 666, 90073, 254007}
# Internal errors; cancelled, waited too long for a lock, lost to another transaction, too slow.
_TRANSIENT = {603, *range(300000, 301000), 370001, 604, 605, 625, 630}
# Connection, serialization, resources, operator intervention, system, internal error.
_TRANSIENT_CLASSES = ("08", "40", "53", "57", "58", "XX")


def as_load_error(source: str, error: "Error", statement: str) -> LoadError:
    """The loaders' error for one of the connector's.

    Args:
        source: The source's name, for the message.
        error: What the connector raised.
        statement: The statement that failed.
    """
    message = str(error).strip().rstrip(".")
    request = one_line(statement)
    if quota := reached_quota(message):
        return PermanentError(source, quota, request, message)
    if is_transient(error):
        return TransientError(source, "the warehouse failed", request, message)
    refused = "the login" if _is_refused_login(error) else "a statement"
    return PermanentError(source, f"the warehouse refuses {refused}", request, message)


def one_line(statement: str) -> str:
    """The beginning of a statement in one line."""
    return " ".join(statement.split())[:300]


def reached_quota(message: str) -> str:
    """What it means that a resource monitor's quota is reached; empty for another message.

    Args:
        message: An error's text, by whichever way it came from Snowflake.
    """
    found = _QUOTA.search(" ".join(message.split()))
    if found is None and _QUOTA_NUMBER not in message:
        return ""
    monitor = f"the resource monitor {found[1]}" if found else "a resource monitor"
    return (
        f"the credit quota of {monitor} is reached: no statement runs until its next interval "
        "begins or an account administrator raises it"
    )


def is_transient(error: "Error") -> bool:
    """True if the same statement may succeed in a while."""
    from snowflake.connector import errors

    number, state = error.errno, error.sqlstate or ""
    if number in _EXPIRED or number in _TRANSIENT:
        return True
    if number in _PERMANENT or _is_refused_login(error):
        return False
    if isinstance(
        error,
        errors.BadRequest
        | errors.ForbiddenError
        | errors.MethodNotAllowed
        | errors.NonRetryableTlsError
        | errors.ConfigSourceError
        | errors.ConfigManagerError
        | errors.MissingDependencyError,
    ):
        return False
    if state.startswith(_TRANSIENT_CLASSES):
        return True
    return not isinstance(
        error,
        errors.ProgrammingError
        | errors.IntegrityError
        | errors.DataError
        | errors.NotSupportedError,
    )


def _is_refused_login(error: "Error") -> bool:
    from snowflake.connector.errors import DatabaseError

    if any(error.errno in numbers for numbers in _REFUSED_LOGINS):
        return True
    # An OperationalError of this number found no server to answer.
    is_answered = type(error) is DatabaseError and error.errno == _LOGIN_FAILED
    return is_answered or (error.sqlstate or "").startswith(_AUTHORIZATION)
