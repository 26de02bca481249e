"""Slack's limits of a message, with the error codes of its webhooks.

Sources: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks and the block kit
reference, https://docs.slack.dev/reference/block-kit/blocks.
"""

from collections.abc import Callable
from typing import Any

MAX_TEXT = 40_000
MAX_BLOCKS = 50
MAX_ATTACHMENTS = 100
MAX_BLOCK_ID = 255
MAX_URL = 3000

Block = dict[str, Any]


def find_error(payload: object) -> str | None:
    """Slack's error code for a payload, for example `no_text`; `None` if it is valid."""
    if not isinstance(payload, dict) or not isinstance(payload.get("text"), str | None):
        return "invalid_payload"
    attachments = payload.get("attachments") or []
    if not (payload.get("text") or payload.get("blocks") or attachments):
        return "no_text"
    if not _are_objects(attachments, MAX_ATTACHMENTS):
        return "invalid_attachments"
    errors = (_find_block_error(part.get("blocks")) for part in (payload, *attachments))
    return next(filter(None, errors), None)


def truncated(payload: dict[str, Any]) -> dict[str, Any]:
    """The payload as Slack stores it: a text that is too long is cut, not refused."""
    text = payload.get("text")
    return {**payload, "text": text[:MAX_TEXT]} if text else payload


def _find_block_error(blocks: object) -> str | None:
    if blocks is None:
        return None
    if not isinstance(blocks, list):
        return "invalid_blocks_format"
    valid = _are_objects(blocks, MAX_BLOCKS) and all(map(_is_valid_block, blocks))
    return None if valid else "invalid_blocks"


def _is_valid_block(block: Block) -> bool:
    is_valid = _BLOCKS.get(str(block.get("type")))
    return (
        is_valid is not None
        and len(str(block.get("block_id", ""))) <= MAX_BLOCK_ID
        and is_valid(block)
    )


def _header(block: Block) -> bool:
    return _is_text(block.get("text"), 150, "plain_text")


def _section(block: Block) -> bool:
    text, fields = block.get("text"), block.get("fields")
    if text is None and not fields:
        return False
    if text is not None and not _is_text(text, 3000):
        return False
    return fields is None or (
        _are_objects(fields, 10) and all(_is_text(field, 2000) for field in fields)
    )


def _context(block: Block) -> bool:
    elements = block.get("elements")
    return (
        bool(elements) and _are_objects(elements, 10) and all(map(_is_context_part, elements or []))
    )


def _is_context_part(element: Block) -> bool:
    return _image(element) if element.get("type") == "image" else _is_text(element, 3000)


def _actions(block: Block) -> bool:
    elements = block.get("elements")
    return bool(elements) and _are_objects(elements, 25) and all(map(_is_element, elements or []))


def _is_element(element: Block) -> bool:
    """True if a button is valid, or another element has a type."""
    if element.get("type") != "button":
        return isinstance(element.get("type"), str)
    return (
        _is_text(element.get("text"), 75, "plain_text")
        and len(str(element.get("url", ""))) <= MAX_URL
        and element.get("style") in (None, "primary", "danger")
    )


def _image(block: Block) -> bool:
    return isinstance(block.get("image_url"), str) and isinstance(block.get("alt_text"), str)


def _rich_text(block: Block) -> bool:
    return _are_objects(block.get("elements"), MAX_BLOCKS)


_BLOCKS: dict[str, Callable[[Block], bool]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "divider": lambda block: True,
    "actions": _actions,
    "image": _image,
    "rich_text": _rich_text,
}


def _is_text(text: object, longest: int, kind: str | None = None) -> bool:
    match text:
        case {"type": ("plain_text" | "mrkdwn") as found, "text": str(words)}:
            return kind in (None, found) and 0 < len(words) <= longest
        case _:
            return False


def _are_objects(several: object, most: int) -> bool:
    return (
        isinstance(several, list)
        and len(several) <= most
        and all(isinstance(one, dict) for one in several)
    )
