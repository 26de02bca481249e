"""axe-core on a page: the rules that the page breaks."""

from collections.abc import Collection
from importlib.resources import files
from typing import Literal

from playwright.sync_api import Page

# The package's own way: the script of its pinned version of axe-core.
SCRIPT = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
DESKTOP, PHONE = (1440, 900), (390, 844)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def violations(page: Page, without: Collection[str] = ()) -> list[str]:
    """The rules that the page breaks, each with its first places.

    Args:
        page: The page; a policy that forbids foreign scripts does not hinder the check.
        without: The rules that are not checked.
    """
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(SCRIPT)
    rules = {rule: {"enabled": False} for rule in without}
    options = {"resultTypes": ["violations"], "rules": rules}
    result = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{rule['id']}: {rule['help']}, at {[node['target'] for node in rule['nodes'][:3]]}"
        for rule in result["violations"]
    ]


def violations_by_look(page: Page, without: Collection[str] = ()) -> dict[str, list[str]]:
    """The rules that the page breaks, light and dark, on a desktop and on a phone."""
    found = {}
    for scheme in SCHEMES:
        for width, height in (DESKTOP, PHONE):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.set_viewport_size({"width": width, "height": height})
            if broken := violations(page, without):
                found[f"{scheme}, {width} px"] = broken
    return found
