"""The checks in their order, and their execution: each ends with an outcome, whatever it raises."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from include.masking import mask_secrets
from tools.acceptance import (
    builds,
    fivetran,
    grants,
    history,
    loads,
    metering,
    refusals,
    sessions,
    times,
    unloads,
)
from tools.acceptance.account import ROLES
from tools.acceptance.outcomes import CheckFailedError, NotPermittedError, Outcome, Status
from tools.acceptance.trial import Trial

_LONGEST_DETAIL = 4000


@dataclass(frozen=True)
class Check:
    """A check.

    Attributes:
        id: Its name in reports, for `--only`, and in the catalogue of statements.
        run: Called with the run, and with a subject if the check has any; returns what was found.
        subjects: The roles or sources that it is made for, one after the other.
        needs: The checks whose rows or tables it uses.
    """

    id: str
    run: Callable[..., str]
    subjects: tuple[str, ...] = ()
    needs: tuple[str, ...] = field(default=())

    @property
    def about(self) -> str:
        """The first sentence of its description."""
        return str(self.run.__doc__ or "").partition(": ")[2].split("\n")[0]


CHECKS: Final = (
    Check("logins", sessions.log_in, ROLES),
    Check("session", sessions.session, ROLES),
    Check("grants", grants.grants, ROLES),
    Check("future_ownership", grants.future_ownership),
    Check("fivetran_types", fivetran.fivetran_types, tuple(fivetran.TYPES)),
    Check("load", loads.load),
    Check("load_fails", loads.load_fails, needs=("load",)),
    Check("load_killed", loads.load_killed, needs=("load",)),
    Check("load_twice", loads.load_twice, needs=("load",)),
    Check("content_hash", loads.content_hash, needs=("load",)),
    Check("change_check", fivetran.change_check),
    Check("dbt_build", builds.dbt_build, needs=("load",)),
    Check("snapshots", builds.snapshots, needs=("dbt_build",)),
    Check("freshness", builds.freshness, needs=("load",)),
    Check("unload", unloads.unload, needs=("dbt_build",)),
    Check("unload_nothing", unloads.unload_nothing, needs=("dbt_build",)),
    Check("history", history.history),
    Check("dashboard", times.dashboard, needs=("dbt_build", "history")),
    Check("refusals", refusals.refusals, ROLES, needs=("change_check", "dbt_build")),
    Check("monitor", metering.monitor),
    Check("credits", metering.credits_later),
)
IDS: Final = tuple(check.id for check in CHECKS)


def chosen(only: Collection[str]) -> list[Check]:
    """The checks with these ids, and those that they need; all of them if there are no ids."""
    wanted = set(only or IDS)
    for check in reversed(CHECKS):
        if check.id in wanted:
            wanted |= set(check.needs)
    return [check for check in CHECKS if check.id in wanted]


def run_checks(trial: Trial, checks: Collection[Check]) -> Iterator[Outcome]:
    """Run checks one after the other.

    Args:
        trial: The run.
        checks: The checks, in their order.
    """
    for check in checks:
        for subject in check.subjects or ("",):
            outcome = run_check(trial, check, subject)
            trial.outcomes[outcome.name] = outcome
            yield outcome


def run_check(trial: Trial, check: Check, subject: str) -> Outcome:
    """Run one check for one subject."""
    trial.account.queries.clear()
    began = monotonic()
    try:
        _need(trial, check)
        status, detail = Status.PASS, check.run(trial, *([subject] if subject else []))
    except NotPermittedError as error:
        status, detail = Status.NOT_PERMITTED, str(error)
    except CheckFailedError as error:
        status, detail = Status.FAIL, str(error)
    except Exception as error:
        status, detail = Status.FAIL, _of_error(error)
    queries = tuple(dict.fromkeys(filter(None, trial.account.queries)))
    return Outcome(
        check.id,
        subject,
        status,
        mask_secrets(detail)[:_LONGEST_DETAIL],
        monotonic() - began,
        queries,
    )


def _need(trial: Trial, check: Check) -> None:
    """Do not try what an earlier check has not prepared.

    Raises:
        CheckFailedError: An earlier check has failed.
        NotPermittedError: An earlier check was not permitted.
    """
    for name in check.needs:
        earlier = trial.outcomes.get(name)
        if earlier is None or earlier.status is Status.PASS:
            continue
        message = f"It was not tried, because {name} did not pass."
        if earlier.status is Status.FAIL:
            raise CheckFailedError(message)
        raise NotPermittedError(message)


def _of_error(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
