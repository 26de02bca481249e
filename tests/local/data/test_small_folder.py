"""The small data folder is like the generated one, and counted by hand."""

import json
from typing import Any

from include.sources.airtable import AIRTABLE
from local.data.layers import epa_layer, pasadena_layer, usace_layer
from tests.small_data import SMALL, Row, counted


def read(name: str) -> Any:
    return json.loads((SMALL / name).read_text(encoding="utf-8"))


def test_the_entries_of_staff_are_the_newest_values() -> None:
    newest: dict[str, Row] = {}
    for row in read("fivetran/airtable/rows.json"):
        for name in row["METRIC_MACHINE_NAME_FROM_METRIC_DEFINITION_"] or ():
            best = newest.get(name)
            newer = best is None or row["DATE_CREATED"] > best["DATE_CREATED"]
            if row["METRIC"] is not None and newer:
                newest[name] = row

    by_hand = counted(AIRTABLE.name).metrics
    assert by_hand.keys() == newest.keys()
    for name, row in newest.items():
        assert by_hand[name].value == row["METRIC"]
        assert by_hand[name].given["last_updated"] == row["DATE_CREATED"]
        assert [by_hand[name].given["unit"]] == row["METRIC_UNIT_LABEL_FROM_METRIC_DEFINITION_"]


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
