"""The environment variables that change how long the pipeline waits are those of docs/deploy.md."""

import re

from include.publishing.earlier import EARLIER_URL
from local.home import REPOSITORY

ROW = re.compile(r"^\| `(DDRC_\w+)` \| `?([^|`]*?)`? \|", re.MULTILINE)
READ = re.compile(r'os\.environ\.get\("(\w*)", "([^"]*)"\)')


def test_each_documented_variable_is_read_with_its_default_and_no_other_one_is() -> None:
    page = (REPOSITORY / "docs" / "deploy.md").read_text()
    table = page.partition("| environment variable | default |")[2].partition("\n\n")[0]
    documented = dict(ROW.findall(table))
    code = [
        file.read_text()
        for package in ("pipeline", "publishing")
        for file in (REPOSITORY / "include" / package).rglob("*.py")
    ]

    assert documented.pop(EARLIER_URL) == "none"
    assert documented
    assert dict(READ.findall("\n".join(code))) == documented
