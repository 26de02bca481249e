"""A snapshot of the storage account: read once, several at a time, never changed, never endless."""

from collections.abc import Callable
from threading import Barrier, Event

import pytest

from include.publishing.names import PROMOTIONS, VERSIONS_CONTAINER
from include.publishing.store import Place, Store, Stored
from include.ui.snapshot import WORKERS, Snapshot
from tests.publishing.memory_store import MemoryStore

PLACE = Place("versions", "a.json")


class Watched(MemoryStore):
    """An account in memory that counts the requests, and can have each of them wait."""

    def __init__(self) -> None:
        super().__init__("")
        self.asked: list[tuple[str, str]] = []
        self.wait: Callable[[], object] = lambda: None

    def read(self, place: Place) -> Stored | None:
        self.asked.append(("read", place.path))
        self.wait()
        return super().read(place)

    def list(self, container: str, prefix: str = "") -> dict[str, dict[str, str]]:
        self.asked.append(("list", prefix))
        self.wait()
        return super().list(container, prefix)

    def paths(self, container: str, folder: str) -> tuple[str, ...]:
        self.asked.append(("paths", folder))
        return super().paths(container, folder)


@pytest.fixture
def account() -> Watched:
    store = Watched()
    store.write(PLACE, b"old")
    return store


def test_each_file_and_list_is_read_once_and_stays_as_it_was(account: Watched) -> None:
    with Snapshot(account) as snapshot:
        first = (
            snapshot.need(PLACE),
            snapshot.list("versions", "a"),
            snapshot.paths("versions", "b"),
        )
        account.write(PLACE, b"new")
        account.write(Place("versions", "a2"), b"")
        account.write(Place("versions", "b/1"), b"")
        again = (
            snapshot.need(PLACE),
            snapshot.list("versions", "a"),
            snapshot.paths("versions", "b"),
        )
    assert first == again
    assert first[0].content == b"old"
    assert account.asked == [("read", "a.json"), ("list", "a"), ("paths", "b")]


def test_files_are_read_at_the_same_time(account: Watched) -> None:
    together = Barrier(WORKERS, timeout=10)
    account.wait = together.wait
    places = [Place("versions", f"{number}.json") for number in range(WORKERS)]
    with Snapshot(account) as snapshot:
        snapshot.prefetch(places)
        assert [snapshot.read(place) for place in places] == [None] * WORKERS


def test_lists_are_read_at_the_same_time_and_later_ones_contain_only_them(
    account: Watched,
) -> None:
    for day in (21, 22, 23):
        account.write(
            Place(VERSIONS_CONTAINER, f"{PROMOTIONS}202611{day}T1"), b"", {"day": str(day)}
        )
    account.wait = Barrier(2, timeout=10).wait
    prefixes = [f"{PROMOTIONS}20261123", f"{PROMOTIONS}20261122"]
    with Snapshot(account) as snapshot:
        assert snapshot.list_only(VERSIONS_CONTAINER, PROMOTIONS, prefixes) == 2
        found = snapshot.list(VERSIONS_CONTAINER, f"{PROMOTIONS}202611")
        assert list(found) == [f"{PROMOTIONS}20261122T1", f"{PROMOTIONS}20261123T1"]
        assert snapshot.list(VERSIONS_CONTAINER, f"{PROMOTIONS}20261121") == {}
    assert len(account.asked) == 2


def test_an_account_that_does_not_answer_ends_the_wait(account: Watched) -> None:
    answered = Event()
    account.wait = lambda: answered.wait(10)
    try:
        with Snapshot(account, seconds=0.05) as snapshot, pytest.raises(TimeoutError):
            snapshot.read(PLACE)
    finally:
        answered.set()


def test_an_error_of_the_account_is_raised_where_the_file_is_read(account: Watched) -> None:
    def gone() -> None:
        raise ConnectionError("it is gone")

    account.wait = gone
    with Snapshot(account) as snapshot:
        snapshot.prefetch([PLACE])
        with pytest.raises(ConnectionError, match="it is gone"):
            snapshot.read(PLACE)


@pytest.mark.parametrize(
    "change",
    [
        lambda store: store.write(PLACE, b""),
        lambda store: store.replace(PLACE, b"", replacing=None),
        lambda store: store.delete(PLACE),
        lambda store: store.serve_as_json(PLACE),
        lambda store: store.copy(PLACE, PLACE, {}, copying="", replacing=None),
    ],
    ids=["write", "replace", "delete", "serve_as_json", "copy"],
)
def test_nothing_is_changed_through_a_snapshot(
    change: Callable[[Store], None], account: Watched
) -> None:
    with Snapshot(account) as snapshot, pytest.raises(TypeError, match="only read"):
        change(snapshot)
    assert account.need(PLACE).content == b"old"


def test_it_is_the_account_that_it_reads(account: Watched) -> None:
    with Snapshot(account) as snapshot:
        assert snapshot.account == account.account
        assert snapshot.public_url(PLACE) == account.public_url(PLACE)
