"""The form that starts a run of a DAG: filled in by its link, and with help before it refuses.

The page only shows the form. Its script starts the run through Airflow's public API with the
person's own login, so Airflow checks the role and names the person in its audit log and on the run
(https://airflow.apache.org/docs/apache-airflow/stable/stable-rest-api-ref.html, *Trigger Dag Run*).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import HTTPException, Request
from fastapi.responses import HTMLResponse

from include.sources import SOURCES
from include.ui.airflow_state import RunForm, SessionDep, read_run_form
from include.ui.render import render_page

# The script sends requests to Airflow's API, which is on the page's own host.
CONNECT = "connect-src 'self'"
# These change what the public sees, so the form asks once more.
CONFIRMED = ("restore_metrics", "release_hold")
# What a run does to the public file, for the DAGs of the publication.
EFFECTS = {
    "publish_metrics": "it changes within minutes if the sources have released something new.",
    "restore_metrics": (
        "a restore replaces it within a minute, and nothing newer is published until somebody"
        " releases the hold."
    ),
    "release_hold": "the newest released values replace it as soon as they pass their audit.",
}
_TRUE = ("true", "1", "yes", "on")


@dataclass(frozen=True)
class Field:
    """A field of the form.

    Attributes:
        name: The parameter's name.
        title: Its title.
        help: What it does.
        kind: `switch`, `choice`, `number` or `text`.
        value: The value that is filled in.
        options: The choices.
        is_required: Whether it may not be left empty; a switch never is.
        rule: What is accepted, in a sentence; the form shows it beforehand, and when it refuses.
        limits: The HTML attributes that check the rule in the browser.
        is_first: Whether a person writes here first: the address names it without a value.
    """

    name: str
    title: str
    help: str
    kind: str
    value: str
    options: tuple[str, ...] = ()
    is_required: bool = False
    rule: str = ""
    limits: Mapping[str, str] = field(default_factory=dict)
    is_first: bool = False


def make_field(name: str, param: Mapping[str, Any], given: str | None) -> Field:
    """A field for a parameter.

    Args:
        name: The parameter's name.
        param: Its `value`, `description` and `schema`.
        given: The value in the form's address; `None` without one.
    """
    schema = param.get("schema") or {}
    types = schema.get("type") or []
    types = [types] if isinstance(types, str) else types
    is_optional = "null" in types
    kind = _kind(types, schema)
    default = param.get("value")
    value = ("" if default is None else str(default)) if given is None else given
    if kind == "switch":
        value = "true" if value.strip().lower() in _TRUE else ""
    rule, limits = _rule(kind, schema, is_optional=is_optional)
    return Field(
        name,
        str(schema.get("title") or name),
        str(param.get("description") or ""),
        kind,
        value,
        tuple(str(one) for one in schema.get("enum") or ()),
        is_required=kind != "switch" and not is_optional,
        rule=rule,
        limits=limits,
        is_first=given == "",
    )


def _kind(types: list[str], schema: Mapping[str, Any]) -> str:
    if "boolean" in types:
        return "switch"
    if schema.get("enum"):
        return "choice"
    return "number" if {"integer", "number"} & set(types) else "text"


def _rule(kind: str, schema: Mapping[str, Any], *, is_optional: bool) -> tuple[str, dict[str, str]]:
    """What a field accepts: a sentence, and the attributes that check it."""
    limits: dict[str, str] = {}
    rule = ""
    if kind == "number":
        is_whole = "integer" in (schema.get("type") or ())
        limits = {"step": "1" if is_whole else "any"}
        low, high = schema.get("minimum"), schema.get("maximum")
        if low is not None and high is not None:
            limits |= {"min": str(low), "max": str(high)}
            rule = f"A {'whole ' if is_whole else ''}number from {low:,} to {high:,}"
    elif kind == "text":
        least, most = schema.get("minLength", 0), schema.get("maxLength")
        if most is not None:
            limits = {"minlength": str(least), "maxlength": str(most)}
            rule = f"{least} to {most} characters" if least else f"At most {most} characters"
        if pattern := schema.get("pattern"):
            limits["pattern"] = str(pattern)
            rule = str(schema.get("rule") or f"It matches {pattern}")
    if not rule:
        return "", limits
    return f"{rule}{', or empty' if is_optional else ''}.", limits


def public_effect(dag: str) -> str:
    """What a run of a DAG does to the public file, in a sentence."""
    if dag in EFFECTS:
        return EFFECTS[dag]
    if dag not in SOURCES:
        return "it stays as it is."
    if SOURCES[dag].metrics == "for analysis":
        return "it stays as it is, as this source is not part of it."
    return "it changes only when the load, the tests and the audit have passed."


def run_page(dag_id: str, request: Request, session: SessionDep) -> HTMLResponse:
    """The form for a run of a DAG, with the values of the address filled in.

    Raises:
        HTTPException: Airflow does not have the DAG.
    """
    form = read_run_form(session, dag_id)
    if form is None:
        raise HTTPException(404, f"Airflow has no DAG {dag_id}: check the address.")
    return render_run_form(form, dict(request.query_params))


def render_run_form(form: RunForm, given: Mapping[str, str]) -> HTMLResponse:
    """Render the form.

    Args:
        form: The DAG and its parameters.
        given: The values that are filled in, by the parameter's name.
    """
    fields = [make_field(name, one, given.get(name)) for name, one in form.params.items()]
    page = render_page(
        "run.html",
        form=form,
        fields=fields,
        public=public_effect(form.dag),
        is_tuned=any(one.kind == "number" and one.value for one in fields),
        is_confirmed=form.dag in CONFIRMED,
    )
    policy = page.headers["Content-Security-Policy"]
    page.headers["Content-Security-Policy"] = f"{policy}; {CONNECT}"
    return page
