"""The metrics that staff enter manually: all that the page shows, and a few computed ones.

Staff entered the latter before the pipeline computed them; the computed values replace them.
"""

from typing import Final, NamedTuple

DOLLARS: Final = "dollars - millions"


class Definition(NamedTuple):
    """One metric.

    `rows` is the number of its entries in the history, `first` and `last` are the values of the
    first and the last one.
    """

    machine_name: str
    title: str
    unit: str
    frequency: str
    topic: str
    first: float
    last: float
    rows: int
    type: str = "count"


DEFINITIONS: Final = (
    Definition("people_helped_drc", "People helped at disaster recovery centers",
               "people helped", "weekly", "People", 1_250, 43_050, 24),
    Definition("people_helped_fema_individuals", "People who got help from FEMA",
               "people approved", "weekly", "People", 900, 35_410, 22),
    Definition("people_helped_fema_funds", "FEMA funds for individuals",
               "million dollars approved", "weekly", "People", 4.2, 162.75, 22, DOLLARS),
    Definition("schools_resumed", "Schools that resumed",
               "schools resumed", "completed", "Schools", 1, 8, 6),
    Definition("schools_resumed_inperson", "Schools that resumed in person",
               "schools resumed in person", "completed", "Schools", 0, 7, 6),
    Definition("schools_resumed_virtual", "Schools that resumed on line",
               "schools resumed on line", "completed", "Schools", 1, 1, 4),
    Definition("water_safe_to_drink", "Water systems that are safe to drink",
               "systems safe to drink", "completed", "Water", 2, 9, 8),
    Definition("water_restoration", "Water systems in restoration",
               "systems in restoration", "as needed", "Water", 7, 0, 8),
    Definition("air_mobile_survey_complete", "Air surveys by vehicle, done",
               "surveys complete", "completed", "Air", 1, 12, 8),
    Definition("air_mobile_survey_planned", "Air surveys by vehicle, planned",
               "surveys planned", "completed", "Air", 12, 12, 3),
    Definition("air_stationary_deployed", "Air monitors in place",
               "monitors deployed", "as needed", "Air", 3, 21, 9),
    Definition("air_stationary_planned", "Air monitors planned",
               "monitors planned", "as needed", "Air", 10, 21, 4),
    Definition("cleanup_phase1_parcels", "Parcels that Phase 1 covers",
               "parcels", "completed", "Cleanup", 9_200, 9_668, 5),
    Definition("cleanup_phase2_optin", "Owners in the public program",
               "parcels opted in", "monthly", "Cleanup", 3_100, 10_120, 14),
    Definition("cleanup_phase2_optout", "Owners who clean up themselves",
               "parcels opted out", "monthly", "Cleanup", 310, 1_950, 14),
    Definition("cleanup_phase2_roe_submitted", "Rights of entry that owners sent",
               "forms submitted", "daily", "Cleanup", 2_050, 10_530, 28),
    Definition("la_city_applications_received", "City of Los Angeles: applications",
               "applications received", "weekly", "Rebuilding", 2, 3_240, 20),
    Definition("la_city_in_review", "City of Los Angeles: in review",
               "applications in review", "weekly", "Rebuilding", 1, 612, 20),
    Definition("la_city_permits_issued", "City of Los Angeles: permits",
               "permits issued", "weekly", "Rebuilding", 0, 1_604, 20),
    Definition("county_rebuild_applications_received", "County: applications",
               "applications received", "daily", "Rebuilding", 3, 2_870, 12),
    Definition("county_zoning_reviews_cleared", "County: zoning reviews",
               "zoning reviews cleared", "daily", "Rebuilding", 0, 2_110, 12),
    Definition("county_building_plan_reviews_in_process", "County: plan reviews",
               "plan reviews in process", "daily", "Rebuilding", 1, 905, 12),
    Definition("county_building_permits_issued", "County: permits",
               "permits issued", "daily", "Rebuilding", 0, 1_377, 12),
    Definition("county_housing_permit_applications_received", 'County: temporary "housing"',
               "applications received", "content update", "Rebuilding", 0, 214, 8),
    Definition("phase2_parcels_completed", "Parcels that Phase 2 completed",
               "parcels completed", "daily", "Cleanup", 0, 9_431, 6),
    Definition("malibu_building_permits_issued", "Malibu: permits",
               "permits issued", "weekly", "Rebuilding", 0, 31, 4),
    Definition("pasadena_rebuild_applications_received", "Pasadena: applications",
               "applications received", "weekly", "Rebuilding", 0, 44, 4),
)  # fmt: skip
