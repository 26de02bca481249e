"""The faults with which a real layer answers, but wrongly, late or only some questions."""

import httpx
import pytest

from local.faults import FAULTS
from tests.local.sources.server import LIST_URLS, PATHS, Server

LAYERS = ["epa", "usace", "pasadena"]


@pytest.fixture
def small_pages(own_server: Server) -> Server:
    """A server whose layers have pages of eight rows."""
    for source in LAYERS:
        file = f"arcgis/{source}/layer.json"
        own_server.rewrite(file, lambda layer: layer.update(maxRecordCount=8))
    return own_server


def page(server: Server, source: str, offset: int) -> list[int]:
    return server.ids(source, orderByFields=server.object_id(source), resultOffset=offset)


def listed(server: Server, source: str, **more: str) -> list[int]:
    ids: list[int] = server.query(source, returnIdsOnly="true", **more)["objectIds"]
    return sorted(ids)


def status(server: Server, source: str, **parameters: str | int) -> int:
    query = {"f": "json", "where": "1=1", **parameters}
    return server.client.get(f"{PATHS[source]}/query", params=query).status_code


@pytest.mark.parametrize("source", LAYERS)
def test_rows_move_between_the_first_page_and_the_next(small_pages: Server, source: str) -> None:
    before, layer = listed(small_pages, source), small_pages.layer(source)
    small_pages.break_(source, "rows-move")

    read = [id_ for offset in (0, 8, 16) for id_ in page(small_pages, source, offset)]

    after = listed(small_pages, source)
    assert after == [*before[1:], before[-1] + 1]
    assert (set(read) - set(after), set(after) - set(read)) == ({before[0]}, {before[8]})
    assert small_pages.query(source, returnCountOnly="true") == {"count": len(before)}
    assert small_pages.layer(source) == layer


def test_rows_move_once_and_are_back_without_the_fault(small_pages: Server) -> None:
    small_pages.break_("epa", "rows-move")
    before = listed(small_pages, "epa")
    moved = [page(small_pages, "epa", offset) for offset in (0, 8, 0, 8)]

    assert moved[0] != moved[2]
    assert moved[1] == moved[3]
    small_pages.faults.write_text("{}")
    assert listed(small_pages, "epa") == before
    small_pages.break_("epa", "rows-move")
    assert page(small_pages, "epa", 8) == before[8:]


def test_a_stale_cache_repeats_its_answer_to_an_address_and_to_no_other(
    own_server: Server,
) -> None:
    own_server.break_("epa", "stale-cache")
    count, ids = {"returnCountOnly": "true"}, listed(own_server, "epa")
    assert own_server.query("epa", **count) == {"count": 13}
    own_server.rewrite("arcgis/epa/features.json", lambda content: content["features"].pop())

    assert own_server.query("epa", **count) == {"count": 13}
    assert listed(own_server, "epa") == ids
    assert own_server.query("epa", **count, unknown="1") == {"count": 12}
    form = {"f": "json", "where": "1=1", **count}
    assert own_server.client.post(f"{PATHS['epa']}/query", data=form).json() == {"count": 12}
    own_server.faults.write_text("{}")
    assert own_server.query("epa", **count) == {"count": 12}


def test_a_stale_cache_keeps_metadata_and_lists_as_well(own_server: Server) -> None:
    for source in ("epa", "malibu"):
        own_server.break_(source, "stale-cache")
    layer, points = own_server.layer("epa"), own_server.rows("fire_rebuild_points")
    own_server.rewrite("arcgis/epa/layer.json", lambda meta: meta.update(name="Renamed"))
    own_server.rewrite("malibu/FireRebuildPoints.json", lambda rows: rows.clear())

    assert own_server.layer("epa") == layer
    assert own_server.layer("epa", unknown=1)["name"] == "Renamed"
    assert own_server.rows("fire_rebuild_points") == points


def test_a_cached_answer_is_sent_in_the_encoding_that_the_client_accepts(server: Server) -> None:
    server.break_("epa", "stale-cache")
    query = {"f": "json", "where": "1=1"}

    for encoding in ("gzip", "identity", "gzip"):
        answer = server.client.get(
            f"{PATHS['epa']}/query", params=query, headers={"Accept-Encoding": encoding}
        )
        assert answer.headers.get("content-encoding", "identity") == encoding
        assert len(answer.json()["features"]) == 13


@pytest.mark.parametrize("source", LAYERS)
def test_a_low_count_is_of_fewer_rows_than_the_pages_have(server: Server, source: str) -> None:
    rows = len(server.ids(source))
    server.break_(source, "low-count")

    assert server.query(source, returnCountOnly="true") == {"count": rows - 1}
    assert len(server.ids(source)) == len(listed(server, source)) == rows
    last = server.query(source, resultRecordCount=rows - 1)
    assert last["exceededTransferLimit"] is True


@pytest.mark.parametrize("source", LAYERS)
def test_without_counts_the_server_fails_at_them_only(server: Server, source: str) -> None:
    server.break_(source, "no-count")

    assert status(server, source, returnCountOnly="true") == 500
    assert listed(server, source) == sorted(server.ids(source))


@pytest.mark.parametrize("source", LAYERS)
def test_without_ids_only_their_list_is_refused(server: Server, source: str) -> None:
    server.break_(source, "no-ids")

    assert server.query(source, returnIdsOnly="true")["error"]["code"] == 400
    assert server.query(source, returnCountOnly="true")["count"] == len(server.ids(source))


@pytest.mark.parametrize("parameter", ["resultOffset", "resultRecordCount"])
def test_a_hosted_layer_refuses_to_page_and_a_map_service_fails(
    server: Server, parameter: str
) -> None:
    for source in ("epa", "usace"):
        server.break_(source, "no-paging")

    refused = server.query("epa", **{parameter: 5})
    assert refused["error"]["message"] == "Pagination is not supported."
    assert status(server, "usace", **{parameter: 5}) == 500
    for source in ("epa", "usace"):
        assert server.layer(source)["advancedQueryCapabilities"]["supportsPagination"]
        assert len(server.ids(source)) > 10


@pytest.mark.parametrize("source", LAYERS)
def test_large_pages_fail_and_a_quarter_of_the_limit_passes(
    small_pages: Server, source: str
) -> None:
    small_pages.break_(source, "large-pages")

    assert status(small_pages, source) == 504
    assert status(small_pages, source, resultRecordCount=3) == 504
    assert len(small_pages.ids(source, resultRecordCount=2)) == 2
    assert small_pages.query(source, returnCountOnly="true")["count"] > 8


@pytest.mark.parametrize("url", [PATHS["epa"], LIST_URLS["fire_rebuild_points"]])
def test_a_redirect_leads_to_the_same_answer(server: Server, url: str) -> None:
    query = {} if "?" in url else {"f": "json"}
    before = server.client.get(url, params=query or None).json()
    for source in ("epa", "malibu"):
        server.break_(source, "redirect")

    answer = server.client.get(url, params=query or None)

    assert answer.status_code == 301
    followed = server.client.get(answer.headers["location"])
    assert followed.json() == before


def test_a_redirected_form_has_to_be_posted_again(server: Server) -> None:
    server.break_("epa", "redirect")
    form = {"f": "json", "objectIds": "1"}

    answer = server.client.post(f"{PATHS['epa']}/query", data=form)

    again = server.client.post(answer.headers["location"], data=form)
    assert len(again.json()["features"]) == 1
    lost = httpx.get(f"{server.client.base_url.join(answer.headers['location'])}")
    assert lost.headers["content-type"].startswith("text/html")


def test_a_fault_of_layers_is_none_of_a_list() -> None:
    assert set(FAULTS["malibu"]) < set(FAULTS["epa"])
    assert "stale-cache" in FAULTS["malibu"]
    assert "rows-move" not in FAULTS["malibu"]
