"""What every model and source of the dbt project has to declare; nothing here starts a server."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from include.sources import COMPUTED, SOURCES
from include.transform_project import PROJECT

Declared = dict[str, Any]

# The column that identifies a row of each view. Malibu's lists have no key.
KEYS = {
    "stg_airtable__metrics": "record_id",
    "stg_epa__parcels": "object_id",
    "stg_page_feedback__responses": "feedback_key",
    "stg_pasadena__permits": "permit_number",
    "stg_usace__parcels": "object_id",
}
# The views that a metric is counted from, and a column that has a value if there are rows.
COUNTED = {
    "stg_airtable__metrics": "record_id",
    "stg_epa__parcels": "object_id",
    "stg_malibu__rebuild_points": "loaded_at",
    "stg_pasadena__permits": "permit_number",
    "stg_usace__parcels": "object_id",
}
# The columns whose words a rule compares with, and their names in macros/words.sql.
WORDS = {
    ("stg_epa__parcels", "land_use"): "epa.land_use",
    ("stg_epa__parcels", "public_status"): "epa.public_status",
    ("stg_malibu__rebuild_points", "application_stage"): "malibu.application_stage",
    ("stg_pasadena__permits", "permit_status"): "pasadena.permit_status",
    ("stg_usace__parcels", "mission_assignment"): "usace.mission_assignment",
    ("stg_usace__parcels", "fire_name"): "usace.fire_name",
    ("stg_usace__parcels", "roe_details"): "usace.roe_details",
    ("stg_usace__parcels", "roe_status"): "usace.roe_status",
}
# The column with the time of a load, and after how many days it warns and fails.
FRESHNESS = {
    "airtable": ("_fivetran_synced", 31, 62),
    "page_feedback": ("_fivetran_synced", 7, 30),
    "epa": ("_loaded_at", 14, 60),
    "usace": ("_loaded_at", 3, 30),
    "pasadena": ("_loaded_at", 14, 60),
    "malibu": ("_loaded_at", 3, 14),
}
# The column of the raw table that each time of a view of Fivetran's rows is read from.
TIMES = {
    ("stg_airtable__metrics", "created_at"): "date_created",
    ("stg_airtable__metrics", "modified_at"): "date_metric_modified",
    ("stg_airtable__metrics", "synced_at"): "_fivetran_synced",
    ("stg_page_feedback__responses", "submitted_at"): "time",
    ("stg_page_feedback__responses", "synced_at"): "_fivetran_synced",
}
# The view of each history, and what is no fact about its rows.
HISTORIES: dict[str, tuple[str, set[str]]] = {
    "epa_parcels_history": ("stg_epa__parcels", set()),
    "usace_parcels_history": ("stg_usace__parcels", set()),
    "pasadena_permits_history": ("stg_pasadena__permits", {"record_id", "work_description"}),
}
METRIC = {
    "metric_name": "varchar",
    "metric_value": "number(38, 2)",
    "metric_type": "varchar",
    "metric_unit_label": "varchar",
    "update_frequency": "varchar",
    "last_updated": "timestamp_ntz(9)",
}
SHAPES = {"shape_area", "shape_length"}
OF_THE_LOAD = {"source_edited_at", "loaded_at", "load_id"}


FILES = [
    yaml.load(file.read_text(), yaml.CSafeLoader)
    for file in (*PROJECT.glob("models/**/*.yml"), *PROJECT.glob("snapshots/*.yml"))
]


def declared(kind: str) -> dict[str, Declared]:
    """The sources, models or snapshots of the project by name."""
    return {one["name"]: one for content in FILES for one in content.get(kind, ())}


MODELS, DBT_SOURCES, SNAPSHOTS = (declared(kind) for kind in ("models", "sources", "snapshots"))
STAGING = [name for name in MODELS if name.startswith("stg_")]
METRICS_MARTS = ["ddrc_metrics", *(SOURCES[name].mart for name in SOURCES)]


def checks_of(owner: Declared) -> dict[str, Declared]:
    """The data tests of a model or column: their settings by name."""
    found: dict[str, Declared] = {}
    for one in owner.get("data_tests", ()):
        name, settings = (one, {}) if isinstance(one, str) else next(iter(one.items()))
        found[name] = {**settings, **settings.get("arguments", {})}
    return found


def column(model: str, name: str) -> Declared:
    return next(one for one in MODELS[model]["columns"] if one["name"] == name)


def source_of(view: str) -> str:
    return view.removeprefix("stg_").partition("__")[0]


def is_error(check: Declared) -> bool:
    return bool(check.get("config", {}).get("severity", "error") == "error")


def test_each_mart_has_an_enforced_contract() -> None:
    settings = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["models"]["ddrc"]
    assert settings["marts"]["+contract"] == {"enforced": True}
    assert settings["+persist_docs"] == {"relation": True, "columns": True}


@pytest.mark.parametrize("mart", METRICS_MARTS)
def test_each_metrics_mart_has_the_contracts_columns_none_of_them_null(mart: str) -> None:
    columns = MODELS[mart]["columns"]
    assert {one["name"]: one["data_type"] for one in columns} == METRIC
    for one in columns:
        assert {"type": "not_null"} in one["constraints"], one["name"]


@pytest.mark.parametrize("mart", METRICS_MARTS)
def test_each_metrics_mart_has_unique_names_whole_counts_and_known_frequencies(mart: str) -> None:
    assert is_error(checks_of(column(mart, "metric_name"))["unique"])
    assert is_error(checks_of(column(mart, "metric_value"))["whole_counts"])
    frequencies = checks_of(column(mart, "update_frequency"))["accepted_values"]
    assert is_error(frequencies)
    assert frequencies["values"] == "var('update_frequencies')"


@pytest.mark.parametrize("source", COMPUTED)
def test_each_computed_mart_holds_the_metrics_that_it_declares(source: str) -> None:
    assert is_error(checks_of(MODELS[SOURCES[source].mart])["holds_declared_metrics"])


@pytest.mark.parametrize("source", [name for name in SOURCES if name != "page_feedback"])
def test_a_metric_that_is_no_longer_counted_is_noticed(source: str) -> None:
    assert is_error(checks_of(MODELS[SOURCES[source].mart])["still_released"])


@pytest.mark.parametrize("view", STAGING)
def test_each_view_has_the_schema_and_the_task_group_of_its_source(view: str) -> None:
    source = source_of(view)
    assert MODELS[view]["config"] == {"schema": source, "tags": [source]}


@pytest.mark.parametrize("mart", [SOURCES[name].mart for name in SOURCES])
def test_each_mart_is_built_with_its_source(mart: str) -> None:
    assert MODELS[mart]["config"]["tags"] == [mart.removesuffix("_metrics")]


@pytest.mark.parametrize("view", [view for view in KEYS if view in MODELS])
def test_the_key_of_a_view_is_unique_and_known(view: str) -> None:
    checks = checks_of(column(view, KEYS[view]))
    assert is_error(checks["not_null"])
    # The metrics of USACE count distinct ids, so a duplicate changes no count.
    assert is_error(checks["unique"]) == (view != "stg_usace__parcels")


@pytest.mark.parametrize("view", [view for view in COUNTED if view in MODELS])
def test_a_view_that_metrics_are_counted_from_has_every_row_of_its_table(view: str) -> None:
    source = source_of(view)
    main = SOURCES[source].parts[0].table.name.lower()
    compared = checks_of(MODELS[view])["equal_rowcount"]
    assert is_error(compared)
    assert compared["compare_model"] == f"source('{source}', '{main}')"
    assert is_error(checks_of(column(view, COUNTED[view]))["at_least_one"])


def test_feedback_has_every_row_that_was_not_deleted() -> None:
    compared = checks_of(MODELS["stg_page_feedback__responses"])["equal_rowcount"]
    assert "not coalesce(_fivetran_deleted, false)" in compared["compare_model"]


@pytest.mark.parametrize("view", STAGING)
def test_each_view_knows_when_its_rows_came(view: str) -> None:
    of_fivetran = {"stg_airtable__metrics": "created_at"}
    if view != "stg_page_feedback__responses":
        assert is_error(checks_of(column(view, of_fivetran.get(view, "loaded_at")))["not_null"])


@pytest.mark.parametrize(("view", "name"), [place for place in TIMES if place[0] in MODELS])
def test_a_time_that_is_not_read_fails(view: str, name: str) -> None:
    check = checks_of(column(view, name))["times_are_read"]
    assert is_error(check)
    [table] = DBT_SOURCES[source_of(view)]["tables"]
    assert check["raw"] == f"source('{source_of(view)}', '{table['name']}')"
    assert check["raw_column"] == TIMES[view, name]
    # The feedback's own times are numbers.
    assert check.get("numbers", False) == (name == "submitted_at")


@pytest.mark.parametrize(("view", "name"), [place for place in WORDS if place[0] in MODELS])
def test_a_word_of_a_rule_that_is_missed_fails_and_a_new_one_warns(view: str, name: str) -> None:
    checks = checks_of(column(view, name))
    missed, known = checks["words_still_used"], checks["known_words"]
    assert is_error(missed)
    assert not is_error(known)
    assert missed["words"] == known["words"] == WORDS[view, name]


@pytest.mark.parametrize(
    "name", ["metric_name", "metric_value", "metric_type", "metric_unit_label", "update_frequency"]
)
def test_a_field_of_airtable_that_was_renamed_fails_by_name(name: str) -> None:
    assert is_error(checks_of(column("stg_airtable__metrics", name))["at_least_one"])


def test_what_staff_enter_wrongly_stops_nobody_elses_metrics() -> None:
    checks = {
        (one["name"], name): check
        for one in MODELS["stg_airtable__metrics"]["columns"]
        for name, check in checks_of(one).items()
    }
    warned = {place for place, check in checks.items() if not is_error(check)}
    assert warned == {
        ("metric_name_count", "accepted_values"),
        ("metric_type", "accepted_values"),
        ("update_frequency", "not_null"),
        ("update_frequency", "accepted_values"),
    }
    assert checks["metric_name_count", "accepted_values"]["values"] == [0, 1]
    assert checks["metric_type", "accepted_values"]["values"] == ["count", "dollars - millions"]


@pytest.mark.parametrize("source", [source for source in FRESHNESS if source in SOURCES])
def test_a_source_that_was_not_loaded_for_long_is_noticed(source: str) -> None:
    loaded_at, warn, fail = FRESHNESS[source]
    for config in freshness(source):
        assert config["loaded_at_field"] == loaded_at
        assert config["freshness"] == {
            "warn_after": {"count": warn, "period": "day"},
            "error_after": {"count": fail, "period": "day"},
        }


def freshness(source: str) -> Iterator[Declared]:
    """The configuration of each of its tables."""
    shared = DBT_SOURCES[source].get("config", {})
    for table in DBT_SOURCES[source]["tables"]:
        yield {**shared, **table.get("config", {})}


@pytest.mark.parametrize("source", SOURCES)
def test_each_source_reads_the_raw_tables_that_it_fills(source: str) -> None:
    tables = {
        (DBT_SOURCES[source]["schema"], one["identifier"]) for one in DBT_SOURCES[source]["tables"]
    }
    assert tables == {(part.table.schema, part.table.name) for part in SOURCES[source].parts}
    assert DBT_SOURCES[source]["database"] == "RAW_DDRC_{{ env_var('DDRC_ENV', 'DEV') | upper }}"


@pytest.mark.parametrize("snapshot", [one for one in HISTORIES if one in SNAPSHOTS])
def test_a_history_has_a_new_row_when_any_fact_changes(snapshot: str) -> None:
    view, left_out = HISTORIES[snapshot]
    config = SNAPSHOTS[snapshot]["config"]
    columns = {one["name"] for one in MODELS[view]["columns"]}
    assert SNAPSHOTS[snapshot]["relation"] == f"ref('{view}')"
    assert config["unique_key"] == KEYS[view]
    facts = columns - SHAPES - OF_THE_LOAD - {config["unique_key"]}
    assert facts - set(config["check_cols"]) <= left_out
    assert set(config["check_cols"]) <= facts


def test_a_row_that_left_its_source_ends_in_its_history() -> None:
    settings = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["snapshots"]["ddrc"]
    assert settings["+hard_deletes"] == "invalidate"
    assert settings["+strategy"] == "check"
    assert settings["+updated_at"] == "loaded_at"
    assert settings["+tags"] == ["history"]
