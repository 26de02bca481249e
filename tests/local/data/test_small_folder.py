"""The hand-written folder: its answers are those of the rules, counted here once more."""

import json
from pathlib import Path
from typing import Any

from local.data.layers import epa_layer, pasadena_layer, usace_layer

SMALL = Path(__file__).parents[2] / "data" / "small"
Row = dict[str, Any]


def read(name: str) -> Any:  # noqa: ANN401  any JSON value
    return json.loads((SMALL / name).read_text(encoding="utf-8"))


def attributes(source: str) -> list[Row]:
    return [each["attributes"] for each in read(f"arcgis/{source}/features.json")["features"]]


def counted() -> dict[str, int]:
    """Every computed metric, by the rules as the sources' owners word them."""
    epa, pasadena = attributes("epa"), attributes("pasadena")
    usace = [
        row
        for row in attributes("usace")
        if row["event_sub_name"] in ("Eaton", "Palisades")
        and row["ma"] == "4856DR-CA-COE-SPD-09"
        and row["roe_details"] == "County"
        and row["roe_status"] not in (None, "returned_ineligible", "returned_withdrawn")
    ]
    types = [row["type"] for row in read("malibu/FireRebuildPoints.json")]
    done = ("Phase 1 Complete", "Deferred to Phase 2")
    cleaned = [row for row in epa if row["PublicStatus"] in done]
    statuses = [row["PERMIT_STATUS"] for row in pasadena]
    return {
        "cleanup_phase1_complete": sum(row["LandUse"] == "Residential" for row in cleaned),
        "phase2_roes_accepted": sum(row["roe_approved"] is not None for row in usace),
        "phase2_parcels_in_queue": sum(row["roe_submitted"] is not None for row in usace),
        "phase2_parcels_completed": sum(row["fso_pkg_approved"] is not None for row in usace),
        "malibu_rebuild_applications_received": len(types),
        "malibu_rebuild_applications_in_review": types.count("InPlanning") + types.count("InBPC"),
        "malibu_building_permits_issued": types.count("PermitIssued"),
        "pasadena_rebuild_applications_received": len(statuses),
        "pasadena_rebuild_applications_in_review": statuses.count("In Review"),
        "pasadena_building_permits_issued": statuses.count("Issued"),
    }


def test_the_computed_metrics_are_as_expected() -> None:
    expected = read("expected.json")

    assert {name: expected[name]["value"] for name in counted()} == counted()


def test_the_hand_kept_metrics_are_the_newest_values() -> None:
    newest: dict[str, Row] = {}
    for row in read("fivetran/airtable/rows.json"):
        for name in row["METRIC_MACHINE_NAME_FROM_METRIC_DEFINITION_"] or ():
            best = newest.get(name)
            newer = best is None or row["DATE_CREATED"] > best["DATE_CREATED"]
            if row["METRIC"] is not None and newer:
                newest[name] = row

    expected = read("expected.json")
    kept = {name: row for name, row in newest.items() if name not in counted()}
    assert expected.keys() == kept.keys() | counted().keys()
    for name, row in kept.items():
        assert expected[name]["value"] == row["METRIC"]
        assert expected[name]["last_updated"] == row["DATE_CREATED"]
        assert [expected[name]["unit"]] == row["METRIC_UNIT_LABEL_FROM_METRIC_DEFINITION_"]


def test_the_layers_declare_what_the_generated_ones_declare() -> None:
    box = (0.0, 0.0, 1.0, 1.0)
    made = {
        "epa": epa_layer(box, 0),
        "usace": usace_layer(box),
        "pasadena": pasadena_layer(box, 0),
    }
    for source, layer in made.items():
        small = read(f"arcgis/{source}/layer.json")
        assert {**small, "extent": 0, "editingInfo": 0} == {**layer, "extent": 0, "editingInfo": 0}
