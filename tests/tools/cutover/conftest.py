"""The production environment: the earlier project's names are those of its production account."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.tools.cutover.old_account import Kept, OldAccount, copy_of, keep, old_account

FEW = 20


@pytest.fixture(autouse=True, scope="module")
def production() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DDRC_ENV", "PRD")
        yield


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[int], OldAccount]]:
    """Make an account in the old shape, with so many rows in each table at most."""
    with ExitStack() as stack:
        yield lambda rows: stack.enter_context(
            old_account(tmp_path_factory.mktemp("account") / "databases", rows)
        )


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return keep(tmp_path_factory.mktemp("kept") / "databases", FEW)


@pytest.fixture
def old(kept: Kept, tmp_path: Path) -> Iterator[OldAccount]:
    """An account in the old shape with few rows."""
    with copy_of(kept, tmp_path / "databases") as opened:
        yield opened
