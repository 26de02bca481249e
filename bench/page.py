"""Writes a benchmark's figures into a page of the docs, between two marks that name it."""

from collections.abc import Sequence
from pathlib import Path


def write(page: Path, section: str, lines: Sequence[str]) -> None:
    """Replace the lines between a section's marks.

    Args:
        page: A Markdown page with `<!-- section -->` and `<!-- end of section -->` in it.
        section: The section's name.
        lines: The new lines.

    Raises:
        ValueError: A mark is missing or there twice.
    """
    begin, end = f"<!-- {section} -->\n", f"<!-- end of {section} -->"
    text = page.read_text()
    if text.count(begin) != 1 or text.count(end) != 1:
        raise ValueError(f"{page} must contain {begin.strip()} and {end}, each once.")
    before, rest = text.split(begin)
    after = rest.split(end)[1]
    page.write_text(before + begin + "\n".join(lines).strip("\n") + "\n" + end + after)
