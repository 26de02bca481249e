"""Settings of a source that a person may change without changing code.

The command line, the form of a run and a source's connection share their names and limits.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from include.loaders.errors import PermanentError
from include.loaders.options import LoadOptions
from include.sources.kinds import Kind

# An answer as a whole may take this many times as long as the server may be silent.
_ANSWER_PER_SILENCE = 3
_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
_LONGEST_QUOTE = 40


class SettingError(PermanentError):
    """A setting is unknown, or its value is not allowed; the message says what is."""


@dataclass(frozen=True)
class Setting:
    """One setting: a field of `LoadOptions` with its limits.

    Attributes:
        name: The field.
        title: A few words, for a form.
        help: What it does, and when to change it.
        minimum, maximum: The limits, which are allowed themselves.
        is_whole: True if the value is a whole number.
    """

    name: str
    title: str
    help: str
    minimum: int
    maximum: int
    is_whole: bool = False

    @property
    def allowed(self) -> str:
        """The allowed values in words."""
        kind = "a whole number" if self.is_whole else "a number"
        return f"{kind} from {self.minimum:,} to {self.maximum:,}"

    def parse(self, value: object) -> float:
        """The value as a number; text with a number is one, as in a connection that is an address.

        Raises:
            ValueError: It is not a number, or out of bounds.
        """
        if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
            value = float(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(value)
        if not self.minimum <= value <= self.maximum or (self.is_whole and value != int(value)):
            raise ValueError(value)
        return int(value) if self.is_whole else float(value)


PAGE_SIZE = Setting(
    "page_size",
    "Rows per request",
    "The most rows to request at once; the service's own cap applies as well. A smaller page helps"
    " a layer whose pages time out or end in server errors.",
    1,
    100_000,
    is_whole=True,
)
CONCURRENCY = Setting(
    "concurrency",
    "Requests at once",
    "How many requests are in flight at once. One helps a service that answers others with errors"
    " or refuses with 429.",
    1,
    32,
    is_whole=True,
)
# A task ends after 20 minutes.
RETRY_SECONDS = Setting(
    "retry_seconds",
    "Patience in seconds",
    "How long one failing request is retried. More helps through a restart of the service.",
    0,
    900,
)
TIMEOUT_SECONDS = Setting(
    "timeout_seconds",
    "Seconds of silence",
    "How long the service may be silent before a request counts as failed. An answer as a whole may"
    " take three times that, and three minutes in any case.",
    1,
    300,
)

_OF_ANY = (RETRY_SECONDS, TIMEOUT_SECONDS)
# The settings of each kind of source: a list is one request.
_SETTINGS: Mapping[Kind, tuple[Setting, ...]] = {
    "arcgis": (PAGE_SIZE, CONCURRENCY, *_OF_ANY),
    "json": _OF_ANY,
    "fivetran": (),
}


def settings_of(kind: Kind) -> dict[str, Setting]:
    """The settings of a kind of source, by name."""
    return {setting.name: setting for setting in _SETTINGS[kind]}


def parse_settings(
    source: str, kind: Kind, given: Mapping[str, object], place: str
) -> dict[str, float]:
    """The given settings as numbers; one that is `None` is left out.

    Args:
        source: The source's name, for messages.
        kind: The source's kind, which decides what can be set.
        given: The values by the settings' names.
        place: Where they are given, for messages; for example `the form of this run`.

    Raises:
        SettingError: A setting is unknown, or a value is not allowed.
    """
    known = settings_of(kind)
    values = {}
    for name, value in given.items():
        if value is None:
            continue
        if name not in known:
            allowed = ", ".join(known) or "no settings"
            quoted = repr(name)[:_LONGEST_QUOTE]
            reason = f"{place} has {quoted}, which is no setting of {source}; it has {allowed}"
            raise SettingError(source, reason)
        try:
            values[name] = known[name].parse(value)
        except ValueError:
            quoted = repr(value)[:_LONGEST_QUOTE]
            reason = f"{place} has {name} {quoted}; {name} is {known[name].allowed}"
            raise SettingError(source, reason) from None
    return values


def with_settings(options: LoadOptions, settings: Mapping[str, float]) -> LoadOptions:
    """The options with settings in place of their own values.

    Args:
        options: The options.
        settings: Values as `parse_settings` returns them, by name.
    """
    changed = replace(options, **settings)  # type: ignore[arg-type]  # Each names a field.
    whole_answer = _ANSWER_PER_SILENCE * changed.timeout_seconds
    return replace(changed, request_seconds=max(options.request_seconds, whole_answer))
