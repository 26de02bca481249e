"""Secrets in text: passwords, tokens, keys and webhook addresses, masked by their form.

Errors quote requests, settings and a service's own words, and reach Slack, GitHub issues, the
warehouse and logs. This module knows forms only; `include.incidents.text` also masks the values
that Airflow knows.

The time grows with the text's length alone: a repetition is possessive (`++`), bounded, or ends at
a character that no other match can cross. A quotation that is never closed ends with its line.
Masking a masked text changes nothing.
"""

import re
from typing import NamedTuple

MASK = "***"
# A secret that directly follows another is seen when that one is masked.
_PASSES = 5

# Before a name: no letter or digit, but one of an address's encoded `?` or `&`, or a lower-case
# letter before a capital as in `dbPassword`. The first letters make the search quick.
_START = r"(?=[abcfimoprstuw])(?:(?<![a-z0-9])|(?<=%3F)|(?<=%26)|(?-i:(?<=[a-z])(?=[A-Z])))"
_NAMES = (
    r"pass(?:word|wd|phrase|code)|pwd"
    r"|(?:(?:client|app|api|shared|consumer|webhook)[_-]?)?secret[_-]?(?:access[_-]?)?key"
    r"|(?:client|app|api|shared|consumer|webhook)[_-]?secret"
    r"|(?:access|refresh|auth|id|bearer|session|security|sas|oauth|ags)[_-]?token"
    r"|(?:api|access|account|shared[_-]?access|private|master|functions|subscription"
    r"|user[_-]?delegation)[_-]?key"
    r"|private[_-]?key[_-]?content|shared[_-]?access[_-]?signature"
)
# Prose has these names too: "token: expired" is a sentence. After a colon and without quotes, their
# value is masked only if it looks random.
_WORDS = (
    r"token|secret|signature|sig|(?:client|app|shared) secret|(?:api|access|account) (?:key|token)"
)
_RANDOM = r"(?=[^\s\"',;]{0,60}?\d)(?=[^\s\"',;]{0,60}?[a-z])(?=[^\s\"',;]{6})"
# Not a secret, and worth reading.
_NOTHING = r"(?!(?:None|null|true|false)\b)"
# A quoted value; its quotes may be escaped, as in JSON inside of JSON.
_QUOTED = (
    r"(?:[bruf]{1,2}(?=[\"']))?(?:"
    r"(?P<a>\\+\")[^\"\n]*+\"?|(?P<b>\\+')[^'\n]*+'?"
    r"|(?P<c>\")(?:[^\"\\\n]|\\[^\n])*+\"?|(?P<d>')(?:[^'\\\n]|\\[^\n]|'')*+'?)"
)
_QUOTED_MASK = rf"\g<a>\g<b>\g<c>\g<d>{MASK}\g<a>\g<b>\g<c>\g<d>"
# A value without quotes, up to the next parameter of an address or of a connection string.
_PLAIN = r"(?:[^\s&\"'%;]|%(?!(?:25){0,2}26)|;(?![a-z ]{1,40}=))++"


class _Form(NamedTuple):
    """A form of secrets: its pattern is tried only on a text that has one of the hints."""

    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    replacement: str


def _form(hints: str, pattern: str, replacement: str = MASK) -> _Form:
    return _Form(tuple(hints.split()), re.compile(pattern, re.IGNORECASE), replacement)


_NAMED = "token secret sig pass pwd key"
_FORMS = (
    # A private key, also on one line, and one that is encoded a second time.
    _form(
        "-----begin",
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:[\w+/=\s\\:,]|-(?!----))*+"
        r"(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?",
    ),
    _form("ls0tls1crudjti", r"(?-i:LS0tLS1CRUdJTi)[\w+/=]*+"),
    # Webhooks: the address is the secret. urllib3 writes the host and the path apart.
    _form(
        "hooks.slack webhook",
        r"(hooks\.slack(?:-gov)?\.com(?:\\?/|%2F)\w{1,20}(?:\\?/|%2F)"
        r"|\.webhook\.office\.com/\w{1,20}/|discord(?:app)?\.com/api/webhooks/)[^\s\"'<>|]++",
        rf"\1{MASK}",
    ),
    _form(
        "hooks.slack",
        r"(hooks\.slack(?:-gov)?\.com'[^/\n]{0,100}url: )[^\s\"'<>|]++",
        rf"\1{MASK}",
    ),
    _form("/b", r"(?-i:\bT[A-Z0-9]{6,20}/B[A-Z0-9]{6,20}/[A-Za-z0-9]{16,})"),
    # user:password@host
    _form("@", r"(?<=://)[^\s/@:\"'<>]*+:[^\s/\"'<>]+(?=@)"),
    # A password with a slash: no port has letters.
    _form("@", r"(?<=://)[^\s/@:\[\"'<>]*+:(?!\d{1,5}(?:[/?#]|$))[^\s@\"'<>]{1,200}(?=@)"),
    # Headers, and what they hold wherever it is quoted.
    _form(
        "authorization",
        r"(\bauthorization[\"'\\]*+[ \t]*+[:=,][ \t]*+(?:b(?=[\"']))?[\"'\\]*+"
        r"(?:bearer|basic|token|digest|negotiate|apikey|sharedkey|sharedkeylite)(?:[ \t]|%20|\+)++)"
        r"[^\s\"',;\\]++",
        rf"\1{MASK}",
    ),
    _form(
        "authorization%3a",
        r"(\bauthorization%3A(?:%20|\+)*+(?:bearer|basic|token)(?:%20|\+)++)[^\s&\"'%;]++",
        rf"\1{MASK}",
    ),
    _form(
        "authorization",
        rf"(\bauthorization[ \t]*+:[ \t]*+){_RANDOM}[^\s\"',;]++(?![ \t]*+\w)",
        rf"\1{MASK}",
    ),
    _form(
        "authorization",
        rf"(\bauthorization[\"']?[ \t]*+:[ \t]*+)(?:{_QUOTED})",
        rf"\1{_QUOTED_MASK}",
    ),
    _form(
        "bearer basic",
        r"(\b(?:bearer|basic):?[ \t]++)(?!\w{1,40}=\")"
        r"(?=[^\s\"',;]{0,60}?\d|(?-i:[^\s\"',;]{0,60}?[a-z][A-Z])|[^\s\"',;]{20})"
        r"(?=[^\s\"',;]{6})[^\s\"',;<>]++",
        rf"\1{MASK}",
    ),
    # Tokens that begin alike: JSON web tokens, GitHub, GitLab, Slack, Google, Airtable, Azure.
    _form(
        "eyj gh glpat xox xapp aiza pat q~",
        r"(?-i:(?<![A-Za-z0-9])(?:eyJ[\w-]{10,}(?:\.[\w-]*+){0,4}"
        r"|gh[pousr]_\w{16,}|github_pat_\w{20,}|glpat-[\w-]{16,}"
        r"|xox[a-z](?:\.xox[a-z])?-[\w-]{8,}|xapp-[\w-]{8,}|AIza[\w-]{30,}"
        r"|pat[A-Za-z0-9]{14}\.[0-9a-f]{40,}|[\w.~-]{3}[78]Q~[\w.~-]{31,}))",
    ),
    # Names with their values.
    _form(
        _NAMED,
        rf"({_START}(?:{_NAMES}|{_WORDS})[\"'\\]*+[ \t]*+(?:=(?!=)>?|%(?:25)?3D)[ \t]*+)"
        rf"{_NOTHING}(?:{_QUOTED}|{_PLAIN})",
        rf"\1{_QUOTED_MASK}",
    ),
    _form(
        _NAMED,
        rf"({_START}(?:{_NAMES}|{_WORDS})[\"'\\]*+[ \t]*+:[ \t]*+){_QUOTED}",
        rf"\1{_QUOTED_MASK}",
    ),
    _form(
        _NAMED,
        rf"({_START}(?:(?:{_NAMES})[\"']?|(?:{_WORDS})[\"'])[ \t]*+:[ \t]*+)"
        rf"{_NOTHING}[^\s\"',;&{{}}]++",
        rf"\1{MASK}",
    ),
    _form(
        _NAMED,
        rf"({_START}(?:{_WORDS})[ \t]*+:[ \t]*+){_RANDOM}[^\s\"',;]++",
        rf"\1{MASK}",
    ),
    # A pair of Python's, an element of XML, an option of a command.
    _form(
        _NAMED,
        rf"(\(b?(?P<q>[\"'])(?:{_NAMES}|{_WORDS})(?P=q),[ \t]*+){_QUOTED}",
        rf"\1{_QUOTED_MASK}",
    ),
    _form(_NAMED, rf"(<(?:{_NAMES}|{_WORDS})>)[^<\n]++(?=</)", rf"\1{MASK}"),
    _form(_NAMED, rf"((?<!\S)--(?:\w{{1,20}}-)?(?:{_NAMES}|token)[ \t]++)[^\s-]\S*+", rf"\1{MASK}"),
    _form(
        "cookie", r"(\b(?:set-)?cookie[\"']?:[ \t]*+[\"']?[\w.-]{1,100}=)[^\n\"']++", rf"\1{MASK}"
    ),
    # A number is a status, and an error's code is a word; anything else may be the code of a login.
    _form(
        "code",
        r"((?:(?<=[?&\s])|(?<=%3F)|(?<=%26)|\A)(?<!error )(?<!exit )(?<!status )code(?:=|%3D))"
        rf"(?![-+]?\d{{1,10}}(?![\w/.-])){_PLAIN}",
        rf"\1{MASK}",
    ),
)


def mask_secrets(text: str) -> str:
    """The text with `***` in the place of everything that has the form of a secret."""
    for _ in range(_PASSES):
        masked = _mask_once(text)
        if masked == text:
            break
        text = masked
    return text


def _mask_once(text: str) -> str:
    lowered = text.lower()
    for form in _FORMS:
        if any(hint in lowered for hint in form.hints):
            text = form.pattern.sub(form.replacement, text)
    return text
