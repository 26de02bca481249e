"""The body of a response: decompressed as it arrives, decoded by its charset, parsed as JSON."""

import codecs
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

# A page of 2,000 rows of 64 KB each, about 1,600 corners a row. Four pages are read at once, and
# values in Python take several times the memory of their text.
LARGEST_BODY = 128 * 1024 * 1024
# One call must not decompress a whole chunk: 64 KB of gzip can hold 64 MB.
PIECE = 1024 * 1024

WINDOWS = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}
# Python decodes these as well, but they are not charsets and would alter the values.
NOT_CHARSETS = {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"}
CHARSET = re.compile(r"""(?i);\s*charset\s*=\s*["']?([^\s;"',]+)""")


# The levels of lists and objects that are read: orjson's own limit.
DEEPEST = 1024
TOO_DEEP = "the answer is JSON that is nested too deeply"


class UnreadableError(ValueError):
    """A body that no retry makes readable; the text is the reason."""


class TooLargeError(UnreadableError):
    """A body that would take too much memory; a page with fewer rows may not."""


def decompressed(chunks: Iterable[bytes], codings: str) -> Iterator[bytes]:
    """The pieces of a body, decompressed.

    Args:
        chunks: The body as it arrives.
        codings: The response's `Content-Encoding`, or an empty string.

    Raises:
        TooLargeError: The body is larger than `LARGEST_BODY`.
        UnreadableError: It is compressed in another way than gzip or deflate.
        EOFError: The compressed data ends too early.
        zlib.error: The compressed data is damaged.
    """
    pieces = _bounded(chunks)
    for name in reversed(codings.lower().split(",")):
        coding = name.strip()
        if coding in ("", "identity"):
            continue
        if coding not in WINDOWS:
            raise UnreadableError(
                f"the answer is compressed as {coding[:40]!r}, not as gzip or deflate"
            )
        pieces = _bounded(_inflated(pieces, WINDOWS[coding]))
    return pieces


def _bounded(pieces: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > LARGEST_BODY:
            raise TooLargeError(
                f"the answer is larger than {LARGEST_BODY / 1024**2:g} MB, the most that fits into "
                "memory; if it is a page of a layer, set a smaller `page_size` in the connection"
            )
        yield piece


def _inflated(chunks: Iterable[bytes], window: int) -> Iterator[bytes]:
    """The pieces of a compressed stream, which may have several members."""
    inflater = None
    for chunk in chunks:
        left = chunk
        while left:
            if inflater is None:
                # Some servers leave out the header of zlib (RFC 1950).
                has_header = window != zlib.MAX_WBITS or left[0] % 16 == zlib.DEFLATED
                inflater = zlib.decompressobj(window if has_header else -window)
            elif inflater.eof:
                # Another member, or the zeros that some servers fill up with.
                left = left.lstrip(b"\0")
                if not left:
                    break
                inflater = zlib.decompressobj(window)
            yield inflater.decompress(left, PIECE)
            left = inflater.unconsumed_tail or inflater.unused_data
    if inflater is not None:
        yield inflater.flush()
        if not inflater.eof:
            raise EOFError("the compressed answer ends too early")


def parse_json(body: bytes, content_type: str) -> Any:
    """The JSON value of a body.

    Args:
        body: The decompressed body.
        content_type: The response's `Content-Type`, or an empty string.

    Raises:
        UnreadableError: The body does not fit its charset, or is nested too deeply.
        EOFError: The body ends too early.
        ValueError: The body is not JSON.
    """
    named = CHARSET.search(content_type)
    charset = named[1] if named else ""
    text = _decode(body, charset)
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if "recursion limit" in error.msg:
            raise UnreadableError(TOO_DEEP) from error
        ends_early = error.pos >= len(error.doc.rstrip()) and error.pos > 0
        if isinstance(text, bytes):
            text = _strictly(text, "utf-8", charset or "utf-8")
        if ends_early:
            raise EOFError(f"the answer is not complete JSON: {error}") from error
    try:
        # Some servers write a bare NaN, which is not JSON; the standard library reads it.
        value = json.loads(text)
    except json.JSONDecodeError as error:
        if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
            raise EOFError(f"the answer is not complete JSON: {error}") from error
        raise ValueError(f"the answer is not JSON: {error}") from error
    except RecursionError as error:
        raise UnreadableError(TOO_DEEP) from error
    except ValueError as error:
        raise UnreadableError("the answer has a number with thousands of digits") from error
    # Where the standard library gives up differs between Python 3.12 and 3.13.
    if _is_deeper(value, DEEPEST):
        raise UnreadableError(TOO_DEEP)
    return value


def _is_deeper(value: Any, levels: int) -> bool:
    """Whether lists and objects are nested in more than so many levels."""
    level = [value]
    for _ in range(levels + 1):
        containers = (each for each in level if isinstance(each, list | dict))
        level = [
            child
            for each in containers
            for child in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return False
    return True


def _decode(body: bytes, charset: str) -> bytes | str:
    """A body as UTF-8 or text, without a byte order mark.

    Without a charset it is UTF-8 (RFC 8259) or another form of Unicode, which the first bytes
    show. A charset that Python does not know counts as UTF-8.
    """
    detected = json.detect_encoding(body)
    try:
        encoding = codecs.lookup(charset).name if charset else detected
        if encoding in NOT_CHARSETS:
            raise LookupError(encoding)
        if encoding.startswith("utf"):
            if encoding.split("-")[1] != detected.split("-")[1]:
                raise UnreadableError(_misfit(charset, f"it looks like {detected}"))
            encoding = detected
        if encoding == "utf-8":
            return body
        return _strictly(body, encoding, charset or encoding)
    except LookupError:
        return _strictly(body, "utf-8-sig", charset)


def _strictly(body: bytes, encoding: str, charset: str) -> str:
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        if error.end >= len(body):
            raise EOFError("the answer is not complete JSON: it ends within a character") from error
        raise UnreadableError(_misfit(charset, error.reason)) from error


def _misfit(charset: str, reason: str) -> str:
    return f"the answer does not fit its charset {charset[:40]!r}: {reason}"
