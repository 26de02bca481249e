"""The view Permits: everything on the page, and what its choices change."""

from datetime import date
from typing import Any

import pytest

from include.dashboard.queries.read import Kind
from tests.dashboard.drawn import COLUMN, DOWNLOAD, PERIOD, Draw, buttons, channel, rows_of

COLUMNS: dict[str, Kind] = {
    "metric_name": "text",
    "metric_value": "number",
    "value_before": "number",
    "last_updated": "time",
}
AT = "2026-11-20 12:00"
ROWS = {
    "public_now": rows_of(
        COLUMNS,
        ("county_building_permits_issued", 3, 2, AT),
        ("la_city_applications_received", 0, None, AT),
        ("la_city_permits_issued", 0, None, AT),
        ("malibu_rebuild_applications_received", 50, 40, AT),
        ("pasadena_building_permits_issued", 300, 200, AT),
        ("pasadena_rebuild_applications_in_review", 500, None, "2026-11-20 13:00"),
        ("pasadena_rebuild_applications_received", 1200, 1000, AT),
        ("zoo", 1, 2, AT),
    )
}

LAYERS: Any = [
    {
        "mark": {"type": "bar"},
        "encoding": {
            "color": channel(
                "step",
                "nominal",
                legend=None,
                scale={
                    "domain": ["Received", "In review", "Issued"],
                    "range": ["#0072B2", "#E69F00", "#009E73"],
                },
            ),
            "tooltip": [
                channel("step", "nominal", title="Step"),
                channel("metric_value", "quantitative", format=",", title="Now"),
                channel("value_before", "quantitative", format=",", title="Before"),
            ],
            "x": channel("metric_value", "quantitative", axis=None),
            "y": channel("step", "nominal", sort=["Received", "In review", "Issued"], title=None),
        },
    },
    {
        "mark": {"type": "text", "align": "left", "color": "grey", "dx": 4},
        "encoding": {
            "text": channel("metric_value", "quantitative", format=","),
            "x": channel("metric_value", "quantitative", axis=None),
            "y": channel("step", "nominal", sort=["Received", "In review", "Issued"], title=None),
        },
    },
]


def test_the_page_shows_each_citys_steps(draw: Draw) -> None:
    drawn = draw("permits", ROWS)

    assert drawn.elements == [
        PERIOD,
        buttons(
            "Cities",
            "Pasadena",
            "Malibu",
            "LA city",
            "LA county",
            default=[0, 1, 2, 3],
            clickMode="MULTI_SELECT",
            style="PILLS",
        ),
        COLUMN,
        ("subheader", "Pasadena"),
        ("markdown", "**25%** of 1,200 applications have their permit."),
        (
            "vega_lite_chart",
            {
                "layer": LAYERS,
                "data": {
                    "metric_name": [
                        "pasadena_building_permits_issued",
                        "pasadena_rebuild_applications_in_review",
                        "pasadena_rebuild_applications_received",
                    ],
                    "metric_value": [300.0, 500.0, 1200.0],
                    "value_before": [200.0, None, 1000.0],
                    "last_updated": ["2026-11-20 12:00", "2026-11-20 13:00", "2026-11-20 12:00"],
                    "city": ["Pasadena", "Pasadena", "Pasadena"],
                    "step": ["Issued", "In review", "Received"],
                },
                "height": 130,
            },
        ),
        ("caption", "Updated Nov 20, 2026, 5:00 AM in California."),
        ("subheader", "LA city"),
        (
            "vega_lite_chart",
            {
                "layer": LAYERS,
                "data": {
                    "metric_name": ["la_city_applications_received", "la_city_permits_issued"],
                    "metric_value": [0.0, 0.0],
                    "value_before": [None, None],
                    "last_updated": ["2026-11-20 12:00", "2026-11-20 12:00"],
                    "city": ["LA city", "LA city"],
                    "step": ["Received", "Issued"],
                },
                "height": 130,
            },
        ),
        ("caption", "Updated Nov 20, 2026, 4:00 AM in California."),
        COLUMN,
        ("subheader", "Malibu"),
        (
            "vega_lite_chart",
            {
                "layer": LAYERS,
                "data": {
                    "metric_name": ["malibu_rebuild_applications_received"],
                    "metric_value": [50.0],
                    "value_before": [40.0],
                    "last_updated": ["2026-11-20 12:00"],
                    "city": ["Malibu"],
                    "step": ["Received"],
                },
                "height": 130,
            },
        ),
        ("caption", "Updated Nov 20, 2026, 4:00 AM in California."),
        ("subheader", "LA county"),
        (
            "vega_lite_chart",
            {
                "layer": LAYERS,
                "data": {
                    "metric_name": ["county_building_permits_issued"],
                    "metric_value": [3.0],
                    "value_before": [2.0],
                    "last_updated": ["2026-11-20 12:00"],
                    "city": ["LA county"],
                    "step": ["Issued"],
                },
                "height": 130,
            },
        ),
        ("caption", "Updated Nov 20, 2026, 4:00 AM in California."),
        (
            "caption",
            (
                "The public metrics. Those of Pasadena and Malibu are counted from the cities'"
                " data; staff enter those of LA's city and county by hand. An application that"
                " was withdrawn, or waits for something else, is in neither of the later steps."
            ),
        ),
        DOWNLOAD,
    ]
    assert drawn.keys == ["funnel-Pasadena", "funnel-Malibu", "funnel-LA city", "funnel-LA county"]
    assert drawn.asked == [("public_now", date(2026, 8, 22))]
    assert drawn.downloads == [
        (
            "permits.csv",
            (
                "city,step,metric_name,metric_value,value_before,last_updated\n"
                "LA city,Issued,la_city_permits_issued,0.0,,2026-11-20 12:00:00+00:00\n"
                "LA city,Received,la_city_applications_received,0.0,,"
                "2026-11-20 12:00:00+00:00\n"
                "LA county,Issued,county_building_permits_issued,3.0,2.0,"
                "2026-11-20 12:00:00+00:00\n"
                "Malibu,Received,malibu_rebuild_applications_received,50.0,40.0,"
                "2026-11-20 12:00:00+00:00\n"
                "Pasadena,In review,pasadena_rebuild_applications_in_review,500.0,,"
                "2026-11-20 13:00:00+00:00\n"
                "Pasadena,Issued,pasadena_building_permits_issued,300.0,200.0,"
                "2026-11-20 12:00:00+00:00\n"
                "Pasadena,Received,pasadena_rebuild_applications_received,1200.0,1000.0,"
                "2026-11-20 12:00:00+00:00\n"
            ),
        ),
    ]


def test_only_the_chosen_cities_are_shown_and_all_can_be_downloaded(draw: Draw) -> None:
    drawn = draw("permits", ROWS)
    drawn.app.pills[0].set_value(["LA county", "Malibu"]).run()
    assert drawn.of_kind("subheader") == ["Malibu", "LA county"]
    assert drawn.downloads[-1] == drawn.downloads[0]


FUNNELS = {
    "Pasadena": (
        "pasadena_rebuild_applications_received",
        "pasadena_rebuild_applications_in_review",
        "pasadena_building_permits_issued",
    ),
    "Malibu": (
        "malibu_rebuild_applications_received",
        "malibu_rebuild_applications_in_review",
        "malibu_building_permits_issued",
    ),
    "LA city": ("la_city_applications_received", "la_city_in_review", "la_city_permits_issued"),
    "LA county": (
        "county_rebuild_applications_received",
        "county_building_plan_reviews_in_process",
        "county_building_permits_issued",
    ),
}


@pytest.mark.parametrize("city", FUNNELS)
def test_each_citys_metrics_are_its_steps(city: str, draw: Draw) -> None:
    values = (200, 100, 50)
    rows = [(name, value, None, AT) for name, value in zip(FUNNELS[city], values, strict=True)]
    drawn = draw("permits", {"public_now": rows_of(COLUMNS, *rows)})
    assert drawn.of_kind("subheader") == [city]
    assert drawn.of_kind("markdown") == ["**25%** of 200 applications have their permit."]
    [chart] = drawn.of_kind("vega_lite_chart")
    assert chart["data"]["step"] == ["Received", "In review", "Issued"]


def test_a_publication_without_permits_says_so(draw: Draw) -> None:
    other = rows_of(COLUMNS, ("zoo", 1, 2, AT))
    sentence = ("info", "None of the public metrics counts permits.")
    assert draw("permits", {"public_now": other}).elements == [PERIOD, sentence]
    nothing = ("info", "No permits have been published yet.")
    assert draw("permits", {}).elements == [PERIOD, nothing]
