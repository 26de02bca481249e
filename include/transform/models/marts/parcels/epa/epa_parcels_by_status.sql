with parcels as (

    select
        coalesce(fire_name, 'Not stated') as fire,
        coalesce(land_use, 'Not stated') as use_of_land,
        coalesce(public_status, 'Not stated') as status,
        -- The rule of the public metric, in epa_metrics: a test compares the two.
        coalesce(
            lower(land_use) = {{ words_of('epa.land_use', ['residential']) }}
            and lower(public_status)
            in ({{ words_of('epa.public_status', ['complete', 'deferred']) }}),
            false
        ) as is_counted,
        coalesce(source_edited_at, loaded_at) as updated_at
    from {{ ref('stg_epa__parcels') }}

)

-- Spellings that differ in their case only are one group, as in the public metric.
select
    max(fire)::varchar as fire_name,
    max(use_of_land)::varchar as land_use,
    max(status)::varchar as public_status,
    is_counted::boolean as is_completed_cleanup,
    count(*)::number(38, 0) as parcels,
    max(updated_at)::timestamp_ntz(9) as last_updated
from parcels
group by lower(fire), lower(use_of_land), lower(status), is_counted
