"""The contract: a valid file passes, and each rule refuses a file that breaks only that rule."""

import json

import pytest

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
    ("content", "violation"),
    [
        (b"", "not JSON"),
        (b"\xff", "not JSON"),
        (file()[:-1], "not JSON"),
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
        (file(metric(METRIC_TYPE=" ")), "METRIC_TYPE"),
        (file(metric(METRIC_UNIT_LABEL="ask pat@example.org")), "e-mail"),
        (file(metric(METRIC_UNIT_LABEL="x" * 201)), "METRIC_UNIT_LABEL"),
        (file(metric(UPDATE_FREQUENCY="hourly")), "UPDATE_FREQUENCY"),
        (file(metric(UPDATE_FREQUENCY="Daily")), "UPDATE_FREQUENCY"),
        (file(metric(LAST_UPDATED="2026-11-24 12:00:00.000+00")), "LAST_UPDATED"),
        (file(metric(LAST_UPDATED="2026-11-24T12:00:00.000-08:00")), "LAST_UPDATED"),
        (file(metric(LAST_UPDATED="2026-02-30T12:00:00Z")), "LAST_UPDATED"),
        (file(metric(LAST_UPDATED=1_740_000_000_000)), "LAST_UPDATED"),
        (file(metric(LAST_UPDATED=FUTURE)), "in the future"),
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


def test_the_schema_in_the_docs_is_the_contract() -> None:
    written = (REPOSITORY / "docs" / "ddrc-metrics.schema.json").read_text()
    assert json.loads(written) == json_schema()
