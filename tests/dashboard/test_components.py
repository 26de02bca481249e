"""Topics, labels, formats and downloads; a source's text is neither markup nor a formula."""

from datetime import UTC, date, datetime
from typing import Any
from unittest.mock import Mock

import altair as alt
import pandas as pd
import pytest
import streamlit as st

from include import times
from include.dashboard import components
from include.dashboard.components import (
    as_csv,
    choose_some,
    download_button,
    draw_chart,
    escape_markdown,
    format_amount,
    format_time,
    time_column,
    today,
)
from include.metric_words import TOPICS, label, topic


def test_text_is_never_a_formula_in_a_spreadsheet() -> None:
    pages = ['=HYPERLINK("http://x.example")', "@SUM(1)", "/en/apply"]
    rows = pd.DataFrame({"page": pages, "n": [-1, 2, 3]})

    lines = as_csv(rows).decode().splitlines()

    assert lines == [
        "page,n",
        '"\'=HYPERLINK(""http://x.example"")",-1',
        "'@SUM(1),2",
        "/en/apply,3",
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("phase2_parcels_completed", "Phase 2 parcels completed"),
        ("la_city_in_review", "LA city in review"),
        ("county_building_permits_issued", "LA County building permits issued"),
        ("malibu_county_x", "Malibu county x"),
        ("people_helped_fema_funds", "People helped FEMA funds"),
        ("cleanup_phase1_complete", "Cleanup phase 1 complete"),
        ("phase2_roes_accepted", "Phase 2 ROEs accepted"),
        ("", ""),
    ],
)
def test_a_metric_has_a_readable_label(name: str, expected: str) -> None:
    assert label(name) == expected


def test_a_sources_text_is_not_markdown() -> None:
    escaped = escape_markdown("![x](http://example.org) **b** <i> :red[y] $z$")

    assert escaped == r"\!\[x\]\(http\:\/\/example\.org\) \*\*b\*\* \<i\> \:red\[y\] \$z\$"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_each_beginning_of_a_formula_is_quoted(start: str) -> None:
    rows = pd.DataFrame({"a": [f"{start}1", f"1{start}"], "b": ["x", None]})
    text = as_csv(rows).decode()
    assert f"'{start}1" in text
    assert f"'1{start}" not in text
    assert "None" not in text


def test_no_cell_begins_a_line_of_its_own() -> None:
    rows = pd.DataFrame({"page": ["/a\r=1+1", "/b\n=1+1"], "n": [1, 2]})
    assert as_csv(rows) == b'page,n\r\n"/a\r=1+1",1\r\n"/b\n=1+1",2\r\n'


@pytest.mark.parametrize(
    ("beginnings", "expected"),
    [
        ("cleanup_ phase2_", "Debris removal"),
        ("malibu_ pasadena_ la_city_ county_", "Rebuilding"),
        ("people_ schools_", "People and schools"),
        ("water_ air_", "Water and air"),
        ("other_ my_cleanup_ cleanup", "Other"),
    ],
)
def test_a_metrics_name_begins_with_its_topic(beginnings: str, expected: str) -> None:
    assert {topic(f"{each}x") for each in beginnings.split()} == {expected}


def test_topics_periods_and_colours_are_in_this_order() -> None:
    assert list(TOPICS) == [
        "Debris removal",
        "Rebuilding",
        "People and schools",
        "Water and air",
    ]
    assert components.PERIODS == {"30 days": 30, "90 days": 90, "1 year": 365}
    assert components.MAX_COLOURS == 7


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (8761, "dollars - millions", "$8,761 M"),
        (8761.5, "dollars - millions", "$8,761.50 M"),
        (8761, "count", "8,761"),
    ],
)
def test_an_amount_has_its_unit(value: float, kind: str, text: str) -> None:
    assert format_amount(value, kind) == text


def test_days_and_times_are_californias(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = datetime(2026, 11, 25, 7, 59, tzinfo=UTC)
    monkeypatch.setattr(times, "datetime", Mock(now=moment.astimezone))
    assert today() == date(2026, 11, 24)
    assert format_time(pd.Timestamp(moment)) == "Nov 24, 2026, 11:59 PM PST"
    assert format_time(pd.Timestamp("2026-07-04T16:05Z")) == "Jul 4, 2026, 9:05 AM PDT"
    column: Any = time_column("Updated")
    assert column["label"] == "Updated"
    assert column["type_config"]["format"] == "YYYY-MM-DD HH:mm"
    assert column["type_config"]["timezone"] == "America/Los_Angeles"


def test_times_of_a_csv_are_californias_and_say_so() -> None:
    # The second and the third are the hour that comes twice in autumn.
    times = ["2026-07-04T16:05:30Z", "2026-11-01T08:30Z", "2026-11-01T09:30Z", None]
    rows = pd.DataFrame({"at": pd.to_datetime(times, format="ISO8601", utc=True), "n": range(4)})
    assert as_csv(rows).decode().splitlines() == [
        "at (California),n",
        "2026-07-04 09:05:30-07:00,0",
        "2026-11-01 01:30:00-07:00,1",
        "2026-11-01 01:30:00-08:00,2",
        ",3",
    ]
    assert as_csv(rows[:0]).decode().splitlines() == ["at (California),n"]


def test_days_of_a_csv_are_californias_and_say_so() -> None:
    rows = pd.DataFrame({"day": pd.to_datetime(["2026-11-20", None])})
    assert as_csv(rows).decode().splitlines() == ["day (California)", "2026-11-20", '""']
    hours = pd.DataFrame({"at": pd.to_datetime(["2026-11-20 00:00", "2026-11-20 01:30"])})
    assert as_csv(hours).decode().splitlines()[1:] == ["2026-11-20 00:00:00", "2026-11-20 01:30:00"]


def test_a_choice_of_nothing_is_a_choice_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []

    def choose(label: str, options: list[str], **more: object) -> list[str]:
        made.append((label, options, more))
        return options[1:2] if label == "one" else []

    monkeypatch.setattr(st, "multiselect", choose)
    assert choose_some("one", ["a", "b"]) == ["b"]
    assert choose_some("none", ["a", "b"], key="x") == ["a", "b"]
    assert made[1] == ("none", ["a", "b"], {"placeholder": "All", "key": "x"})


@pytest.mark.parametrize(("theme", "configured"), [("light", True), ("dark", False), (None, False)])
def test_texts_of_charts_are_darker_on_white(
    theme: str | None, configured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Any] = []
    monkeypatch.setattr(st, "context", Mock(theme=Mock(type=theme)))
    monkeypatch.setattr(st, "altair_chart", lambda *chart, **more: drawn.append((chart, more)))
    chart = alt.Chart(pd.DataFrame({"a": [1]})).mark_bar()
    draw_chart(chart, key="k", alt_text="A bar.")
    [((shown,), more)] = drawn
    assert more == {"key": "k", "alt": "A bar."}
    config = shown.to_dict()["config"]
    text = {"labelColor": "#6B6F76", "titleColor": "#6B6F76"}
    assert (config.get("axis") == text and config.get("legend") == text) is configured


def test_a_download_is_a_csv_file_of_this_name(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    monkeypatch.setattr(st, "download_button", lambda *values, **more: made.append((values, more)))
    download_button(pd.DataFrame({"a": [1]}), "rows")
    options = {"file_name": "rows.csv", "mime": "text/csv", "icon": ":material/download:"}
    assert made == [(("Download as CSV", b"a\r\n1\r\n"), options)]
