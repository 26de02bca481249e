"""The rules for Airtable's entries: the mart leaves out what the contract refuses, and no more."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from include.publishing.contract import ContractError, parse
from include.times import utc_now
from tests.transform.project import NO_UNIT_TESTS, Outcome, Project
from tests.transform.raw_tables import Row, qualified
from tests.transform.released import release, release_all
from tests.transform.rows import TABLES, WORLD, airtable

DATED = "2026-11-02 09:00:00+00:00"
# The columns of the staging view that are looked up in a linked record, and the raw table's.
LOOKUPS = {
    "metric_name": "METRIC_MACHINE_NAME_FROM_METRIC_DEFINITION_",
    "metric_type": "METRIC_TYPE_FROM_METRIC_DEFINITION_",
    "metric_unit_label": "METRIC_UNIT_LABEL_FROM_METRIC_DEFINITION_",
    "update_frequency": "UPDATE_FREQUENCY_FROM_METRIC_DEFINITION_",
}
NAME, TYPE, LABEL, _ = LOOKUPS.values()


def labelled(name: str, label: object) -> Row:
    return airtable(name, name, 7, DATED, **{LABEL: label})


def typed(name: str, kind: object, value: float = 7) -> Row:
    return airtable(name, name, value, DATED, **{TYPE: kind})


# One entry for each rule, and one for the edge that is still fine. The record bears the name.
FINE: list[Row] = [
    airtable("plain", "plain", 7, DATED),
    airtable("n" * 100, "n" * 100, 7, DATED),
    airtable("outer_blanks", [" outer_blanks\u00a0"], 7, DATED),
    airtable("zero", "zero", 0, DATED),
    airtable("first_day", "first_day", 7, "2025-01-07 00:00:00+00:00"),
    airtable("large", "large", 999_999_999_999, DATED),
    labelled("long_label", ["x" * 200]),
    labelled("plain_text", "households"),
    labelled("punctuation", ["people (adults & children), 50 % of them, über 18"]),
    typed("negative_dollars", ["dollars - millions"], -1.25),
    typed("other_type", ["percent"], 12.5),
    labelled("sign", ["%"]),
]
BROKEN: list[tuple[str, Row]] = [
    ("no machine name", airtable("no_name", [" "], 7, DATED)),
    ("letters", airtable("inner space", "inner space", 7, DATED)),
    ("letters", airtable("größe", "größe", 7, DATED)),
    ("letters", airtable("n" * 101, "n" * 101, 7, DATED)),
    ("no value", airtable("no_value", "no_value", None, DATED)),
    ("too large", airtable("overflow", "overflow", 1e40, DATED)),
    ("too large", typed("underflow", ["dollars"], -1e40)),
    ("too large", airtable("too_large", "too_large", 1_000_000_000_000, DATED)),
    ("whole", airtable("half", "half", 7.5, DATED)),
    ("whole", airtable("negative", "negative", -7, DATED)),
    ("no type", typed("no_type", [" "])),
    ("no unit label", labelled("no_label", [])),
    ("unit label must", labelled("label_201", ["x" * 201])),
    ("unit label must", labelled("mail", ["ask pat@example.org"])),
    ("unit label must", labelled("at_sign", ["people @ home"])),
    ("unit label must", labelled("markup", ["<b>people"])),
    ("unit label must", labelled("line_break", ["people\nhelped"])),
    ("unit label must", labelled("formula", ["=1+1"])),
    ("unit label must", labelled("minus", ["-1 people"])),
    ("unit label must", labelled("plus", [" +1 people"])),
    ("type must", typed("type_markup", ["a > b"])),
    ("before the fires", airtable("too_old", "too_old", 7, "2025-01-06 23:59:59+00:00")),
    ("in the future", airtable("future", "future", 7, "2999-01-01 00:00:00+00:00")),
]


@pytest.fixture(scope="module")
def built(project: Project, first_build: object) -> Iterator[Outcome]:
    project.load({TABLES["airtable"]: [*FINE, *(row for _, row in BROKEN)]})
    release(project, {})
    yield project.dbt("build", "--select", "tag:airtable", *NO_UNIT_TESTS)
    project.load({TABLES["airtable"]: WORLD[TABLES["airtable"]]})
    release_all(project)


@pytest.fixture(scope="module")
def reported(project: Project, built: Outcome) -> dict[str, dict[str, Any]]:
    """The rows of the test that reports entries, by record."""
    name = "airtable_newest_entry_is_publishable"
    [test] = [one.node for one in built.result.results if one.node.name == name]
    return {row["RECORD_ID"]: row for row in project.execute(test.compiled_code)}


def test_every_entry_that_breaks_no_rule_is_in_the_mart_and_no_other(
    built: Outcome, project: Project
) -> None:
    assert built.success, built.messages()
    assert set(project.metrics("airtable_metrics")) == {str(row["ID"]) for row in FINE}


@pytest.mark.parametrize(("rule", "row"), BROKEN, ids=[str(row["ID"])[:20] for _, row in BROKEN])
def test_staff_are_told_of_the_entry_and_the_rule_that_it_breaks(
    rule: str, row: Row, reported: dict[str, dict[str, Any]]
) -> None:
    found = reported[str(row["ID"])]
    assert rule in found["BROKEN_RULE"]
    assert found["VALUE_THAT_COUNTS"] is None


def as_published(row: Row) -> bytes:
    """A file with the entry, as the mart's columns would be unloaded without its rules."""
    fields = (
        [row[field]] if isinstance(row[field], str) else row[field] for field in (NAME, TYPE, LABEL)
    )
    name, kind, label = ((field[0] if field else "").strip() for field in fields)
    time = str(row["DATE_CREATED"]).replace(" ", "T")
    return json.dumps([
        {
            "METRIC_NAME": name,
            "METRIC_VALUE": row["METRIC"],
            "METRIC_TYPE": kind,
            "METRIC_UNIT_LABEL": label,
            "UPDATE_FREQUENCY": "weekly",
            "LAST_UPDATED": time,
        }
    ]).encode()  # fmt: skip


@pytest.mark.parametrize("row", FINE, ids=[str(row["ID"])[:20] for row in FINE])
def test_the_contract_accepts_what_the_mart_accepts(row: Row) -> None:
    assert len(parse(as_published(row), utc_now())) == 1


@pytest.mark.parametrize(("rule", "row"), BROKEN, ids=[str(row["ID"])[:20] for _, row in BROKEN])
def test_the_contract_refuses_what_the_mart_refuses(rule: str, row: Row) -> None:
    with pytest.raises(ContractError):
        parse(as_published(row), utc_now())


def test_the_value_that_counts_instead_is_the_newest_one_that_breaks_no_rule(
    project: Project, built: Outcome
) -> None:
    project.load({
        TABLES["airtable"]: [
            airtable("a1", "people_helped", 40, "2026-11-01 09:00:00+00:00"),
            airtable("a2", "people_helped", 43, "2026-11-02 09:00:00+00:00"),
            airtable("a3", "people_helped", 43.5, "2026-11-03 09:00:00+00:00"),
            # Of two that were added at one moment, the one that was synced last.
            airtable("b1", "people_fed", 50, DATED, _FIVETRAN_SYNCED="2026-11-05 09:00:00"),
            airtable("b2", "people_fed", 50.5, DATED, _FIVETRAN_SYNCED="2026-11-04 09:00:00"),
        ]
    })  # fmt: skip
    outcome = project.dbt("build", "--select", "tag:airtable", *NO_UNIT_TESTS)
    name = "airtable_newest_entry_is_publishable"
    [test] = [one.node for one in outcome.result.results if one.node.name == name]
    [row] = project.execute(test.compiled_code)
    assert (row["RECORD_ID"], row["METRIC_NAME"]) == ("a3", "people_helped")
    assert row["VALUE_THAT_COUNTS"] == 43
    assert project.metrics("airtable_metrics")["people_helped"][0] == 43


def test_a_field_that_was_renamed_in_airtable_stops_the_release_and_is_named(
    project: Project, built: Outcome
) -> None:
    missing = dict.fromkeys(LOOKUPS.values())
    project.load({TABLES["airtable"]: [airtable("a", "a", 7, DATED, **missing)]})
    outcome = project.dbt("build", "--select", "tag:airtable", *NO_UNIT_TESTS)
    assert outcome.named("fail") == {
        f"at_least_one_stg_airtable__metrics_{name}" for name in LOOKUPS
    }
    assert outcome.statuses["airtable_metrics"] == "skipped"


def test_a_linked_records_field_may_be_a_text_column(project: Project, built: Outcome) -> None:
    with project.environment():
        table = qualified(TABLES["airtable"])
    project.load({TABLES["airtable"]: [airtable("a", "a", 7, DATED)]})
    texts = {"metric_name": "a", "metric_type": " Count", "metric_unit_label": "[people] ",
             "update_frequency": "daily"}  # fmt: skip
    columns = ", ".join(f"'{text}'::varchar AS {LOOKUPS[name]}" for name, text in texts.items())
    project.execute(
        f"CREATE OR REPLACE TABLE {table} AS"
        f" SELECT * EXCLUDE ({', '.join(LOOKUPS.values())}), {columns} FROM {table}"
    )
    outcome = project.dbt("build", "--select", "tag:airtable", *NO_UNIT_TESTS)
    assert outcome.success, outcome.messages()
    [row] = project.mart("airtable_metrics")
    found = {name: row[name.upper()] for name in texts}
    assert found == texts | {"metric_type": "count", "metric_unit_label": "[people]"}
