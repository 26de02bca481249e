"""The contract: a valid file passes, and each rule refuses a file that breaks only that rule."""

import json

import pytest
from pydantic import ValidationError

from include.publishing.contract import ContractError, json_schema, parse
from local.home import REPOSITORY
from tests.publishing.samples import NOW, file, metric

FUTURE = "2026-11-24T15:05:00.000Z"


def without(key: str) -> dict[str, object]:
    return {name: value for name, value in metric().items() if name != key}


def test_a_valid_file_is_parsed() -> None:
    money = metric("funds", 147.52, METRIC_TYPE="dollars - millions")
    offset = metric("zero", 0, LAST_UPDATED="2026-11-24T12:00:00+00:00")
    assert [one.value for one in parse(file(metric(), money, offset), NOW)] == [8, 147.52, 0]


@pytest.mark.parametrize(
    "changes",
    [
        {"METRIC_VALUE": 999_999_999_999},
        {"METRIC_VALUE": -999_999_999_999.99, "METRIC_TYPE": "dollars"},
        {"METRIC_UNIT_LABEL": "x" * 200},
        {"METRIC_UNIT_LABEL": "1-bed homes, 50 % (families & others) = all + more"},
        {"METRIC_UNIT_LABEL": "niños"},
        {"METRIC_NAME": "n" * 100},
        {"LAST_UPDATED": "2025-01-07T00:00:00Z"},
        {"LAST_UPDATED": "2026-11-24T15:01:00Z"},
    ],
)
def test_a_metric_at_the_edge_of_a_rule_is_valid(changes: dict[str, object]) -> None:
    assert len(parse(file(metric(**changes)), NOW)) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("content", "violation"),
    [
        (b"", "not JSON"),
        (b"\xff", "not JSON"),
        (file()[:-1], "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'[{"METRIC_VALUE": NaN}]', "NaN"),
        (file().replace(b'"METRIC_VALUE": 8', b'"METRIC_VALUE": 8, "METRIC_VALUE": 9'), "twice"),
        (json.dumps(metric()).encode(), "valid list"),
        (b"[]", "at least 1 item"),
        (b"[7]", "row 0"),
        (file() + file(), "not JSON"),
        (file(metric(), metric()), "schools_resumed appears 2 times"),
        *((file(without(key)), key) for key in metric() if key != "METRIC_NAME"),
        (file(without("METRIC_NAME")), "row 0.METRIC_NAME"),
        (file(metric(CONTACT="x")), "CONTACT"),
        (file(metric("no spaces")), "METRIC_NAME"),
        (file(metric(METRIC_NAME=7)), "METRIC_NAME"),
        (file(metric(value="8")), "METRIC_VALUE"),
        (file(metric(value=True)), "METRIC_VALUE"),
        (file(metric(value=None)), "METRIC_VALUE"),
        (file(metric(value=1e400)), "not JSON"),
        (file(metric(value=1.005, METRIC_TYPE="dollars - millions")), "two decimals"),
        (file(metric(value=-1)), "negative"),
        (file(metric(value=1.5)), "not whole"),
        (file(metric(value=1e12)), "less than 1000000000000"),
        (file(metric(value=-1e12, METRIC_TYPE="dollars")), "greater than -1000000000000"),
        (file(metric(METRIC_TYPE=" ")), "METRIC_TYPE"),
        (file(metric(METRIC_TYPE="<b>count")), "markup"),
        (file(metric(METRIC_UNIT_LABEL="ask pat@example.org")), "e-mail"),
        (file(metric(METRIC_UNIT_LABEL="@here")), "e-mail"),
        (file(metric(METRIC_UNIT_LABEL="x" * 201)), "METRIC_UNIT_LABEL"),
        *((file(metric(METRIC_UNIT_LABEL=f"x{sign}y")), "markup") for sign in "<>\0\t\n\x1f\x7f"),
        *((file(metric(METRIC_UNIT_LABEL=f"{sign}1")), "formula") for sign in ("=", "+", " -")),
        (file(metric(UPDATE_FREQUENCY="hourly")), "UPDATE_FREQUENCY"),
        (file(metric(UPDATE_FREQUENCY="Daily")), "UPDATE_FREQUENCY"),
        (file(metric(LAST_UPDATED="2026-11-24 12:00:00.000+00")), "LAST_UPDATED"),
        (file(metric(LAST_UPDATED="2026-11-24T12:00:00.000-08:00")), "LAST_UPDATED"),
        (file(metric(LAST_UPDATED="2026-02-30T12:00:00Z")), "LAST_UPDATED"),
        (file(metric(LAST_UPDATED=1_740_000_000_000)), "LAST_UPDATED"),
        (file(metric(LAST_UPDATED=FUTURE)), "in the future"),
        (file(metric(LAST_UPDATED="2025-01-06T23:59:59.999Z")), "before the fires"),
    ],
)
def test_a_file_that_breaks_one_rule_is_refused_with_that_rule(
    content: bytes, violation: str
) -> None:
    with pytest.raises(ContractError) as caught:
        parse(content, NOW)
    assert len(caught.value.violations) == 1
    assert violation in caught.value.violations[0]


def test_every_violation_is_reported_with_its_metric() -> None:
    with pytest.raises(ContractError) as caught:
        parse(file(metric("a", "1"), metric("b", UPDATE_FREQUENCY="never")), NOW)
    assert [violation.split(":")[0] for violation in caught.value.violations] == [
        "a.METRIC_VALUE",
        "b.UPDATE_FREQUENCY",
    ]
    first, second = caught.value.violations
    assert str(caught.value) == f"The file breaks its contract: {first}; {second}"


def test_a_metric_cannot_be_changed() -> None:
    [found] = parse(file(metric()), NOW)
    with pytest.raises(ValidationError, match="frozen"):
        found.value = 9


def test_the_schema_in_the_docs_is_the_contract() -> None:
    written = (REPOSITORY / "docs" / "ddrc-metrics.schema.json").read_text()
    assert json.loads(written) == json_schema()
