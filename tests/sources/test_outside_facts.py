"""What the outside world fixes, stated a second time: a slip in a declaration is noticed.

The addresses and fields are those that the owners served in August 2025; the raw tables are those
of the production account, which others read too.
"""

from collections.abc import Collection, Mapping
from typing import TypeVar

import pytest

from include.sources import SOURCES, FieldType, JsonList

Fact = TypeVar("Fact")

ADDRESSES = {
    "epa": "https://services.arcgis.com/cJ9YHowT8TU7DUyn/ArcGIS/rest/services"
    "/SoCalFires2025_PublicStatusNightly/FeatureServer/0",
    "usace": "https://jecop-public.usace.army.mil/arcgis/rest/services"
    "/USACE_Debris_Parcels_Southern_California_Public/MapServer/0",
    "pasadena": "https://services2.arcgis.com/zNjnZafDYCAJAbN0/arcgis/rest/services"
    "/Eaton_Fire_Rebuild_Permits/FeatureServer/0",
    "fire_rebuild_points": "https://mlb-pptsrv.ci.malibu.ca.us/Home/FireRebuildPoints/"
    "?sFireView=vPalisadesRebuildStatsDetailWithTimes",
    "fire_rebuild_visit_points": "https://mlb-pptsrv.ci.malibu.ca.us/Home/FireRebuildVisitPoints",
    "overall_rebuild_stats_pie_read": "https://mlb-pptsrv.ci.malibu.ca.us/Home"
    "/OverallRebuildStatsPie_Read?sFireView=PalisadesRebuildStatsDetailWithBPComplete",
    "palisades_permits_issued_read": "https://mlb-pptsrv.ci.malibu.ca.us/Home"
    "/PalisadesPermitsIssued_Read",
}
TABLES = {
    "airtable": ["ODI_AIRTABLE_LA_RECOVERY_METRICS_APPL6HFEE8UDLUC3G.METRICS"],
    "page_feedback": ["ODI_DYNAMODB.LA_FIRES_PAGE_FEEDBACK"],
    "epa": ["EPA_AGOL_ASSESSMENT.PUBLIC_STATUS_ASSESSMENT"],
    "usace": ["USACE_AGOL_DEBRIS.PARCEL_DEBRIS_REMOVAL"],
    "pasadena": ["PASADENA_AGOL.EATON_FIRE_REBUILD_PERMITS"],
    "malibu": [
        "MALIBU_REBUILDS.FIRE_REBUILD_POINTS",
        "MALIBU_REBUILDS.FIRE_REBUILD_VISIT_POINTS",
        "MALIBU_REBUILDS.OVERALL_REBUILD_STATS_PIE_READ",
        "MALIBU_REBUILDS.PALISADES_PERMITS_ISSUED_READ",
    ],
}
# `OBJECTID` is not stable in Pasadena's layer.
KEYS = {"epa": "OBJECTID", "usace": "OBJECTID", "pasadena": "PERMIT_NUMBER"}
# The fields that the rules of the metrics name.
RULES = {
    "epa": {"PublicStatus", "LandUse"},
    "usace": {
        "event_sub_name", "ma", "roe_details", "roe_status", "roe_approved", "roe_submitted",
        "fso_pkg_approved",
    },
    "pasadena": {"PERMIT_STATUS"},
}  # fmt: skip
FIELDS: dict[str, dict[str, FieldType]] = {
    "fire_rebuild_points": {
        "type": "text", "lat": "text", "lng": "text", "projectNumber": "text",
        "planningApproved": "text", "caseType": "text", "caseCategory": "text",
        "structures": "integer", "daysToDecision": "number", "daysToFirstResponse": "number",
        "countForDecision": "integer", "countForFirstResponse": "integer",
    },
    "fire_rebuild_visit_points": {"InitialVisits": "integer", "FollowUpVisits": "integer"},
    "overall_rebuild_stats_pie_read": {
        "RebuildGroup": "text", "RebuildTypeCount": "integer", "ValueColor": "text",
    },
    "palisades_permits_issued_read": {"PermitType": "text", "PalisadesPermits": "integer"},
}  # fmt: skip
# The rows of a load before, and the fewest that the next one may have: how far each may shrink.
FEWEST = {
    "epa": (10_000, 9_900),
    "usace": (12_000, 11_400),
    "pasadena": (100, 90),
    "fire_rebuild_points": (300, 270),
    "fire_rebuild_visit_points": (1, 1),
    "overall_rebuild_stats_pie_read": (4, 2),
    "palisades_permits_issued_read": (4, 2),
}
# Fivetran's name for the kind of base, the key, and whether deleted rows are kept.
CONNECTORS = {
    "airtable": ("airtable", "ID", False),
    "page_feedback": ("dynamodb", "FEEDBACK_KEY", True),
}
# The kind of its parts, whether Fivetran fills its tables, and how its metrics are made.
KINDS = {
    "airtable": ("fivetran", True, "entered by staff"),
    "page_feedback": ("fivetran", True, "for analysis"),
    "epa": ("arcgis", False, "computed"),
    "usace": ("arcgis", False, "computed"),
    "pasadena": ("arcgis", False, "computed"),
    "malibu": ("json", False, "computed"),
}
LOADED = {part.name: part for source in SOURCES.values() for part in source.loaded}


def known(facts: Mapping[str, Fact], declared: Collection[str]) -> dict[str, Fact]:
    """The facts about what is still declared; nothing is known here of a new source."""
    return {name: fact for name, fact in facts.items() if name in declared}


def test_each_source_is_read_where_its_owner_serves_it() -> None:
    assert {name: LOADED[name].url for name in known(ADDRESSES, LOADED)} == known(ADDRESSES, LOADED)


@pytest.mark.parametrize("source", known(TABLES, SOURCES))
def test_each_part_has_the_name_that_its_task_file_and_log_bear(source: str) -> None:
    names = [part.name for part in SOURCES[source].parts]
    assert names == (list(FIELDS) if source == "malibu" else [source])


def test_each_source_fills_the_raw_tables_that_others_read() -> None:
    tables = {
        name: [f"{part.table.schema}.{part.table.name}" for part in SOURCES[name].parts]
        for name in known(TABLES, SOURCES)
    }
    assert tables == known(TABLES, SOURCES)


@pytest.mark.parametrize("source", known(KEYS, SOURCES))
def test_a_layer_without_a_field_that_its_metrics_need_is_refused(source: str) -> None:
    [layer] = SOURCES[source].layers
    assert layer.key == KEYS[source]
    assert set(layer.required) == {KEYS[source], *RULES[source]}
    assert set(layer.needed) == RULES[source]
    assert layer.reader == "load"


@pytest.mark.parametrize("name", known(FIELDS, LOADED))
def test_each_field_of_a_list_is_required_and_has_its_type(name: str) -> None:
    part = LOADED[name]
    assert isinstance(part, JsonList)
    assert {field.name: field.type for field in part.fields} == FIELDS[name]
    assert all(field.required for field in part.fields)
    assert part.needed == tuple(FIELDS[name])
    assert part.reader == f"load_{name}"


@pytest.mark.parametrize("name", known(FEWEST, LOADED))
def test_a_source_may_shrink_as_far_as_it_really_does_and_never_to_nothing(name: str) -> None:
    before, fewest = FEWEST[name]
    assert before * LOADED[name].expects.share == pytest.approx(fewest)
    assert LOADED[name].expects.rows == 1


@pytest.mark.parametrize("name", known(CONNECTORS, SOURCES))
def test_fivetran_reads_each_base_and_keeps_only_deleted_feedback(name: str) -> None:
    [connector] = SOURCES[name].connectors
    found = connector.service, connector.key, connector.keeps_deleted
    assert found == CONNECTORS[name]
    assert connector.connector_variable == f"fivetran_connector_{connector.name}"
    assert connector.reader == "wait_for_sync"


@pytest.mark.parametrize("name", known(KINDS, SOURCES))
def test_each_source_has_its_kind_its_metrics_and_its_mart(name: str) -> None:
    source = SOURCES[name]
    assert (source.kind, source.is_synced, source.metrics) == KINDS[name]
    assert source.mart == f"{name}_metrics"
