"""What the outside world fixes, stated a second time: a slip in a declaration is noticed.

The addresses and fields are those that the owners served in August 2025; the raw tables are those
of the production account, which others read too.
"""

import pytest

from include.sources import SOURCES, FieldType

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
        "type": "text", "lat": "number", "lng": "number", "projectNumber": "text",
        "planningApproved": "text", "CASETYPE": "text", "CASECATEGORY": "text",
        "STRUCTURES": "integer", "DAYSTODECISION": "number", "DAYSTOFIRSTRESPONSE": "number",
        "COUNTFORDECISION": "integer", "COUNTFORFIRSTRESPONSE": "integer",
    },
    "fire_rebuild_visit_points": {"INITIALVISITS": "integer", "FOLLOWUPVISITS": "integer"},
    "overall_rebuild_stats_pie_read": {
        "REBUILDGROUP": "text", "REBUILDTYPECOUNT": "integer", "VALUECOLOR": "text",
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
LOADED = {part.name: part for source in SOURCES.values() for part in source.loaded}


def test_each_source_is_read_where_its_owner_serves_it() -> None:
    assert {name: part.url for name, part in LOADED.items()} == ADDRESSES


def test_each_source_fills_the_raw_tables_that_others_read() -> None:
    tables = {
        name: [f"{part.table.schema}.{part.table.name}" for part in source.parts]
        for name, source in SOURCES.items()
    }
    assert tables == TABLES


@pytest.mark.parametrize("source", KEYS)
def test_a_layer_without_a_field_that_its_metrics_need_is_refused(source: str) -> None:
    [layer] = SOURCES[source].layers
    assert layer.key == KEYS[source]
    assert set(layer.required) == {KEYS[source], *RULES[source]}
    assert set(layer.needed) == RULES[source]
    assert layer.reader == "load"


@pytest.mark.parametrize("name", FIELDS)
def test_each_field_of_a_list_is_required_and_has_its_type(name: str) -> None:
    [part] = [one for one in SOURCES["malibu"].lists if one.name == name]
    assert {field.name: field.type for field in part.fields} == FIELDS[name]
    assert all(field.required for field in part.fields)
    assert part.needed == tuple(FIELDS[name])
    assert part.reader == f"load_{name}"


@pytest.mark.parametrize("name", FEWEST)
def test_a_source_may_shrink_as_far_as_it_really_does_and_never_to_nothing(name: str) -> None:
    before, fewest = FEWEST[name]
    assert before * LOADED[name].expects.share == pytest.approx(fewest)
    assert LOADED[name].expects.rows == 1


def test_fivetran_reads_airtable_and_dynamodb_and_keeps_only_deleted_feedback() -> None:
    [airtable], [feedback] = SOURCES["airtable"].connectors, SOURCES["page_feedback"].connectors
    assert (airtable.service, airtable.key, airtable.keeps_deleted) == ("airtable", "ID", False)
    assert (feedback.service, feedback.key) == ("dynamo_db", "FEEDBACK_KEY")
    assert feedback.keeps_deleted is True
    for connector in (airtable, feedback):
        assert connector.connector_variable == f"fivetran_connector_{connector.name}"
        assert connector.reader == "wait_for_sync"


def test_staff_enter_airtables_metrics_and_feedback_is_not_published() -> None:
    kinds = {name: source.metrics for name, source in SOURCES.items()}
    assert (kinds.pop("airtable"), kinds.pop("page_feedback")) == (
        "entered by staff",
        "for analysis",
    )
    assert set(kinds.values()) == {"computed"}


def test_each_source_has_its_kind_and_its_mart() -> None:
    assert {
        name: (source.kind, source.is_synced, source.mart) for name, source in SOURCES.items()
    } == {
        "airtable": ("fivetran", True, "airtable_metrics"),
        "page_feedback": ("fivetran", True, "page_feedback_metrics"),
        "epa": ("arcgis", False, "epa_metrics"),
        "usace": ("arcgis", False, "usace_metrics"),
        "pasadena": ("arcgis", False, "pasadena_metrics"),
        "malibu": ("json", False, "malibu_metrics"),
    }
