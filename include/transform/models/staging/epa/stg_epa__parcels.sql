select
    objectid as object_id,
    globalid as global_id,
    {{ clean_text('apn') }} as apn,
    address,
    assessmentdate as assessed_at,
    firename as fire_name,
    {{ clean_text('landuse') }} as land_use,
    {{ clean_text('publicstatus') }} as public_status,
    shape__area as shape_area,
    shape__length as shape_length,
    geometry,
    _source_edited_at as source_edited_at,
    _loaded_at as loaded_at,
    _load_id as load_id
from {{ source('epa', 'public_status_assessment') }}
