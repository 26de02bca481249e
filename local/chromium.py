"""Chromium without a screen, for the docs' screenshots and for the tests."""

import shutil

from playwright.sync_api import Browser, Playwright

# A container does not allow the sandbox. The first two features are the menus of the address bar:
# each window loads them as pages, also without a screen, for a second of processor time. The others
# are those of Playwright's list, which this argument replaces, that matter here.
_OFF = (
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup",
    "HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades", "MediaRouter", "OptimizationHints",
    "PaintHolding", "PreconnectToSearch", "ThirdPartyStoragePartitioning",
)  # fmt: skip
_ARGUMENTS = ("--no-sandbox", f"--disable-features={','.join(_OFF)}")


def path() -> str | None:
    """The path of the installed Chromium, if there is one."""
    return shutil.which("chromium")


def launch(playwright: Playwright) -> Browser:
    """Start the installed Chromium.

    Raises:
        playwright.sync_api.Error: There is none, or it does not start.
    """
    return playwright.chromium.launch(executable_path=path(), args=list(_ARGUMENTS))
