"""Redirects: the form is sent again, the token stays at its origin, and none leads inside."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from include.loaders import LoadError, Origin, PermanentError, TransientError, addresses
from include.loaders.http_client import Client
from tests.loaders.service import Reply, Request, Service, reply, serving
from tests.loaders.steady_clock import Clock

pytestmark = pytest.mark.usefixtures("few_roots")
FORM = {"where": "x" * 2000, "f": "json"}
Handler = Callable[[httpx.Request], httpx.Response]
NAMES = {
    "public.example": ["93.184.216.34"],
    "other.example": ["2606:2800:21f::1", "93.184.216.35"],
    "inside.example": ["10.0.0.5"],
    "laptop.example": ["127.0.0.1", "::1"],
    "mixed.example": ["93.184.216.36", "192.168.0.7"],
}


def moved(location: str, status: int = 302) -> Reply:
    return Reply(b"<a>moved</a>", status, {"Location": location})


@pytest.fixture
def start() -> Iterator[Callable[[], Service]]:
    """Start a server on this machine that answers with a list."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(serving(lambda _: reply(["the rows"])))


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """The addresses of some names; a test may add others."""
    known = dict(NAMES)
    resolve = addresses.resolve
    monkeypatch.setattr(
        addresses, "resolve", lambda host: known[host] if host in known else resolve(host)
    )
    return known


@pytest.fixture
def redirected(
    monkeypatch: pytest.MonkeyPatch, names: dict[str, list[str]]
) -> Callable[[str, str], tuple[Any, list[str]]]:
    """Read an address that redirects; returns the value or the error, and the hosts requested."""

    def read(url: str, *locations: str) -> tuple[Any, list[str]]:
        left, hosts = list(locations), []

        def answer(request: httpx.Request) -> httpx.Response:
            hosts.append(request.url.host)
            if left:
                return httpx.Response(307, headers={"Location": left.pop(0)})
            return httpx.Response(200, json="SECRET OF THE INSIDE")

        original = httpx.Client
        with monkeypatch.context() as patch:
            patch.setattr(
                httpx,
                "Client",
                lambda **given: original(transport=httpx.MockTransport(answer), **given),
            )
            with Client("epa", Origin(), Clock().options()) as client:
                try:
                    return client.read_json(url), hosts
                except LoadError as error:
                    return error, hosts

    return read


def read(service: Service, query: dict[str, str] | None = None, token: str | None = None) -> Any:
    with Client("epa", Origin(token=token), Clock().options()) as client:
        return client.read_json(f"{service.url}/list", query)


def failure(service: Service, token: str | None = None) -> LoadError:
    with pytest.raises(LoadError) as caught:
        read(service, token=token)
    return caught.value


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("is_elsewhere", [False, True])
def test_a_form_is_sent_again_over_a_redirect(
    start: Callable[[], Service], status: int, is_elsewhere: bool
) -> None:
    service = start()
    target = start() if is_elsewhere else service
    location = f"{target.url}/new" if is_elsewhere else "/new"
    service.once(lambda _: True, moved(location, status))

    assert read(service, FORM) == ["the rows"]
    [*_, last] = target.requests
    assert (last.method, last.path, last.query) == ("POST", "/new", FORM)
    assert last.headers["content-type"] == "application/x-www-form-urlencoded"
    assert "gzip" in last.headers["accept-encoding"]


def test_an_address_that_redirects_is_requested_by_get_as_before(
    start: Callable[[], Service],
) -> None:
    service = start()
    service.once(lambda _: True, moved("next?a=%C3%A4"))

    assert read(service) == ["the rows"]
    assert [(each.method, each.path, each.query) for each in service.requests] == [
        ("GET", "/list", {}),
        ("GET", "/next", {"a": "ä"}),
    ]


def test_each_redirect_counts_as_a_request(start: Callable[[], Service]) -> None:
    service = start()
    service.once(lambda _: True, moved("/a"), moved("/b"))
    with Client("epa", Origin(), Clock().options()) as client:
        client.read_json(service.url)

        assert client.requests == len(service.requests) == 3


def test_five_redirects_are_followed_and_a_sixth_is_not(start: Callable[[], Service]) -> None:
    service = start()
    service.once(lambda _: True, *[moved("/again")] * 5)
    assert read(service) == ["the rows"]

    service.requests.clear()
    service.always(lambda _: True, moved("/again"))
    failed = failure(service)
    assert type(failed) is PermanentError
    assert failed.reason == "the address redirects more than 5 times"
    assert len(service.requests) == 6


def test_a_failure_behind_a_redirect_names_both_addresses(start: Callable[[], Service]) -> None:
    service, target = start(), start()
    service.always(lambda _: True, moved(f"{target.url}/new"))
    target.always(lambda _: True, reply({}, 404))

    failed = failure(service)
    assert failed.reason == "HTTP status 404: not found"
    assert failed.request == f"GET {service.url}/list, redirected to {target.url}/new"


def test_a_token_is_sent_again_to_the_same_origin(start: Callable[[], Service]) -> None:
    service = start()
    service.once(lambda _: True, moved("/new"), moved(f"{service.url}/newer"))

    assert read(service, token="s3cret") == ["the rows"]
    assert [each.headers["x-esri-authorization"] for each in service.requests] == [
        "Bearer s3cret"
    ] * 3


@pytest.mark.parametrize("form", [{}, FORM], ids=["GET", "POST"])
def test_a_token_is_never_sent_to_another_origin(
    start: Callable[[], Service], form: dict[str, str]
) -> None:
    service, target = start(), start()
    service.always(lambda _: True, moved(f"{target.url}/new", 308))

    with pytest.raises(PermanentError) as caught:
        read(service, form, token="s3cret")
    assert caught.value.reason == "HTTP status 308"
    assert caught.value.service_message == f"the address has moved to {target.url}/new"
    assert target.requests == []


def test_a_redirect_without_an_address_is_a_permanent_failure(
    start: Callable[[], Service],
) -> None:
    service = start()
    service.always(lambda _: True, Reply(b"", 302))

    failed = failure(service)
    assert type(failed) is PermanentError
    assert failed.service_message == "the address has moved to an unknown address"


@pytest.mark.parametrize(
    "location",
    [
        "ftp://public.example/x",
        "javascript:1",
        "file:///etc/passwd",
        "https://h:abc/",
        "https://h:99999/",
        "https://a..b/",
        "https://xn--/",
        "https://[::1",
        "https://" + "a" * 64 + ".gov",
        "https://a b/",
    ],
)
def test_a_redirect_to_no_address_is_a_permanent_failure(
    start: Callable[[], Service], location: str
) -> None:
    service = start()
    service.always(lambda _: True, moved(location))

    failed = failure(service)
    assert type(failed) is PermanentError
    assert len(service.requests) == 1


def test_a_redirect_that_takes_too_long_is_given_up(start: Callable[[], Service]) -> None:
    service, clock = start(), Clock()

    def answer(_: Request) -> Reply:
        clock.time += 200
        return moved("/new")

    service.script(answer)
    with (
        Client("epa", Origin(), clock.options(retry_seconds=0.0)) as client,
        pytest.raises(TransientError, match="no complete answer within 180 seconds"),
    ):
        client.read_json(service.url)
    assert len(service.requests) == 1


PRIVATE = [
    "http://127.0.0.1/x",
    "http://127.1/x",
    "http://2130706433/x",
    "http://0x7f000001/x",
    "http://0.0.0.0/x",
    "http://localhost/x",
    "http://10.1.2.3:8080/x",
    "http://172.16.0.1/x",
    "http://192.168.1.1/x",
    "http://169.254.169.254/latest/meta-data",
    "http://100.64.0.1/x",
    "http://224.0.0.1/x",
    "http://240.0.0.1/x",
    "http://[::1]/x",
    "http://[::]/x",
    "http://[fe80::1]/x",
    "http://[fc00::1]/x",
    "http://[fec0::1]/x",
    "http://[::ffff:10.0.0.1]/x",
    "http://[::ffff:100.64.0.1]/x",
    "http://[2002:7f00:1::]/x",
    "http://[64:ff9b::a00:1]/x",
    "http://inside.example/x",
    "http://laptop.example/x",
    "http://mixed.example/x",
]


@pytest.mark.parametrize("location", PRIVATE)
def test_a_public_address_never_leads_into_a_private_network(
    redirected: Callable[..., tuple[Any, list[str]]], location: str
) -> None:
    failed, hosts = redirected("http://public.example/list", location)

    assert type(failed) is PermanentError
    assert failed.reason == (
        f"the public server refers to {httpx.URL(location).host}, which is not a public address"
    )
    assert failed.request == "GET http://public.example/list"
    assert "SECRET" not in str(failed)
    assert hosts == ["public.example"]


@pytest.mark.parametrize(
    ("first", "locations"),
    [
        ("http://public.example/a", ["https://other.example/b"]),
        ("http://public.example/a", ["http://93.184.216.40/b"]),
        ("http://public.example/a", ["http://[2606:2800:21f::2]/b"]),
        ("http://public.example/a", ["http://[64:ff9b::5db8:d822]/b"]),
        ("http://public.example/a", ["http://[::ffff:93.184.216.34]/b"]),
        ("http://laptop.example/a", ["http://inside.example/b"]),
        ("http://laptop.example/a", ["https://127.0.0.1:8080/b", "https://10.0.0.1/c"]),
        ("http://inside.example/a", ["https://public.example/b"]),
    ],
)
def test_other_redirects_are_followed(
    redirected: Callable[..., tuple[Any, list[str]]], first: str, locations: list[str]
) -> None:
    value, hosts = redirected(first, *locations)

    assert value == "SECRET OF THE INSIDE"
    assert hosts == [httpx.URL(each).host for each in (first, *locations)]


@pytest.mark.parametrize("first", ["unknown.invalid", "mixed.example", "[2606:2800:21f::1]"])
def test_an_address_that_is_not_known_to_be_private_counts_as_public(
    redirected: Callable[..., tuple[Any, list[str]]], first: str
) -> None:
    failed, hosts = redirected(f"http://{first}/list", "http://127.0.0.1/x")

    assert type(failed) is PermanentError
    assert len(hosts) == 1


@pytest.mark.parametrize(
    ("first", "locations"),
    [
        ("http://public.example/a", ["http://other.example/b", "http://inside.example/c"]),
        ("http://laptop.example/a", ["http://public.example/b", "http://inside.example/c"]),
        ("http://mixed.example/a", ["http://other.example/b", "http://127.0.0.1/c"]),
        ("http://unknown.invalid/a", ["http://other.example/b", "http://127.0.0.1/c"]),
    ],
)
def test_no_detour_leads_into_a_private_network(
    redirected: Callable[..., tuple[Any, list[str]]], first: str, locations: list[str]
) -> None:
    failed, hosts = redirected(first, *locations)

    assert type(failed) is PermanentError
    assert "which is not a public address" in failed.reason
    assert len(hosts) == 2


def test_a_redirect_never_leads_from_https_to_http(
    redirected: Callable[..., tuple[Any, list[str]]],
) -> None:
    failed, hosts = redirected("https://public.example/a", "http://public.example/b")

    assert type(failed) is PermanentError
    assert failed.reason == "the address redirects from https to http, to public.example"
    assert len(hosts) == 1


def test_a_name_that_leads_inside_only_when_it_is_connected_to_is_refused(
    start: Callable[[], Service], names: dict[str, list[str]]
) -> None:
    service, inside = start(), start()
    inside_url = inside.url.replace("localhost", "127.0.0.1")
    # Both count as public by their names; the connection shows where the second one is.
    names.update({"localhost": ["93.184.216.34"], "127.0.0.1": ["93.184.216.35"]})
    service.always(lambda _: True, moved(f"{inside_url}/x"))

    failed = failure(service)
    assert type(failed) is PermanentError
    assert failed.reason == ("the public server refers to 127.0.0.1, which is not a public address")
    assert inside.requests == []


def test_a_name_that_changes_its_address_after_the_first_redirect_is_refused(
    redirected: Callable[..., tuple[Any, list[str]]],
    names: dict[str, list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = iter([["93.184.216.35"], ["127.0.0.1"], ["127.0.0.1"]])
    resolve = addresses.resolve
    monkeypatch.setattr(
        addresses,
        "resolve",
        lambda host: next(answers) if host == "turns.example" else resolve(host),
    )
    failed, hosts = redirected("http://public.example/a", "http://turns.example/b", "/c")

    assert type(failed) is PermanentError
    assert hosts == ["public.example", "turns.example"]


def test_a_server_on_this_machine_may_redirect_on_this_machine(
    start: Callable[[], Service],
) -> None:
    service, other = start(), start()
    service.always(lambda _: True, moved(other.url.replace("localhost", "127.0.0.1")))

    assert read(service) == ["the rows"]


def test_a_name_that_cannot_be_resolved_has_no_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("no network")

    monkeypatch.setattr("socket.getaddrinfo", fail)
    assert addresses.resolve("public.example") == []
