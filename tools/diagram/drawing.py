"""Draws the facts as an SVG: one row a source, then the publication, and the other DAGs beneath."""

from html import escape

from include.publishing.names import PUBLIC_CONTAINER, PUBLISHED_FILE
from include.sources import SOURCES
from tools.diagram.facts import Chain, Facts, Step

WIDTH, ROW, TOP = 1240, 74, 56
# The columns: a source, its DAG, the publication.
SOURCE_X, SOURCE_W = 20, 140
LANE_X, LANE_W = 192, 720
PUBLISH_X, PUBLISH_W = 944, 276
PUBLISHES = "publish_metrics"
_STYLE = """
text { font-family: system-ui, -apple-system, 'DejaVu Sans', sans-serif; fill: #1b2733 }
.name { font-size: 14px; font-weight: 600 } .note { font-size: 10.5px; fill: #51606e }
.task { font-size: 12px } .head { font-size: 12px; fill: #51606e; letter-spacing: .04em }
.outside { fill: #fff4dc; stroke: #b58105 } .lane { fill: #eef3f8; stroke: #c3d0dc }
.chip { fill: #fff; stroke: #6a8caf } .public { fill: #e3f4e6; stroke: #2d7d3a }
.arrow { stroke: #51606e; stroke-width: 1.5; fill: none; marker-end: url(#tip) }
"""


def draw(facts: Facts) -> str:
    """The diagram as an SVG document."""
    others = [chain for name, chain in facts.chains.items() if name not in {*SOURCES, PUBLISHES}]
    bottom = TOP + ROW * len(SOURCES)
    tallest = 70 + 15 * max(len(_lines(chain)) for chain in others)
    height = bottom + tallest + 60
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"'
        f' width="{WIDTH}" height="{height}" role="img">',
        "<title>From the sources to the public file</title>",
        f"<style>{_STYLE}</style>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7"'
        ' markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="#51606e"/></marker></defs>',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        *(
            _text(x, 36, words, "head")
            for x, words in (
                (SOURCE_X, "SOURCES"),
                (LANE_X, "ONE DAG A SOURCE: LOAD, TRANSFORM, UNLOAD, RELEASE"),
                (PUBLISH_X, "PUBLICATION"),
            )
        ),
    ]
    for row, name in enumerate(SOURCES):
        parts += _source(facts, name, TOP + ROW * row)
    parts += _publication(facts.chains[PUBLISHES], bottom - 12)
    parts += _others(others, bottom + 24, tallest)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _source(facts: Facts, name: str, y: int) -> list[str]:
    origin, chain = facts.origins[name], facts.chains[name]
    middle = y + (ROW - 12) / 2
    tables = f"{origin.raw_tables} raw table{'s' * (origin.raw_tables > 1)}"
    notes = {
        "load": tables,
        "wait_for_sync": tables,
        "unload": origin.mart,
        "release": f"{name}.json",
    }
    parts = [
        _box(SOURCE_X, y, SOURCE_W, ROW - 12, "outside"),
        _text(SOURCE_X + 12, y + 26, name, "name"),
        _text(SOURCE_X + 12, y + 45, origin.kind, "note"),
        _arrow(SOURCE_X + SOURCE_W, middle, LANE_X),
        _box(LANE_X, y, LANE_W, ROW - 12, "lane"),
        _text(LANE_X + 10, y + 15, f"{name} · {chain.when} · {origin.raw_schema}", "note"),
        _arrow(LANE_X + LANE_W, middle, PUBLISH_X),
    ]
    x, width = LANE_X + 10.0, (LANE_W - 10) / max(len(chain.steps), 5)
    for step in chain.steps:
        parts += _chip(x, y + 22, width - 10, step, notes.get(step.name, ""))
        x += width
    return parts


def _publication(chain: Chain, bottom: int) -> list[str]:
    parts = [
        _box(PUBLISH_X, TOP, PUBLISH_W, bottom - TOP, "lane"),
        _text(PUBLISH_X + 12, TOP + 22, chain.name, "name"),
        _text(PUBLISH_X + 12, TOP + 40, chain.when, "note"),
    ]
    y, room = TOP + 52.0, bottom - 62 - TOP - 52
    for step in chain.steps:
        parts += _chip(PUBLISH_X + 12, y, PUBLISH_W - 24, step, "")
        y += room / len(chain.steps)
    return [
        *parts,
        _box(PUBLISH_X + 12, bottom - 54, PUBLISH_W - 24, 42, "public"),
        _text(PUBLISH_X + 22, bottom - 36, PUBLISHED_FILE, "name"),
        _text(PUBLISH_X + 22, bottom - 20, f"container {PUBLIC_CONTAINER}, public", "note"),
    ]


def _others(chains: list[Chain], y: int, tallest: int) -> list[str]:
    parts = [_text(SOURCE_X, y, "BESIDE THE CHAIN", "head")]
    width = (WIDTH - 2 * SOURCE_X + 12) / len(chains)
    for number, chain in enumerate(chains):
        x = SOURCE_X + number * width
        parts += [
            _box(x, y + 14, width - 12, tallest, "lane"),
            _text(x + 10, y + 34, chain.name, "name"),
            _text(x + 10, y + 51, chain.when, "note"),
        ]
        lines = enumerate(_lines(chain))
        parts += [_text(x + 10, y + 74 + 15 * i, line, "task") for i, line in lines]
    return parts


def _lines(chain: Chain) -> list[str]:
    return [part for step in chain.steps for part in _label(step).split(" | ")]


def _chip(x: float, y: float, width: float, step: Step, note: str) -> list[str]:
    return [
        _box(x, y, width, 33 if note else 24, "chip"),
        _text(x + 8, y + (14 if note else 16), _label(step), "task"),
        *([_text(x + 8, y + 27, note, "note")] if note else []),
    ]


def _label(step: Step) -> str:
    alone = step.tasks == 1 or " | " in step.name
    return step.name if alone else f"{step.name} × {step.tasks}"  # noqa: RUF001


def _box(x: float, y: float, width: float, height: float, kind: str) -> str:
    return (
        f'<rect class="{kind}" x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{height:.0f}"'
        ' rx="6"/>'
    )


def _text(x: float, y: float, words: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x:.0f}" y="{y:.0f}">{escape(words)}</text>'


def _arrow(x: float, y: float, to: float) -> str:
    return f'<path class="arrow" d="M{x:.0f} {y:.0f}H{to - 2:.0f}"/>'
