select
    permittype as permit_type,
    palisadespermits as permit_count,
    _source_edited_at as source_edited_at,
    _loaded_at as loaded_at,
    _load_id as load_id
from {{ source('malibu', 'palisades_permits_issued_read') }}
