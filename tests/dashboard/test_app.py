"""The dashboard's pages: their names, their order and the one at the root."""

from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st

from include.dashboard import app
from local import dashboard
from tests.dashboard.drawn import Draw

TITLES = {
    "now": "Recovery now",
    "over_time": "Over time",
    "on_a_map": "On a map",
    "permits": "Permits",
    "feedback": "Page feedback",
    "pipeline": "Pipeline health",
    "cost": "Warehouse cost",
}


def test_the_app_has_a_page_for_each_view(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[Any] = []
    page = SimpleNamespace(title="On a map", run=lambda: done.append("run"))

    def navigation(pages: list[Any], **options: object) -> Any:
        done.append((pages, options))
        return page

    monkeypatch.setattr(st, "set_page_config", lambda **options: done.append(options))
    monkeypatch.setattr(st, "Page", lambda file, **options: (file, options))
    monkeypatch.setattr(st, "navigation", navigation)
    monkeypatch.setattr(st, "title", done.append)

    app.main()

    views = dashboard.APP.parent / "views"
    pages = [(views / f"{name}.py", {"title": title}) for name, title in TITLES.items()]
    pages[0][1]["default"] = True  # type: ignore[assignment]
    assert done == [
        {"page_title": "LA fires recovery", "layout": "wide"},
        (pages, {"position": "top"}),
        "On a map",
        "run",
    ]
    assert all(file.is_file() for file, _ in pages)


def test_the_root_is_the_first_page(draw: Draw) -> None:
    drawn = draw("app", {})
    assert drawn.of_kind("title") == ["Recovery now"]
    assert [query for query, *_ in drawn.asked] == ["public_now"]


def test_another_page_is_shown_under_its_title(draw: Draw) -> None:
    drawn = draw("app", {})
    drawn.app.switch_page("views/cost.py").run()
    assert drawn.of_kind("title") == ["Warehouse cost"]
    assert [query for query, *_ in drawn.asked] == ["public_now", "warehouse_cost"]


def test_the_chosen_period_stays_when_the_page_changes(draw: Draw) -> None:
    drawn = draw("app", {})
    drawn.app.segmented_control[0].set_value("1 year").run()
    drawn.app.switch_page("views/cost.py").run()
    assert [str(asked[1]) for asked in drawn.asked] == ["2026-08-22", "2025-11-20", "2025-11-20"]
    drawn.app.segmented_control[0].set_value("30 days").run()
    assert str(drawn.asked[-1][1]) == "2026-10-21"
