select
    initialvisits as initial_visit_count,
    followupvisits as follow_up_visit_count,
    _source_edited_at as source_edited_at,
    _loaded_at as loaded_at,
    _load_id as load_id
from {{ source('malibu', 'fire_rebuild_visit_points') }}
