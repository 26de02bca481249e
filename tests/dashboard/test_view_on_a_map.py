"""The view On a map: everything on the page, and what its choices change."""

from datetime import date
from typing import Any

from include.dashboard.queries.read import Kind
from tests.dashboard.drawn import COLUMN, DOWNLOAD, Draw, numbers, rows_of

COLUMNS: dict[str, Kind] = {
    "fire_name": "text",
    "status": "text",
    "place": "text",
    "recorded_at": "time",
    "longitude": "number",
    "latitude": "number",
}
AT = "2026-11-20 11:00"
ROWS = {
    "places": rows_of(
        COLUMNS,
        ("Eaton", "Done", "1 A St", AT, -118.16, 34.14),
        ("Eaton", "Done", "2 A St", AT, -118.12, 34.16),
        ("Eaton", "Open", "3 A St", AT, -118.14, 34.15),
        ("Palisades", "Open", "4 A St", AT, -118.6, 34.02),
        ("Palisades", "Done", "5 A St", AT, -118.5, 34.06),
        ("Palisades", "New", "6 A St", AT, None, None),
        ("Palisades", "Open", "7 A St", AT, -118.55, 34.05),
        ("Palisades", "Open", "8 A St", AT, -118.56, 34.05),
    )
}

POINTS: Any = {
    "color": {
        "field": "status",
        "legend": {"columns": 1, "labelLimit": 300, "orient": "bottom", "title": None},
        "scale": {"domain": ["Open", "Done", "New"]},
        "type": "nominal",
    },
    "latitude": {"field": "latitude", "type": "quantitative"},
    "longitude": {"field": "longitude", "type": "quantitative"},
    "tooltip": [
        {"field": "place", "title": "Where", "type": "nominal"},
        {"field": "fire_name", "title": "Fire", "type": "nominal"},
        {"field": "status", "title": "Status", "type": "nominal"},
        {"field": "recorded", "title": "Recorded", "type": "nominal"},
    ],
}
LABELS: Any = {
    "latitude": {"field": "latitude", "type": "quantitative"},
    "longitude": {"field": "longitude", "type": "quantitative"},
    "text": {"field": "name", "type": "nominal"},
}
HALO: Any = {"type": "text", "fontSize": 13, "stroke": "white", "strokeWidth": 4}
TEXT: Any = {"type": "text", "color": "black", "fontSize": 13}
LAND: Any = {"type": "geoshape", "aria": False, "fill": "#767676", "fillOpacity": 0.12}
BAR: Any = {"type": "rule", "color": "#767676", "strokeWidth": 3}
BAR_PLACE: Any = {
    "latitude": {"field": "latitude", "type": "quantitative"},
    "latitude2": {"field": "latitude"},
    "longitude": {"field": "from", "type": "quantitative"},
    "longitude2": {"field": "to"},
}
BAR_HALO: Any = {
    "type": "text",
    "align": "left",
    "dy": -10,
    "fontSize": 13,
    "stroke": "white",
    "strokeWidth": 4,
}
BAR_TEXT: Any = {"type": "text", "align": "left", "color": "black", "dy": -10, "fontSize": 13}
BAR_LABEL: Any = {
    "latitude": {"field": "latitude", "type": "quantitative"},
    "longitude": {"field": "from", "type": "quantitative"},
    "text": {"field": "text", "type": "nominal"},
}
COAST: Any = {
    "type": "LineString",
    "coordinates": [
        [-118.49550491803278, 34.008],
        [-118.5028, 34.0155],
        [-118.5195, 34.0275],
        [-118.5431, 34.0385],
        [-118.5491, 34.0402],
        [-118.5549, 34.0378],
        [-118.5621, 34.0408],
        [-118.5692, 34.0416],
        [-118.5759, 34.0397],
        [-118.5797, 34.0398],
        [-118.5839, 34.0375],
        [-118.5928, 34.0399],
        [-118.6036, 34.039],
        [-118.6097, 34.0364],
        [-118.612, 34.03675114503817],
    ],
}
SHORE: Any = {
    "type": "Polygon",
    "coordinates": [
        [
            [-118.612, 34.03675114503817],
            [-118.612, 34.072],
            [-118.488, 34.072],
            [-118.488, 34.008],
            [-118.49550491803278, 34.008],
            [-118.5028, 34.0155],
            [-118.5195, 34.0275],
            [-118.5431, 34.0385],
            [-118.5491, 34.0402],
            [-118.5549, 34.0378],
            [-118.5621, 34.0408],
            [-118.5692, 34.0416],
            [-118.5759, 34.0397],
            [-118.5797, 34.0398],
            [-118.5839, 34.0375],
            [-118.5928, 34.0399],
            [-118.6036, 34.039],
            [-118.6097, 34.0364],
            [-118.612, 34.03675114503817],
        ]
    ],
}


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
        (
            "multiselect",
            {
                "label": "Fires",
                "options": ["Eaton", "Palisades"],
                "placeholder": "All",
                "acceptNewOptions": False,
                "selectAll": 1000,
            },
        ),
        (
            "multiselect",
            {
                "label": "Statuses",
                "options": ["Open", "Done", "New"],
                "placeholder": "All",
                "acceptNewOptions": False,
                "selectAll": 1000,
            },
        ),
        (
            "button_group",
            {
                "options": [{"content": "Each place"}, {"content": "How many, by square"}],
                "default": [0],
                "label": "Show",
                "required": True,
            },
        ),
        COLUMN,
        ("header", "Altadena and Pasadena: 3"),
        (
            "vega_lite_chart",
            {
                "layer": [
                    {
                        "data": [
                            {
                                "type": "Feature",
                                "properties": {},
                                "geometry": {
                                    "type": "Polygon",
                                    "coordinates": [
                                        [
                                            [-118.17, 34.13],
                                            [-118.17, 34.169999999999995],
                                            [-118.11, 34.169999999999995],
                                            [-118.11, 34.13],
                                            [-118.17, 34.13],
                                        ]
                                    ],
                                },
                            }
                        ],
                        "mark": LAND,
                    },
                    {
                        "data": {
                            "fire_name": ["Eaton", "Eaton", "Eaton"],
                            "status": ["Open", "Done", "Done"],
                            "place": ["3 A St", "1 A St", "2 A St"],
                            "longitude": [-118.14, -118.16, -118.12],
                            "latitude": [34.15, 34.14, 34.16],
                            "recorded": ["Nov 20, 2026", "Nov 20, 2026", "Nov 20, 2026"],
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
                    {
                        "data": {
                            "from": [-118.1682],
                            "to": [-118.15068759603868],
                            "latitude": [34.1316],
                            "text": ["1 mile"],
                        },
                        "mark": BAR,
                        "encoding": BAR_PLACE,
                    },
                    {
                        "data": {
                            "from": [-118.1682],
                            "to": [-118.15068759603868],
                            "latitude": [34.1316],
                            "text": ["1 mile"],
                        },
                        "mark": BAR_HALO,
                        "encoding": BAR_LABEL,
                    },
                    {
                        "data": {
                            "from": [-118.1682],
                            "to": [-118.15068759603868],
                            "latitude": [34.1316],
                            "text": ["1 mile"],
                        },
                        "mark": BAR_TEXT,
                        "encoding": BAR_LABEL,
                    },
                ],
                "height": 420,
                "projection": {"type": "mercator"},
                "resolve": {"scale": {"color": "independent", "stroke": "shared"}},
            },
        ),
        COLUMN,
        ("header", "Pacific Palisades and Malibu: 4"),
        (
            "vega_lite_chart",
            {
                "layer": [
                    {
                        "data": [{"type": "Feature", "properties": {}, "geometry": SHORE}],
                        "mark": LAND,
                    },
                    {
                        "data": [
                            {
                                "type": "Feature",
                                "properties": {"line": "Coast, county line"},
                                "geometry": COAST,
                            }
                        ],
                        "mark": {
                            "type": "geoshape",
                            "aria": False,
                            "filled": False,
                            "strokeWidth": 1.5,
                        },
                        "encoding": {
                            "stroke": {
                                "field": "properties.line",
                                "legend": {
                                    "direction": "vertical",
                                    "labelLimit": 300,
                                    "orient": "bottom",
                                    "symbolType": "stroke",
                                    "title": None,
                                },
                                "scale": {"domain": ["Coast, county line"], "range": ["#767676"]},
                                "type": "nominal",
                            }
                        },
                    },
                    {
                        "data": {
                            "fire_name": ["Palisades", "Palisades", "Palisades", "Palisades"],
                            "status": ["Open", "Open", "Open", "Done"],
                            "place": ["4 A St", "7 A St", "8 A St", "5 A St"],
                            "longitude": [-118.6, -118.55, -118.56, -118.5],
                            "latitude": [34.02, 34.05, 34.05, 34.06],
                            "recorded": [
                                "Nov 20, 2026",
                                "Nov 20, 2026",
                                "Nov 20, 2026",
                                "Nov 20, 2026",
                            ],
                        },
                        "mark": {"type": "circle", "opacity": 0.9, "size": 40},
                        "encoding": POINTS,
                    },
                    {
                        "data": {
                            "name": ["Pacific Palisades", "Santa Monica"],
                            "longitude": [-118.526, -118.491],
                            "latitude": [34.048, 34.019],
                        },
                        "mark": HALO,
                        "encoding": LABELS,
                    },
                    {
                        "data": {
                            "name": ["Pacific Palisades", "Santa Monica"],
                            "longitude": [-118.526, -118.491],
                            "latitude": [34.048, 34.019],
                        },
                        "mark": TEXT,
                        "encoding": LABELS,
                    },
                    {
                        "data": {
                            "from": [-118.60828],
                            "to": [-118.57330068077627],
                            "latitude": [34.010560000000005],
                            "text": ["2 miles"],
                        },
                        "mark": BAR,
                        "encoding": BAR_PLACE,
                    },
                    {
                        "data": {
                            "from": [-118.60828],
                            "to": [-118.57330068077627],
                            "latitude": [34.010560000000005],
                            "text": ["2 miles"],
                        },
                        "mark": BAR_HALO,
                        "encoding": BAR_LABEL,
                    },
                    {
                        "data": {
                            "from": [-118.60828],
                            "to": [-118.57330068077627],
                            "latitude": [34.010560000000005],
                            "text": ["2 miles"],
                        },
                        "mark": BAR_TEXT,
                        "encoding": BAR_LABEL,
                    },
                ],
                "height": 420,
                "projection": {"type": "mercator"},
                "resolve": {"scale": {"color": "independent", "stroke": "shared"}},
            },
        ),
        (
            "caption",
            (
                "8 in all, 1 of them without a location. These are all rows of the "
                "layer; a public metric counts only those that its rule includes. "
                "keep_history takes a snapshot a day: the newest change in this one "
                "was recorded on Nov 20, 2026, 3:00 AM PST. Read as of Nov 20, 2026, "
                "10:00 AM PST."
            ),
        ),
        (
            "dataframe",
            {
                "columns": {
                    "status": {"label": "Status"},
                    "Eaton": numbers("Eaton", "localized"),
                    "Palisades": numbers("Palisades", "localized"),
                },
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
    assert drawn.asked == [
        (
            "places",
            "usace",
            date(2026, 11, 20),
        )
    ]
    assert drawn.downloads == [
        (
            "usace-2026-11-20.csv",
            (
                "fire_name,status,place,recorded_at (California),longitude,latitude\n"
                "Eaton,Open,3 A St,2026-11-20 03:00:00-08:00,-118.14,34.15\n"
                "Palisades,Open,4 A St,2026-11-20 03:00:00-08:00,-118.6,34.02\n"
                "Palisades,Open,7 A St,2026-11-20 03:00:00-08:00,-118.55,34.05\n"
                "Palisades,Open,8 A St,2026-11-20 03:00:00-08:00,-118.56,34.05\n"
                "Eaton,Done,1 A St,2026-11-20 03:00:00-08:00,-118.16,34.14\n"
                "Eaton,Done,2 A St,2026-11-20 03:00:00-08:00,-118.12,34.16\n"
                "Palisades,Done,5 A St,2026-11-20 03:00:00-08:00,-118.5,34.06\n"
                "Palisades,New,6 A St,2026-11-20 03:00:00-08:00,,\n"
            ),
        )
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
    assert chart["layer"][1]["data"]["place"] == ["3 A St"]
    drawn.app.multiselect[1].set_value(["New"]).run()
    sentence = "No rows are left: choose another fire or status."
    assert drawn.elements[-1] == ("info", sentence)


def test_a_chosen_status_leaves_the_map_where_it_is(draw: Draw) -> None:
    drawn = draw("on_a_map", ROWS)
    [before, _] = drawn.of_kind("vega_lite_chart")
    drawn.app.multiselect[0].set_value(["Eaton"]).run()
    drawn.app.multiselect[1].set_value(["Open"]).run()
    [after] = drawn.of_kind("vega_lite_chart")
    assert after["layer"][0] == before["layer"][0]
