"""A person raises or lowers the severity of an open incident."""

from collections.abc import Mapping

from airflow.sdk import Param, XComArg, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from include.incidents.decide import Decision, rate
from include.incidents.incident import Rating
from include.incidents.incident_file import State, read_state
from include.incidents.report import report
from include.incidents.severity import HIGH, LOW
from include.pipeline.params import triggered_by
from include.publishing.store import Store
from include.storage import open_store
from include.times import utc_now

SEVERITY_PARAMS: Mapping[str, Param] = {
    "incident": Param(
        None,
        type=["null", "string"],
        maxLength=200,
        title="Incident",
        description=(
            "Its identifier, from the last line of its Slack message or from the page Publication; "
            "for example 20261124T220000Z-load-1a2b3c4d. Leave it empty if only one is open."
        ),
    ),
    "severity": Param(
        LOW,
        type="string",
        enum=[LOW, HIGH],
        title="Severity",
        description=(
            "High calls the person on call, also at night. Low waits for business hours. It stays "
            "until the incident is over. The public file stays as it is."
        ),
    ),
    "reason": Param(
        type="string",
        minLength=10,
        maxLength=500,
        title="Reason",
        description=(
            "Ten to 500 characters; Slack shows them. For example: the county confirmed that the"
            " page's total counts parcels twice."
        ),
    ),
}


def set_severity() -> XComArg:
    """A task `set_severity` that sets an incident's severity and posts it to Slack."""

    @task
    def set_severity() -> None:
        context = get_current_context()
        params, now = context["params"], utc_now()
        person = triggered_by(context) or "somebody"
        rating = Rating(params["severity"], person, params["reason"].strip(), now)
        set_rating(open_store(), (params["incident"] or "").strip(), rating)

    return set_severity()


def set_rating(store: Store, name: str, rating: Rating) -> None:
    """Set the severity of an open incident, and say so in Slack.

    Args:
        store: The storage account.
        name: The incident's identifier; empty if only one is open.
        rating: The severity, with the person and the reason.

    Raises:
        AirflowSkipException: No such incident is open, or the name is needed; nothing was changed.
    """
    names = [incident.id for incident in read_state(store).open]
    chosen = names[0] if not name and len(names) == 1 else name

    def decide(state: State) -> Decision:
        return rate(state.incidents, chosen, rating)

    try:
        report(store, decide, rating.at)
    except KeyError:
        wrong = f"No incident {name} is open" if name else "Name the incident"
        listed = f"Open are: {', '.join(names)}" if names else "None is open"
        raise AirflowSkipException(f"{wrong}; nothing was changed. {listed}.") from None
