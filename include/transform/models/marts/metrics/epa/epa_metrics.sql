with parcels as (

    select * from {{ ref('stg_epa__parcels') }}

),

counts as (

    select
        'cleanup_phase1_complete' as metric_name,
        count(*) as metric_value
    from parcels
    where
        lower(public_status) in ({{ words_of('epa.public_status', ['complete', 'deferred']) }})
        and lower(land_use) = {{ words_of('epa.land_use', ['residential']) }}

)

{{ metric_rows('counts', 'parcels') }}
