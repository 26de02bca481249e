"""The certificate authorities that HTTPS requests trust."""

import ssl
from functools import cache

import httpx


@cache
def trusted() -> ssl.SSLContext:
    """The usual authorities, read once for each process: that takes longer than a request."""
    return httpx.create_ssl_context()
