with parcels as (

    select * from {{ ref('stg_epa__parcels') }}

),

counts as (

    select
        'cleanup_phase1_complete' as metric_name,
        count(*) as metric_value
    from parcels
    where
        public_status in ('Phase 1 Complete', 'Deferred to Phase 2')
        and land_use = 'Residential'

)

{{ metric_rows('counts', 'parcels') }}
