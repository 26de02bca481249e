"""The command line in this process, and the report that its stand-ins make."""

from typing import Any

from typer.testing import CliRunner, Result

from include.loaders import cli
from include.loaders.report import ExportReport

REPORT = ExportReport(1, 2, 3, 4.5, 5, "abc", ("a note",))
PRINTED = {
    "rows": 1,
    "bytes": 2,
    "requests": 3,
    "seconds": 4.5,
    "peak_memory": 5,
    "content_hash": "abc",
    "notes": ["a note"],
}
Calls = list[dict[str, Any]]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, list(map(str, arguments)))
