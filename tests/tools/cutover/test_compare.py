"""The command that compares the earlier system's file with this pipeline's metrics."""

import json

import pytest

from include.publishing.earlier import EARLIER_URL
from include.publishing.holds import current_hold, release_hold
from include.publishing.names import PUBLIC_CONTAINER
from include.publishing.store import Place
from include.publishing.versions import PUBLISHED
from tests.publishing.memory_store import MemoryStore
from tests.publishing.samples import NOW, file, metric, publish, release
from tools.cutover.compare import main

EARLIER = Place(PUBLIC_CONTAINER, "earlier.json")


class Command:
    """The command beside an account; the last output and error."""

    def __init__(self, store: MemoryStore, capture: pytest.CaptureFixture[str]) -> None:
        self.store, self._capture = store, capture
        self.output = self.error = ""

    def __call__(self, *arguments: str) -> int:
        code = main(arguments, lambda: NOW)
        self.output, self.error = self._capture.readouterr()
        return code

    @property
    def lines(self) -> list[list[str]]:
        """The cells of the table's lines, and the sentences around it."""
        lines = (line.split("  ") for line in self.output.splitlines())
        return [[cell.strip() for cell in line if cell.strip()] for line in lines]


@pytest.fixture
def compare(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Airtable and EPA have released; the earlier file has the same."""
    monkeypatch.setenv(EARLIER_URL, store.public_url(EARLIER))
    store.unload(EARLIER, file(metric("a", 1), metric("cleanup_phase1_complete", 9000)))
    release(store, file(metric("a", 1)))
    release(store, file(metric("cleanup_phase1_complete", 9000)), "epa")
    return Command(store, capsys)


def test_files_that_say_the_same_end_with_0(compare: Command) -> None:
    assert compare() == 0
    url = compare.store.public_url(EARLIER)
    assert compare.lines == [
        [f"{url} and what this pipeline would publish."],
        ["metric", "field", "earlier", "here", "result"],
        ["a", "value", "1", "1", "same"],
        ["cleanup_phase1_complete", "value", "9,000", "9,000", "same"],
        ["2 metrics: 2 same."],
    ]


def test_a_difference_ends_with_1_and_has_both_values_and_both_words(compare: Command) -> None:
    release(
        compare.store,
        file(metric("a", 2, METRIC_UNIT_LABEL="people", LAST_UPDATED="2026-11-23T12:00:00Z")),
    )
    assert compare() == 1
    assert compare.lines[2:] == [
        ["a", "value", "1", "2", "differs: value, time, unit"],
        ["time", "Tue Nov 24, 4:00 AM PST", "Mon Nov 23, 4:00 AM PST"],
        ["unit", "schools resumed", "people"],
        ["cleanup_phase1_complete", "value", "9,000", "9,000", "same"],
        ["2 metrics: 1 differs, 1 same."],
    ]


def test_a_difference_that_is_ignored_ends_with_0(compare: Command) -> None:
    release(compare.store, file(metric("a", 1, METRIC_UNIT_LABEL="people")))
    assert compare() == 1
    assert compare("--ignore", "time", "--ignore", "unit") == 0


def test_a_metric_of_one_side_only_ends_with_1(compare: Command) -> None:
    release(compare.store, file(metric("b", 1)))
    assert compare() == 1
    assert "only in the earlier file" in compare.output
    assert "only here" in compare.output
    assert "none" in compare.output


def test_the_result_as_json_has_everything(compare: Command) -> None:
    compare.store.unload(EARLIER, file(metric("a", "1\x1b[2J")))
    assert compare("--json") == 1
    found = json.loads(compare.output)
    assert (found["earlier"], found["fault"]) == (compare.store.public_url(EARLIER), "")
    assert (found["is_public"], found["is_same"]) == (False, False)
    assert found["summary"] == "2 metrics: 1 differs, 1 only here"
    assert found["problems"] == ["a.METRIC_VALUE: Input should be a valid number."]
    first, second = found["metrics"]
    assert (first["name"], first["result"], first["differing"]) == ("a", "differs", ["value"])
    assert (first["earlier"]["value"], first["own"]["value"]) == ('"1 [2J"', "1")
    assert (second["result"], second["earlier"]) == ("only here", {})


@pytest.mark.parametrize("content", [None, b"<html>\x1b[2J", b"[]", b'{"a": 1}'])
def test_an_earlier_file_that_cannot_be_read_is_one_sentence_and_ends_with_1(
    content: bytes | None, compare: Command
) -> None:
    compare.store.delete(EARLIER)
    if content is not None:
        compare.store.unload(EARLIER, content)
    assert compare() == 1
    _, fault, nothing = compare.output.splitlines()
    assert fault.startswith("The earlier file ")
    assert nothing == "There is nothing to compare."
    assert fault.isprintable()


def test_a_released_file_that_is_broken_is_named_and_ends_with_1(compare: Command) -> None:
    release(compare.store, b"[]", "epa")
    assert compare() == 1
    assert "sources/epa.json breaks its contract" in compare.output


def test_once_something_is_public_the_public_file_is_compared(compare: Command) -> None:
    hold = current_hold(compare.store)
    assert hold is not None
    release_hold(compare.store, hold, NOW)
    publish(compare.store, file(metric("a", 5)))
    assert compare("--json") == 1
    found = json.loads(compare.output)
    assert found["is_public"]
    assert found["metrics"][0]["own"]["value"] == "5"


@pytest.mark.parametrize("is_public", [False, True])
def test_without_credentials_two_public_addresses_are_compared(
    is_public: bool, compare: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = compare.store
    if is_public:
        publish(store, file(metric("a", 1), metric("cleanup_phase1_complete", 9000)))

    def refuse() -> None:
        raise AssertionError("no connection is needed")

    monkeypatch.setattr("include.storage.open_store", refuse)
    monkeypatch.delenv(EARLIER_URL)
    addresses = ("--earlier", store.public_url(EARLIER), "--own", store.public_url(PUBLISHED))
    assert compare(*addresses) == 0
    own = "this pipeline's public file" if is_public else "what this pipeline would publish"
    assert own in compare.output


@pytest.mark.parametrize(
    ("status", "said"), [(503, " answers 503."), (404, "Nothing is published or released at ")]
)
def test_own_addresses_that_do_not_answer_are_one_sentence(
    status: int, said: str, compare: Command
) -> None:
    compare.store.status = status
    assert compare("--own", compare.store.public_url(PUBLISHED)) == 1
    assert said in compare.error
    assert (compare.output, compare.error.count("\n")) == ("", 1)


def test_an_own_address_without_a_server_is_one_sentence(compare: Command) -> None:
    assert compare("--own", "http://127.0.0.1:9/x.json") == 1
    assert compare.error == "http://127.0.0.1:9/x.json is out of reach: ConnectError.\n"


def test_a_connection_that_does_not_answer_is_one_sentence_without_secrets(
    compare: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise ConnectionError("AccountKey=aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ=;\nTraceback")

    monkeypatch.setattr("include.storage.open_store", fail)
    assert compare() == 1
    start = "The connection azure_storage cannot be read: ConnectionError: "
    assert compare.error.startswith(start)
    assert "aGVsbG8" not in compare.error
    assert "Traceback" not in compare.error


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), f"or set {EARLIER_URL}."),
        (("--earlier", "a slip"), "--earlier is not the address of a website."),
        (("--earlier", "https://a.example/x", "--own", "x"), "--own is not the address"),
        (("--ignore", "colour"), "invalid choice"),
        (("--every", "5"), "unrecognized arguments"),
    ],
)
def test_wrong_use_ends_with_2_and_a_sentence(
    arguments: tuple[str, ...], said: str, compare: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(EARLIER_URL)
    assert compare(*arguments) == 2
    assert said in compare.error


def test_the_help_names_each_option_and_the_exit_codes(compare: Command) -> None:
    assert compare("--help") == 0
    for word in ("--earlier", "--own", "--ignore", "--json", EARLIER_URL, "Ends with 0"):
        assert word in compare.output
