"""The requests for a layer: the exact queries, and what is made of their answers."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from threading import Event
from typing import Any

import pytest

from include.loaders import (
    IncompleteError,
    LoadOptions,
    OverloadedError,
    QueryRefusedError,
    SchemaError,
    TransientError,
)
from include.loaders.arcgis.layer import Layer

URL = "https://x/arcgis/rest/services/Parcels/FeatureServer/0"
EDITED = datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
SHAPES = {
    "returnGeometry": "true",
    "outSR": "4326",
    "returnZ": "false",
    "returnM": "false",
    "returnTrueCurves": "false",
}
ROWS = {"outFields": "*", "f": "json"}
ORDER = {"orderByFields": "FID"}


class Client:
    """A client that records each request and answers what a test says."""

    source = "epa"

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.marks: list[str] = []
        self.stopping = Event()
        self.metadata: Any = {
            "fields": [{"name": "FID", "type": "esriFieldTypeOID"}],
            "geometryType": "esriGeometryPolygon",
            "editingInfo": {"lastEditDate": 1000},
        }
        self.counted: Any = {"count": 3}
        self.listed: Any = {"objectIds": [3, 1, 3]}

    def read_json(self, url: str, query: Mapping[str, str], *, tries: int | None = None) -> Any:
        self._record(url, query)
        assert tries == (3 if url.endswith("/query") else None)
        if not url.endswith("/query"):
            return self.metadata
        answer = self.listed if "returnIdsOnly" in query else self.counted
        if isinstance(answer, Exception):
            raise answer
        return answer

    def read(
        self,
        url: str,
        query: Mapping[str, str],
        parse: Callable[[Any], Any],
        *,
        tries: int | None = None,
    ) -> Any:
        self._record(url, query)
        self.tries = tries
        return parse("an answer")

    def _record(self, url: str, query: Mapping[str, str]) -> None:
        asked = dict(query)
        self.marks.append(asked.pop("_"))
        self.requests.append((url, asked))


@pytest.fixture
def client() -> Client:
    return Client()


def layer(client: Client, url: str = URL, where: str = "1=1") -> Layer:
    """A layer; the requests of its start are forgotten."""
    made = Layer(client, url, LoadOptions(where=where))  # type: ignore[arg-type]
    client.requests.clear()
    return made


def rows(client: Client, ask: Callable[[Callable[[Any], Any]], Any]) -> dict[str, str]:
    """The query of a request for rows."""
    assert ask(lambda answer: [answer]) == ["an answer"]
    [(url, query)] = client.requests
    assert url == f"{URL}/query"
    return query


@pytest.mark.parametrize("url", [URL, URL + "/", URL + "?f=pjson", URL + "/?a=b?c"])
def test_a_layer_begins_with_its_metadata_and_its_count(client: Client, url: str) -> None:
    made = Layer(client, url, LoadOptions(where="A = 1"))  # type: ignore[arg-type]

    assert made.url == made.info.url == URL
    assert (made.info.count, made.info.object_id, made.info.source) == (3, "FID", "epa")
    assert sorted(client.requests, key=lambda sent: len(sent[0]), reverse=True) == [
        (f"{URL}/query", {"where": "A = 1", "returnCountOnly": "true", "f": "json"}),
        (URL, {"f": "json"}),
    ]


def test_a_count_can_be_read_again(client: Client) -> None:
    made = layer(client)
    client.counted = {"count": 8}

    made.recount()

    assert made.info.count == 8
    assert made.info.object_id == "FID"


@pytest.mark.parametrize(
    ("answer", "count"),
    [
        ({"count": 0}, 0),
        ({"count": -1}, None),
        ({"count": "3"}, None),
        ({}, None),
        (QueryRefusedError("epa", "no counts"), None),
    ],
)
def test_a_count_that_is_no_number_is_unknown(
    client: Client, answer: Any, count: int | None
) -> None:
    made = layer(client)
    client.counted = answer

    assert made.count() == count


@pytest.mark.parametrize("request_of", ["count", "object_ids"])
def test_a_small_query_that_the_server_always_fails_at_is_remembered(
    client: Client, request_of: str
) -> None:
    made = layer(client)
    client.counted = client.listed = OverloadedError("epa", "HTTP status 500")

    assert getattr(made, request_of)() is None
    assert made.failures == [client.counted]
    client.counted = client.listed = TransientError("epa", "busy")
    with pytest.raises(TransientError, match="busy"):
        getattr(made, request_of)()


def test_the_last_edit_can_be_read_again(client: Client) -> None:
    made = layer(client)

    assert made.edited_at() == EDITED
    assert client.requests == [(URL, {"f": "json"})]


def test_a_question_is_unlike_any_earlier_one_so_that_no_cache_answers_it(client: Client) -> None:
    made = Layer(client, URL, LoadOptions())  # type: ignore[arg-type]
    made.ask_uncached()
    made.count()
    made.object_ids()
    made.edited_at()
    made.rows_at(str, 0, 5)  # type: ignore[arg-type]
    made.ask_uncached()
    made.count()

    assert [client.marks.count(mark) for mark in dict.fromkeys(client.marks)] == [2, 4, 1]


def test_object_ids_are_sorted_and_distinct(client: Client) -> None:
    made = layer(client, where="A = 1")

    found = made.object_ids()

    assert found is not None
    assert found.tolist() == [1, 3]
    assert client.requests == [
        (f"{URL}/query", {"where": "A = 1", "returnIdsOnly": "true", "f": "json"})
    ]


def test_a_layer_may_have_no_ids_or_not_list_them(client: Client) -> None:
    made = layer(client)
    client.listed = {"objectIds": None}
    empty = made.object_ids()
    assert empty is not None
    assert (empty.tolist(), empty.dtype.name) == ([], "int64")
    client.listed = {"count": 3}
    assert made.object_ids() is None
    client.listed = {"objectIds": [1, 2], "exceededTransferLimit": True}
    assert made.object_ids() is None


@pytest.mark.parametrize("ids", [["3", "1"], [3.0, 1.0]])
def test_ids_in_another_spelling_of_whole_numbers_are_read(client: Client, ids: list[Any]) -> None:
    made = layer(client)
    client.listed = {"objectIds": ids}

    found = made.object_ids()

    assert found is not None
    assert found.tolist() == [1, 3]


@pytest.mark.parametrize(
    ("ids", "reason"),
    [
        (["a"], "the object ids are not all whole numbers, entry 1: "),
        ([4, None], "1 of the layer's object ids are null"),
        ([""], "1 of the layer's object ids are null"),
        ([4, 2**70], "the object ids are not all whole numbers, entry 2: "),
        ([[1], 2], "the object ids are not all whole numbers, entry 1: "),
        ([1.5], "the object ids are not all whole numbers, entry 1: "),
        ([True], "the object ids are not all whole numbers, entry 1: "),
        ({"a": 1}, "the object ids are not a list but {'a': 1}"),
        ("12", "the object ids are not a list but '12'"),
        (7, "the object ids are not a list but 7"),
    ],
)
def test_ids_that_are_no_numbers_are_refused(client: Client, ids: Any, reason: str) -> None:
    made = layer(client)
    client.listed = {"objectIds": ids}

    with pytest.raises(SchemaError) as failure:
        made.object_ids()

    assert failure.value.source == "epa"
    assert failure.value.reason.startswith(reason)


def test_an_answer_to_a_query_is_an_object(client: Client) -> None:
    made = layer(client)
    client.listed = [1, 2]

    with pytest.raises(SchemaError) as failure:
        made.object_ids()

    reason = "the answer to a query is a list, not an object"
    assert str(failure.value) == f"epa: {reason}. Request: {URL}/query."


def test_rows_are_requested_by_offset_in_the_order_of_the_ids(client: Client) -> None:
    made = layer(client, where="A = 1")

    assert rows(client, lambda parse: made.rows_at(parse, 20, 10)) == (
        ROWS | SHAPES | ORDER | {"where": "A = 1", "resultOffset": "20", "resultRecordCount": "10"}
    )
    assert client.tries is None
    made.rows_at(str, 20, 10, tries=2)  # type: ignore[arg-type]
    assert client.tries == 2


def test_all_rows_are_requested_without_paging(client: Client) -> None:
    made = layer(client, where="A = 1")

    assert rows(client, made.all_rows) == ROWS | SHAPES | {"where": "A = 1"}


@pytest.mark.parametrize(
    ("where", "condition"),
    [("1=1", "FID > 5"), ("1 = 1", "FID > 5"), ("A = 1", "(A = 1) AND FID > 5")],
)
def test_a_condition_on_the_id_is_added_to_the_layers_own(
    client: Client, where: str, condition: str
) -> None:
    made = layer(client, where=where)

    query = rows(client, lambda parse: made.rows_where(parse, "FID > 5", tries=2))

    assert query == ROWS | SHAPES | {"where": condition}
    assert client.tries == 2


def test_rows_are_ordered_only_where_the_layer_can(client: Client) -> None:
    made = layer(client)
    in_order = ROWS | SHAPES | {"where": "FID > 5"}

    def ask(parse: Callable[[Any], Any]) -> Any:
        return made.rows_where(parse, "FID > 5", in_order=True)

    assert rows(client, ask) == in_order | ORDER
    client.metadata["advancedQueryCapabilities"] = {"supportsOrderBy": False}
    made = layer(client)
    assert rows(client, ask) == in_order


def test_rows_are_requested_by_a_list_of_ids(client: Client) -> None:
    made = layer(client)

    query = rows(client, lambda parse: made.rows_with_ids(parse, [4, 7], tries=2))

    assert query == ROWS | SHAPES | {"objectIds": "4,7"}
    assert client.tries == 2


def test_a_tables_rows_are_requested_without_shapes(client: Client) -> None:
    client.metadata |= {"geometryType": None}
    made = layer(client)

    assert rows(client, made.all_rows) == ROWS | {"returnGeometry": "false", "where": "1=1"}


def test_a_failure_names_the_layer(client: Client) -> None:
    failure = layer(client).incomplete("rows are missing")

    assert type(failure) is IncompleteError
    assert str(failure) == f"epa: rows are missing. Request: {URL}."
