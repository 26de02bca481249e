"""Code that stands in the docs, for what runs it: so that it stays true."""

import re

from local.home import REPOSITORY


def block(page: str, language: str) -> str:
    """The first block of code of a language on a page, for example `python` of `analysis.md`.

    Raises:
        LookupError: The page has none.
    """
    text = (REPOSITORY / "docs" / page).read_text()
    found = re.search(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    if found is None:
        raise LookupError(f"docs/{page} has no block of {language}.")
    return found[1]
