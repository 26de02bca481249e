"""The words of the public metrics: topics and labels."""

import pytest

from include.metric_words import OTHER, TOPICS, label, topic


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("phase2_parcels_completed", "Phase 2 parcels completed"),
        ("cleanup_phase1_complete", "Cleanup phase 1 complete"),
        ("phase2_roes_accepted", "Phase 2 ROEs accepted"),
        ("la_city_in_review", "LA city in review"),
        ("malibu_building_permits_issued", "Malibu building permits issued"),
        ("people_helped_fema_funds", "People helped FEMA funds"),
        ("people_helped_drc", "People helped DRC"),
        ("county_building_permits_issued", "LA County building permits issued"),
        ("schools_resumed_inperson", "Schools resumed in person"),
        ("cleanup_phase2_optin", "Cleanup phase 2 opted in"),
        ("cleanup_phase2_optout", "Cleanup phase 2 opted out"),
        ("phase2_roe", "Phase 2 ROE"),
        # Words that only contain a known one stay as they are.
        ("landscape_heroes", "Landscape heroes"),
        ("a-b.c", "A-b.c"),
        ("__", "__"),
        ("", ""),
    ],
)
def test_a_metric_has_a_label_in_words(name: str, words: str) -> None:
    assert label(name) == words


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("cleanup_phase2_optin", "Debris removal"),
        ("phase2_parcels_in_queue", "Debris removal"),
        ("pasadena_building_permits_issued", "Rebuilding"),
        ("la_city_in_review", "Rebuilding"),
        ("county_zoning_reviews_cleared", "Rebuilding"),
        ("schools_resumed", "People and schools"),
        ("air_stationary_planned", "Water and air"),
        ("airport_open", OTHER),
        ("", OTHER),
    ],
)
def test_a_metric_belongs_to_a_topic_by_the_beginning_of_its_name(name: str, group: str) -> None:
    assert topic(name) == group


def test_no_topic_takes_the_metrics_of_another() -> None:
    starts = [start for each in TOPICS.values() for start in each]
    assert not [one for one in starts for other in starts if one != other and one.startswith(other)]
