"""Ways to answer counts, ids and pages that other readers of ArcGIS layers have met."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from include.loaders import SchemaError
from tests.loaders.exported import exported, ids
from tests.loaders.layer import Layer, row
from tests.loaders.service import Reply, Request, Service, reply

pytestmark = pytest.mark.usefixtures("few_roots")

ALL = list(range(1, 11))
NO_PAGING: dict[str, Any] = {"advancedQueryCapabilities": {"supportsPagination": False}}
FAR_APART = [1, 5, 6, 400, 80_000, 6_000_000, 64_579_816, 2**31, 410_106_100_009, 2**52]


def is_list_of_ids(request: Request) -> bool:
    return "returnIdsOnly" in request.query


def is_count(request: Request) -> bool:
    return "returnCountOnly" in request.query


def is_by_offset(request: Request) -> bool:
    return request.is_page and "resultOffset" in request.query


def with_ids(numbers: list[int]) -> list[dict[str, Any]]:
    """Rows with these ids."""
    rows = [row(1) for _ in numbers]
    for feature, number in zip(rows, numbers, strict=True):
        feature["attributes"]["OBJECTID"] = number
    return rows


@pytest.mark.parametrize("number", [float, str], ids=["as decimals", "as text"])
def test_object_ids_in_another_spelling_of_whole_numbers_are_read(
    service: Service, layer: Layer, tmp_path: Path, number: Callable[[int], Any]
) -> None:
    """ArcGIS Server 10.0 lists `6.4579816E7`."""
    layer.metadata = NO_PAGING
    layer.rows = with_ids(FAR_APART)
    service.always(is_list_of_ids, reply({"objectIds": [number(n) for n in FAR_APART]}))

    assert ids(exported(service.url, tmp_path)) == FAR_APART


@pytest.mark.parametrize("number", [2.5, "2.5", True, "x", 2.0**70])
@pytest.mark.parametrize("place", ["the list", "a row"])
def test_an_object_id_that_is_not_a_whole_number_is_refused(
    service: Service, layer: Layer, tmp_path: Path, place: str, number: object
) -> None:
    layer.metadata = NO_PAGING
    if place == "the list":
        service.always(is_list_of_ids, reply({"objectIds": [1, number, *ALL[2:]]}))
    else:
        page = layer.page([row(1), {"attributes": {**row(2)["attributes"], "OBJECTID": number}}])
        service.script(lambda request: page if request.is_page else None)

    with pytest.raises(SchemaError, match="whole number"):
        exported(service.url, tmp_path)


def test_ids_are_read_without_the_name_of_their_field(
    service: Service, layer: Layer, tmp_path: Path
) -> None:
    layer.metadata = NO_PAGING
    service.always(is_list_of_ids, reply({"objectIds": ALL[::-1]}))

    assert ids(exported(service.url, tmp_path)) == ALL


def test_gaps_between_the_ids_cost_no_requests(
    service: Service, layer: Layer, tmp_path: Path
) -> None:
    layer.metadata = NO_PAGING
    layer.rows = with_ids(FAR_APART)

    assert ids(exported(service.url, tmp_path)) == FAR_APART
    assert len(service.pages()) == 3


@pytest.mark.parametrize(
    "metadata",
    [
        {"advancedQueryCapabilities": None, "supportsPagination": True},
        {"advancedQueryCapabilities": {"supportsOrderBy": True}},
        {"advancedQueryCapabilities": {"supportsPagination": False}},
    ],
    ids=["declared outside of the capabilities", "not mentioned", "denied"],
)
def test_a_layer_that_does_not_clearly_declare_paging_is_read_by_its_ids(
    service: Service, layer: Layer, tmp_path: Path, metadata: dict[str, Any]
) -> None:
    layer.metadata = metadata

    assert ids(exported(service.url, tmp_path)) == ALL
    assert not any(map(is_by_offset, service.requests))


def test_pages_that_are_empty_after_the_first_are_read_by_their_ids(
    service: Service, layer: Layer, tmp_path: Path
) -> None:
    def script(request: Request) -> Reply | None:
        return layer.page([]) if request.query.get("resultOffset", "0") != "0" else None

    service.script(script)

    assert ids(exported(service.url, tmp_path)) == ALL


def test_a_page_without_rows_that_announces_more_is_not_the_end(
    service: Service, layer: Layer, tmp_path: Path
) -> None:
    """Esri documents it: the index of the shapes may leave no row of a page."""
    empty = layer.page([], more=True)
    service.once(lambda request: request.query.get("resultOffset") == "8", empty)

    assert ids(exported(service.url, tmp_path)) == ALL


def test_a_short_page_that_announces_more_is_completed(
    service: Service, layer: Layer, tmp_path: Path
) -> None:
    short = layer.page(layer.rows[:1], more=True)
    service.once(lambda request: request.query.get("resultOffset") == "0", short)

    assert ids(exported(service.url, tmp_path)) == ALL


def test_a_layer_of_an_old_server_without_counts_is_read_by_its_ids(
    service: Service, layer: Layer, tmp_path: Path
) -> None:
    """ArcGIS Server 10.0 does not know `returnCountOnly` and answers with rows."""
    layer.metadata = {"advancedQueryCapabilities": None, "currentVersion": 10.0}
    service.always(is_count, layer.page(layer.rows[:4]))

    assert ids(exported(service.url, tmp_path)) == ALL


@pytest.mark.parametrize("refused", [[], [is_count], [is_list_of_ids], [is_by_offset]])
def test_neither_statistics_nor_boxes_decide_which_rows_there_are(
    service: Service, layer: Layer, tmp_path: Path, refused: list[Callable[[Request], bool]]
) -> None:
    """A minimum or maximum of the ids may be wrong, and a box leaves out rows without a shape."""
    for matches in refused:
        service.always(matches, reply({"error": {"code": 400, "message": "No"}}))

    assert ids(exported(service.url, tmp_path)) == ALL
    asked = {name for request in service.requests for name in request.query}
    assert not asked & {"outStatistics", "geometry", "geometryType"}


def test_every_field_is_requested_at_once(service: Service, layer: Layer, tmp_path: Path) -> None:
    """Some servers refuse paging together with a list of fields."""
    exported(service.url, tmp_path)

    assert {request.query["outFields"] for request in service.pages()} == {"*"}
    assert {request.query["f"] for request in service.requests} == {"json"}


def test_a_condition_with_or_selects_the_same_rows_by_ids(
    service: Service, layer: Layer, tmp_path: Path
) -> None:
    layer.metadata = NO_PAGING
    exported(service.url, tmp_path, where="Units = 1 OR Units = 2")

    conditions = [request.query["where"] for request in service.pages()]
    assert conditions
    assert all(each.startswith("(Units = 1 OR Units = 2) AND ") for each in conditions)
