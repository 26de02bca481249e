select
    object_id,
    fire_name,
    roe_approved_at,
    roe_withdrawn_at,
    fso_package_approved_at,
    last_updated
from {{ parcels }}.usace_parcel_steps
where is_eligible
