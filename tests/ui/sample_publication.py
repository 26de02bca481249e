"""The page Publication with a week of realistic versions, in each state that a person may meet."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from include.incidents.incident import Incident
from include.publishing.contract import parse
from include.publishing.holds import Hold, set_hold
from include.publishing.released import fingerprint
from include.publishing.reviews import Review, save_review
from include.publishing.store import Place
from include.publishing.versions import PUBLISHED
from include.ui.answers import Facts, find_answers
from include.ui.metrics import source_of
from include.ui.publication import read_publication
from include.ui.render import render_page
from include.ui.source_state import Question, SourceState
from tests.incidents.sample_incidents import failed, incident
from tests.publishing.memory_store import MemoryStore
from tests.publishing.samples import NOW, file, metric, publish, release, released
from tests.ui.conftest import save_incidents

HOUR = timedelta(hours=1)
# Some metrics of each topic, with their units, sources and first values.
METRICS = (
    ("cleanup_phase1_complete", "cleanups completed", "epa", 9_100),
    ("cleanup_phase1_parcels", "parcels", "airtable", 9_668),
    ("phase2_parcels_completed", "parcels completed", "usace", 8_756),
    ("phase2_roes_accepted", "rights of entry accepted", "usace", 10_020),
    ("malibu_building_permits_issued", "permits issued", "malibu", 31),
    ("pasadena_building_permits_issued", "permits issued", "pasadena", 44),
    ("county_housing_permit_applications_received", "applications received", "airtable", 214),
    ("county_building_plan_reviews_in_process", "plan reviews in process", "airtable", 905),
    ("people_helped_fema_funds", "million dollars approved", "airtable", 162.75),
    ("schools_resumed_inperson", "schools resumed in person", "airtable", 7),
    ("water_safe_to_drink", "systems safe to drink", "airtable", 9),
    ("air_stationary_deployed", "monitors deployed", "airtable", 21),
)
STATES = {
    name: SourceState(name, "success")
    for name in ("airtable", "epa", "malibu", "page_feedback", "pasadena", "usace")
}
QUESTION = Question("approve_change", "for_1", "ask", "Publish these metrics?", NOW - 2 * HOUR)
GOOD = f"{NOW - 2 * HOUR:%Y%m%dT%H%M%SZ}-{14:012x}"
BEFORE = f"{NOW - 14 * HOUR:%Y%m%dT%H%M%SZ}-{13:012x}"


def content(day: int, source: str = "", **changes: float) -> bytes:
    """The metrics of a day, of one source or of all."""
    grown = {name: round(first + day * (1 + first / 400)) for name, _, _, first in METRICS[:6]}
    values = {name: first for name, _, _, first in METRICS} | grown | changes
    return file(
        *(
            metric(
                name,
                values[name],
                METRIC_UNIT_LABEL=unit,
                METRIC_TYPE="dollars - millions" if "funds" in name else "count",
            )
            for name, unit, owner, _ in METRICS
            if source in {"", owner}
        )
    )


def publish_a_week(store: MemoryStore) -> None:
    """Publish two versions a day for a week; all that is released is public."""
    for number in range(15):
        at = NOW - timedelta(hours=12 * (14 - number) + 2)
        name = f"{at:%Y%m%dT%H%M%SZ}-{number:012x}"
        publish(store, content(number), name, at=at, run=f"scheduled__{at:%Y-%m-%dT%H:%M:%S+00:00}")
    for source in ("airtable", "epa", "malibu", "pasadena", "usace"):
        release(store, content(14, source), source)
        store.backdate(released(source), NOW - 2 * HOUR)
    store.backdate(PUBLISHED, NOW - 2 * HOUR)


def right(store: MemoryStore) -> None:
    """The public sees what is released."""


def behind(store: MemoryStore) -> None:
    """A release waits for hours, and nothing stops it."""
    release(store, content(14, "usace", phase2_parcels_completed=9_400), "usace")
    store.backdate(released("usace"), NOW - HOUR / 2)
    store.write(Place("versions", "watch/behind"), (NOW - 5 * HOUR).isoformat().encode())
    store.backdate(PUBLISHED, NOW - 6 * HOUR)


def wrong(store: MemoryStore) -> None:
    """Somebody wrote the file."""
    store.write(PUBLISHED, content(14, schools_resumed_inperson=700))
    store.backdate(PUBLISHED, NOW - HOUR)
    save_incidents(store, incident(failed(error="its <host> does not answer")))


def held(store: MemoryStore) -> None:
    """A person restored an earlier version."""
    behind(store)
    publish(store, content(13), BEFORE, at=NOW - HOUR, decided_by="Pat", reason="restored: doubled")
    reason = "USACE's count doubled, confirmed by phone with Ms. Roe"
    store.backdate(PUBLISHED, NOW - HOUR)
    set_hold(store, Hold(BEFORE, "Pat", reason, NOW - HOUR, "manual__1"))


def waiting(store: MemoryStore) -> None:
    """A suspicious change waits for an answer."""
    release(store, content(14, "pasadena", pasadena_building_permits_issued=4), "pasadena")
    store.backdate(released("pasadena"), NOW - 2 * HOUR)
    wanted = content(14, pasadena_building_permits_issued=4)
    served = store.need(PUBLISHED).etag
    save_review(store, Review("for_1", fingerprint(parse(wanted, NOW)), served, NOW - 2 * HOUR))


SITUATIONS: dict[str, Callable[[MemoryStore], None]] = {
    each.__name__: each for each in (right, behind, wrong, held, waiting)
}


def sample_page(store: MemoryStore, situation: str, *incidents: Incident) -> str:
    """The page in a situation."""
    publish_a_week(store)
    SITUATIONS[situation](store)
    if incidents:
        save_incidents(store, *incidents)
    questions = [QUESTION] if situation == "waiting" else []
    found = read_publication(store, NOW, {one.run for one in questions})
    states = STATES | {"usace": replace(STATES["usace"], state="failed")}
    facts = Facts(
        NOW,
        found.public_file,
        found.state,
        found.behind_since,
        found.other_version,
        questions,
        found.incidents,
        states,
        source_of(),
    )
    page = render_page(
        "publication.html",
        publication=found,
        answers=find_answers(facts),
        states=states,
        questions=questions,
        repository="cagov/ddrc",
        now=NOW,
    )
    return bytes(page.body).decode()
