"""Puts what was measured into a page of the docs, between two marks that name the benchmark."""

from collections.abc import Sequence
from pathlib import Path


def write(page: Path, section: str, lines: Sequence[str]) -> None:
    """Replace what stands between a section's marks.

    Args:
        page: A Markdown page with `<!-- section -->` and `<!-- end of section -->` in it.
        section: The section's name.
        lines: What is to stand there.

    Raises:
        ValueError: The page has no such marks, or has them twice.
    """
    begin, end = f"<!-- {section} -->\n", f"<!-- end of {section} -->"
    text = page.read_text()
    if text.count(begin) != 1 or text.count(end) != 1:
        raise ValueError(f"{page} has to hold {begin.strip()} and {end}, each once.")
    before, rest = text.split(begin)
    after = rest.split(end)[1]
    page.write_text(before + begin + "\n".join(lines).strip("\n") + "\n" + end + after)
