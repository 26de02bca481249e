"""Snowflake's errors: those that may pass, those that a person has to act on, and a quota."""

from typing import Any

import pytest
from snowflake.connector import errors

from include.loaders import PermanentError, TransientError
from include.loaders.raw.warehouse_errors import as_load_error, is_transient, reached_quota

SUSPENDED = (
    "090073 (22000): Warehouse 'LOADING_XS_DDRC_PRD' cannot be resumed because resource monitor "
    "'DDRC_PRD' has exceeded its quota."
)
SENTENCE = (
    "the credit quota of the resource monitor 'DDRC_PRD' is reached: no statement runs until its "
    "next interval begins or an account administrator raises it"
)

PASSING = [
    # Internal errors, by their SQLSTATE, whatever the number.
    ("ProgrammingError", 1234, "XX000"),
    ("ProgrammingError", 603, "XX000"),
    ("ProgrammingError", 603, None),
    ("ProgrammingError", 300002, "XX000"),
    ("ProgrammingError", 300010, None),
    ("ProgrammingError", 370001, None),
    ("InternalError", None, None),
    # Connections that were not made or were lost.
    ("ProgrammingError", 1234, "08006"),
    ("OperationalError", 250001, "08001"),
    ("OperationalError", 250003, None),
    ("OperationalError", 251012, None),
    ("DatabaseError", 250002, "08003"),
    ("Error", None, None),
    ("DatabaseError", None, None),
    ("InterfaceError", None, None),
    ("OperationalError", 253003, None),
    # Cancelled, shut down, timed out, in the way of another transaction.
    ("ProgrammingError", 604, "57014"),
    ("ProgrammingError", 604, None),
    ("ProgrammingError", 605, "57014"),
    ("ProgrammingError", 625, "57014"),
    ("ProgrammingError", 625, None),
    ("ProgrammingError", 630, "57014"),
    ("ProgrammingError", 630, None),
    ("ProgrammingError", 1234, "57P01"),
    ("ProgrammingError", 1234, "57014"),
    ("ProgrammingError", 1234, "40001"),
    ("ProgrammingError", 1234, "40P01"),
    ("ProgrammingError", 1234, "53200"),
    ("ProgrammingError", 1234, "58030"),
    # A session or a token that has expired.
    ("ProgrammingError", 390104, "08001"),
    ("ProgrammingError", 390110, "08001"),
    ("ProgrammingError", 390111, None),
    ("ProgrammingError", 390112, "08001"),
    ("ProgrammingError", 390113, "08001"),
    ("ProgrammingError", 390114, "08001"),
    ("ProgrammingError", 390114, None),
    ("ProgrammingError", 390115, "08001"),
    ("ProgrammingError", 390195, "08001"),
    ("ProgrammingError", 390318, "08001"),
    ("ProgrammingError", 390400, "08001"),
    # HTTP errors of Snowflake and of proxies before it.
    ("InternalServerError", 500, None),
    ("BadGatewayError", 502, None),
    ("ServiceUnavailableError", 503, None),
    ("GatewayTimeoutError", 504, None),
    ("TooManyRequests", 429, None),
    ("RequestTimeoutError", 408, None),
    ("HttpError", 290503, "08001"),
    ("ServiceUnavailableError", 250001, "08001"),
    ("RequestExceedMaxRetryError", None, None),
    ("TokenExpiredError", None, None),
    ("RefreshTokenError", None, None),
    ("OtherHTTPRetryableError", 307, None),
    ("BindUploadError", None, None),
    ("RevocationCheckError", 254003, None),
    ("PresignedUrlExpiredError", None, None),
]
REFUSED = [
    ("ProgrammingError", 1003, "42000"),
    ("ProgrammingError", 2003, "02000"),
    ("ProgrammingError", 3001, "42501"),
    ("ProgrammingError", 100038, "22018"),
    ("ProgrammingError", None, None),
    ("IntegrityError", 100072, "22000"),
    ("DataError", None, None),
    ("NotSupportedError", None, "0A000"),
    # No warehouse is selected, and an account that is suspended, although of class 57.
    ("ProgrammingError", 606, "57P03"),
    ("ProgrammingError", 666, "57014"),
    # HTTP errors that the same request would get again.
    ("BadRequest", 400, None),
    ("ForbiddenError", 403, None),
    ("MethodNotAllowed", 405, None),
    ("ForbiddenError", 250001, "08001"),
    # The certificate, and the configuration.
    ("NonRetryableTlsError", 250003, None),
    ("ConfigSourceError", None, None),
    ("MissingConfigOptionError", None, None),
    ("ConfigManagerError", None, None),
    ("MissingDependencyError", None, None),
    ("RevocationCheckError", 254007, None),
]
REFUSED_LOGINS = [
    ("DatabaseError", 390100, "28000"),
    ("DatabaseError", 390101, "08001"),
    ("DatabaseError", 390144, "28000"),
    ("DatabaseError", 390144, "08001"),
    ("DatabaseError", 390189, "08001"),
    ("DatabaseError", 390201, "08001"),
    ("DatabaseError", 390420, "08001"),
    ("DatabaseError", 390422, "08001"),
    ("DatabaseError", 394304, "28000"),
    ("DatabaseError", 394400, "08001"),
    ("OperationalError", 390144, "08001"),
    ("DatabaseError", 250001, "08001"),
    ("DatabaseError", 1234, "28000"),
]


def error(kind: str, number: int | None = None, state: str | None = None) -> Any:
    """An error of the connector."""
    if kind == "MissingDependencyError":
        return errors.MissingDependencyError("Sorry.")
    return getattr(errors, kind)(msg="Sorry.", errno=number, sqlstate=state)


@pytest.mark.parametrize(("kind", "number", "state"), PASSING)
def test_what_may_pass_is_worth_a_retry(kind: str, number: int | None, state: str | None) -> None:
    found = as_load_error("epa", error(kind, number, state), "SELECT 1")

    assert type(found) is TransientError
    assert found.reason == "the warehouse failed"
    assert found.request == "SELECT 1"
    assert found.service_message.endswith("Sorry")


@pytest.mark.parametrize(("kind", "number", "state"), REFUSED)
def test_what_is_refused_again_is_not_worth_a_retry(
    kind: str, number: int | None, state: str | None
) -> None:
    found = as_load_error("epa", error(kind, number, state), "SELECT 1")

    assert type(found) is PermanentError
    assert found.reason == "the warehouse refuses a statement"


@pytest.mark.parametrize(("kind", "number", "state"), REFUSED_LOGINS)
def test_a_refused_login_is_not_worth_a_retry(kind: str, number: int, state: str) -> None:
    found = as_load_error("epa", error(kind, number, state), "")

    assert type(found) is PermanentError
    assert found.reason == "the warehouse refuses the login"


def test_every_class_of_the_connectors_errors_is_decided() -> None:
    decided = {kind for kind, *_ in PASSING + REFUSED + REFUSED_LOGINS}
    classes = {name for name, kind in vars(errors).items() if isinstance(kind, type)}

    assert {name for name in classes if issubclass(getattr(errors, name), errors.Error)} == decided


@pytest.mark.parametrize("state", ["22000", "57014", None])
def test_a_reached_quota_has_its_own_sentence_and_is_not_worth_a_retry(state: str | None) -> None:
    made = errors.ProgrammingError(msg=SUSPENDED, errno=90073, sqlstate=state)

    found = as_load_error("epa", made, "SELECT 1")

    assert type(found) is PermanentError
    assert str(found) == (
        f"epa: {SENTENCE}. The service said: {SUSPENDED.rstrip('.')}. Request: SELECT 1."
    )


@pytest.mark.parametrize("number", [90073, 604])
def test_a_quota_is_never_worth_a_retry(number: int) -> None:
    assert not is_transient(error("ProgrammingError", 90073, "57014"))
    made = errors.ProgrammingError(msg=SUSPENDED, errno=number, sqlstate="57014")
    assert type(as_load_error("epa", made, "")) is PermanentError


@pytest.mark.parametrize("name", ["'DDRC_PRD'", "DDRC_PRD", "{1}", "'A \"b\" C'"])
def test_the_resource_monitor_is_named_as_snowflake_names_it(name: str) -> None:
    text = SUSPENDED.replace("'DDRC_PRD'", name)

    assert reached_quota(text) == SENTENCE.replace("'DDRC_PRD'", name)


@pytest.mark.parametrize("text", ["", "the quota", SUSPENDED[16:].replace("resource", "another")])
def test_another_message_is_no_quota(text: str) -> None:
    assert reached_quota(text) == ""


def test_a_quota_is_known_by_its_number_whatever_the_words() -> None:
    made = errors.ProgrammingError(msg="The warehouse cannot be resumed.", errno=90073)

    assert as_load_error("epa", made, "").reason == SENTENCE.replace(
        "the resource monitor 'DDRC_PRD'", "a resource monitor"
    )
