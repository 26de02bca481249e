"""Texts of errors, as the services, dbt, Cosmos and Airflow write them, and what they mean.

A word between percent signs varies each time: `%query%` is a query's id, `%n%` a number.
"""

import random
import re
from typing import NamedTuple

_HEX = "0123456789abcdef"


class ErrorText(NamedTuple):
    """An error and what it means.

    Attributes:
        kind: The name of the exception's class; empty if there is no exception.
        text: The exception's text, or Airflow's.
        line: The error's line.
        shared: True if all DAGs share its cause.
        details: More lines.
    """

    kind: str
    text: str
    line: str
    shared: bool = False
    details: tuple[str, ...] = ()


def rendered(text: str, seed: int) -> str:
    """A text with random ids, times, places and numbers; one seed gives one text."""
    dice = random.Random(seed)

    def hexadecimal(length: int) -> str:
        # A digit and a letter make it differ from a word and from a number.
        return f"{dice.randrange(10)}a" + "".join(dice.choices(_HEX, k=length - 2))

    def uuid(*lengths: int) -> str:
        return "-".join(hexadecimal(length) for length in lengths)

    day, hour, number = dice.randint(10, 28), dice.randint(10, 23), dice.randrange(2, 10**5)
    month = dice.choice(("Jan", "Mar", "May", "Nov", "Dec"))
    minute = f"{hour}:{dice.randint(10, 59)}:{dice.randint(10, 59)}"
    values = {
        "query": uuid(8, 4, 4, 4, 12),
        "uuid": uuid(8, 4, 4, 4, 12),
        "address": f"0x{hexadecimal(12)}",
        "digest": hexadecimal(dice.choice((32, 40, 64))),
        "host": hexadecimal(12),
        "pod": f"usace-load-{hexadecimal(8)}",
        "worker": f"worker-default-{hexadecimal(10)}-{hexadecimal(5)}",
        "ip": ".".join(str(dice.randint(1, 254)) for _ in range(4)),
        "ipv6": f"2001:db8::{hexadecimal(4)}:{hexadecimal(3)}",
        "port": str(dice.randint(1024, 65535)),
        "path": f"/tmp/tmp{hexadecimal(8)}/target/{hexadecimal(4)}",
        "time": f"2026-11-{day}T{minute}.{dice.randrange(10**6)}Z",
        "date": f"2026-11-{day} {minute}+00:00",
        "http_date": f"Sat, {day} {month} 2026 {minute} GMT",
        "clock": f"{dice.choice(('Mon', 'Tue'))} {month} {day}, {hour - 9}:15 PM PST",
        "run": f"scheduled__2026-11-{day}T{minute}+00:00",
        "n": str(number),
    }
    return re.sub(r"%(\w+)%", lambda found: values[found[1]], text)


_MISSING = "SQL compilation error:\nObject 'X.Y.Z' does not exist or not authorized."
_MISSING_LINE = (
    "Snowflake 002003 (02000): SQL compilation error: "
    "Object 'X.Y.Z' does not exist or not authorized."
)
_HOST = "xy12345.snowflakecomputing.com"
_COSMOS = "dbt invocation completed with errors: "
_UNHANDLED = "dbt invocation did not complete with unhandled error: "
_KILLED = "The task was killed (SIGKILL): most likely out of memory"
_SILENT = "The task was killed: its worker sent no heartbeat"
_DOCS = "https://airflow.apache.org/docs/apache-airflow/stable/troubleshooting.html"
_XML = '<?xml version="1.0" encoding="utf-8"?><Error><Code>x</Code></Error>'


_QUOTA = (
    "090073 (22000): Warehouse 'LOADING_XS_DDRC_PRD' cannot be resumed because resource monitor "
    "'DDRC_PRD' has exceeded its quota."
)
_QUOTA_LINE = (
    "Snowflake: the credit quota of the resource monitor 'DDRC_PRD' is reached: no statement runs "
    "until its next interval begins or an account administrator raises it"
)
_QUOTA_LOAD = f"epa: {_QUOTA_LINE[11:]}. The service said: {_QUOTA}"


def _model(name: str, sentence: str) -> str:
    """What dbt says of a model whose statement the database refuses."""
    indented = sentence.replace("\n", "\n  ")
    path = f"models/marts/{name}.sql"
    return (
        f"{name}: Database Error in model {name} ({path})\n  {indented}\n"
        f"  compiled code at target/run/ddrc/{path}"
    )


SNOWFLAKE = (
    ErrorText("ProgrammingError", f"002003 (02000): %query%: {_MISSING}", _MISSING_LINE, True),
    ErrorText("ProgrammingError", f"002003 (02000): {_MISSING}", _MISSING_LINE, True),
    ErrorText(
        "ProgrammingError",
        "002043 (02000): %query%: SQL compilation error:\n"
        "Object does not exist, or operation cannot be performed.",
        "Snowflake 002043 (02000): SQL compilation error: "
        "Object does not exist, or operation cannot be performed.",
        True,
    ),
    ErrorText(
        "ProgrammingError",
        "003001 (42501): %query%: SQL access control error:\n"
        "Insufficient privileges to operate on table 'USACE_PARCELS'",
        "Snowflake 003001 (42501): SQL access control error: "
        "Insufficient privileges to operate on table 'USACE_PARCELS'",
        True,
    ),
    ErrorText(
        "ProgrammingError",
        "000904 (42000): %query%: SQL compilation error: error line %n% at position %n%\n"
        "invalid identifier 'ROE_TYPO'",
        "Snowflake 000904 (42000): SQL compilation error: error line %n% at position %n% "
        "invalid identifier 'ROE_TYPO'",
    ),
    ErrorText(
        "ProgrammingError",
        "001003 (42000): %query%: SQL compilation error:\n"
        "syntax error line %n% at position 5 unexpected 'FORM'.",
        "Snowflake 001003 (42000): SQL compilation error: "
        "syntax error line %n% at position 5 unexpected 'FORM'.",
    ),
    ErrorText(
        "ProgrammingError",
        "100038 (22018): %query%: Numeric value 'n/a' is not recognized",
        "Snowflake 100038 (22018): Numeric value 'n/a' is not recognized",
    ),
    ErrorText(
        "IntegrityError",
        "100072 (22000): %query%: NULL result in a non-nullable column",
        "Snowflake 100072 (22000): NULL result in a non-nullable column",
    ),
    ErrorText(
        "ProgrammingError",
        "000603 (XX000): %query%: SQL execution internal error:\n"
        "Processing aborted by error 300002:%n%; incident %n%.",
        "Snowflake 000603 (XX000): SQL execution internal error: "
        "Processing aborted by error 300002:%n%; incident %n%.",
        True,
    ),
    ErrorText(
        "ProgrammingError",
        "000604 (57014): %query%: SQL execution canceled",
        "Snowflake 000604 (57014): SQL execution canceled",
        True,
    ),
    ErrorText(
        "ProgrammingError",
        "000605 (57014): %query%: Identified SQL statement is not currently executing.",
        "Snowflake 000605 (57014): Identified SQL statement is not currently executing.",
        True,
    ),
    ErrorText(
        "ProgrammingError",
        "000625 (57014): %query%: Statement '%uuid%' has locked table 'PARCELS' in transaction "
        "%n% and this lock has not yet been released.",
        "Snowflake 000625 (57014): Statement '%uuid%' has locked table 'PARCELS' in transaction "
        "%n% and this lock has not yet been released.",
        True,
    ),
    ErrorText(
        "ProgrammingError",
        _QUOTA.replace(": ", ": %query%: ", 1),
        _QUOTA_LINE,
        True,
    ),
    ErrorText("AirflowFailException", f"{_QUOTA_LOAD} Request: DELETE FROM x.", _QUOTA_LINE, True),
    ErrorText("AirflowException", f"The sync failed: {_QUOTA[16:]}", _QUOTA_LINE, True),
    ErrorText(
        "ProgrammingError",
        "000606 (57P03): %query%: No active warehouse selected in the current session.",
        "Snowflake 000606 (57P03): No active warehouse selected in the current session.",
        True,
    ),
    ErrorText(
        "DatabaseError",
        f"250001 (08001): None: Failed to connect to DB: {_HOST}:443. "
        "JWT token is invalid. [%uuid%]",
        f"Snowflake 250001 (08001): Failed to connect to DB: {_HOST}:443. "
        "JWT token is invalid. [%uuid%]",
        True,
    ),
    ErrorText(
        "DatabaseError",
        f"250001 (08001): None: Failed to connect to DB: {_HOST}:443. Incoming request with "
        "IP/Token %ip% is not allowed to access Snowflake.",
        f"Snowflake 250001 (08001): Failed to connect to DB: {_HOST}:443. Incoming request with "
        "IP/Token %ip% is not allowed to access Snowflake.",
        True,
    ),
    ErrorText(
        "ProgrammingError",
        "390114 (08001): None: Authentication token has expired. The user must authenticate "
        "again. [%uuid%]",
        "Snowflake 390114 (08001): Authentication token has expired. The user must authenticate "
        "again. [%uuid%]",
        True,
    ),
    ErrorText(
        "OperationalError",
        "250001: 250001: Could not connect to Snowflake backend after %n% attempt(s).Aborting",
        "Snowflake 250001: Could not connect to Snowflake backend after %n% attempt(s).Aborting",
        True,
    ),
    ErrorText(
        "ServiceUnavailableError",
        "290503: 290503: HTTP 503: Service Unavailable",
        "Snowflake 290503: HTTP 503: Service Unavailable",
        True,
    ),
    ErrorText(
        "", "JWT token is invalid. [%uuid%]", "Snowflake: JWT token is invalid. [%uuid%]", True
    ),
)

DBT = (
    ErrorText(
        "CosmosDbtRunError",
        _COSMOS + _model("usace_metrics", f"002003 (02000): %query%: {_MISSING}"),
        _MISSING_LINE,
        True,
        ("failed: usace_metrics",),
    ),
    ErrorText(
        "CosmosDbtRunError",
        _COSMOS + _model("usace_metrics", _QUOTA),
        _QUOTA_LINE,
        True,
        ("failed: usace_metrics",),
    ),
    ErrorText(
        "CosmosDbtRunError",
        _COSMOS
        + "\n".join(
            _model(name, f"002003 (02000): %query%: {_MISSING}") for name in ("a", "b", "c")
        ),
        _MISSING_LINE,
        True,
        ("failed: a, b, c",),
    ),
    ErrorText(
        "CosmosDbtRunError",
        _COSMOS + _model("epa_metrics", "100038 (22018): Numeric value 'n/a' is not recognized"),
        "Snowflake 100038 (22018): Numeric value 'n/a' is not recognized",
        False,
        ("failed: epa_metrics",),
    ),
    ErrorText(
        "CosmosDbtRunError",
        _COSMOS + "epa_metrics: Compilation Error in model epa_metrics (models/epa_metrics.sql)\n"
        "  This model has an enforced contract that failed.\n"
        "  Please ensure the name, data_type, and number of columns in your contract match.\n"
        "  \n  > in macro assert_columns_equivalent (macros/contract.sql)\n"
        "  > called by model epa_metrics (models/epa_metrics.sql)",
        "This model has an enforced contract that failed.",
        False,
        ("failed: epa_metrics",),
    ),
    ErrorText(
        "CosmosDbtRunError",
        _COSMOS + "not_null_epa_metrics_metric_value: Got 3 results, configured to fail if != 0",
        "Failed dbt test: not_null_epa_metrics_metric_value (3 rows)",
        False,
        ("not_null_epa_metrics_metric_value: 3 rows",),
    ),
    ErrorText(
        "CosmosDbtRunError",
        _COSMOS + "unique_a: Got 1 result, configured to fail if != 0\n"
        "holds_b_6ae8a9bd8f4e5d1f2a3b4c5d6e7f8091: Got %n% results, configured to fail if != 0",
        "Failed dbt tests: holds_b_6ae8a9bd8f4e5d1f2a3b4c5d6e7f8091, unique_a",
        False,
        ("holds_b_6ae8a9bd8f4e5d1f2a3b4c5d6e7f8091: %n% rows", "unique_a: 1 row"),
    ),
    ErrorText(
        "CosmosDbtRunError",
        f"{_COSMOS}unique_a: Got 1 result, configured to fail if != 0\n"
        + _model("m", "000604 (57014): %query%: SQL execution canceled"),
        "Snowflake 000604 (57014): SQL execution canceled; Failed dbt test: unique_a (1 row)",
        False,
        ("unique_a: 1 row", "failed: m"),
    ),
    ErrorText(
        "CosmosDbtRunError",
        f"{_COSMOS}la_fires_page_feedback: None",
        "The source's data is older than its freshness limit: la_fires_page_feedback",
    ),
    ErrorText(
        "CosmosDbtRunError",
        f"{_COSMOS}permits: None\ninspections: None",
        "The source's data is older than its freshness limit: inspections, permits",
    ),
    ErrorText(
        "CosmosDbtRunError",
        f'{_UNHANDLED}Runtime Error\n  Database error while listing schemas in database "D"\n'
        "  Database Error\n"
        "    250001: Could not connect to Snowflake backend after %n% attempt(s).Aborting",
        "Snowflake 250001: Could not connect to Snowflake backend after %n% attempt(s).Aborting",
        True,
    ),
    ErrorText(
        "CosmosDbtRunError",
        f"{_UNHANDLED}Compilation Error\n  Model 'model.p.m' (models/m.sql) depends on a node "
        "named 'nope' which was not found",
        "Model 'model.p.m' (models/m.sql) depends on a node named 'nope' which was not found",
    ),
    ErrorText(
        "CosmosDbtRunError",
        f"{_UNHANDLED}Compilation Error in model m (models/m.sql)\n"
        "  unexpected 'end of template'\n    line %n%\n      select {{{{ nope(",
        "unexpected 'end of template'",
        False,
        ("in model m",),
    ),
    ErrorText(
        "CosmosDbtRunError",
        f"{_UNHANDLED}Runtime Error\n  at path ['version']: '1' is not valid under any of the "
        "given schemas\n\nError encountered in %path%/dbt_project.yml",
        "at path ['version']: '1' is not valid under any of the given schemas",
    ),
    ErrorText(
        "CosmosDbtRunError",
        f"{_UNHANDLED}Parsing Error\n  Env var required but not provided: 'DDRC_ENV'",
        "Env var required but not provided: 'DDRC_ENV'",
    ),
    ErrorText(
        "AirflowException",
        "dbt command failed. The command returned a non-zero exit code 2.",
        "dbt command failed. The command returned a non-zero exit code 2.",
    ),
)

AZURE = (
    ErrorText(
        "ResourceNotFoundError",
        "The specified container does not exist.\nRequestId:%uuid%\nTime:%time%\n"
        f"ErrorCode:ContainerNotFound\nContent: {_XML}",
        "Azure: The specified container does not exist. (ContainerNotFound)",
        True,
    ),
    ErrorText(
        "ClientAuthenticationError",
        "Server failed to authenticate the request. Make sure the value of Authorization header "
        "is formed correctly including the signature.\nRequestId:%uuid%\nTime:%time%\n"
        "ErrorCode:AuthenticationFailed\nauthenticationerrordetail:The MAC signature is wrong.",
        "Azure: Server failed to authenticate the request. Make sure the value of Authorization "
        "header is formed correctly including the signature. (AuthenticationFailed)",
        True,
    ),
    ErrorText(
        "HttpResponseError",
        "This request is not authorized to perform this operation.\nRequestId:%uuid%\n"
        "Time:%time%\nErrorCode:AuthorizationFailure",
        "Azure: This request is not authorized to perform this operation. (AuthorizationFailure)",
        True,
    ),
    ErrorText(
        "HttpResponseError",
        "The server is busy.\nRequestId:%uuid%\nTime:%time%\nErrorCode:ServerBusy",
        "Azure: The server is busy. (ServerBusy)",
        True,
    ),
    ErrorText(
        "HttpResponseError",
        "Operation returned an invalid status 'Service Unavailable'\nErrorCode:None",
        "Azure: Operation returned an invalid status 'Service Unavailable'",
        True,
    ),
    ErrorText(
        "ServiceRequestError",
        "HTTPConnection(host='%ip%', port=%port%): Failed to establish a new connection: "
        "[Errno 111] Connection refused",
        "Azure: %ip% does not answer: [Errno 111] Connection refused",
        True,
    ),
    ErrorText(
        "",
        "HTTPSConnectionPool(host='ddrc.blob.core.windows.net', port=443): Max retries exceeded "
        'with url: /public?restype=container&timeout=%n% (Caused by NewConnectionError("'
        "HTTPSConnection(host='ddrc.blob.core.windows.net', port=443): Failed to establish a new "
        'connection: [Errno 111] Connection refused"))',
        "Azure: ddrc.blob.core.windows.net does not answer: [Errno 111] Connection refused",
        True,
    ),
    ErrorText(
        "ServiceRequestError",
        "HTTPSConnection(host='ddrc.blob.core.windows.net', port=443): Failed to resolve "
        "'ddrc.blob.core.windows.net' ([Errno -2] Name or service not known)",
        "Azure: ddrc.blob.core.windows.net does not answer: [Errno -2] Name or service not known",
        True,
    ),
    ErrorText(
        "ServiceResponseError",
        "HTTPSConnectionPool(host='ddrc.blob.core.windows.net', port=443): Read timed out. "
        "(read timeout=%n%)",
        "Azure: ddrc.blob.core.windows.net does not answer: Read timed out",
        True,
    ),
    ErrorText(
        "ServiceRequestError",
        "<urllib3.connection.HTTPSConnection object at %address%>: Failed to establish a new "
        "connection: [Errno 111] Connection refused",
        "Azure: <urllib3.connection.HTTPSConnection object at %address%>: Failed to establish a "
        "new connection: [Errno 111] Connection refused",
        True,
    ),
    ErrorText(
        "ClientAuthenticationError",
        "Authentication failed: AADSTS7000222: The provided client secret keys for app '%uuid%' "
        "are expired. Trace ID: %uuid% Correlation ID: %query% Timestamp: %date%",
        "Azure: Authentication failed: AADSTS7000222: The provided client secret keys for app "
        "'%uuid%' are expired.",
        True,
    ),
)

FIVETRAN = (
    ErrorText(
        "KeyError",
        "'data'",
        "Fivetran refused the request; the exception (KeyError: 'data') has neither its code nor "
        "its message",
        True,
    ),
    ErrorText(
        "AirflowException",
        "error: 'data'",
        "Fivetran refused the request; the exception (KeyError: 'data') has neither its code nor "
        "its message",
        True,
    ),
    ErrorText(
        "AirflowException",
        'Response: {"code":"AuthFailed","message":"Invalid authorization credentials"}, '
        "Status Code: 401",
        "Fivetran refused the request: AuthFailed (401): Invalid authorization credentials",
        True,
    ),
    ErrorText(
        "AirflowFailException",
        "Fivetran refused the request: Unauthorized (401): Invalid authorization credentials",
        "Fivetran refused the request: Unauthorized (401): Invalid authorization credentials",
        True,
    ),
    ErrorText(
        "AirflowFailException",
        "Fivetran refused the request: NotFound_Connector (404): Cannot find connector with id "
        "'x'. Check the Airflow Variable fivetran_connector_airtable.",
        "Fivetran refused the request: NotFound_Connector (404): Cannot find connector with id "
        "'x'. Check the Airflow Variable fivetran_connector_airtable.",
    ),
    ErrorText(
        "AirflowException",
        "Fivetran refused the request: TooManyRequests (429): Rate limit exceeded",
        "Fivetran refused the request: TooManyRequests (429): Rate limit exceeded",
        True,
    ),
    ErrorText(
        "AirflowException",
        "error: 401, message='Unauthorized', url='https://api.fivetran.com/v1/connectors/%n%'",
        "Fivetran refused the request: Unauthorized (401)",
        True,
    ),
    ErrorText(
        "AirflowException",
        "API request to Fivetran failed %n% times. Giving up.",
        "Fivetran: API request to Fivetran failed %n% times. Giving up.",
        True,
    ),
    ErrorText(
        "ConnectionError",
        "HTTPSConnectionPool(host='api.fivetran.com', port=443): Max retries exceeded with url: "
        "/v1/connectors/a (Caused by NewConnectionError(\"HTTPSConnection(host='api.fivetran.com'"
        ', port=443): Failed to establish a new connection: [Errno 101] Network is unreachable"))',
        "Fivetran: api.fivetran.com does not answer: [Errno 101] Network is unreachable",
        True,
    ),
    ErrorText(
        "AirflowException",
        "error: Fivetran sync for connector speak_inexpensive failed; please see logs at "
        "https://fivetran.com/dashboard/connectors/airtable/odi?requiredGroup=%n%",
        "Fivetran sync for connector speak_inexpensive failed; please see logs at "
        "https://fivetran.com/dashboard/connectors/airtable/odi?requiredGroup=%n%",
    ),
    ErrorText(
        "AirflowException",
        'Fivetran connector "speak_inexpensive" not correctly configured, status: broken\n'
        "Please see: https://fivetran.com/dashboard/connectors/airtable/odi/setup",
        'Fivetran connector "speak_inexpensive" not correctly configured, status: broken',
    ),
)

LOADS = (
    ErrorText(
        "TransientError",
        "usace: HTTP status 503. The service said: Service Unavailable. "
        "Request: https://services.example.org/query?resultOffset=%n%.",
        "usace: HTTP status 503. The service said: Service Unavailable",
    ),
    ErrorText(
        "TransientError",
        "usace: an error inside HTTP 200, code 504. The service said: Your request has timed out. "
        "Request: https://services.example.org/query?a=%n%.",
        "usace: an error inside HTTP 200, code 504. The service said: Your request has timed out",
    ),
    ErrorText(
        "AirflowFailException",
        "epa: an error inside HTTP 200, code 498: no access. The service said: Invalid token. "
        "Request: https://services.example.org/0.",
        "epa: an error inside HTTP 200, code 498: no access. The service said: Invalid token",
    ),
    ErrorText(
        "IncompleteError",
        "usace: expected %n% rows, found 11000. Request: https://services.example.org/query.",
        "usace: expected %n% rows, found 11000",
    ),
    ErrorText(
        "AirflowFailException",
        "malibu: row OBJECTID=%n%: the field 'count' is declared as integer and holds 'many' "
        "(not a whole number). Request: https://example.org.",
        "malibu: row OBJECTID=%n%: the field 'count' is declared as integer and holds 'many' "
        "(not a whole number)",
    ),
    ErrorText(
        "AirflowFailException",
        "pasadena: the answer has %n% rows instead of %n%. The table is unchanged; if the drop is "
        "real, accept it with a reason.",
        "pasadena: the answer has %n% rows instead of %n%. The table is unchanged; if the drop is "
        "real, accept it with a reason.",
    ),
    ErrorText(
        "TransientError",
        "usace: no complete answer (ConnectError: [Errno 111] Connection refused). "
        "Request: https://services.example.org/query.",
        "usace: no complete answer (ConnectError: [Errno 111] Connection refused)",
    ),
    ErrorText(
        "AirflowFailException",
        "usace: the warehouse refuses a statement. The service said: 003001 (42501): %query%: SQL "
        "access control error:\nInsufficient privileges to operate on table 'USACE_PARCELS'. "
        "Request: INSERT INTO X SELECT %n%.",
        "Snowflake 003001 (42501): SQL access control error: "
        "Insufficient privileges to operate on table 'USACE_PARCELS'",
        True,
    ),
)

AIRFLOW = (
    ErrorText(
        "HTTPStatusError",
        "Server error '503 Service Unavailable' for url 'http://%ip%:%port%/api/v2/dags?limit=%n%'"
        "\nFor more information check: https://developer.mozilla.org/en-US/docs/Web/HTTP/Status/503",
        "Airflow's API answered 503 Service Unavailable to /api/v2/dags",
        True,
    ),
    ErrorText(
        "HTTPStatusError",
        "Client error '401 Unauthorized' for url 'https://a.astronomer.run/dx/api/v2/dags'\n"
        "For more information check: https://developer.mozilla.org/en-US/docs/Web/HTTP/Status/401",
        "Airflow's API answered 401 Unauthorized to /api/v2/dags",
        True,
    ),
    ErrorText(
        "ConnectError",
        "[Errno 111] Connection refused",
        "Airflow's API: [Errno 111] Connection refused",
        True,
    ),
    ErrorText("ReadTimeout", "timed out", "Airflow's API: timed out", True),
    ErrorText(
        "AirflowRuntimeError",
        "API_SERVER_ERROR: {'status_code': 500, 'message': 'Server Error', 'id': '%uuid%'}",
        "Airflow's API: API_SERVER_ERROR: "
        "{'status_code': 500, 'message': 'Server Error', 'id': '%uuid%'}",
        True,
    ),
    ErrorText(
        "AirflowRuntimeError",
        "VARIABLE_NOT_FOUND: {'message': 'Variable with key fivetran_connector_x not found'}",
        "VARIABLE_NOT_FOUND: {'message': 'Variable with key fivetran_connector_x not found'}",
    ),
    ErrorText(
        "AirflowNotFoundException",
        "The conn_id `snowflake_loader` isn't defined",
        "The conn_id `snowflake_loader` isn't defined",
    ),
    ErrorText(
        "AirflowException",
        "Response body: 'no_service', Status Code: 404. "
        "See: https://api.slack.com/messaging/webhooks#handling_errors",
        "Slack refused the message: no_service (404)",
        True,
    ),
    ErrorText(
        "URLError",
        "<urlopen error [Errno 111] Connection refused>",
        "Slack: <urlopen error [Errno 111] Connection refused>",
        True,
    ),
)

ENDED = (
    ErrorText("AirflowTaskTimeout", "Timeout, PID: %n%", "The task exceeded its time limit"),
    ErrorText(
        "AirflowTaskTimeout",
        "Timeout, PID: %n%. The limit is 20 min.",
        "The task exceeded its time limit of 20 min",
    ),
    ErrorText(
        "AirflowTaskTimeout",
        ". The limit is 1 h 30 min.",
        "The task exceeded its time limit of 1 h 30 min",
    ),
    ErrorText(
        "AirflowSensorTimeout",
        "Sensor has timed out; run duration of %n%.3 seconds exceeds the specified timeout of "
        "2400.0.",
        "The task exceeded its time limit of 40 min",
    ),
    ErrorText("TaskDeferralTimeout", "Trigger timeout", "The task exceeded its time limit"),
    ErrorText(
        "",
        "Process terminated by signal. Likely out of memory error (OOM). For more information, "
        f"see {_DOCS}#process-terminated-by-signal. SIGKILL",
        _KILLED,
    ),
    ErrorText("", "Process terminated by signal -9 on %pod%", _KILLED),
    ErrorText("", "Process %n% exited with exit code 137", _KILLED),
    ErrorText("Exception", "exit_code: -9, PID %n%", _KILLED),
    ErrorText(
        "",
        f"Process terminated by signal. For more information, see {_DOCS}. SIGTERM",
        "The task was killed (SIGTERM)",
    ),
    ErrorText("", "*** Received SIGSEGV ***", "The task was killed (SIGSEGV)"),
    ErrorText("", f"Process terminated by signal. See {_DOCS}", "The task was killed by a signal"),
    ErrorText(
        "Exception",
        "{'DAG Id': 'usace', 'Task Id': 'load', 'Run Id': '%run%', 'Hostname': '%host%', "
        "'External Executor Id': '%uuid%'}",
        _SILENT,
    ),
    ErrorText(
        "",
        "Task did not emit heartbeat within time limit (%n% seconds) and will be terminated.",
        _SILENT,
    ),
    ErrorText("Exception", "Detected zombie job: {'full_filepath': '%path%'}", _SILENT),
    ErrorText(
        "Exception",
        "Executor LocalExecutor(parallelism=%n%) reported that the task instance "
        "<TaskInstance: usace.load %run% [queued]> finished with state failed, but the task "
        "instance's state attribute is queued. Extra info: None",
        "The task was killed from outside: it ended without a result",
    ),
    ErrorText(
        "",
        "The task ended without an error: it was killed or marked as failed.",
        "The task ended without an error: it was killed or marked as failed.",
    ),
)

PYTHON = (
    ErrorText("KeyError", "'x'", "KeyError: 'x'"),
    ErrorText(
        "builtins.TypeError",
        "'NoneType' object is not iterable",
        "TypeError: 'NoneType' object is not iterable",
    ),
    ErrorText("ValueError", "", "ValueError without a message"),
    ErrorText("", "", "The task failed without a message"),
    ErrorText("", " \n\t ", "The task failed without a message"),
    ErrorText(
        "FileNotFoundError",
        "[Errno 2] No such file or directory: '%path%'",
        "FileNotFoundError: [Errno 2] No such file or directory: '%path%'",
    ),
    ErrorText(
        "JSONDecodeError",
        "Expecting value: line 1 column %n% (char %n%)",
        "JSONDecodeError: Expecting value: line 1 column %n% (char %n%)",
    ),
    ErrorText(
        "RuntimeError",
        "worker %worker% (PID %n%, %ip%:%port%, [%ipv6%]:%port%) lost <object at %address%>",
        "RuntimeError: worker %worker% (PID %n%, %ip%:%port%, [%ipv6%]:%port%) lost "
        "<object at %address%>",
    ),
    ErrorText(
        "NotServedError",
        "THE PUBLIC FILE IS NOT WHAT WAS PROMOTED. It is sha256:%digest% since %clock%, not of "
        "%http_date%, %date%",
        "THE PUBLIC FILE IS NOT WHAT WAS PROMOTED. It is sha256:%digest% since %clock%, not of "
        "%http_date%, %date%",
    ),
    ErrorText(
        "",
        "[%time%] {task_runner.py:1003} ERROR - Task failed with exception\n"
        f'Traceback (most recent call last):\n  File "%path%/a.py", line %n%, in load\n'
        "    rows[key]\nKeyError: 'x'\n\nDuring handling of the above exception, another exception "
        "occurred:\n\nTraceback (most recent call last):\n"
        '  File "%path%/b.py", line %n%, in execute\n    load()\n'
        f"snowflake.connector.errors.ProgrammingError: 002003 (02000): %query%: {_MISSING}\n"
        "%time% INFO - Done. Returned value was: None",
        _MISSING_LINE,
        True,
    ),
    ErrorText(
        "",
        'Traceback (most recent call last):\n  File "/a.py", line %n%, in <module>\n'
        "airflow.sdk.exceptions.AirflowTaskTimeout: Timeout, PID: %n%",
        "The task exceeded its time limit",
    ),
    ErrorText(
        "",
        "azure.core.exceptions.ServiceRequestError: [Errno 104] Connection reset by peer",
        "Azure: [Errno 104] Connection reset by peer",
        True,
    ),
    ErrorText("AirflowException", "\x1b[31mbad\x1b[0m \x00thing\x07", "bad thing"),
    ErrorText("AirflowException", "password=abcde is wrong", "password=*** is wrong"),
)

ERRORS = SNOWFLAKE + DBT + AZURE + FIVETRAN + LOADS + AIRFLOW + ENDED + PYTHON
