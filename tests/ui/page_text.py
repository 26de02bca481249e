"""The text of a page as a person reads it, and its first lines."""

import html
import re

_TAGS = re.compile(r"<(style|script)>.*?</\1>|<wbr>|<[^>]*>", re.DOTALL)


def text_of(page: str) -> str:
    """The text of a page or a part of one, in one line."""
    plain = _TAGS.sub(lambda found: "" if found[0] == "<wbr>" else " ", page)
    return " ".join(html.unescape(plain).split())


def answers_of(page: str) -> list[tuple[str, str]]:
    """The level and the text of each of the first lines of the page Publication."""
    cards = page.split('<div class="card answer ')[1:]
    return [(card.partition('"')[0], text_of(card.partition(">")[2].partition("</div>")[0]))
            for card in cards]  # fmt: skip


def rows_of(page: str, table: str) -> dict[str, str]:
    """The rows of a table by the machine name of their metric.

    Args:
        page: The page.
        table: What the table begins with, for example `id="unpublished"`.
    """
    part = page[page.index(table) :].partition("</table>")[0]
    rows = [row for row in part.split("<tr>") if '<code class="name' in row]
    names = [row.partition('<code class="name')[2].partition(">")[2] for row in rows]
    return {text_of(name.split("</code>")[0]): row for name, row in zip(names, rows, strict=True)}
