"""A small world of raw rows, and the metrics that a person counts in it (`EXPECTED`)."""

from typing import Final

from include import sources
from include.sources import RawTable
from tests.transform.raw_tables import EDITED_AT, LOADED_AT, Row
from tests.transform.sampled import sample_metrics, sample_rows

_MALIBU = {part.name: part.table for part in sources.MALIBU}
REBUILD_POINTS: Final = _MALIBU["fire_rebuild_points"]
SYNCED_AT: Final = "2026-11-21 01:00:00+00:00"


def epa(object_id: int, status: str | None, land_use: str | None = "Residential") -> Row:
    return {
        "OBJECTID": object_id,
        "PUBLICSTATUS": status,
        "LANDUSE": land_use,
        "_SOURCE_EDITED_AT": EDITED_AT,
    }


def usace(object_id: int, **changes: object) -> Row:
    """An eligible parcel with nothing done yet."""
    return {
        "OBJECTID": object_id,
        "EVENT_SUB_NAME": "Eaton",
        "MA": "4856DR-CA-COE-SPD-09",
        "ROE_DETAILS": "County",
        "ROE_STATUS": "approved",
        **changes,
    }


def pasadena(number: str, status: str | None) -> Row:
    return {"PERMIT_NUMBER": number, "PERMIT_STATUS": status, "_SOURCE_EDITED_AT": EDITED_AT}


def airtable(
    record: str, name: str | list[str], value: float | None, created: str, **changes: object
) -> Row:
    """An entry; `name` is one machine name, or the whole list of them."""
    arrays = {
        "METRIC_MACHINE_NAME": name if isinstance(name, list) else [name],
        "METRIC_NAME": ["A metric"],
        "METRIC_TYPE": ["count"],
        "METRIC_UNIT_LABEL": ["things"],
        "UPDATE_FREQUENCY": ["weekly"],
        "METRIC_CONTACT_NAME": ["Pat Doe"],
        "METRIC_CONTACT_EMAIL": ["pat.doe@example.org"],
    }
    return {
        "ID": record,
        "METRIC": value,
        "DATE_CREATED": created,
        "_FIVETRAN_SYNCED": SYNCED_AT,
        "METRIC_MODIFIED_BY": "Pat Doe",
        **{f"{key}_FROM_METRIC_DEFINITION_": value for key, value in arrays.items()},
        **changes,
    }


def feedback(key: str, page: str, helpful: bool | None, time: str, **changes: object) -> Row:
    return {
        "FEEDBACK_KEY": key,
        "PAGE": page,
        "IS_HELPFUL": helpful,
        "TIME": time,
        "COMMENTS": "call me at 555-0100",
        "_FIVETRAN_SYNCED": SYNCED_AT,
        "_FIVETRAN_DELETED": False,
        **changes,
    }


_DAY = "2025-05-01 10:00:00"
WORLD: Final[dict[RawTable, list[Row]]] = {
    sources.EPA.table: [
        epa(1, "Phase 1 Complete"),
        epa(2, "Deferred to Phase 2"),
        epa(3, "Phase 1 Complete", "Commercial"),
        epa(4, "In Progress"),
        epa(5, None),
        epa(6, "Phase 1 Complete", None),
    ],
    sources.USACE.table: [
        usace(1, ROE_SUBMITTED=_DAY, ROE_APPROVED=_DAY, FSO_PKG_APPROVED=_DAY),
        usace(2, ROE_SUBMITTED=_DAY, ROE_APPROVED=_DAY, EVENT_SUB_NAME="Palisades"),
        usace(3, ROE_SUBMITTED=_DAY),
        usace(4),
        usace(5, ROE_SUBMITTED=_DAY, ROE_APPROVED=_DAY, EVENT_SUB_NAME="Hughes"),
        usace(6, ROE_SUBMITTED=_DAY, ROE_APPROVED=_DAY, MA="4856DR-CA-COE-SPD-10"),
        usace(7, ROE_SUBMITTED=_DAY, ROE_APPROVED=_DAY, ROE_DETAILS="Private"),
        usace(8, ROE_SUBMITTED=_DAY, ROE_STATUS="returned_ineligible"),
        usace(9, ROE_SUBMITTED=_DAY, ROE_STATUS="returned_withdrawn"),
        usace(10, ROE_SUBMITTED=_DAY, ROE_STATUS=None),
        usace(11, ROE_SUBMITTED=_DAY, ROE_STATUS=" "),
    ],
    sources.PASADENA.table: [
        pasadena("BLD-1", "In Review"),
        pasadena("BLD-2", "In Review"),
        pasadena("BLD-3", "Issued"),
        pasadena("BLD-4", "Withdrawn"),
        pasadena("BLD-5", None),
    ],
    REBUILD_POINTS: [
        {"TYPE": stage, "PROJECTNUMBER": "P-1"}
        for stage in ("InPlanning", "InPlanning", "InBPC", "PendingBSReview", "PermitIssued")
    ],
    _MALIBU["fire_rebuild_visit_points"]: [{"INITIALVISITS": 7, "FOLLOWUPVISITS": 3}],
    _MALIBU["overall_rebuild_stats_pie_read"]: [{"REBUILDGROUP": "Plan", "REBUILDTYPECOUNT": 4}],
    _MALIBU["palisades_permits_issued_read"]: [{"PERMITTYPE": "New", "PALISADESPERMITS": 1}],
    sources.AIRTABLE.table: [
        airtable("rec1", "schools_resumed", 900, "2026-11-01 09:00:00-08:00"),
        airtable("rec2", "schools_resumed", 920, "2026-11-02 18:00:00-08:00"),
        airtable("rec3", "people_helped_fema_funds", 123.45, "2026-10-05 00:00:00+00:00",
                 METRIC_TYPE_FROM_METRIC_DEFINITION_=["dollars - millions"]),
        airtable("rec4", "cleanup_phase1_complete", 9000, "2026-11-20 00:00:00+00:00"),
    ],
    sources.PAGE_FEEDBACK.table: [
        feedback("f1", "/home", True, "2026-11-09 06:30:00+00:00"),  # Sunday in California
        feedback("f2", "/home", False, "2026-11-09 20:00:00+00:00"),
        feedback("f3", "/home", True, "2026-11-15 20:00:00+00:00"),
        feedback("f4", "/data", None, "2026-11-15 20:00:00+00:00"),
        feedback("f5", "/data", True, "2026-11-15 20:00:00+00:00", _FIVETRAN_DELETED=True),
    ],
}  # fmt: skip

# A source without rows above has those of the small data folder.
for _source, _parts in sources.PARTS.items():
    for _part in _parts:
        if _part.table not in WORLD:
            WORLD[_part.table] = sample_rows(_source, _part)

EDITED: Final = "2026-11-19T05:30:00"
LOADED: Final = LOADED_AT.replace(" ", "T")
EXPECTED: Final[dict[str, dict[str, tuple[float, str]]]] = {
    "epa_metrics": {"cleanup_phase1_complete": (2, EDITED)},
    "usace_metrics": {
        "phase2_roes_accepted": (2, LOADED),
        "phase2_parcels_in_queue": (3, LOADED),
        "phase2_parcels_completed": (1, LOADED),
    },
    "pasadena_metrics": {
        "pasadena_rebuild_applications_received": (5, EDITED),
        "pasadena_rebuild_applications_in_review": (2, EDITED),
        "pasadena_building_permits_issued": (1, EDITED),
    },
    "malibu_metrics": {
        "malibu_rebuild_applications_received": (5, LOADED),
        "malibu_rebuild_applications_in_review": (3, LOADED),
        "malibu_building_permits_issued": (1, LOADED),
    },
    "airtable_metrics": {
        "schools_resumed": (920, "2026-11-03T02:00:00"),
        "people_helped_fema_funds": (123.45, "2026-10-05T00:00:00"),
        "cleanup_phase1_complete": (9000, "2026-11-20T00:00:00"),
    },
    "page_feedback_metrics": {
        "page_feedback_responses": (4, "2026-11-21T01:00:00"),
        "page_feedback_helpful_responses": (2, "2026-11-21T01:00:00"),
    },
}
for _source in sources.SOURCES:
    if f"{_source}_metrics" not in EXPECTED:
        EXPECTED[f"{_source}_metrics"] = sample_metrics(_source, LOADED)
