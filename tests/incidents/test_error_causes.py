"""The cause of an error: equal for failures of one cause, different for others."""

from itertools import combinations

import pytest

from include.incidents.error_patterns import without_variations
from include.incidents.errors import describe_error
from include.loaders.errors import PermanentError, TransientError
from tests.incidents.error_texts import ERRORS, ErrorText, rendered

_SEEDS = 40
_COSMOS = "dbt invocation completed with errors: "
_QUERY = "01b0c11f-0f14-d76d-0000-0001c00f9b1a"
_MISSING = f"002003 (02000): {_QUERY}: SQL compilation error:\nObject 'X' does not exist."
_DENIED = f"003001 (42501): {_QUERY}: SQL access control error:\nInsufficient privileges."
_QUOTA = (
    f"090073 (22000): {_QUERY}: Warehouse 'LOADING' cannot be resumed because resource monitor "
    "'DDRC_PRD' has exceeded its quota."
)
_URL = "https://example.org/query?resultOffset="


def cause(text: str, kind: str = "") -> str:
    return describe_error(text, kind).cause


def model(name: str, sentence: str, folder: str = "models") -> str:
    """What dbt says of a model that the database refuses."""
    indented = sentence.replace("\n", "\n  ")
    return (
        f"{name}: Database Error in model {name} ({folder}/{name}.sql)\n  {indented}\n"
        f"  compiled code at target/run/{folder}/{name}.sql"
    )


def failed(name: str, rows: int) -> str:
    """What dbt says of a failed test."""
    return f"{name}: Got {rows} result{'s' * (rows != 1)}, configured to fail if != 0"


def load(status: int, offset: int = 0, source: str = "usace") -> str:
    """The text of a load's error."""
    return str(TransientError(source, f"HTTP status {status}", f"{_URL}{offset}", "No service"))


def fivetran(code: str, status: int) -> str:
    """The text of a refusal."""
    return f"Fivetran refused the request: {code} ({status}): refused"


def airflow(status: str) -> str:
    """The text of an answer of Airflow's API."""
    return f"Server error '{status}' for url 'http://127.0.0.1:8080/api/v2/dags'\nFor more: x"


def azure(code: str) -> str:
    """The text of an error of the storage account."""
    return f"The request failed.\nRequestId:{_QUERY}\nTime:2026-11-28T16:00:00Z\nErrorCode:{code}"


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.line[:50])
def test_ids_times_places_and_numbers_do_not_change_the_cause(error: ErrorText) -> None:
    causes = {cause(rendered(error.text, seed), error.kind) for seed in range(_SEEDS)}

    assert len(causes) == 1


@pytest.mark.parametrize("error", [error for error in ERRORS if error.kind and error.text.strip()])
@pytest.mark.parametrize("module", ["", "package.module."])
def test_an_exception_and_its_traceback_in_a_log_have_the_same_cause_and_line(
    error: ErrorText, module: str
) -> None:
    text = rendered(error.text, 1)
    log = (
        "[2026-11-28T16:00:00.000Z] ERROR - Task failed with exception\n"
        "Traceback (most recent call last):\n"
        '  File "/opt/airflow/task_runner.py", line 1700, in run\n    _execute(context)\n'
        f"{module}{error.kind.rpartition('.')[2]}: {text}\n"
        "[2026-11-28T16:00:01.000Z] INFO - Marking the task as failed"
    )

    assert describe_error(log) == describe_error(text, error.kind)


@pytest.mark.parametrize(
    "errors",
    [
        pytest.param(
            [
                (_COSMOS + model("a", _MISSING), "CosmosDbtRunError"),
                (_COSMOS + model("b", _MISSING, "models/marts"), "CosmosDbtRunError"),
                (_COSMOS + f"{model('c', _MISSING)}\n{model('d', _MISSING)}", "CosmosDbtRunError"),
                (_MISSING, "ProgrammingError"),
                (_MISSING.replace(f" {_QUERY}:", ""), "ProgrammingError"),
                (str(TransientError("usace", "refused", "SELECT 1", _MISSING)), "TransientError"),
            ],
            id="one reason of Snowflake, in models, in loads and alone",
        ),
        pytest.param(
            [
                (f"250001{repeated}: Could not connect after {n} attempt(s)", kind)
                for repeated, n, kind in (
                    (": 250001", 2, "OperationalError"),
                    ("", 7, "DbtDatabaseError"),
                )
            ],
            id="Snowflake out of reach, with its number once or twice",
        ),
        pytest.param(
            [
                (f"{_COSMOS}{failed('unique_a', 1)}\n{failed('b', 2)}", ""),
                (f"{_COSMOS}{failed('b', 9)}\n{failed('unique_a', 3)}", ""),
            ],
            id="failed tests, in any order and with any number of rows",
        ),
        pytest.param(
            [(load(503, 0), "TransientError"), (load(503, 2000, "malibu"), "TransientError")],
            id="pages of a layer, and layers of one server",
        ),
        pytest.param(
            [
                (str(TransientError(source, "no complete answer", _URL)), "TransientError")
                for source in ("usace", "malibu")
            ],
            id="layers of one server that says nothing",
        ),
        pytest.param(
            [
                ("Timeout, PID: 412", "AirflowTaskTimeout"),
                ("Timeout, PID: 9. The limit is 20 min.", "AirflowTaskTimeout"),
                ("Trigger timeout", "TaskDeferralTimeout"),
                # The log of one whose exception has no text.
                ("The task ended without an error: it was killed", "AirflowTaskTimeout"),
            ],
            id="a time limit",
        ),
        pytest.param(
            [
                (_QUOTA, "ProgrammingError"),
                (_QUOTA.replace("'LOADING'", "'REPORTING'"), "ProgrammingError"),
                (_COSMOS + model("a", _QUOTA), "CosmosDbtRunError"),
                (str(PermanentError("epa", "no", "SELECT 1", _QUOTA)), "AirflowFailException"),
            ],
            id="a reached quota, in loads, models and unloads",
        ),
        pytest.param([("'data'", "KeyError"), ("error: 'data'", "AirflowException")], id="data"),
        pytest.param(
            [
                (fivetran("AuthFailed", 401), "AirflowFailException"),
                (
                    'Response: {"code":"AuthFailed","message":"refused"}, Status Code: 401',
                    "AirflowException",
                ),
            ],
            id="a refusal of Fivetran by this code or by its provider's",
        ),
    ],
)  # fmt: skip
def test_failures_of_one_cause_share_it(errors: list[tuple[str, str]]) -> None:
    assert len({cause(text, kind) for text, kind in errors}) == 1


@pytest.mark.parametrize(
    "errors",
    [
        pytest.param(
            [
                _MISSING,
                _DENIED,
                _MISSING.replace("'X'", "'Y'"),
                _MISSING.replace("002003", "002043"),
                _MISSING.replace("02000", "42000"),
                "250001 (08001): None: Failed to connect. JWT token is invalid. [x]",
                "250001 (08001): None: Failed to connect. Incorrect username or password.",
                "090073 (22000): Warehouse 'A' cannot be resumed because of its quota.",
                "290503: 290503: HTTP 503: Service Unavailable",
                "290502: 290502: HTTP 502: Bad Gateway",
            ],
            id="Snowflake",
        ),
        pytest.param(
            [
                _COSMOS + model("a", _MISSING),
                _COSMOS + model("a", _DENIED),
                f"{_COSMOS}{model('a', _MISSING)}\n{model('b', _DENIED)}",
                _COSMOS + failed("a", 1),
                _COSMOS + failed("b", 1),
                _COSMOS + failed("a_6ae8a9bd8f4e5d1f2a3b4c5d6e7f8091", 1),
                _COSMOS + failed("a_7ae8a9bd8f4e5d1f2a3b4c5d6e7f8091", 1),
                f"{_COSMOS}a: None",
                f"{_COSMOS}b: None",
            ],
            id="dbt",
        ),
        pytest.param([load(status) for status in (400, 401, 404, 429, 500, 503)], id="loads"),
        pytest.param(
            ["usace: code 498: no access.", "usace: code 499: no access."], id="codes of ArcGIS"
        ),
        pytest.param(
            [
                fivetran("Unauthorized", 401),
                fivetran("Forbidden", 403),
                fivetran("NotFound_Connector", 404),
                "Fivetran sync for connector a failed; please see logs at https://x",
                "API request to Fivetran failed 3 times. Giving up.",
            ],
            id="Fivetran",
        ),
        pytest.param(
            [airflow(it) for it in ("503 Service Unavailable", "500 Internal Server Error")],
            id="Airflow's API",
        ),
        pytest.param(
            [azure(code) for code in ("ServerBusy", "AuthenticationFailed", "BlobNotFound")]
            + ["Authentication failed: AADSTS7000222: x", "Authentication failed: AADSTS700016: x"],
            id="Azure",
        ),
        pytest.param(
            [f"Response body: 'x', Status Code: {status}. See" for status in (403, 404)], id="Slack"
        ),
        pytest.param(
            [f"{status} Server Error: x for url: {_URL}" for status in (500, 502)]
            + [f"HTTP Error {status}: x" for status in (500, 502)]
            + [f"x, status_code={status}" for status in (500, 502)],
            id="HTTP statuses",
        ),
        pytest.param([f"[Errno {it}] Refused" for it in (111, 104, -2)], id="numbers of errors"),
        pytest.param(
            ["Timeout, PID: 3", "terminated by signal -9", "terminated by SIGTERM", "zombie job"],
            id="the end of a process",
        ),
        pytest.param(["KeyError: 'x'", "KeyError: 'y'", "ValueError: 'x'"], id="Python"),
        pytest.param(["stg_2024 is bad", "stg_2025 is bad", "v1 is bad", "v2 is bad"], id="names"),
    ],
)  # fmt: skip
def test_failures_of_different_causes_do_not_share_one(errors: list[str]) -> None:
    for one, other in combinations(errors, 2):
        assert cause(one) != cause(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("on pod usace-load", "on pod malibu-xkzqw"),
        ("Got 1 row.", "Got 1,234 rows"),
        ("found 412 rows", "found 97 rows"),
        ("503 rows (404 of them) at 401 and 12", "1 rows (2 of them) at 3 and 404"),
        ("at 9:05 AM", "at 11:15 p.m."),
        ("at 9:05", "at 16:35:01.5 PST"),
        ("since 2026-11-28", "since 2025-01-02T03:04:05.678+00:00"),
        ("since 20261128T163500Z", "since 20250102T030405Z"),
        ("since Sat Nov 28 16:35:00 2026", "since Mon Jan 2 03:04:05 2025"),
        ("on November 28, 2026", "on 2 Jan 2025"),
        ("in run manual__2026-11-28T16:30:02.537045+00:00_AbC", "in run scheduled__2025-01-02"),
        ("request id: AbCdEf-Gh", "request id: ZzYyXx"),
        ("query_id='AbCdEf'", "query_id='ZzYyXx'"),
        ("tmpabcdef_gh is gone", "tmpzyxwv_u1 is gone"),
        ("in models/a/stg_a.sql", "in models/marts/b.sql"),
        ("in /opt/airflow/dags/a.py", "in /tmp/b"),
        ("at https://a.example/b?c=1", "at http://[::1]:8080/x"),
        ("from 10.0.0.1:5432", "from 192.168.1.20:80"),
        ("from [::1]:8080", "from fe80::1:2%eth0"),
        ("from ip-10-0-3-17.compute.internal", "from ip-10-1-99-4.compute.internal"),
        ("at 0x7f9fc7637000", "at 0x55d0"),
        ("of 3b1f0c7", "of sha256:9b74c9897bac770ffc029102a200c5de"),
        ("took 1.5 s", "took 1e-05 s"),
    ],
)  # fmt: skip
def test_what_varies_is_left_out(one: str, other: str) -> None:
    assert without_variations(one) == without_variations(other)


def test_a_word_of_a_sentence_stays_in_the_cause() -> None:
    sentence = "The layer has lost the required damage_category; re-check look-for-edits."

    assert without_variations(sentence) == sentence.rstrip(".")


def test_the_causes_of_two_kinds_of_error_are_not_equal() -> None:
    by_line = {error.line: cause(rendered(error.text, 1), error.kind) for error in ERRORS}
    same = {line: found for line, found in by_line.items() if "time limit" not in line}

    assert len(set(same.values())) == len(same)
