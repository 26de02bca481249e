"""The addresses that requests may go to: valid ones, and redirects that stay where they may lead.

A redirect never leads from a public address into a private network: a service, or whoever took it
over, could otherwise have this machine request an address that only this machine can reach.
"""

import re
import socket
from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any, cast

import httpx

MOST_REDIRECTS = 5
LAST_PORT = 65_535
REDIRECTS = {301, 302, 303, 307, 308}
# A redirect's own body is read up to this size, so that its connection can be used again.
SMALL_BODY = 65_536
HOST = re.compile(r"[A-Za-z0-9._-]{1,253}|(?=.*:)[0-9A-Fa-f:.]+(%[\w.-]+)?")
# RFC 6052: an IPv4 address in the last 32 bits.
NAT64 = IPv6Network("64:ff9b::/96")


class AddressError(ValueError):
    """An address that no request may go to; the text is the reason."""


def check_address(url: httpx.URL) -> None:
    """Check that requests can be sent to an address at all.

    Raises:
        AddressError: It has no scheme, another scheme than HTTP, no host, or an impossible one.
    """
    if url.scheme not in ("http", "https"):
        raise AddressError(
            "the address is not valid (it must begin with http:// or https:// and a host)"
        )
    host = url.raw_host.decode("ascii")
    try:
        # An empty or a long part of a name, and one that is not valid in its Unicode form.
        is_host = HOST.fullmatch(host) is not None and bool(host.encode("idna") and url.host)
    except UnicodeError:
        is_host = False
    if not is_host:
        raise AddressError("the address is not valid (it has no valid host)")
    if url.port is not None and not 1 <= url.port <= LAST_PORT:
        raise AddressError(
            f"the address is not valid (its port {url.port} is not 1 to {LAST_PORT})"
        )


def send(
    http: httpx.Client,
    request: httpx.Request,
    *,
    same_origin: bool,
    check_time: Callable[[], None],
) -> httpx.Response:
    """Send a request and follow its redirects; a form is sent again with each.

    Args:
        http: A client that does not follow redirects itself.
        request: The first request.
        same_origin: Return a redirect to another origin instead of following it.
        check_time: Called often; raises an error if the answer takes too long.

    Returns:
        The last response, to be closed by the caller. Its `history` has the redirects.

    Raises:
        AddressError: A redirect leads where it may not.
        httpx.HTTPError: A request failed.
    """
    history: list[httpx.Response] = []
    while True:
        try:
            response = http.send(request, stream=True)
        except httpx.RemoteProtocolError as error:
            # httpx parses a redirect's address although it does not follow it.
            if "location header" in str(error):
                raise AddressError("the address redirects to one that is not valid") from error
            raise
        response.history = list(history)
        location = response.headers.get("location", "")
        if response.status_code not in REDIRECTS or not location:
            return response
        try:
            target = _target(request.url, location)
            if same_origin and _origin(target) != _origin(request.url):
                return response
            if len(history) == MOST_REDIRECTS:
                raise AddressError(f"the address redirects more than {MOST_REDIRECTS} times")
            if request.url.scheme == "https" and target.scheme == "http":
                raise AddressError(f"the address redirects from https to http, to {target.host}")
            request = request_from(http, request.url.host, target, request)
        except AddressError:
            response.close()
            raise
        _finish(response, check_time)
        history.append(response)


def request_from(
    http: httpx.Client, host: str, target: httpx.URL, like: httpx.Request | None = None
) -> httpx.Request:
    """A request to an address that another server named.

    Args:
        http: The client that will send the request.
        host: The server that named the address.
        target: The address.
        like: The request whose method and form are sent again.

    Raises:
        AddressError: The host is public and the address is not.
    """
    extensions: dict[str, Any] = {}
    is_checked = like is not None and "trace" in like.extensions
    is_same_host = like is not None and target.host == host
    if is_checked or not (is_same_host or _is_local(host)):
        if any(not _is_global(address) for address in resolve(target.host)):
            raise AddressError(_into_private(target.host))
        extensions["trace"] = _check_peer(target.raw_host.decode("ascii"))
    form = like.content if like is not None else b""
    headers = {"Content-Type": like.headers["Content-Type"]} if like is not None and form else {}
    return http.build_request(
        like.method if like is not None else "GET",
        target,
        content=form or None,
        headers=headers,
        extensions=extensions,
    )


def resolve(host: str) -> list[str]:
    """A host's IP addresses; none if they cannot be found."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [str(address[4][0]) for address in found]


def _is_local(host: str) -> bool:
    """True if a host has only addresses of this machine or a private network."""
    addresses = resolve(host)
    return bool(addresses) and not any(_is_global(address) for address in addresses)


def _is_global(address: str) -> bool:
    """True if an IP address can be reached from the whole Internet."""
    ip: IPv4Address | IPv6Address = ip_address(address)
    if isinstance(ip, IPv6Address):
        embedded = IPv4Address(int(ip) & 0xFFFF_FFFF) if ip in NAT64 else None
        inner = ip.ipv4_mapped or ip.sixtofour or embedded
        if inner is not None:
            return _is_global(str(inner))
        if ip.is_site_local:
            return False
    return ip.is_global and not ip.is_multicast


def _check_peer(host: str) -> Callable[[str, Mapping[str, Any]], None]:
    """Closes a connection to a private address before anything is sent over it.

    A name may have another address than when it was resolved. A connection to a proxy is not
    checked: the proxy has its own rules.
    """
    connecting = ""

    def trace(event: str, details: Mapping[str, Any]) -> None:
        nonlocal connecting
        if event == "connection.connect_tcp.started":
            connecting = details["host"]
        elif event == "connection.connect_tcp.complete" and connecting == host:
            stream = details["return_value"]
            peer = stream.get_extra_info("server_addr")
            if peer is not None and not _is_global(peer[0]):
                stream.close()
                raise AddressError(_into_private(host))

    return trace


def _into_private(host: str) -> str:
    return f"the public server refers to {host[:80]}, which is not a public address"


def _target(base: httpx.URL, location: str) -> httpx.URL:
    try:
        target = base.join(location)
    except (httpx.InvalidURL, ValueError) as error:
        raise AddressError("the address redirects to one that is not valid") from error
    try:
        check_address(target)
    except AddressError as error:
        raise AddressError(f"a redirect was received, but {error}") from error
    return target


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def chunks(response: httpx.Response) -> Iterator[bytes]:
    """The response's body as it arrives, not decompressed."""
    # httpx's own `iter_raw` reads a body only once, also one that is in memory already.
    yield from cast(httpx.SyncByteStream, response.stream)


def _finish(response: httpx.Response, check_time: Callable[[], None]) -> None:
    size = 0
    try:
        for chunk in chunks(response):
            check_time()
            size += len(chunk)
            if size > SMALL_BODY:
                break
    except httpx.HTTPError:
        # The redirect is complete without its body.
        pass
    finally:
        response.close()
