"""Malibu's four lists, each at its real path."""

import pytest

from tests.local.sources.server import Server


@pytest.mark.parametrize(
    ("name", "length", "field"),
    [
        ("fire_rebuild_points", 13, "type"),
        ("fire_rebuild_visit_points", 1, "InitialVisits"),
        ("overall_rebuild_stats_pie_read", 3, "RebuildGroup"),
        ("palisades_permits_issued_read", 2, "PalisadesPermits"),
    ],
)
def test_each_list_is_complete(server: Server, name: str, length: int, field: str) -> None:
    rows = server.rows(name)

    assert len(rows) == length
    assert field in rows[0]


def test_a_list_without_its_view_fails(server: Server) -> None:
    response = server.client.get("/Home/FireRebuildPoints/")

    assert response.status_code == 500
    assert response.headers["content-type"].startswith("text/html")
