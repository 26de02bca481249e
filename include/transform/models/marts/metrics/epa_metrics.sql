with parcels as (

    select * from {{ ref('stg_epa__parcels') }}

),

counts as (

    select
        count(*) as loaded_rows,
        {{ last_updated() }} as last_updated,
        count_if(
            public_status in ('Phase 1 Complete', 'Deferred to Phase 2')
            and land_use = 'Residential'
        ) as cleanup_phase1_complete
    from parcels

)

{{ metric_rows('epa', 'counts') }}
