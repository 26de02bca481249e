"""Checks of the deployment itself: its settings, DAGs, people and the dates of its secrets."""

from __future__ import annotations

import os
from pathlib import Path

import httpx

from include import connections, warehouse
from include.incidents import settings
from include.incidents.on_call import FALLBACK, STAFF, declared_rotation
from include.pipeline.clean_up import PAGE
from include.pipeline.secret_dates import (
    VARIABLE,
    describe_end,
    observe_secret_dates,
    read_secret_dates,
)
from include.times import utc_now
from tools.acceptance.outcomes import CheckFailedError, expect
from tools.preflight.deployment import Deployment, is_placeholder

ROOT = Path(__file__).parents[2]
# Each DAG has a file of its name.
DAGS = tuple(sorted(file.stem for file in (ROOT / "dags").glob("*.py")))
# The names in the rotation before the team has entered its own.
_EXAMPLE_PERSON = "Analytica engineer"


def environment(_: Deployment, __: str) -> str:
    """`environment`: DDRC_ENV is set to an environment of this project."""
    expect(os.environ.get("DDRC_ENV"), "DDRC_ENV is not set, so everything would use DEV.")
    return f"{warehouse.environment()}."


def airflow_api(deployment: Deployment, _: str) -> str:
    """`airflow_api`: the API accepts the token, which may clean up, and every DAG file parses."""
    host = deployment.connection(connections.AIRFLOW_API).host or ""
    expect(
        "://" not in host and "/api/" not in host,
        f"The host of {connections.AIRFLOW_API} is an address: enter the host with the"
        " deployment's path, without the scheme and /api/v2.",
    )
    try:
        found = deployment.dags
        deployment.read_clean_up_rule()
    except httpx.HTTPStatusError as error:
        request = error.request.url
        if request.path.endswith(PAGE) and error.response.status_code == httpx.codes.FORBIDDEN:
            raise CheckFailedError(
                "The token may not delete DAG runs, so clean_up fails."
            ) from None
        raise CheckFailedError(
            f"Airflow's API answers {error.response.status_code} at {request.host}{request.path}."
        ) from None
    except (httpx.HTTPError, ValueError, KeyError) as error:
        raise CheckFailedError(
            f"Airflow's API does not answer at {host}: {type(error).__name__}."
        ) from None
    expect(not found.broken, f"These DAGs do not parse: {', '.join(found.broken)}.")
    return f"It answers, and has {len(found.present)} DAGs."


def dag(deployment: Deployment, name: str) -> str:
    """`dag`: a DAG is deployed and not paused."""
    found = deployment.dags
    expect(name in found.present, f"{name} is not deployed.")
    expect(name not in found.paused, f"{name} is paused.")
    return "It is deployed and not paused."


def people(deployment: Deployment, _: str) -> str:
    """`people`: the staff's group and each person on call can be mentioned in Slack."""
    deployment.variable(settings.MENTIONS_VARIABLE)
    mentions = settings.mentions()
    expect(mentions, f"The Variable {settings.MENTIONS_VARIABLE} is not JSON of Slack ids by name.")
    rotation = declared_rotation()
    rotation.on_call(utc_now())
    names = {
        *(name for turns in rotation.rotations for name in turns.people),
        *(swap.person for swap in rotation.overrides),
    }
    missing = [name for name in sorted(names) if name not in mentions]
    if STAFF not in mentions:
        raise CheckFailedError(f"{settings.MENTIONS_VARIABLE} has no Slack id for {STAFF}.")
    if FALLBACK not in mentions and missing:
        raise CheckFailedError(
            f"{settings.MENTIONS_VARIABLE} has no Slack id for {', '.join(missing)}, and none for"
            f" {FALLBACK}, who is mentioned instead."
        )
    if warehouse.environment() == "PRD":
        examples = sorted(name for name in names if name.startswith(_EXAMPLE_PERSON))
        expect(not examples, f"rotation.yaml still has the example's names: {', '.join(examples)}.")
        given = deployment.variable(settings.MENTIONS_VARIABLE)
        expect(
            not is_placeholder(given), f"{settings.MENTIONS_VARIABLE} still has the example's ids."
        )
    return f"{STAFF}; {len(names)} people on call."


def secret_dates(_: Deployment, __: str) -> str:
    """`secret dates`: the end of Azure's secret is known, and no secret ends within 30 days."""
    known, now = read_secret_dates(), utc_now()
    problems = observe_secret_dates(known, now).problems
    expect(not problems, " ".join(one.error for one in problems))
    if not known.ends:
        return f"The Variable {VARIABLE} has no dates, and no secret needs one."
    name, end = min(known.ends.items(), key=lambda each: each[1])
    return describe_end(name, end, now).partition(":")[0] + "."
