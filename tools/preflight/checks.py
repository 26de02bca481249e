"""The checks in their order, and their execution: each ends with an outcome, whatever it raises."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from time import monotonic
from typing import Final

from include.masking import mask_secrets
from include.sources import LOADED, SOURCES
from tools.acceptance.outcomes import CheckFailedError, NotPermittedError, Outcome, Status
from tools.preflight import airflow_checks, public_checks, service_checks, warehouse_checks
from tools.preflight.deployment import Deployment

_LONGEST_DETAIL = 600


@dataclass(frozen=True)
class Check:
    """A check: one line of the table for each of its subjects.

    Attributes:
        id: Its name in the table, and for `--only`.
        run: Called with the deployment and a subject; returns what was found.
        remedy: What to do if it does not pass.
        subjects: The connections, sources or DAGs that it is made for.
        needs: The check without which it proves nothing.
    """

    id: str
    run: Callable[[Deployment, str], str]
    remedy: str
    subjects: tuple[str, ...] = ("",)
    needs: str = ""

    @property
    def about(self) -> str:
        """The first sentence of its description."""
        return str(self.run.__doc__ or "").partition(": ")[2].split("\n")[0]


CHECKS: Final = (
    Check(
        "environment",
        airflow_checks.environment,
        "Set the environment variable DDRC_ENV to PRD or DEV (docs/deploy.md, Settings).",
    ),
    Check(
        "snowflake",
        warehouse_checks.snowflake,
        "Correct the connection by docs/secrets.md, or apply Terraform.",
        tuple(warehouse_checks.ROLES),
    ),
    Check(
        "credits",
        warehouse_checks.credits_quota,
        "Follow docs/runbooks/credits.md; for a missing monitor, apply Terraform.",
        needs="snowflake snowflake_transformer",
    ),
    Check(
        "storage",
        public_checks.storage,
        "Correct azure_storage by docs/secrets.md; for its roles, apply Terraform.",
    ),
    Check(
        "public address",
        public_checks.public_address,
        "Apply Terraform, which sets public access and CORS; check DDRC_PAGE_ORIGIN.",
        needs="storage",
    ),
    Check(
        "source",
        service_checks.source,
        "Follow docs/runbooks/load.md; for a certificate, docs/loaders.md.",
        tuple(LOADED),
    ),
    Check(
        "fivetran",
        service_checks.fivetran,
        "Set up the connector by docs/deploy.md, Fivetran's connectors.",
        tuple(name for name, source in SOURCES.items() if source.connectors),
    ),
    Check("slack", service_checks.slack, "Make another webhook, and enter its whole address."),
    Check(
        "github",
        service_checks.github,
        "Correct incident_repository, or the token by docs/secrets.md.",
    ),
    Check(
        "people",
        airflow_checks.people,
        "Enter the Slack ids in incident_mentions, and the people in rotation.yaml.",
    ),
    Check(
        "secret dates",
        airflow_checks.secret_dates,
        "Follow docs/runbooks/secrets.md.",
    ),
    Check(
        "airflow_api",
        airflow_checks.airflow_api,
        "Correct airflow_api by docs/secrets.md; for a broken DAG, docs/runbooks/dags.md.",
    ),
    Check(
        "dag",
        airflow_checks.dag,
        "Deploy it, or unpause it in Airflow; a source that is off on purpose stays so.",
        airflow_checks.DAGS,
        needs="airflow_api",
    ),
    Check(
        "public file",
        public_checks.public_file,
        "Before the first publication, trigger the sources; else docs/runbooks/public-file.md.",
        needs="storage",
    ),
    Check(
        "heartbeat",
        public_checks.heartbeat,
        "Unpause watch_publication, and read the log of watch_public_file.",
        needs="storage",
    ),
)
IDS: Final = tuple(check.id for check in CHECKS)


def chosen(only: Collection[str]) -> list[Check]:
    """The checks with these ids, and those that they need; all of them if there are no ids."""
    wanted = set(only or IDS)
    needed = {check.needs.split(" ")[0] for check in CHECKS if check.id in wanted}
    return [check for check in CHECKS if check.id in wanted | needed]


def run_checks(
    deployment: Deployment, checks: Collection[Check]
) -> Iterator[tuple[Check, Outcome]]:
    """Run checks one after the other."""
    outcomes: dict[str, Outcome] = {}
    for check in checks:
        for subject in check.subjects:
            outcome = _run(deployment, check, subject, outcomes.get(check.needs))
            outcomes[outcome.name] = outcome
            yield check, outcome


def _run(deployment: Deployment, check: Check, subject: str, needed: Outcome | None) -> Outcome:
    began = monotonic()
    try:
        if needed is not None and needed.status is not Status.PASS:
            raise NotPermittedError(f"It was not tried, because {needed.name} did not pass.")
        status, detail = Status.PASS, check.run(deployment, subject)
    except NotPermittedError as error:
        status, detail = Status.NOT_PERMITTED, str(error)
    except CheckFailedError as error:
        status, detail = Status.FAIL, str(error)
    except Exception as error:
        text = " ".join(str(error).split())
        status, detail = Status.FAIL, text or type(error).__name__
    masked = mask_secrets(detail)[:_LONGEST_DETAIL]
    return Outcome(check.id, subject, status, masked, monotonic() - began)
