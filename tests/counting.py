"""The metric rules of the sources in Python, computed from a data folder without SQL or loaders."""

from collections.abc import Callable
from pathlib import Path

from tests.small_data import Row, rows_in


def count(data: Path) -> dict[str, int]:
    """Compute every metric's value, by name."""
    return {name: value for of in COUNTERS.values() for name, value in of(data).items()}


def hand_kept(data: Path) -> dict[str, float]:
    """The newest value that staff entered for each metric, by name."""
    newest: dict[str, tuple[str, float]] = {}
    for row in rows_in(data / "fivetran" / "airtable" / "rows.json"):
        for name in row["METRIC_MACHINE_NAME_FROM_METRIC_DEFINITION_"] or []:
            created, _ = newest.get(name, ("", 0.0))
            if row["METRIC"] is not None and row["DATE_CREATED"] > created:
                newest[name] = row["DATE_CREATED"], row["METRIC"]
    return {name: value for name, (_, value) in newest.items()}


def _epa(data: Path) -> dict[str, int]:
    done = {"Phase 1 Complete", "Deferred to Phase 2"}
    parcels = _attributes(data, "epa")
    complete = [p for p in parcels if p["PublicStatus"] in done and p["LandUse"] == "Residential"]
    return {"cleanup_phase1_complete": len(complete)}


def _usace(data: Path) -> dict[str, int]:
    eligible = [parcel for parcel in _attributes(data, "usace") if _is_eligible(parcel)]

    def distinct(field: str) -> int:
        return len({parcel["OBJECTID"] for parcel in eligible if parcel[field] is not None})

    return {
        "phase2_roes_accepted": distinct("roe_approved"),
        "phase2_parcels_in_queue": distinct("roe_submitted"),
        "phase2_parcels_completed": distinct("fso_pkg_approved"),
    }


def _is_eligible(parcel: Row) -> bool:
    returned = {None, "returned_ineligible", "returned_withdrawn"}
    return (
        parcel["event_sub_name"] in {"Eaton", "Palisades"}
        and parcel["ma"] == "4856DR-CA-COE-SPD-09"
        and parcel["roe_details"] == "County"
        and parcel["roe_status"] not in returned
    )


def _pasadena(data: Path) -> dict[str, int]:
    statuses = [permit["PERMIT_STATUS"] for permit in _attributes(data, "pasadena")]
    return {
        "pasadena_rebuild_applications_received": len(statuses),
        "pasadena_rebuild_applications_in_review": statuses.count("In Review"),
        "pasadena_building_permits_issued": statuses.count("Issued"),
    }


def _malibu(data: Path) -> dict[str, int]:
    types = [point["type"] for point in rows_in(data / "malibu" / "FireRebuildPoints.json")]
    return {
        "malibu_rebuild_applications_received": len(types),
        "malibu_rebuild_applications_in_review": types.count("InPlanning") + types.count("InBPC"),
        "malibu_building_permits_issued": types.count("PermitIssued"),
    }


def _attributes(data: Path, layer: str) -> list[Row]:
    return rows_in(data / "arcgis" / layer / "features.json")


COUNTERS: dict[str, Callable[[Path], dict[str, int]]] = {
    "epa": _epa,
    "usace": _usace,
    "pasadena": _pasadena,
    "malibu": _malibu,
}
