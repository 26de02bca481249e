-- Spellings that differ in their case only are one group, as in the public metrics.
with parcels as (

    select
        *,
        lower(fire_name) as fire,
        lower(roe_status) as status_of_roe
    from {{ ref('usace_parcel_steps') }}

)

select
    max(fire_name)::varchar as fire_name,
    max(roe_status)::varchar as roe_status,
    latest_step::varchar as latest_step,
    is_eligible::boolean as is_eligible,
    count(*)::number(38, 0) as parcels,
    count(roe_submitted_at)::number(38, 0) as parcels_in_queue,
    count(roe_approved_at)::number(38, 0) as roes_accepted,
    count(fso_package_approved_at)::number(38, 0) as parcels_completed,
    max(last_updated)::timestamp_ntz(9) as last_updated
from parcels
group by fire, status_of_roe, latest_step, is_eligible
