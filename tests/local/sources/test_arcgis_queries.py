"""Queries: selection, counts, statistics and order."""

import json

import pytest

from tests.local.sources.server import Server

EPA_IDS = [1, 2, 3, 5, 8, 9, 10, 12, 13, 15, 20, 21, 22]


@pytest.mark.parametrize(
    ("where", "ids"),
    [
        ("1=1", EPA_IDS),
        ("1=0", []),
        ("OBJECTID > 15", [20, 21, 22]),
        ("objectid>=8 and objectid<=10", [8, 9, 10]),
        ("OBJECTID BETWEEN 8 AND 10", [8, 9, 10]),
        ("PublicStatus = 'Deferred to Phase 2'", [3, 5, 9]),
        ("OBJECTID IN (1, 9, 77)", [1, 9]),
        ("PublicStatus IN ('Assessment Pending','Phase 2 Complete')", [10, 15]),
        ("LandUse IS NULL", [13]),
        ("PublicStatus IS NOT NULL AND OBJECTID > 9 AND OBJECTID < 14", [10, 13]),
        ("(OBJECTID < 3 OR OBJECTID = 22) AND FireName <> 'Eaton'", [2, 22]),
        ("Address = '210 E Palm St' OR Address = 'O''Neil'", [3]),
    ],
)
def test_where_selects_as_sql_does(server: Server, where: str, ids: list[int]) -> None:
    assert server.ids("epa", where=where, orderByFields="OBJECTID") == ids


def test_a_posted_form_is_a_query_and_selects_by_ids(server: Server) -> None:
    form = {"objectIds": "22,1,77", "outFields": "OBJECTID", "f": "json"}

    found = server.client.post(f"{PATH}/query", data=form).json()["features"]

    assert sorted(each["attributes"]["OBJECTID"] for each in found) == [1, 22]


def test_an_address_that_is_too_long_has_to_be_a_post(server: Server) -> None:
    ids = ",".join(str(number) for number in range(10**11, 10**11 + 900))

    assert server.client.get(f"{PATH}/query", params={"objectIds": ids}).status_code == 414
    answer = server.client.post(f"{PATH}/query", data={"objectIds": ids, "f": "json"})
    assert answer.json()["features"] == []


def test_the_count_and_the_ids_are_of_all_rows(server: Server) -> None:
    assert server.query("epa", returnCountOnly="true") == {"count": 13}
    ids = server.query("epa", returnIdsOnly="true")
    assert (ids["objectIdFieldName"], sorted(ids["objectIds"])) == ("OBJECTID", EPA_IDS)
    in_geojson = server.query("epa", returnCountOnly="true", f="geojson")
    assert in_geojson["properties"] == {"count": 13}


def test_rows_are_sorted_both_ways_with_nulls_first(server: Server) -> None:
    assert server.ids("epa", orderByFields="OBJECTID DESC") == EPA_IDS[::-1]
    by_use = server.ids("epa", orderByFields="LandUse ASC, OBJECTID DESC")
    assert by_use[:3] == [13, 9, 8]


def test_only_the_requested_fields_are_sent(server: Server) -> None:
    answer = server.query("epa", outFields="APN,publicstatus", returnGeometry="false")

    assert [field["name"] for field in answer["fields"]] == ["APN", "PublicStatus"]
    assert set(answer["features"][0]) == {"attributes"}
    assert set(answer["features"][0]["attributes"]) == {"APN", "PublicStatus"}


def test_statistics_are_computed_from_the_rows(server: Server) -> None:
    wanted = [
        {"statisticType": kind, "onStatisticField": "objectid", "outStatisticFieldName": kind}
        for kind in ("min", "max", "count")
    ]

    answer = server.query("epa", outStatistics=json.dumps(wanted))

    assert answer["features"] == [{"attributes": {"min": 1, "max": 22, "count": 13}}]


@pytest.mark.parametrize("source", ["epa", "usace"])
def test_an_unknown_parameter_is_ignored(server: Server, source: str) -> None:
    assert server.query(source, _unique="17", cacheHint="true") == server.query(source)


@pytest.mark.parametrize(
    ("capability", "query"),
    [
        ("supportsOrderBy", {"orderByFields": "OBJECTID"}),
        ("supportsPagination", {"resultOffset": 5}),
        ("supportsPagination", {"resultRecordCount": 5}),
    ],
)
def test_what_the_metadata_do_not_support_is_refused(
    own_server: Server, capability: str, query: dict[str, str | int]
) -> None:
    for source in ("epa", "usace"):
        assert "features" in own_server.query(source, **query)
        own_server.rewrite(
            f"arcgis/{source}/layer.json",
            lambda layer: layer["advancedQueryCapabilities"].update({capability: False}),
        )

        assert own_server.query(source, **query)["error"]["code"] == 400
        assert len(own_server.ids(source)) > 10


@pytest.mark.parametrize(
    "bad",
    [
        {"where": "nonsense"},
        {"where": "Nothing = 1"},
        {"where": "OBJECTID = 1; DROP TABLE parcels"},
        {"where": ""},
        {"outFields": "OBJECTID,Nothing"},
        {"orderByFields": "Nothing"},
        {"orderByFields": "OBJECTID SIDEWAYS"},
        {"resultOffset": "-1"},
        {"objectIds": "1,two"},
        {"outSR": "2229"},
        {"outStatistics": "[{}]"},
        {"geometry": "1,2,3,4"},
        {"f": "shapefile"},
    ],
)
def test_an_invalid_query_is_an_error_within_a_200(server: Server, bad: dict[str, str]) -> None:
    for source in ("epa", "usace"):
        answer = server.query(source, **bad)

        assert set(answer) == {"error"}
        assert answer["error"]["code"] == 400


PATH = "/cJ9YHowT8TU7DUyn/ArcGIS/rest/services/SoCalFires2025_PublicStatusNightly/FeatureServer/0"
