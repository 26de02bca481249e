"""Text from sources and errors, made fit to be shown: one line, cut, masked, escaped.

What Slack takes for control sequences are `&`, `<` and `>`
(https://docs.slack.dev/messaging/formatting-message-text#escaping).
"""

import re

from airflow.sdk.log import redact  # type: ignore[attr-defined]  # It has no public name.

_SECRETS = re.compile(
    r"(?i)\b((?:access_?)?token|sig|signature|password|passwd|secret|api_?key|code)=([^\s&\"']+)"
)
_IN_ADDRESS = re.compile(r"(?<=://)[^\s/@:]+:[^\s/@]+(?=@)")
_CALLS = re.compile(r"@(?=(?:channel|here|everyone)\b)", re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# After it, @channel is no word that calls anyone.
_NO_CALL = "@\u200b"


def escape(text: str) -> str:
    """Text as Slack shows it literally: no mention, link or markup comes from an error."""
    literal = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _CALLS.sub(_NO_CALL, literal)


def cut(text: str, longest: int) -> str:
    """The beginning of a text, with a sign where something was left out."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def masked(text: str) -> str:
    """Text without the secrets that Airflow knows of, and without what looks like one."""
    known = str(redact(text))
    return _IN_ADDRESS.sub("***", _SECRETS.sub(r"\1=***", known))


def one_line(text: str, longest: int) -> str:
    """The first line that says something, masked and cut, without control characters.

    A line that ends with a colon says nothing without the next one: databases write so.
    """
    lines = [line for one in text.splitlines() if (line := _CONTROLS.sub("", one).strip())]
    said = lines[:1] or ["no error was given"]
    for line in lines[1:]:
        if not said[-1].endswith(":"):
            break
        said.append(line)
    return cut(masked(" ".join(said)), longest)


def as_code(text: str) -> str:
    """A line in Slack's monospaced form, in which its other marks mean nothing."""
    return f"`{escape(text.replace('`', chr(39)))}`"


def listed(names: tuple[str, ...], most: int) -> str:
    """Some names in a row, and how many more there are."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
