"""Steps: statements that are printed, and with `--apply` sent one at a time and checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tools.cutover.account import Account, CutoverError

Print = Callable[[str], None]


@dataclass(frozen=True)
class Step:
    """One statement.

    Attributes:
        what: The kind and the quoted name of the object that it changes: `ROLE "LOADER_DDRC_PRD"`.
        statement: The statement itself.
        back: The statement that undoes it.
        check: Returns what is wrong after the statement, or an empty text.
    """

    what: str
    statement: str
    back: str
    check: Callable[[Account], str]


@dataclass(frozen=True)
class Plan:
    """The steps that are still to be done, and remarks on what is left as it is."""

    steps: Sequence[Step]
    remarks: Sequence[str] = ()

    @property
    def changes(self) -> set[str]:
        """The kinds and the quoted names of the objects that the steps change."""
        return {step.what for step in self.steps}


def carry_out(account: Account, plan: Plan, *, apply: bool, show: Print) -> None:
    """Print the steps as an SQL script; with `apply`, do them, and stop at the first failure.

    Args:
        account: The account.
        plan: What is to be done.
        apply: Send the statements too.
        show: Prints one line.

    Raises:
        CutoverError: Snowflake refuses a statement, or its effect is not to be seen afterwards.
    """
    for remark in plan.remarks:
        show(f"-- {remark}")
    for step in plan.steps:
        show(f"{step.statement};")
        show(f"--   back: {step.back}")
        if not apply:
            continue
        account.send(step.statement)
        if wrong := step.check(account):
            raise CutoverError(
                f"`{step.statement}` ran, but {wrong}; nothing after it was done. Compare the"
                " account with docs/cutover.md before going on."
            )
        show("--   done, and checked")
    count = len(plan.steps)
    if not count:
        show("-- Nothing to do.")
    elif not apply:
        steps = "1 step" if count == 1 else f"{count} steps"
        show(f"-- Nothing was changed: {steps} to do. Add --apply to do it.")
