"""The metadata of a layer and its service."""

import pytest

from tests.local.sources.server import Server

PATH = "/cJ9YHowT8TU7DUyn/ArcGIS/rest/services/SoCalFires2025_PublicStatusNightly/FeatureServer/0"


@pytest.mark.parametrize(
    ("source", "object_id"), [("epa", "OBJECTID"), ("usace", "OBJECTID"), ("pasadena", "ID")]
)
def test_a_layer_declares_what_a_loader_needs(server: Server, source: str, object_id: str) -> None:
    layer = server.layer(source)

    assert layer["objectIdField"] == object_id
    assert layer["geometryType"] == "esriGeometryPolygon"
    assert layer["extent"]["spatialReference"]["wkid"] == 102100
    assert layer["advancedQueryCapabilities"]["supportsPagination"] is True
    assert "geoJSON" in layer["supportedQueryFormats"]
    assert object_id in {field["name"] for field in layer["fields"]}


def test_only_the_hosted_layers_declare_their_last_edit(server: Server) -> None:
    assert server.layer("epa")["editingInfo"]["lastEditDate"] == 1795329012345
    assert "lastEditDate" in server.layer("pasadena")["editingInfo"]
    assert "editingInfo" not in server.layer("usace")


def test_the_map_service_has_smaller_pages_and_lists_its_geometry(
    server: Server,
) -> None:
    layer = server.layer("usace")

    assert (layer["maxRecordCount"], server.layer("epa")["maxRecordCount"]) == (1000, 2000)
    assert {"name": "Shape", "type": "esriFieldTypeGeometry"}.items() <= layer["fields"][1].items()
    assert "Shape" not in server.query("usace")["features"][0]["attributes"]


def test_a_service_lists_its_layer(server: Server) -> None:
    service = server.client.get(PATH.removesuffix("/0"), params={"f": "json"}).json()

    assert [layer["id"] for layer in service["layers"]] == [0]


@pytest.mark.parametrize("path", [PATH.lower(), PATH.upper(), f"{PATH}/"])
def test_the_path_is_found_in_any_case(server: Server, path: str) -> None:
    assert server.client.get(path, params={"f": "json"}).json()["name"] == "PublicStatusNightly"


@pytest.mark.parametrize("path", [PATH, f"{PATH}/query", PATH.removesuffix("/0")])
def test_a_browser_gets_a_page(server: Server, path: str) -> None:
    response = server.client.get(path)

    assert response.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    "path",
    [
        PATH.removesuffix("0") + "7",
        f"{PATH}/applyEdits",
        PATH.replace("SoCalFires2025_PublicStatusNightly", "Nothing"),
    ],
)
def test_an_unknown_resource_is_an_error_within_a_200(server: Server, path: str) -> None:
    response = server.client.get(path, params={"f": "json"})

    assert response.status_code == 200
    assert response.json()["error"]["code"] == 400


def test_a_path_of_no_source_is_not_found(server: Server) -> None:
    assert server.client.get("/favicon.ico").status_code == 404


def test_health_is_ready(server: Server) -> None:
    assert server.client.get("/health").status_code == 200
