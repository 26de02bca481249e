"""The view On a map: everything on the page, and what its choices change."""

from datetime import date
from typing import Any

from include.dashboard.queries.read import Kind
from tests.dashboard.drawn import COLUMN, DOWNLOAD, Draw, channel, rows_of, several

COLUMNS: dict[str, Kind] = {
    "fire_name": "text",
    "status": "text",
    "place": "text",
    "longitude": "number",
    "latitude": "number",
}
ROWS = {
    "places": rows_of(
        COLUMNS,
        ("Eaton", "Done", "1 A St", -118.16, 34.14),
        ("Eaton", "Done", "2 A St", -118.12, 34.16),
        ("Eaton", "Open", "3 A St", -118.14, 34.15),
        ("Palisades", "Open", "4 A St", -118.6, 34.02),
        ("Palisades", "Done", "5 A St", -118.5, 34.06),
        ("Palisades", "New", "6 A St", None, None),
        ("Palisades", "Open", "7 A St", -118.55, 34.05),
        ("Palisades", "Open", "8 A St", -118.56, 34.05),
    )
}

POINTS: Any = {
    "color": channel(
        "status",
        "nominal",
        legend={"columns": 2, "labelLimit": 240, "orient": "bottom", "title": None},
        scale={"domain": ["Open", "Done", "New"], "range": ["#0072B2", "#E69F00", "#009E73"]},
    ),
    "latitude": channel("latitude", "quantitative"),
    "longitude": channel("longitude", "quantitative"),
    "tooltip": [
        channel("place", "nominal", title="Where"),
        channel("fire_name", "nominal", title="Fire"),
        channel("status", "nominal", title="Status"),
    ],
}
LABELS: Any = {
    "latitude": channel("latitude", "quantitative"),
    "longitude": channel("longitude", "quantitative"),
    "text": channel("name", "nominal"),
}
HALO: Any = {"type": "text", "fontSize": 14, "stroke": "white", "strokeWidth": 4}
TEXT: Any = {"type": "text", "color": "black", "fontSize": 14}


def test_the_page_shows_each_area_with_its_points_and_counts(draw: Draw) -> None:
    drawn = draw("on_a_map", ROWS)

    assert drawn.elements == [
        COLUMN,
        (
            "selectbox",
            {
                "label": "Layer",
                "default": 0,
                "options": [
                    "USACE: debris removal (phase 2)",
                    "EPA: hazardous materials (phase 1)",
                    "Pasadena: rebuild permits",
                    "Malibu: rebuild applications",
                ],
                "acceptNewOptions": False,
            },
        ),
        COLUMN,
        (
            "date_input",
            {
                "label": "At the end of",
                "default": ["2026-11-20"],
                "min": "2016-11-20",
                "max": "2026-11-20",
                "format": "YYYY/MM/DD",
            },
        ),
        COLUMN,
        several("Fires", "Eaton", "Palisades"),
        COLUMN,
        several("Statuses", "Open", "Done", "New"),
        COLUMN,
        ("subheader", "Altadena and Pasadena: 3"),
        (
            "vega_lite_chart",
            {
                "layer": [
                    {
                        "data": {
                            "fire_name": ["Eaton", "Eaton", "Eaton"],
                            "status": ["Open", "Done", "Done"],
                            "place": ["3 A St", "1 A St", "2 A St"],
                            "longitude": [-118.14, -118.16, -118.12],
                            "latitude": [34.15, 34.14, 34.16],
                        },
                        "mark": {"type": "circle", "opacity": 0.9, "size": 40},
                        "encoding": POINTS,
                    },
                    {
                        "data": {
                            "name": ["Pasadena"],
                            "longitude": [-118.144],
                            "latitude": [34.148],
                        },
                        "mark": HALO,
                        "encoding": LABELS,
                    },
                    {
                        "data": {
                            "name": ["Pasadena"],
                            "longitude": [-118.144],
                            "latitude": [34.148],
                        },
                        "mark": TEXT,
                        "encoding": LABELS,
                    },
                ],
                "height": 480,
                "projection": {"type": "mercator"},
            },
        ),
        COLUMN,
        ("subheader", "Pacific Palisades and Malibu: 4"),
        (
            "vega_lite_chart",
            {
                "layer": [
                    {
                        "data": {
                            "fire_name": ["Palisades", "Palisades", "Palisades", "Palisades"],
                            "status": ["Open", "Open", "Open", "Done"],
                            "place": ["4 A St", "8 A St", "7 A St", "5 A St"],
                            "longitude": [-118.6, -118.56, -118.55, -118.5],
                            "latitude": [34.02, 34.05, 34.05, 34.06],
                        },
                        "mark": {"type": "circle", "opacity": 0.9, "size": 40},
                        "encoding": POINTS,
                    },
                    {
                        "data": {
                            "name": ["Pacific Palisades"],
                            "longitude": [-118.526],
                            "latitude": [34.048],
                        },
                        "mark": HALO,
                        "encoding": LABELS,
                    },
                    {
                        "data": {
                            "name": ["Pacific Palisades"],
                            "longitude": [-118.526],
                            "latitude": [34.048],
                        },
                        "mark": TEXT,
                        "encoding": LABELS,
                    },
                ],
                "height": 480,
                "projection": {"type": "mercator"},
            },
        ),
        (
            "caption",
            (
                "8 in all, 1 of them without a location. These are all rows of the layer; a"
                " public metric counts only those that its rule includes."
            ),
        ),
        (
            "dataframe",
            {
                "columns": {},
                "rows": {
                    "status": ["Done", "New", "Open"],
                    "Eaton": [2.0, 0.0, 1.0],
                    "Palisades": [1.0, 1.0, 3.0],
                },
            },
        ),
        DOWNLOAD,
    ]
    assert drawn.keys == ["map-Altadena and Pasadena", "map-Pacific Palisades and Malibu"]
    assert drawn.asked == [("places", "usace", date(2026, 11, 20))]
    assert drawn.downloads == [
        (
            "usace-2026-11-20.csv",
            (
                "fire_name,status,place,longitude,latitude\n"
                "Eaton,Done,1 A St,-118.16,34.14\n"
                "Eaton,Done,2 A St,-118.12,34.16\n"
                "Eaton,Open,3 A St,-118.14,34.15\n"
                "Palisades,Open,4 A St,-118.6,34.02\n"
                "Palisades,Done,5 A St,-118.5,34.06\n"
                "Palisades,New,6 A St,,\n"
                "Palisades,Open,7 A St,-118.55,34.05\n"
                "Palisades,Open,8 A St,-118.56,34.05\n"
            ),
        ),
    ]


def test_another_layer_and_day_are_read(draw: Draw) -> None:
    drawn = draw("on_a_map", ROWS)
    for number, layer in enumerate(("usace", "epa", "pasadena", "malibu")):
        drawn.app.selectbox[0].select_index(number).run()
        assert drawn.asked[-1] == ("places", layer, date(2026, 11, 20))
    drawn.app.date_input[0].set_value(date(2026, 3, 1)).run()
    assert drawn.asked[-1] == ("places", "malibu", date(2026, 3, 1))
    assert drawn.downloads[-1][0] == "malibu-2026-03-01.csv"


def test_only_the_chosen_fires_and_statuses_are_shown(draw: Draw) -> None:
    drawn = draw("on_a_map", ROWS)
    drawn.app.multiselect[0].set_value(["Eaton"]).run()
    drawn.app.multiselect[1].set_value(["Open"]).run()
    [chart] = drawn.of_kind("vega_lite_chart")
    assert chart["layer"][0]["data"]["place"] == ["3 A St"]
    drawn.app.multiselect[0].set_value([]).run()
    sentence = "No rows are left: choose a fire and a status."
    assert drawn.elements[-1] == ("info", sentence)
