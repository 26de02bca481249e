"""What varies between errors of one cause: ids, times, numbers and places."""

import re

_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"

# An HTTP status and an error's number say what went wrong: a 401 is not a 503.
_SAME = r"""
      \b(?:http(?:/[\d.]+)?|status[_\ ]?(?:code)?|code|errno)[\ :='"(\[]{1,3}-?\d{1,6}\b
    | \berror\ \d{3,6}\b
    | \([45]\d\d\)(?=:|$)
    | \b[45]\d\d(?=\ (?-i:[A-Z]))"""

_VARYING = rf"""
    # Addresses, paths, temporary files, Airflow's runs, and whatever is called an id.
      \b[a-z]{{2,10}}://[^\s'"<>)]+
    | (?<![\w/<])/[\w.@%+=~?&-][^\s'"(),:;<>]*
    | \b[\w.-]{{1,60}}(?:/[\w.-]{{1,60}}){{1,12}}\.\w+
    | \btmp\w{{6,}}
    | \b[a-z_]+__\d{{4}}-\d\d[\w:.+-]*
    | \b(?:request|query|trace|correlation|session|incident|statement|run|job)[\ _-]?id\b
      ['"]?[\ :=]+['"]?[\w.:+-]+
    # UUIDs, Snowflake's queries, places in memory.
    | \b[0-9a-f]{{8}}-[0-9a-f-]{{9,}}\b
    | \b0x[0-9a-f]+\b
    # Dates and times.
    | \b\d{{4}}-\d\d-\d\d(?:[T_\ ]\d\d[:\d.,]*(?:\ ?(?:Z|UTC|[+-]\d\d:?\d\d)\b)?)?
    | \b\d{{8}}T\d{{6}}\w*
    | (?:\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,?\ )?
      \b(?:{_MONTH}\ \d\d?\b(?:,?\ \d{{4}}\b)?|\d\d?[\ -]{_MONTH}[\ -]\d{{2,4}}\b)
    | \b\d\d?:\d\d(?::\d\d(?:[.,]\d+)?)?(?:\ ?[AP]\.?M\b\.?)?(?:\ ?(?:Z|UTC|GMT|P[SD]T)\b)?
    # IPv6, pods of Kubernetes, digests, containers, and at last numbers.
    | (?<![\w:.])\[?(?:[0-9a-f]{{0,4}}:){{2,7}}[0-9a-f]{{0,4}}(?:%\w+)?\]?(?::\d+)?
    | \bpods?[\ /=:'"]+[\w./-]+
    | \b[a-z][a-z0-9]*(?:-[a-z0-9]+){{0,8}}-(?=[a-z]*\d)
      (?:[a-z0-9]{{8,10}}-[a-z0-9]{{5}}|[a-z0-9]{{5,}})\b
    | \b(?:sha\d+:)?(?=[a-f]*\d)[0-9a-f]{{7,}}\b
    | (?<![a-z_\d])\d+(?:[.,:]\d+)*(?:e[+-]?\d+)?(?:\ rows?\b)?"""

_TEXT = re.compile(f"(?P<same>{_SAME}\n) | {_VARYING}", re.IGNORECASE | re.VERBOSE)
# Texts of any length reach this, and a few of the patterns need more than linear time.
_LONGEST = 4_000


def without_variations(text: str) -> str:
    """The text in one line, with `#` for each id, time, number, path, address and pod."""
    words = " ".join(text[:_LONGEST].split())
    return _TEXT.sub(lambda found: found["same"] or "#", words)[: _LONGEST // 4].rstrip(" .")
