"""Bodies of responses: compressed in each usual way, in each charset, and never too large."""

import gzip
import json
import zlib
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.loaders import OverloadedError, bodies
from include.loaders.bodies import (
    LARGEST_BODY,
    PIECE,
    TooLargeError,
    UnreadableError,
    decompressed,
    parse_json,
)
from include.loaders.errors import LoadError, PermanentError
from include.loaders.http_client import Client
from include.loaders.options import Origin
from tests.loaders.service import Reply, serving
from tests.loaders.steady_clock import Clock

TEXT = b'{"features": []}' * 500
SAID = '{"name": "Peña"}'


def gzipped(body: bytes, level: int = 9) -> bytes:
    # Without the time, which would be part of a test's name.
    return gzip.compress(body, level, mtime=0)


def deflated(body: bytes, window: int = zlib.MAX_WBITS) -> bytes:
    packer = zlib.compressobj(wbits=window)
    return packer.compress(body) + packer.flush()


def unpacked(body: bytes, coding: str, size: int = 7) -> bytes:
    """A body that arrives in chunks of some bytes, decompressed."""
    chunks = (body[start : start + size] for start in range(0, len(body), size))
    return b"".join(decompressed(chunks, coding))


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("", TEXT),
        ("identity", TEXT),
        ("gzip", gzipped(TEXT)),
        ("x-gzip", gzipped(TEXT)),
        (" GZip ", gzipped(TEXT)),
        ("deflate", deflated(TEXT)),
        ("deflate", deflated(TEXT, -zlib.MAX_WBITS)),
        ("deflate", deflated(TEXT, 9)),
        ("deflate", deflated(TEXT[:99]) + deflated(TEXT[99:])),
        ("gzip, identity", gzipped(TEXT)),
        ("deflate, gzip", gzipped(deflated(TEXT))),
        ("gzip,gzip", gzipped(gzipped(TEXT))),
        ("gzip", gzipped(TEXT[:99]) + gzipped(TEXT[99:])),
        ("gzip", gzipped(TEXT) + b"\0" * 20),
        ("gzip", b""),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_a_body_is_decompressed_however_it_arrives(coding: str, body: bytes, size: int) -> None:
    assert unpacked(body, coding, size) == (TEXT if body else b"")


@given(st.binary(max_size=2000), st.integers(1, 50), st.sampled_from([15, -15, 31]))
def test_every_body_is_decompressed_to_what_was_compressed(
    body: bytes, size: int, window: int
) -> None:
    coding = "gzip" if window > zlib.MAX_WBITS else "deflate"
    assert unpacked(deflated(body, window), coding, size) == body


@pytest.mark.parametrize("packed", [gzipped(TEXT), deflated(TEXT), deflated(TEXT, -15)])
def test_a_compressed_body_that_ends_too_early_is_never_taken(packed: bytes) -> None:
    coding = "gzip" if packed.startswith(b"\x1f") else "deflate"
    for cut in range(1, len(packed)):
        with pytest.raises(EOFError, match="the compressed answer ends too early"):
            unpacked(packed[:-cut], coding)


@pytest.mark.parametrize(
    "packed",
    [
        b"plain text",
        gzipped(TEXT)[:-8] + b"12345678",
        gzipped(TEXT) + b"more",
        gzipped(TEXT)[:12] + b"\xff" * 40,
    ],
)
def test_a_damaged_body_is_never_taken(packed: bytes) -> None:
    with pytest.raises(zlib.error):
        unpacked(packed, "gzip")


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "gzip, br", "\u00e4"])
def test_another_compression_is_named(coding: str) -> None:
    with pytest.raises(UnreadableError) as failure:
        decompressed([], coding)
    assert str(failure.value) == (
        f"the answer is compressed as {coding.rpartition(' ')[2]!r}, not as gzip or deflate"
    )


def test_a_small_chunk_is_never_decompressed_at_once() -> None:
    bomb = gzipped(b"\0" * 20 * PIECE, 1)
    sizes = [len(piece) for piece in decompressed([bomb], "gzip")]

    assert sum(sizes) == 20 * PIECE
    assert max(sizes) <= PIECE


def test_a_body_just_within_the_limit_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "LARGEST_BODY", len(TEXT))

    assert unpacked(TEXT, "") == TEXT
    assert unpacked(gzipped(TEXT), "gzip") == TEXT
    for coding, body in (("", TEXT + b"x"), ("gzip", gzipped(TEXT + b"x"))):
        with pytest.raises(TooLargeError):
            unpacked(body, coding)


def test_a_body_is_given_up_as_soon_as_it_is_too_large() -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while True:
            sent += PIECE
            yield b" " * PIECE

    with pytest.raises(TooLargeError, match="larger than 128 MB") as failure:
        for _ in decompressed(endless(), ""):
            pass
    assert sent == LARGEST_BODY + PIECE
    assert "set a smaller `page_size` in the connection" in str(failure.value)


def test_what_is_between_two_compressions_is_bounded_as_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bodies, "LARGEST_BODY", 10_000)
    many_empty_members = gzipped(b"") * 1_000

    with pytest.raises(TooLargeError):
        unpacked(gzipped(many_empty_members), "gzip, gzip")


@pytest.mark.parametrize(
    ("tries", "kind"), [(None, PermanentError), (3, OverloadedError)], ids=["no page", "a page"]
)
@pytest.mark.usefixtures("few_roots")
def test_an_answer_that_is_too_large_is_requested_once_and_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tries: int | None, kind: type[LoadError]
) -> None:
    monkeypatch.setattr(bodies, "LARGEST_BODY", 1024 * 1024)
    with (
        serving(lambda _: Reply(b" " * 1024 * 1024 + b"[]")) as service,
        Client("epa", Origin(), Clock().options()) as client,
    ):
        with pytest.raises(LoadError) as failure:
            client.read_json(service.url, {"resultOffset": "4000"}, tries=tries)
        assert len(service.requests) == client.requests == 1

    assert type(failure.value) is kind
    assert str(failure.value) == (
        "epa: the answer is larger than 1 MB, the most that fits into memory; if it is a page of a "
        "layer, set a smaller `page_size` in the connection. "
        f"Request: GET {service.url}?resultOffset=4000."
    )


@pytest.mark.parametrize(
    ("content_type", "encoding"),
    [
        ("", "utf-8"),
        ("", "utf-8-sig"),
        ("", "utf-16"),
        ("", "utf-16-be"),
        ("", "utf-32-le"),
        ("application/json", "utf-8"),
        ("application/json; charset=UTF-8", "utf-8"),
        ('application/json; charset="utf-8"', "utf-8-sig"),
        ("application/json; charset=iso-8859-1", "latin-1"),
        ("text/plain;x=y; Charset = 'windows-1252' ; z", "cp1252"),
        ("application/json; charset=utf-16", "utf-16"),
        ("application/json; charset=utf-16", "utf-16-le"),
        ("application/json; charset=utf-16", "utf-16-be"),
        ("application/json; charset=utf-16le", "utf-16"),
        ("application/json; charset=utf-32", "utf-32"),
        ("application/json; charset=unheard-of", "utf-8"),
        ("application/json; charset=unheard-of", "utf-8-sig"),
        ("application/json; charset=hex", "utf-8"),
        ("application/json; charset=idna", "utf-8"),
        ("application/json; charset=unicode_escape", "utf-8"),
        ("application/json; charset=", "utf-8"),
        ("; ; charset", "utf-8"),
    ],
)
def test_a_body_is_read_in_its_charset(content_type: str, encoding: str) -> None:
    assert parse_json(SAID.encode(encoding), content_type) == {"name": "Peña"}


@pytest.mark.parametrize(
    ("content_type", "encoding", "charset"),
    [
        ("", "latin-1", "utf-8"),
        ("application/json; charset=utf-8", "latin-1", "utf-8"),
        ("application/json; charset=utf-8", "utf-16", "utf-8"),
        ("application/json; charset=utf-16", "utf-8", "utf-16"),
        ("application/json; charset=us-ascii", "utf-8", "us-ascii"),
        ("application/json; charset=unheard-of", "latin-1", "unheard-of"),
        ("application/json; charset=" + "x" * 100, "latin-1", "x" * 40),
    ],
)
def test_bytes_that_do_not_fit_their_charset_are_refused(
    content_type: str, encoding: str, charset: str
) -> None:
    with pytest.raises(UnreadableError) as failure:
        parse_json(SAID.encode(encoding), content_type)
    assert str(failure.value).startswith(f"the answer does not fit its charset {charset!r}: ")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1"])
def test_json_that_ends_early_is_never_taken(encoding: str) -> None:
    content_type = f"application/json; charset={encoding}"
    for text in ('{"name": ["Peña", true, null, 12.5, "\\u00e4"]}', '[NaN, "é"]'):
        whole = text.encode(encoding)
        for end in range(len(whole)):
            with pytest.raises((EOFError, ValueError)):
                parse_json(whole[:end], content_type)
    for text in (*(SAID[:end] for end in range(1, len(SAID))), '[NaN, "Pe'):
        with pytest.raises(EOFError):
            parse_json(text.encode(encoding), content_type)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32", "shift_jis"])
def test_json_that_ends_within_a_character_ends_early(encoding: str) -> None:
    body = '["名'.encode(encoding)[:-1]

    with pytest.raises(EOFError, match="it ends within a character"):
        parse_json(body, f"application/json; charset={encoding}")


@given(st.binary(max_size=60), st.text(max_size=30), st.text(max_size=30))
def test_no_body_and_no_header_break_the_client(
    body: bytes, content_type: str, charset: str
) -> None:
    for given_type in (content_type, f"application/json; charset={charset}"):
        with suppress(EOFError, ValueError):
            parse_json(body, given_type)
    for coding in (content_type, "gzip", "deflate"):
        with suppress(EOFError, ValueError, zlib.error):
            unpacked(body, coding)


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=20), max_size=5))
def test_text_is_the_same_in_every_unicode_charset(words: list[str]) -> None:
    text = json.dumps(words, ensure_ascii=False)
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32-be"):
        charset = encoding.removesuffix("-sig")
        assert parse_json(text.encode(encoding), f"a/b; charset={charset}") == words
