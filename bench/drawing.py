"""A small plot as SVG: how many times as much, by how many times the load. No library draws it."""

from collections.abc import Mapping, Sequence
from math import log10
from pathlib import Path

Points = Sequence[tuple[float, float]]

WIDTH, HEIGHT, LEFT, BOTTOM = 460, 300, 60, 50
# Okabe and Ito's colours, which people with any colour vision tell apart.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00")


def draw(file: Path, title: str, across: str, lines: Mapping[str, Points]) -> None:
    """Write a plot with logarithmic axes, both from 1 to the largest value.

    Args:
        file: The SVG to write.
        across: What the horizontal axis tells.
        lines: Each line's points by its name: times the load, times the cost.
    """
    most = max(value for points in lines.values() for point in points for value in point)
    span = log10(most) or 1.0

    def place(point: tuple[float, float]) -> str:
        x = LEFT + (WIDTH - LEFT - 20) * log10(max(point[0], 1)) / span
        y = HEIGHT - BOTTOM - (HEIGHT - BOTTOM - 40) * log10(max(point[1], 1)) / span
        return f"{x:.1f},{y:.1f}"

    body = [f'<text x="{LEFT}" y="20" font-weight="bold">{title}</text>']
    for tick in (1, 2, 5, 10):
        if tick > most:
            continue
        (x, _), (_, y) = (place((tick, 1)).split(","), place((1, tick)).split(","))
        body += [
            f'<text x="{x}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{tick}x</text>',
            f'<text x="{LEFT - 8}" y="{float(y) + 4:.1f}" text-anchor="end">{tick}x</text>',
            f'<line x1="{LEFT}" x2="{WIDTH - 20}" y1="{y}" y2="{y}" stroke="#ddd"/>',
        ]
    body.append(
        f'<text x="{(WIDTH + LEFT) / 2}" y="{HEIGHT - 10}" text-anchor="middle">{across}</text>'
    )
    for number, (name, points) in enumerate(lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        path = " ".join(map(place, points))
        body += [
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>',
            f'<text x="{LEFT + 12}" y="{56 + 16 * number}" fill="{colour}">{name}</text>',
        ]
    file.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
        ' font-family="sans-serif" font-size="12">\n'
        '<rect width="100%" height="100%" fill="white"/>\n' + "\n".join(body) + "\n</svg>\n"
    )
