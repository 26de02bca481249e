"""Text for people: one line, truncated, masked, escaped; names and times in plain words.

Slack's control characters are `&`, `<` and `>`
(https://docs.slack.dev/messaging/formatting-message-text#escaping).
"""

import re
from datetime import datetime

# Airflow has `mask_secret` as a public function, but not `redact`, which masks those secrets in a
# text; https://github.com/apache/airflow/pull/54449 moved it into a private package.
from airflow.sdk.log import redact  # type: ignore[attr-defined]

from include import masking
from include.times import california_time

_MENTIONS = re.compile(r"@(?=(?:channel|here|everyone)\b)", re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_RUN = re.compile(r"(?:(?P<part>after|for)_)?(?P<kind>[a-z_]+)__(?P<at>\d{4}-[\d:.T+-]+)(?:_\w+)?")
# A zero-width space after the @ makes @channel plain text.
_NO_MENTION = "@\u200b"


def escape(text: str) -> str:
    """Text that Slack shows literally: an error cannot leak a secret, mention, link or format."""
    literal = mask_secrets(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MENTIONS.sub(_NO_MENTION, literal)


def truncate(text: str, longest: int) -> str:
    """The beginning of a text, with `…` at the end if it was too long."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def mask_secrets(text: str) -> str:
    """Text without the secrets that Airflow knows, and without anything that looks like one."""
    # Airflow's own comes second: a known secret may be a part of the name of another one.
    return str(redact(masking.mask_secrets(text)))


def one_line(text: str, longest: int) -> str:
    """The first line that is not empty, masked and truncated, without control characters.

    If that line ends with a colon, the next one is added: databases write errors that way.
    """
    lines = [line for raw in text.splitlines() if (line := _CONTROLS.sub("", raw).strip())]
    chosen = lines[:1] or ["no error message"]
    for line in lines[1:]:
        if not chosen[-1].endswith(":"):
            break
        chosen.append(line)
    return truncate(mask_secrets(" ".join(chosen)), longest)


def as_code(text: str) -> str:
    """A line in Slack's monospaced form, in which other formatting has no effect."""
    return f"`{escape(text.replace('`', chr(39)))}`"


def join_names(names: tuple[str, ...], most: int) -> str:
    """The first names, separated by commas, and the number of the others."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def count(number: int, noun: str) -> str:
    """A number with its noun, for example `1 run` or `3 runs`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def run_name(run: str) -> str:
    """A run in words, for example `the asset-triggered run of Tue Nov 24, 1:27 PM PST`.

    Args:
        run: Airflow's id of the run; one that somebody chose is returned as it is.
    """
    try:
        found = _RUN.fullmatch(run)
        at = datetime.fromisoformat(found["at"]) if found else None
    except ValueError:
        return run
    if found is None or at is None:
        return run
    kind = found["kind"].replace("_", "-").replace("scheduled", "")
    words = f"the {kind} run of {california_time(at)}".replace("  ", " ")
    return f"the run {found['part']} {words}" if found["part"] else words
