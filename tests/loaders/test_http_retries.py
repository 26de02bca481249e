"""Requests that are made again: when, after which pause, and when they are given up."""

import threading

import pytest

from include.loaders import (
    LoadOptions,
    Origin,
    OverloadedError,
    TransientError,
)
from include.loaders.errors import CancelledError
from include.loaders.http_client import BACKOFF, Client
from tests.loaders.layer import PATH
from tests.loaders.service import Reply, Service, esri_error, reply
from tests.loaders.steady_clock import Clock

pytestmark = pytest.mark.usefixtures("few_roots")
BUSY = reply({"error": {"code": 500, "message": "Busy"}})


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_requests_and_bytes_are_counted(service: Service, clock: Clock) -> None:
    service.once(lambda _: True, BUSY)
    with Client("epa", Origin(), clock.options()) as client:
        assert (client.requests, client.bytes, client.notes) == (0, 0, [])
        client.read_json(service.url + PATH)
        first = client.bytes
        client.read_json(service.url + PATH)

    assert client.requests == 3
    assert client.bytes > first > 0
    assert len(service.requests) == 3


def test_a_request_is_retried_until_its_time_is_over(service: Service, clock: Clock) -> None:
    service.always(lambda _: True, BUSY)
    with (
        Client("epa", Origin(), clock.options()) as client,
        pytest.raises(TransientError) as caught,
    ):
        client.read_json(service.url)

    count = len(service.requests)
    assert count > 2
    assert client.requests == count
    assert caught.value.reason == f"an error inside HTTP 200, code 500 (requested {count} times)"
    assert 20 < sum(clock.pauses) <= 60
    assert all(0.5 <= pause <= 30 for pause in clock.pauses)


@pytest.mark.parametrize("tries", [1, 2, 3])
def test_an_overloaded_server_is_given_up_after_the_tries(
    service: Service, clock: Clock, tries: int
) -> None:
    service.always(lambda _: True, BUSY)
    with (
        Client("epa", Origin(), clock.options()) as client,
        pytest.raises(OverloadedError) as caught,
    ):
        client.read_json(service.url, tries=tries)

    times = f" (requested {tries} times)" if tries > 1 else ""
    assert caught.value.reason == f"an error inside HTTP 200, code 500{times}"
    assert len(service.requests) == tries
    assert len(clock.pauses) == tries - 1


def test_other_failures_do_not_count_as_tries(service: Service, clock: Clock) -> None:
    slow, page = reply({}, 429), Reply(b"<p>Closed</p>")
    service.once(lambda _: True, slow, page, BUSY, slow, BUSY)
    options = clock.options(retry_seconds=1000.0)
    with Client("epa", Origin(), options) as client, pytest.raises(OverloadedError) as caught:
        client.read(service.url, None, lambda answer: answer["objects"], tries=2)

    assert caught.value.reason.endswith(" (requested 5 times)")


def test_a_server_that_is_overloaded_less_often_than_the_tries_is_read(
    service: Service, clock: Clock
) -> None:
    service.once(lambda _: True, BUSY, BUSY)
    with Client("epa", Origin(), clock.options()) as client:
        client.read_json(service.url + PATH, tries=3)
    assert len(service.requests) == 3


def test_other_failures_are_retried_until_their_time_is_over_whatever_the_tries(
    service: Service, clock: Clock
) -> None:
    service.always(lambda _: True, reply({}, 429))
    with (
        Client("epa", Origin(), clock.options()) as client,
        pytest.raises(TransientError) as caught,
    ):
        client.read_json(service.url, tries=1)

    assert not isinstance(caught.value, OverloadedError)
    assert len(service.requests) > 2
    assert 20 < sum(clock.pauses) <= 60


def test_a_request_that_is_not_retried_does_not_say_how_often_it_was_made(
    service: Service, clock: Clock
) -> None:
    service.always(lambda _: True, BUSY)

    options = clock.options(retry_seconds=0.0)
    with Client("epa", Origin(), options) as client, pytest.raises(TransientError) as caught:
        client.read_json(service.url)

    assert caught.value.reason == "an error inside HTTP 200, code 500"
    assert (len(service.requests), clock.pauses) == (1, [])


def test_an_answer_that_cannot_be_parsed_yet_is_requested_again(
    service: Service, clock: Clock
) -> None:
    answers: list[str | Exception] = [TransientError("epa", "half of it"), "whole"]

    def parse(_: object) -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    with Client("epa", Origin(), clock.options()) as client:
        assert client.read(service.url + PATH, None, parse) == "whole"
    assert len(service.requests) == 2


def test_pauses_grow_up_to_half_a_minute() -> None:
    assert (BACKOFF.multiplier, BACKOFF.min, BACKOFF.max) == (1, 0.5, 30)


def test_a_requested_pause_holds_back_the_next_request(service: Service, clock: Clock) -> None:
    service.once(lambda _: True, reply({}, 429, retry_after="45"))
    with Client("epa", Origin(), clock.options()) as client:
        client.read_json(service.url + PATH)

    assert clock.pauses == [45]


def test_a_longer_pause_is_not_shortened_by_a_later_answer(service: Service, clock: Clock) -> None:
    busy = [reply({}, 429, retry_after="40"), reply({}, 429, retry_after="2")]
    service.once(lambda _: True, *busy)
    waits: list[float] = []
    # The clock stands still, so that the first answer's pause is never over.
    options = clock.options(sleep=waits.append, retry_seconds=100.0)
    with Client("epa", Origin(), options) as client:
        client.read_json(service.url + PATH)

    assert (waits[0], waits[1], waits[-1]) == (40, 40, 40)


def test_a_pause_beyond_the_time_for_retries_ends_the_next_request_at_once(
    service: Service, clock: Clock
) -> None:
    service.once(lambda _: True, reply({}, 429, retry_after="61"))
    with Client("epa", Origin(), clock.options()) as client:
        for _ in range(2):
            with pytest.raises(TransientError) as caught:
                client.read_json(service.url + PATH)

    assert caught.value.reason == "the service requested a pause of 61 s"
    assert (caught.value.source, caught.value.retry_after) == ("epa", 61)
    assert (len(service.requests), clock.pauses) == (1, [])


def test_a_load_that_is_given_up_ends_its_pauses(service: Service, clock: Clock) -> None:
    service.always(lambda _: True, esri_error(500))
    with Client("epa", Origin(), clock.options()) as client:
        client.stopping.set()
        with pytest.raises(CancelledError) as caught:
            client.read_json(service.url)

    assert str(caught.value) == "epa: given up, because another request had failed."
    assert len(service.requests) == 1


def test_a_request_that_was_given_up_is_not_retried(service: Service, clock: Clock) -> None:
    service.always(lambda _: True, reply({}, 429, retry_after="20"))
    pauses: list[float] = []

    def give_up_at_the_second(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            client.stopping.set()

    options = clock.options(sleep=give_up_at_the_second)
    with Client("epa", Origin(), options) as client, pytest.raises(CancelledError) as caught:
        client.read_json(service.url)

    assert caught.value.reason == "given up, because another request had failed"
    assert (pauses, len(service.requests)) == ([20, 20], 1)


def test_without_a_tests_clock_a_pause_waits_for_the_end_of_the_load() -> None:
    with Client("epa", Origin(), LoadOptions()) as client:
        assert client.pause(0.0) is None  # type: ignore[func-returns-value]
        threading.Timer(0.01, client.stopping.set).start()
        with pytest.raises(CancelledError):
            client.pause(30)
