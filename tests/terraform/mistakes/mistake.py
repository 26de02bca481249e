"""One deliberate mistake in a copy of Terraform's files, and how several are made in one."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.terraform.hcl import parse
from tests.terraform.running import TERRAFORM

DEV, PRD = "environments/dev", "environments/prd"
WAREHOUSE, STAGE = "modules/warehouse", "modules/marts_stage"
CONTAINER = "azurerm_storage_container.this"


@dataclass(frozen=True)
class Mistake:
    """One replacement in a copy of the configuration, and the report that it must cause.

    Attributes:
        name: The mistake, in words.
        file: The file, within `terraform/`.
        right: The text that the file has, or the beginning of a block.
        wrong: The text that replaces it; `None` deletes the block.
        report: A part of the expected report.
        root: The environment whose plan shows it.
        hides: What it has in common with another, so that one plan cannot show both.
    """

    name: str
    file: str
    right: str
    wrong: str | None
    report: str
    root: str = DEV
    hides: str = ""

    def span(self, text: str) -> tuple[int, int]:
        """Where the replaced text is.

        Raises:
            ValueError: The file no longer has the text.
        """
        start = text.find(self.right)
        if start < 0:
            raise ValueError(f"{self.file} no longer has the text of: {self.name}")
        if self.wrong is not None:
            return start, start + len(self.right)
        block = next(one for one in parse(text).walk() if one.start == start and one.type)
        return block.start, block.end


def make(mistakes: list[Mistake], folder: Path) -> None:
    """Make mistakes in a copy of `terraform/`.

    Raises:
        ValueError: Two of them overlap, or a file no longer has the text of one.
    """
    files: dict[str, list[tuple[int, int, str]]] = {}
    for mistake in mistakes:
        text = (folder / mistake.file).read_text()
        files.setdefault(mistake.file, []).append((*mistake.span(text), mistake.wrong or ""))
    for name, edits in files.items():
        text = (folder / name).read_text()
        before = len(text)
        for start, end, new in sorted(edits, reverse=True):
            if end > before:
                raise ValueError(f"two of the mistakes in {name} overlap")
            text, before = text[:start] + new + text[end:], start
        (folder / name).write_text(text)


def batches(mistakes: list[Mistake], size: int) -> Iterator[list[Mistake]]:
    """Lists of mistakes that one plan shows: of one root, in different lines."""
    waiting = [*mistakes]
    while waiting:
        batch: list[Mistake] = []
        for mistake in waiting:
            if len(batch) < size and all(_apart(mistake, other) for other in batch):
                batch.append(mistake)
        waiting = [mistake for mistake in waiting if mistake not in batch]
        yield batch


def _apart(one: Mistake, other: Mistake) -> bool:
    if one.root != other.root or (one.hides and one.hides == other.hides):
        return False
    if one.file != other.file:
        return one.report != other.report
    text = (TERRAFORM / one.file).read_text()
    (start, end), (other_start, other_end) = one.span(text), other.span(text)
    return one.report != other.report and (end <= other_start or other_end <= start)
