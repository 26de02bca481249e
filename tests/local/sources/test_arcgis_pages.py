"""Pages of features, in the requested coordinate system and format."""

import gzip
import json

import pytest

from tests.local.sources.server import Json, Server

PATH = "/cJ9YHowT8TU7DUyn/ArcGIS/rest/services/SoCalFires2025_PublicStatusNightly/FeatureServer/0"


def test_ordered_pages_are_capped_and_hold_every_row_once(paged_server: Server) -> None:
    pages = [
        paged_server.query("epa", orderByFields="OBJECTID", resultOffset=at, resultRecordCount=99)
        for at in (0, 5, 10)
    ]

    sent = [each["attributes"]["OBJECTID"] for page in pages for each in page["features"]]
    assert sent == [1, 2, 3, 5, 8, 9, 10, 12, 13, 15, 20, 21, 22]
    assert [page.get("exceededTransferLimit") for page in pages] == [True, True, None]


def test_geojson_has_the_exceeded_limit_in_its_properties(paged_server: Server) -> None:
    first = paged_server.query("epa", f="geojson", orderByFields="OBJECTID")
    last = paged_server.query("epa", f="geojson", orderByFields="OBJECTID", resultOffset=10)

    assert first["properties"] == {"exceededTransferLimit": True}
    assert "exceededTransferLimit" not in first
    assert "properties" not in last


def test_without_an_order_pages_repeat_some_rows_and_miss_others(paged_server: Server) -> None:
    sent = [at for offset in (0, 5, 10) for at in paged_server.ids("epa", resultOffset=offset)]

    assert len(sent) == 13
    assert len(set(sent)) < 13
    assert paged_server.ids("epa", resultOffset=5) == sent[5:10]


@pytest.mark.parametrize(("parameters", "wkid"), [({}, 102100), ({"outSR": "4326"}, 4326)])
def test_features_have_the_requested_coordinate_system(
    server: Server, parameters: dict[str, str], wkid: int
) -> None:
    answer = server.query("epa", where="OBJECTID=1", **parameters)

    assert answer["spatialReference"]["wkid"] == wkid
    x, y = answer["features"][0]["geometry"]["rings"][0][0]
    corner = {102100: (-13150700.0, 4053400.0), 4326: (-118.13474807, 34.18299254)}[wkid]
    assert (x, y) == pytest.approx(corner, rel=1e-9)


def test_precision_rounds_the_coordinates(server: Server) -> None:
    answer = server.query("epa", where="OBJECTID=1", outSR="4326", geometryPrecision=2)

    assert answer["features"][0]["geometry"]["rings"][0][0] == [-118.13, 34.18]


def test_a_missing_shape_is_encoded_as_each_service_does(server: Server) -> None:
    hosted = server.query("epa", where="OBJECTID=20")["features"][0]
    older = server.query("usace", where="OBJECTID=107")["features"][0]

    assert "geometry" not in hosted
    assert older["geometry"] == {"rings": []}
    for source, oid in (("epa", 20), ("usace", 107)):
        answer = server.query(source, where=f"OBJECTID={oid}", f="geojson")
        assert answer["features"][0]["geometry"] is None


def test_a_hosted_layer_sends_all_rings_as_one_geojson_polygon(server: Server) -> None:
    two_parts = server.query("epa", where="OBJECTID=2", f="geojson")["features"][0]["geometry"]

    assert (two_parts["type"], len(two_parts["coordinates"])) == ("Polygon", 2)


def test_a_map_service_groups_rings_into_parts_with_their_holes(own_server: Server) -> None:
    part = [[0.0, 0.0], [0.0, 9.0], [9.0, 9.0], [9.0, 0.0], [0.0, 0.0]]
    other = [[x + 50.0, y] for x, y in part]
    hole = [[x / 3 + 53.0, y / 3 + 3.0] for x, y in part][::-1]

    def add_shape(content: Json) -> None:
        content["features"][0]["geometry"] = {"rings": [part, other, hole]}

    own_server.rewrite("arcgis/usace/features.json", add_shape)
    asked = {"where": "OBJECTID=101", "f": "geojson", "outSR": "102100"}
    shape = own_server.query("usace", **asked)["features"][0]["geometry"]

    assert shape["type"] == "MultiPolygon"
    assert [len(rings) for rings in shape["coordinates"]] == [1, 2]


def test_bodies_are_compressed_for_clients_that_accept_it(server: Server) -> None:
    asked = {"where": "1=1", "outFields": "*", "f": "json", "orderByFields": "OBJECTID"}
    plain = server.client.get(
        f"{PATH}/query", params=asked, headers={"Accept-Encoding": "identity"}
    )
    with server.client.stream("GET", f"{PATH}/query", params=asked) as response:
        small = b"".join(response.iter_raw())

    assert "content-encoding" not in plain.headers
    assert response.headers["content-encoding"] == "gzip"
    assert gzip.decompress(small) == plain.content
    assert len(small) < len(plain.content) / 2


def test_pjson_is_indented_json(server: Server) -> None:
    text = server.client.get(f"{PATH}/query", params={"where": "OBJECTID=1", "f": "pjson"}).text

    assert text.startswith("{\n  ")
    assert len(json.loads(text)["features"]) == 1
