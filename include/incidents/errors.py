"""The real error of a failure, found in its text, and the cause that several failures share."""

import builtins
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from include.incidents.error_patterns import without_variations
from include.incidents.text import count, join_names, mask_secrets, one_line
from include.loaders.raw.warehouse_errors import reached_quota
from include.times import duration

LONGEST_LINE = 400
LONGEST_DETAIL = 200
MOST_DETAILS = 10
# Of a longer text, the beginning and the end are read: a traceback has its error at the end.
_HALF = 30_000
# More than the longest secret: what the cut leaves of one, without its name, is cut off as well.
_LONGEST_SECRET = 5_000
_LONGEST_MESSAGE = 4_000
_MOST_NODES = 200

_TRACEBACK = "Traceback (most recent call last):"
_RAISED = re.compile(r"^(?:\w+\.)*(\w+)(?:: |$)", re.M)
_TYPED = re.compile(
    r"(?:[a-z_]\w*\.)+([A-Z]\w*)(?:: |$)|([A-Z]\w*(?:Error|Exception|Timeout))(?:: |$)"
)
_NEXT_LOG_LINE = re.compile(r"\n(?=\[?\d{4}-\d\d-\d\d[T ])")

_TIMEOUTS = ("AirflowTaskTimeout", "AirflowSensorTimeout", "TaskDeferralTimeout")
_TIMED_OUT = re.compile(r"^(?:Timeout, PID: |Sensor has timed out|Trigger timeout)")
_LIMIT = re.compile(r"The limit is (.{1,40}?)\.?$|timeout of (\d{1,7})(?:\.\d+)?\.?$", re.M)

_DBT_RUN = re.compile(r"dbt invocation (completed with errors|did not complete[\w ]*): ")
_DBT_NODE = re.compile(r"^([A-Za-z_][\w.]*): ", re.M)
_DBT_TEST = re.compile(r"Got (\d{1,18}) results?, configured to ")
_DBT_WRAP = re.compile(
    r"^[ \t]*(?:[A-Z][a-z]+ Error(?: in (\w+ \S+) \(.*\))?|compiled code at .*"
    r"|> (?:in|called by) .*)$",
    re.M,
)
_SNOWFLAKE = re.compile(
    r"(?:^|[\s:])(?:(\d{5,6}) \((\w{5})\)|((?:25|29|39)\d{4})): (?:(?:None|[\da-f-]{8,}|\3): )?"
)
# These errors are about the SQL, as those of 100000 and more are about rows.
_OWN_SQLSTATES = ("42000", "0A000")
# Fivetran does not have one connector, or refuses what is requested of it.
_OF_A_CONNECTOR = re.compile(r"\((?:400|404|409)\)")

# Patterns of texts, and what they mean; the first one that is found counts.
_KILLS = {
    r"SIGKILL|\(OOM\)|OOMKilled|signal -?9\b|(?:exit|return)[ _]code:? (?:-9|137)\b": (
        "The task was killed (SIGKILL): most likely out of memory"
    ),
    r"(?:terminated by|[Rr]eceived) (?:signal.{0,400}\b)?(SIG[A-Z]{3,6}|signal -?\d{1,2})\b": (
        r"The task was killed (\1)"
    ),
    r"terminated by signal": "The task was killed by a signal",
    r"heartbeat within|heartbeat timeout|without a heartbeat|zombie (?:job|task)|\A\{'DAG Id': ": (
        "The task was killed: its worker sent no heartbeat"
    ),
    r"reported that the task instance .{1,400} finished with|shouldn't be running anymore": (
        "The task was killed from outside: it ended without a result"
    ),
}
_REFUSALS = {
    r"\A'data'\Z": (
        "Fivetran refused the request; the exception (KeyError: 'data') has neither its code nor "
        "its message"
    ),
    r'\AResponse: .*"code" ?: ?"([^"]*)", ?"message" ?: ?"([^"]*)".*Status Code: (\d{3})\Z': (
        r"Fivetran refused the request: \1 (\3): \2"
    ),
    r"\A(\d{3}), message='([^']*)', url='https://api\.fivetran": (
        r"Fivetran refused the request: \2 (\1)"
    ),
    r"\AResponse body: '([^']*)', Status Code: (\d{3})": r"Slack refused the message: \1 (\2)",
    r"'(\d{3} [^']+)' for url '[^']*?(/(?:api/v2|auth)/[^'?]*)": (
        r"Airflow's API answered \1 to \2"
    ),
    r"HTTPS?Connection(?:Pool)?\(host='([^']+)'.*?"
    r"(\[Errno [^)'\"]+|Read timed out|Connection to \S+ timed out)": r"\1 does not answer: \2",
    r"\A(.*?)\s+(?:RequestId:.*\s)?ErrorCode:(?!None)(\w+)": r"Azure: \1 (\2)",
    r"\A(.*AADSTS\d.*?)\s+Trace ID:": r"Azure: \1",
}
# The services that all DAGs share, by an exception's class or by the text in the lines after it.
_SERVICES = {
    "Azure": r"\A(?:Azure|ClientAuthentication|CredentialUnavailable|HttpResponse)Error$"
    r"|\A(?:Resource(?:Exists|Modified|NotFound)|Service(?:Request|Response)\w*)Error$"
    r"|AADSTS\d|^(?:ErrorCode|RequestId):|host='[\w.-]{1,100}\.core\.windows\.net'",
    # Loaders and the check of the public file wrap the errors of their own HTTP requests.
    "Airflow's API": r"\A(?:ServerResponse|Connect|Read|Write|RemoteProtocol)Error$"
    r"|\A(?:Connect|Read|Write|Pool)Timeout$|' for url '[^']{1,200}/(?:api/v2|auth)/"
    "|^(?:API_SERVER_ERROR|PERMISSION_DENIED|GENERIC_ERROR): ",
    "Fivetran": r"^Fivetran refused|^API requests? to Fivetran failed|\bapi\.fivetran\.com\b"
    r"|^Response: .*Status Code: \d{3}$|^'data'$",
    "Slack": r"\A(?:Slack\w+|URL)Error$|^Response body: '|hooks\.slack\.com",
    "Snowflake": r"\A(?:Operational|Interface|Programming)Error$|JWT token is invalid"
    r"|\.snowflakecomputing\.com",
}


@dataclass(frozen=True)
class ErrorFacts:
    """What the text of an error says.

    Attributes:
        line: The real error in one line, masked.
        details: More lines: the failed dbt tests with their rows, the failed models.
        cause: The text that failures of one cause share: without ids, times, numbers and places.
        is_shared: True if the cause is in a service that all DAGs share.
    """

    line: str
    details: tuple[str, ...]
    cause: str
    is_shared: bool


def describe_error(text: str, error_type: str = "") -> ErrorFacts:
    """Describe a failure.

    Args:
        text: The text of an exception, what Airflow says of a task, or the end of its log.
        error_type: The name of the exception's class, with or without its module.
    """
    text, kind = _raised(_readable(text), error_type.rpartition(".")[2])
    if kind in _TIMEOUTS or _TIMED_OUT.search(text):
        limit = _LIMIT.search(text)
        of = limit and (limit[1] or duration(timedelta(seconds=int(limit[2]))))
        return _facts(f"The task exceeded its time limit{f' of {of}' if of else ''}", "time limit")
    if line := _sentence(_KILLS, text):
        return _facts(line, line)
    if run := _DBT_RUN.search(text):
        text, kind = text[run.end() :], ""
        if run[1].startswith("completed") and _DBT_NODE.match(text):
            return _of_nodes(text)
    return _of_dbt(text, kind)


def _readable(text: str) -> str:
    """The text without its middle, secrets, colours and lone surrogates."""
    if len(text) > 2 * _HALF:
        end = _masked(text[-_HALF - _LONGEST_SECRET :])[-_HALF:]
        text = f"{text[:_HALF]}\n{end}"
    return _masked(text).strip()


def _masked(text: str) -> str:
    without_surrogates = text.encode("utf-8", "replace").decode()
    return mask_secrets(re.sub(r"\x1b\[[\d;]*m", "", without_surrogates))


def _raised(text: str, kind: str) -> tuple[str, str]:
    """The message and the class of the error with which a traceback or a log ends."""
    _, is_traceback, stack = text.rpartition(_TRACEBACK)
    found = _RAISED.search(stack) if is_traceback else None if kind else _TYPED.match(text)
    if found:
        rest = found.string[found.end() :]
        kind, text = found[found.lastindex or 0], _NEXT_LOG_LINE.split(rest, maxsplit=1)[0].strip()
    # Fivetran's trigger writes it before the message of its error.
    return text.removeprefix("error: "), kind


def _sentence(meanings: dict[str, str], text: str) -> str:
    for pattern, meaning in meanings.items():
        if found := re.search(pattern, text, re.DOTALL):
            return found.expand(meaning)
    return ""


def _facts(
    line: str, cause: str, details: Iterable[str] = (), *, is_shared: bool = False
) -> ErrorFacts:
    shown = [one_line(" ".join(each.split()), LONGEST_DETAIL) for each in details]
    if len(shown) > MOST_DETAILS:
        shown[MOST_DETAILS - 1 :] = [f"and {len(shown) - MOST_DETAILS + 1} more"]
    return ErrorFacts(
        one_line(" ".join(line.split()), LONGEST_LINE), tuple(shown), cause, is_shared
    )


def _of_nodes(text: str) -> ErrorFacts:
    """What Cosmos says of each node that failed: a test, a source that is too old, or a model."""
    parts = _DBT_NODE.split(text, maxsplit=_MOST_NODES)[1:]
    tests, late, models = {}, [], {}
    for name, message in sorted(zip(parts[::2], parts[1::2], strict=True)):
        if found := _DBT_TEST.match(message):
            tests[name] = count(int(found[1]), "row")
        elif message.strip() == "None":
            late.append(name)
        else:
            models[name] = _of_dbt(message, "")
    reasons = {facts.cause: facts for facts in models.values()}
    lines, causes = [facts.line for facts in reasons.values()], sorted(reasons)
    if tests:
        [(name, rows), *others] = tests.items()
        names = f": {name} ({rows})" if not others else f"s: {join_names(tuple(tests), 5)}"
        lines.append(f"Failed dbt test{names}")
        causes.append(f"dbt tests: {' '.join(tests)}")
    if late:
        lines.append(f"The source's data is older than its freshness limit: {', '.join(late)}")
        causes.append(lines[-1])
    details = [f"{name}: {rows}" for name, rows in tests.items()]
    details += [f"failed: {join_names(tuple(models), 5)}"] * bool(models)
    is_shared = not tests and not late and all(facts.is_shared for facts in reasons.values())
    return _facts("; ".join(lines), "; ".join(causes), details, is_shared=is_shared)


def _of_dbt(text: str, kind: str) -> ErrorFacts:
    """What an error says without the lines that dbt puts around it."""
    nodes = [f"in {found[1]}" for found in _DBT_WRAP.finditer(text) if found[1]]
    facts = _of_service(_DBT_WRAP.sub("", text).strip() or text, kind)
    return replace(facts, details=_facts("", "", nodes).details)


def _of_service(text: str, kind: str) -> ErrorFacts:
    # The text of a `LoadError` (include/loaders/errors.py) ends with the request.
    is_load = ". The service said: " in text or ". Request: " in text
    text = text.partition(". Request: ")[0][:_LONGEST_MESSAGE]
    if quota := reached_quota(text):
        line = f"Snowflake: {quota}"
        return _facts(line, without_variations(line), is_shared=True)
    if found := _SNOWFLAKE.search(text):
        number, state, bare = found.groups()
        line = f"Snowflake {f'{number} ({state})' if number else bare}: "
        body = text[found.end() :]
        is_own = bool(number) and (number.startswith("100") or state in _OWN_SQLSTATES)
        return _facts(line + body, line + without_variations(body), is_shared=not is_own)
    if is_load:
        return _facts(text, without_variations(text.partition(": ")[2] or text))
    words = f"{kind}\n{text}"
    found_in = (name for name, pattern in _SERVICES.items() if re.search(pattern, words, re.M))
    service = next(found_in, "")
    line = _sentence(_REFUSALS, text) or (
        one_line(text, _LONGEST_MESSAGE)
        if text
        else f"{kind or 'The task failed'} without a message"
    )
    # A class of Python's own says what its message only implies: KeyError: 'x'.
    is_python = (hasattr(builtins, kind) and kind != "Exception") or kind.endswith("DecodeError")
    prefix = service or (kind if is_python and text else "")
    if prefix and not line.startswith(prefix):
        line = f"{prefix}: {line}"
    is_shared = bool(service) and not (service == "Fivetran" and _OF_A_CONNECTOR.search(line))
    return _facts(line, without_variations(line), is_shared=is_shared)
