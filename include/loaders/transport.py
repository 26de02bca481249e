"""How requests go out: who asks, over which connections, by GET or by POST."""

import ssl
from collections.abc import Mapping

import httpx

from include.loaders.options import LoadOptions, Origin

USER_AGENT = "ddrc-data-pipelines (+https://github.com/cagov/ddrc-data-pipelines)"
# Proxies and IIS refuse longer addresses; a query beyond it goes by POST.
LONGEST_ADDRESS = 1800
SHOWN = 400


def open_http(origin: Origin, options: LoadOptions, context: ssl.SSLContext) -> httpx.Client:
    """A pooled client that names the project, takes gzip and verifies against `context`."""
    headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "gzip", "Accept": "*/*"}
    if origin.token:
        headers["X-Esri-Authorization"] = f"Bearer {origin.token}"
    return httpx.Client(
        headers=headers,
        verify=context,
        timeout=httpx.Timeout(options.timeout_seconds),
        limits=httpx.Limits(max_connections=options.concurrency + 1),
        # A token must not follow to another host.
        follow_redirects=origin.token is None,
    )


def request_for(http: httpx.Client, url: str, query: Mapping[str, str] | None) -> httpx.Request:
    """A GET, or a POST with the query as its form if the address would be too long."""
    request = http.build_request("GET", url, params=query or None)
    if len(str(request.url)) > LONGEST_ADDRESS:
        request = http.build_request("POST", url, data=dict(query or {}))
    return request


def describe(request: httpx.Request) -> str:
    """A request in one line, cut if it is long."""
    text = f"{request.method} {request.url}"
    if request.method == "POST":
        text += f" with {request.content.decode()}"
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
