"""The contract of the published file, on which the public page and other readers rely.

The page finds a metric by its name, shows `METRIC_VALUE.toLocaleString()` and parses
`LAST_UPDATED` with `new Date`. The same contract as a JSON Schema is in
`docs/ddrc-metrics.schema.json`.
"""

import json
import math
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, NoReturn, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

Frequency = Literal["as needed", "daily", "weekly", "monthly", "completed", "content update"]
FREQUENCIES: tuple[Frequency, ...] = get_args(Frequency)

COUNT = "count"
# ECMA-262's Date Time String Format, in UTC.
TIME = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3})?(Z|\+00:00)$"
# Clocks of two machines may differ a little.
CLOCK_SKEW = timedelta(minutes=1)
# The day of the fires: no metric of the recovery is older.
FIRST_DAY = datetime(2025, 1, 7, tzinfo=UTC)
# Larger values are mistakes. JavaScript's numbers hold them with two decimals.
LIMIT = 1e12


class ContractError(ValueError):
    """A file that breaks the contract.

    Attributes:
        violations: One sentence for each, in the order of the file.
    """

    def __init__(self, violations: list[str]) -> None:
        super().__init__("The file breaks its contract: " + "; ".join(violations))
        self.violations = violations


def _plain_words(text: str) -> str:
    """A text that no page or spreadsheet can take for anything else than words."""
    if "@" in text:
        raise ValueError("has an @, as an e-mail address")
    if re.search(r"[<>\x00-\x1f\x7f]", text):
        raise ValueError("has markup or a control character")
    if re.match(r"\s*[=+-]", text):
        raise ValueError("begins like a formula, with =, + or -")
    return text


def _money_or_count(value: float) -> float:
    if not math.isfinite(value) or round(value, 2) != value:
        raise ValueError("has more than two decimals or is not a finite number")
    return value


def _real_time(text: str) -> str:
    datetime.fromisoformat(text)
    return text


Text = Annotated[str, Field(pattern=r"\S", max_length=200), AfterValidator(_plain_words)]


class Metric(BaseModel):
    """One metric as the page reads it; the file holds nothing else."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    name: Annotated[str, Field(alias="METRIC_NAME", pattern=r"^[A-Za-z0-9_.-]{1,100}$")]
    value: Annotated[
        float, Field(alias="METRIC_VALUE", gt=-LIMIT, lt=LIMIT), AfterValidator(_money_or_count)
    ]
    type: Annotated[Text, Field(alias="METRIC_TYPE")]
    unit_label: Annotated[Text, Field(alias="METRIC_UNIT_LABEL")]
    frequency: Annotated[Frequency, Field(alias="UPDATE_FREQUENCY")]
    last_updated: Annotated[
        str, Field(alias="LAST_UPDATED", pattern=TIME), AfterValidator(_real_time)
    ]

    @property
    def updated_at(self) -> datetime:
        """`last_updated` as a time in UTC."""
        return datetime.fromisoformat(self.last_updated).astimezone(UTC)


_FILE = TypeAdapter(Annotated[list[Metric], Field(min_length=1)])


def parse(content: bytes, now: datetime) -> list[Metric]:
    """The metrics of a file that meets the contract.

    Args:
        content: The file, UTF-8.
        now: The current time, in UTC; no metric may have been updated after it.

    Raises:
        ContractError: The file breaks the contract; the error lists every violation.
    """
    try:
        found = json.loads(
            content.decode("utf-8"), parse_constant=_refuse_constant, object_pairs_hook=_unique_keys
        )
        metrics = _FILE.validate_python(found)
    except ValidationError as error:
        raise ContractError([_sentence(detail, found) for detail in error.errors()]) from error
    except (ValueError, RecursionError) as error:
        raise ContractError([f"it is not JSON that a browser can parse ({error})"]) from error
    violations = [
        f"{name} appears {count} times"
        for name, count in Counter(metric.name for metric in metrics).items()
        if count > 1
    ]
    violations += [problem for metric in metrics if (problem := _problem(metric, now))]
    if violations:
        raise ContractError(violations)
    return metrics


def parse_if_valid(content: bytes | None, now: datetime) -> list[Metric]:
    """The metrics of a file; none if there is no file or it breaks the contract."""
    try:
        return [] if content is None else parse(content, now)
    except ContractError:
        return []


def json_schema() -> dict[str, Any]:
    """The contract as a JSON Schema, which cannot say that names are unique or times are past."""
    return _FILE.json_schema(by_alias=True)


def _problem(metric: Metric, now: datetime) -> str | None:
    if metric.type == COUNT and (metric.value < 0 or metric.value != int(metric.value)):
        return f"{metric.name}: a count cannot be {metric.value}, which is negative or not whole"
    if metric.updated_at > now + CLOCK_SKEW:
        return f"{metric.name}: LAST_UPDATED {metric.last_updated} is in the future"
    if metric.updated_at < FIRST_DAY:
        return f"{metric.name}: LAST_UPDATED {metric.last_updated} is before the fires"
    return None


def _sentence(error: ErrorDetails, found: Any) -> str:
    if not error["loc"]:
        return f"the file: {error['msg']}"
    place, *key = error["loc"]
    # An error that has a place is one of a list.
    row = found[place]
    name = row.get("METRIC_NAME") if isinstance(row, dict) else None
    metric = name if isinstance(name, str) else f"row {place}"
    where = ".".join(str(part) for part in (metric, *key))
    return f"{where}: {error['msg']}"


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key appears twice in one object")
    return found
