"""Conversion of Snowflake's date and time formats to DuckDB's `strftime` formats.

https://docs.snowflake.com/en/sql-reference/date-time-input-output#about-the-elements-used-in-date-and-time-formats
"""

import re

from local.snowflake.errors import unsupported

# Longer elements come before their own prefixes.
ELEMENTS = {
    "YYYY": "%Y",
    "YY": "%y",
    "MMMM": "%B",
    "MON": "%b",
    "MM": "%m",
    "DD": "%d",
    "DY": "%a",
    "HH24": "%H",
    "HH12": "%I",
    "AM": "%p",
    "PM": "%p",
    "MI": "%M",
    "SS": "%S",
    "FF0": "",
    "FF3": "%g",
    "FF6": "%f",
    "FF9": "%n",
    "FF": "%n",
    # The emulator stores instants, so the offset of every TIMESTAMP_TZ is UTC's.
    "TZH:TZM": "+00:00",
    "TZHTZM": "+0000",
    "TZH": "+00",
    "TZM": "00",
}
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|(?P<element>' + "|".join(ELEMENTS) + r")|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
# A letter that Snowflake's formats leave as it is.
LITERAL_LETTERS = "T"


def is_time_format(text: str) -> bool:
    """True if a format is for dates and times, not for numbers."""
    return re.search("YY|MM|MON|DD|HH|MI|SS|FF", text, re.IGNORECASE) is not None


def strftime_format(text: str) -> str:
    """The `strftime` format for one of Snowflake's.

    Raises:
        ProgrammingError: The format has an element that the emulator does not support.
    """
    parts = []
    for token in _TOKEN.finditer(text):
        quoted, element, other = token.group("quoted", "element", "other")
        if element:
            parts.append(ELEMENTS[element.upper()])
        elif quoted is not None:
            parts.append(quoted.replace("%", "%%"))
        elif other.isalpha() and other not in LITERAL_LETTERS:
            raise unsupported(f"{other!r} at character {token.start()} of the format {text!r}")
        else:
            parts.append(other.replace("%", "%%"))
    return "".join(parts)
