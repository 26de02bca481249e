"""Renders Slack's text as safe HTML.

Format: https://docs.slack.dev/messaging/formatting-message-text
"""

import html
import re

_CODE = re.compile(r"\n?```(?P<block>.+?)```\n?|`(?P<code>[^`\n]+)`", re.DOTALL)
_ANGLE = re.compile(r"<(?P<target>[^<>|\n]+)(?:\|(?P<label>[^<>\n]*))?>")
_STYLES = (
    (re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])"), "strong"),
    (re.compile(r"(?<!\w)_(?=\S)([^_\n]+?)(?<=\S)_(?!\w)"), "em"),
    (re.compile(r"(?<![\w~])~(?=\S)([^~\n]+?)(?<=\S)~(?![\w~])"), "s"),
)
_QUOTE = re.compile(r"(?:^&gt; ?.*(?:\n|\Z))+", re.MULTILINE)
_EMOJI = re.compile(r":([a-z0-9_+-]+):")
_EMOJI_SIGNS = {
    "arrow_forward": "▶️",
    "bell": "🔔",
    "construction": "🚧",
    "fire": "🔥",
    "hourglass_flowing_sand": "⏳",
    "large_blue_circle": "🔵",
    "large_green_circle": "🟢",
    "large_orange_circle": "🟠",
    "large_yellow_circle": "🟡",
    "mag": "🔍",
    "no_entry": "⛔",
    "raised_hand": "✋",
    "red_circle": "🔴",
    "repeat": "🔁",
    "rewind": "⏪",
    "rotating_light": "🚨",
    "warning": "⚠️",
    "white_check_mark": "✅",
    "wrench": "🔧",
    "x": "❌",
}
# Parts that are already HTML are replaced by a number between these characters of private use.
_OPEN, _CLOSE = "\ue000", "\ue001"
_REPLACED = re.compile(f"{_OPEN}(\\d+){_CLOSE}")


def render_mrkdwn(text: str) -> str:
    """Render Slack's `mrkdwn`; line breaks are left for `white-space: pre-wrap`."""
    replaced: list[str] = []

    def replace(markup: str) -> str:
        replaced.append(markup)
        return f"{_OPEN}{len(replaced) - 1}{_CLOSE}"

    def code(found: re.Match[str]) -> str:
        if found["block"] is not None:
            return replace(f"<pre>{_escape(found['block'].strip(chr(10)))}</pre>")
        return replace(f"<code>{_escape(found['code'])}</code>")

    def angle(found: re.Match[str]) -> str:
        return replace(_angle(found["target"], found["label"]))

    text = text.replace(_OPEN, "").replace(_CLOSE, "")
    markup = _emoji(_escape(_ANGLE.sub(angle, _CODE.sub(code, text))))
    for pattern, tag in _STYLES:
        markup = pattern.sub(rf"<{tag}>\1</{tag}>", markup)
    markup = _QUOTE.sub(_quote, markup)
    while _REPLACED.search(markup):
        markup = _REPLACED.sub(lambda found: replaced[int(found[1])], markup)
    return markup


def render_plain(text: str) -> str:
    """Render Slack's `plain_text`, which has emoji only."""
    return _emoji(_escape(text))


def is_web_address(address: object) -> bool:
    """True if an address is safe as a link: not `javascript:` and the like."""
    return isinstance(address, str) and address.lower().startswith(
        ("http://", "https://", "mailto:")
    )


def _escape(text: str) -> str:
    """Escape a text for HTML that the sender may have escaped for Slack."""
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, sign)
    return html.escape(text)


def _angle(target: str, label: str | None) -> str:
    """The content of `<…>`: a link, or a mention of a person, channel or group."""
    if is_web_address(target):
        words = _escape(label or target.removeprefix("mailto:"))
        return f'<a href="{_escape(target)}" rel="noopener noreferrer">{words}</a>'
    match target[0]:
        case "@" | "#":
            return f'<span class="mention">{_escape(target[0] + (label or target[1:]))}</span>'
        case "!":
            words = label or "@" + target[1:].partition("^")[0]
            return f'<span class="mention">{_escape(words)}</span>'
        case _:
            return _escape(f"<{target}>" if label is None else f"<{target}|{label}>")


def _emoji(markup: str) -> str:
    return _EMOJI.sub(lambda found: _EMOJI_SIGNS.get(found[1], found[0]), markup)


def _quote(found: re.Match[str]) -> str:
    lines = [line.removeprefix("&gt;").lstrip(" ") for line in found[0].splitlines()]
    return f"<blockquote>{chr(10).join(lines)}</blockquote>"
