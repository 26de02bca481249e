"""Random values: choices by weight, streets, people, comments, and mistyped texts."""

import random
from collections.abc import Mapping
from typing import Final, TypeVar

T = TypeVar("T")

STREETS: Final[dict[str, tuple[str, ...]]] = {
    "Eaton": (
        "Alder Meadow Dr", "Braeburn Rd", "Calaveras Ridge St", "Deodar Grove Ave", "Fig Hollow Ln",
        "Glenrose Park Ave", "Harriet Vista St", "Las Floritas Dr", "Mariposa Bend St",
        "Navarro Glen Ave", "Olive Terrace St", "Poppyfields Way", "Sacramento Oak St",
        "Tierra Alta Dr", "Ventura Pine St", "Wapello Hill St",
    ),
    "Palisades": (
        "Almar Crest Ave", "Bashford Bluff St", "Chautauqua View Dr", "El Medio Mesa Ave",
        "Fiske Canyon St", "Galloway Sands St", "Iliff Shore St", "Kagawa Point St",
        "Lachman Ridge Ln", "Monument Cove St", "Radcliffe Cliff Ave", "Swarthmore Bay Ave",
        "Temescal Rise Rd", "Via de los Robles",
    ),
    "Pasadena": ("N Altura Blvd", "Brigden Oaks Rd", "N Craig Grove Ave", "E Washington Mesa Blvd"),
}  # fmt: skip

PEOPLE: Final = (
    ("Robin Example", "robin@example.org"),
    ("Sam Sample", "sam.sample@example.org"),
    ("Ana-María O'Fiction", "ana-maria.ofiction@example.org"),
    ("Lee \"Pat\" Placeholder", "lee+metrics@example.org"),
    ("Đặng Thị Ví Dụ", "vidu@example.org"),
)  # fmt: skip
"""Contacts of manually kept metrics: fictional names, and addresses that reach nobody."""

_MISTYPED: Final = (
    "  {} ",
    '{} "rear"',
    "{} <b>Unit B</b>",
    "{}\nc/o O'Neil & Sons",
    "{} 🔥",
    "@channel {}",
    "{}\\; -- ½",
    "{}\tNº 2",
)

COMMENTS: Final = (
    "Very helpful, thank you!",
    "I could not find how to sign up for debris removal.",
    "Phone number is out of date",
    "When will my block be cleared? It's been months...",
    "Gracias. ¿Hay una versión en español?",
    'The map says "Deferred to Phase 2" but nobody called.\nPlease call.',
    "👍🏽👍🏽",
    "谢谢",
    " ",
    "",
    "<b>Broken link</b> <script>alert(1)</script>",
    "@channel @here wake up",
    "=HYPERLINK(\"http://example.org\",\"click me\")",
    "'); DROP TABLE feedback; --",
    "my e-mail is resident@example.org, call 555-0100",
    "Line one\r\nLine two\tand a tab",
    "\u202eright to left\u202c and a zero\u200bwidth space",
    "Too long. " * 60,
)  # fmt: skip
"""Comments of the public on a feedback form, hostile and careless ones among them."""


def chance(rng: random.Random, share: float) -> bool:
    """True with a probability of `share`, from 0 to 1."""
    return rng.random() < share


def maybe(rng: random.Random, value: T, missing: float) -> T | None:
    """The value, or `None` with a probability of `missing`, from 0 to 1."""
    return None if chance(rng, missing) else value


def pick(rng: random.Random, weights: Mapping[T, int]) -> T:
    """One of the keys, chosen by the weights."""
    return rng.choices([*weights], [*weights.values()])[0]


def mistyped(rng: random.Random, text: str, share: float = 0.004) -> str:
    """The text, mistyped with a probability of `share`."""
    return rng.choice(_MISTYPED).format(text) if chance(rng, share) else text
