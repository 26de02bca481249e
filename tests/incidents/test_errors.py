"""The line and the details of each kind of error, as the services write them."""

import time
from types import SimpleNamespace
from typing import Any

import pytest
from dbt_common.exceptions import DbtDatabaseError

from include.incidents.errors import describe_error
from include.loaders.errors import PermanentError
from tests.incidents.error_texts import ERRORS, ErrorText, rendered

_NAMES = [f"{number}-{error.line[:40]}" for number, error in enumerate(ERRORS)]
_SQL = "002003 (02000): 01b0c11f-0f14-d76d-0000-0001c00f9b1a: SQL compilation error:\nNo X."
_LARGE = 5_000_000


@pytest.mark.parametrize("error", ERRORS, ids=_NAMES)
def test_an_error_has_its_real_line_and_its_details(error: ErrorText) -> None:
    found = describe_error(rendered(error.text, 1), error.kind)

    assert found.line == rendered(error.line, 1)
    assert found.details == tuple(rendered(line, 1) for line in error.details)


@pytest.mark.parametrize("error", ERRORS, ids=_NAMES)
def test_only_an_error_of_a_shared_service_is_shared(error: ErrorText) -> None:
    assert describe_error(rendered(error.text, 1), error.kind).is_shared is error.shared


def node(name: str, status: str, message: str | None) -> SimpleNamespace:
    """The result of a node of dbt."""
    return SimpleNamespace(node=SimpleNamespace(name=name), status=status, message=message)


def raised_by_cosmos(*results: SimpleNamespace) -> str:
    """The text of the error that Cosmos raises for results of dbt."""
    # Cosmos cannot be imported before Airflow.
    from cosmos.dbt.runner import handle_exception_if_needed
    from cosmos.exceptions import CosmosDbtRunError

    run: Any = SimpleNamespace(
        success=False, exception=None, result=SimpleNamespace(results=list(results))
    )
    with pytest.raises(CosmosDbtRunError) as raised:
        handle_exception_if_needed(run)
    return str(raised.value)


def refused(name: str) -> SimpleNamespace:
    """The result of a model whose statement Snowflake refuses, with dbt's own text."""
    model = SimpleNamespace(
        resource_type="model",
        name=name,
        original_file_path=f"models/marts/{name}.sql",
        build_path=f"target/run/ddrc/models/marts/{name}.sql",
    )
    return node(name, "error", str(DbtDatabaseError(_SQL, model)))


def test_cosmos_and_dbt_hide_neither_the_databases_sentence_nor_the_failed_tests() -> None:
    text = raised_by_cosmos(
        refused("b"),
        refused("a"),
        node("unique_c", "fail", "Got 2 results, configured to fail if != 0"),
        node("d", "success", "SUCCESS 1"),
    )

    found = describe_error(text, "CosmosDbtRunError")

    assert found.line == (
        "Snowflake 002003 (02000): SQL compilation error: No X.; Failed dbt test: unique_c (2 rows)"
    )
    assert found.details == ("unique_c: 2 rows", "failed: a, b")


def test_an_error_of_dbt_itself_is_no_failed_model() -> None:
    found = describe_error("dbt invocation did not complete with unhandled error: ValueError: bad")
    assert (found.line, found.details) == ("ValueError: bad", ())


def test_a_source_that_is_too_old_is_named_although_dbt_gives_no_message() -> None:
    text = raised_by_cosmos(node("la_fires_page_feedback", "error", None))

    assert "freshness limit: la_fires_page_feedback" in describe_error(text).line


def test_a_loads_line_is_the_reason_and_the_services_words() -> None:
    error = PermanentError("epa", "HTTP status 400", "https://example.org/query?a=1", "Bad field")

    found = describe_error(str(error), type(error).__name__)

    assert found.line == "epa: HTTP status 400. The service said: Bad field"


def test_a_loads_error_without_a_source_has_its_words_as_its_cause() -> None:
    assert describe_error("Timed out. Request: GET x").cause == "Timed out"


def test_many_failed_tests_are_counted() -> None:
    results = [
        node(f"test_{n:02}", "fail", f"Got {n} results, configured to fail") for n in range(30)
    ]

    found = describe_error(raised_by_cosmos(*results), "CosmosDbtRunError")

    assert found.line.startswith("Failed dbt tests: test_00, test_01,")
    assert found.details[-1] == "and 21 more"
    assert len(found.details) == 10


def test_a_line_and_a_detail_are_cut() -> None:
    assert len(describe_error("x" * 500).line) == 400
    failed = node("t" * 300, "fail", "Got 2 results, configured to fail")
    [detail] = describe_error(raised_by_cosmos(failed), "CosmosDbtRunError").details
    assert len(detail) == 200


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00",
        "\ud800 lone surrogate",
        "%s {0} \\1 \\g<9>",
        bytes(range(256)).decode("latin-1") * 20,
        "a: b\n" * 1000,
        "dbt invocation completed with errors: ",
        "dbt invocation completed with errors: a: " + "b" * 900,
        "Traceback (most recent call last):",
        "Got " + "9" * 5000 + " results, configured to",
        "specified timeout of " + "9" * 5000,
        "The limit is .",
        "ErrorCode:\nRequestId:\nAADSTS",
        "Response: {}, Status Code: 401",
        "🔥" * 900,
    ],
)
@pytest.mark.parametrize("kind", ["", "KeyError", "AirflowTaskTimeout", "a.b.", "\x00("])
def test_no_text_breaks_the_description_or_its_limits(text: str, kind: str) -> None:
    found = describe_error(text, kind)

    assert found.line
    assert found.cause
    for line, longest in (
        (found.line, 400),
        *((detail, 200) for detail in found.details),
    ):
        assert len(line) <= longest
        assert all(character.isprintable() or character == "\ufffd" for character in line)
    found.cause.encode()


@pytest.mark.parametrize(
    "part",
    [
        "x", " ", "\n", ".", "-", "_", ":", "/", "a/", "a.", "-a", "a: \n", "1", "0a", "::", "'",
        "(", "://a:", "Error ", "HTTPSConnection(host='a' ", "ErrorCode: ", "AADSTS1 ", "[Errno ",
        "signal ", "terminated by signal ", "SIG", "exit code", "Failed to establish ", "\x1b[",
        "Traceback (most recent call last):\n", "dbt invocation completed with errors: a: b\n",
        "a: Got 1 result, configured to x\n", "002003 (02000): ", "token=", "' for url '",
        "Response: ", '"code":"', "\x00\xff",
    ],
)  # fmt: skip
def test_five_megabytes_of_anything_take_no_time(part: str) -> None:
    started = time.process_time()

    describe_error(part * (_LARGE // len(part)))

    assert time.process_time() - started < 2
