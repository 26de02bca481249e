"""The heartbeat of the watch, as the watch from outside reads it."""

from datetime import datetime, timedelta

import httpx
import pytest

from include.publishing.heartbeat import HEARTBEAT, write_heartbeat
from include.publishing.versions import PUBLISHED
from include.times import CALIFORNIA
from tests.publishing.memory_store import MemoryStore
from tests.publishing.samples import NOW


@pytest.mark.parametrize("moment", [NOW, NOW.astimezone(CALIFORNIA)])
def test_anyone_can_read_the_time_of_the_newest_check_and_nothing_else(
    store: MemoryStore, moment: datetime
) -> None:
    write_heartbeat(store, NOW - timedelta(minutes=15))
    write_heartbeat(store, moment)

    answer = httpx.get(store.public_url(HEARTBEAT))

    assert answer.status_code == httpx.codes.OK
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {"at": "2026-11-24T15:00:00Z"}


def test_the_heartbeat_is_beside_the_public_file(store: MemoryStore) -> None:
    folder, _, name = store.public_url(PUBLISHED).rpartition("/")

    assert store.public_url(HEARTBEAT) == f"{folder}/watch-heartbeat.json"
    assert name == "ddrc-metrics.json"
