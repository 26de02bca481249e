"""Renders a message's blocks and attachments as HTML."""

import html
from collections.abc import Callable
from typing import Any

from local.slack.mrkdwn import is_web_address, render_mrkdwn, render_plain

Block = dict[str, Any]


def render_message(message: dict[str, Any]) -> str:
    """Render a webhook's payload as Slack shows it.

    If there are blocks, only notifications show the text, so it is small here.
    """
    blocks, attachments = message.get("blocks") or [], message.get("attachments") or []
    text = message.get("text") or ""
    parts = []
    if text and blocks:
        parts.append(f'<p class="notification">{render_plain(text)}</p>')
    elif text:
        parts.append(f'<div class="text">{render_mrkdwn(text)}</div>')
    parts += [_block(block) for block in blocks]
    parts += [_attachment(attachment) for attachment in attachments]
    return "\n".join(parts)


def _block(block: Block) -> str:
    return _BLOCKS[block["type"]](block)


def _header(block: Block) -> str:
    return f"<h3>{_text(block['text'])}</h3>"


def _section(block: Block) -> str:
    text = f'<div class="text">{_text(block["text"])}</div>' if block.get("text") else ""
    fields = "".join(f'<div class="text">{_text(text)}</div>' for text in block.get("fields") or [])
    accessory = _element(block["accessory"]) if block.get("accessory") else ""
    return text + (f'<div class="fields">{fields}</div>' if fields else "") + accessory


def _context(block: Block) -> str:
    parts = (
        _image(element) if element["type"] == "image" else f"<span>{_text(element)}</span>"
        for element in block["elements"]
    )
    return f'<div class="context text">{" ".join(parts)}</div>'


def _divider(block: Block) -> str:
    return "<hr>"


def _actions(block: Block) -> str:
    return f'<div class="actions">{"".join(map(_element, block["elements"]))}</div>'


def _element(element: Block) -> str:
    """A link for a button with an address; for other elements, which need Slack, their name."""
    match element:
        case {"type": "button", "text": dict(text)}:
            style = html.escape(str(element.get("style") or "plain"))
            if is_web_address(element.get("url")):
                address = html.escape(element["url"])
                return (
                    f'<a class="button {style}" href="{address}" rel="noopener noreferrer">'
                    f"{_text(text)}</a>"
                )
            return f'<span class="button {style}">{_text(text)}</span>'
        case {"type": "image"}:
            return _image(element)
        case _:
            return f'<span class="button">{html.escape(str(element.get("type")))}</span>'


def _image(block: Block) -> str:
    """An image as a link: the page loads nothing from elsewhere."""
    alternative = html.escape(str(block.get("alt_text", "")))
    if not is_web_address(block.get("image_url")):
        return alternative
    address = html.escape(block["image_url"])
    return f'<a href="{address}" rel="noopener noreferrer">🖼 {alternative}</a>'


def _rich_text(block: Block) -> str:
    """The text of a rich text block, without its styles."""

    def words(part: object) -> str:
        match part:
            case {"elements": list(parts)}:
                return "".join(map(words, parts))
            case {"text": str(text)}:
                return html.escape(text)
            case {"url": str(address)}:
                return html.escape(address)
            case _:
                return ""

    return f'<div class="text">{words(block)}</div>'


def _attachment(attachment: Block) -> str:
    title, text = attachment.get("title") or "", attachment.get("text") or ""
    inner = "".join(map(_block, attachment.get("blocks") or []))
    heading = f"<h3>{render_plain(str(title))}</h3>" if title else ""
    body = f'<div class="text">{render_mrkdwn(str(text))}</div>' if text else ""
    return f'<div class="attachment">{heading}{body}{inner}</div>'


def _text(text: Block) -> str:
    words = str(text["text"])
    return render_mrkdwn(words) if text["type"] == "mrkdwn" else render_plain(words)


_BLOCKS: dict[str, Callable[[Block], str]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "divider": _divider,
    "actions": _actions,
    "image": _image,
    "rich_text": _rich_text,
}
