select
    projectnumber as project_number,
    {{ clean_text('type') }} as application_stage,
    planningapproved as planning_approved,
    casetype as case_type,
    casecategory as case_category,
    structures as structure_count,
    daystodecision as days_to_decision,
    daystofirstresponse as days_to_first_response,
    countfordecision as decision_count,
    countforfirstresponse as first_response_count,
    try_to_double({{ clean_text('lat') }}) as latitude,
    try_to_double({{ clean_text('lng') }}) as longitude,
    _source_edited_at as source_edited_at,
    _loaded_at as loaded_at,
    _load_id as load_id
from {{ source('malibu', 'fire_rebuild_points') }}
