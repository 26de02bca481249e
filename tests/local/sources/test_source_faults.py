"""Each fault of the sources that loaders read."""

import re
import time

import httpx
import pytest

from tests.local.sources.server import Server

LAYERS = ["epa", "usace", "pasadena"]
POINTS = "fire_rebuild_points"
POINTS_URL = "/Home/FireRebuildPoints/?sFireView=vPalisadesRebuildStatsDetailWithTimes"
EPA = "/cJ9YHowT8TU7DUyn/ArcGIS/rest/services/SoCalFires2025_PublicStatusNightly/FeatureServer/0"
COUNTS = {"epa": 13, "usace": 19, "pasadena": 11}


def test_error_500_breaks_the_whole_source_and_no_other(server: Server) -> None:
    server.break_("epa", "error-500")
    server.break_("malibu", "error-500")

    assert server.client.get(EPA, params={"f": "json"}).status_code == 500
    assert server.client.get(POINTS_URL).status_code == 500
    assert server.query("usace", returnCountOnly="true") == {"count": 19}


@pytest.mark.parametrize("url", [EPA, POINTS_URL])
def test_each_page_of_an_error_has_an_id_of_its_own(server: Server, url: str) -> None:
    for source in ("epa", "malibu"):
        server.break_(source, "error-500")

    pages = [server.client.get(url).text for _ in range(2)]

    assert pages[0] != pages[1]
    first, second = (re.sub(r"(?<=Request ID: )[\w-]+", "#", text) for text in pages)
    assert first == second
    assert "<p>Request ID: #==</p>" in first
    server.break_("epa", "empty")
    assert "Request ID" not in server.client.get(EPA).text


@pytest.mark.parametrize("source", LAYERS)
def test_error_200_hides_the_error_of_a_query_in_a_success(server: Server, source: str) -> None:
    server.break_(source, "error-200")

    assert server.query(source)["error"]["code"] == 500
    assert server.query(source, returnCountOnly="true")["error"]["code"] == 500
    assert "error" not in server.layer(source)


def test_error_200_sends_an_object_in_place_of_malibus_list(server: Server) -> None:
    server.break_("malibu", "error-200")

    assert server.client.get(POINTS_URL).json()["error"]["code"] == 500


@pytest.mark.parametrize(
    "url",
    [
        f"{EPA}/query?where=1%3D1&outFields=*&f=json",
        f"{EPA}/query?where=1%3D1&f=geojson",
        POINTS_URL,
    ],
)
def test_cut_off_ends_the_body_before_its_length(server: Server, url: str) -> None:
    for source in ("epa", "malibu"):
        server.break_(source, "cut-off")

    with pytest.raises(httpx.RemoteProtocolError):
        server.client.get(url)


def test_slow_delays_each_response(server: Server) -> None:
    server.break_("epa", "slow")

    with pytest.raises(httpx.ReadTimeout):
        server.client.get(EPA, params={"f": "json"}, timeout=0.1)
    began = time.monotonic()
    assert server.layer("epa")["name"] == "PublicStatusNightly"
    assert time.monotonic() - began >= 0.4


@pytest.mark.parametrize("source", LAYERS)
def test_empty_has_no_rows_and_no_error(server: Server, source: str) -> None:
    server.break_(source, "empty")

    assert server.query(source)["features"] == []
    assert server.query(source, returnCountOnly="true") == {"count": 0}
    assert server.query(source, returnIdsOnly="true")["objectIds"] is None


@pytest.mark.parametrize("source", LAYERS)
def test_drop_rows_counts_all_and_sends_fewer(server: Server, source: str) -> None:
    server.break_(source, "drop-rows")

    assert server.query(source, returnCountOnly="true") == {"count": COUNTS[source]}
    assert len(server.query(source, returnIdsOnly="true")["objectIds"]) == COUNTS[source]
    assert 0 < len(server.ids(source)) < COUNTS[source]


def test_malibus_list_is_empty_or_short(server: Server) -> None:
    server.break_("malibu", "empty")
    assert server.rows(POINTS) == []
    server.break_("malibu", "drop-rows")
    assert len(server.rows(POINTS)) == 7


@pytest.mark.parametrize(
    ("source", "old", "new"),
    [
        ("epa", "PublicStatus", "Public_Status"),
        ("usace", "roe_approved", "roe_approved_date"),
        ("pasadena", "PERMIT_STATUS", "STATUS_OF_PERMIT"),
    ],
)
def test_renamed_columns_are_renamed_everywhere(
    server: Server, source: str, old: str, new: str
) -> None:
    server.break_(source, "rename-columns")

    declared = {field["name"] for field in server.layer(source)["fields"]}
    sent = set(server.query(source)["features"][0]["attributes"])
    assert sent == declared - {"Shape"}
    assert new in sent
    assert old not in sent
    assert server.query(source, outFields=old)["error"]["code"] == 400


def test_malibus_columns_are_renamed(server: Server) -> None:
    server.break_("malibu", "rename-columns")

    assert "caseStatus" in server.rows(POINTS)[0]
    assert "type" not in server.rows(POINTS)[0]


def test_a_source_without_its_fault_responds_as_before(server: Server) -> None:
    before = server.query("epa", orderByFields="OBJECTID")
    server.break_("epa", "rename-columns")
    server.faults.write_text("{}", encoding="utf-8")

    assert server.query("epa", orderByFields="OBJECTID") == before


def test_an_unknown_fault_is_reported(server: Server) -> None:
    server.faults.write_text('{"epa": "on-fire"}', encoding="utf-8")

    response = server.client.get(EPA, params={"f": "json"})

    assert response.status_code == 500
    assert "rename-columns" in response.text
