with permits as (

    select * from {{ ref('stg_pasadena__permits') }}

),

counts as (

    select
        count(*) as loaded_rows,
        {{ last_updated() }} as last_updated,
        count(*) as pasadena_rebuild_applications_received,
        count_if(permit_status = 'In Review') as pasadena_rebuild_applications_in_review,
        count_if(permit_status = 'Issued') as pasadena_building_permits_issued
    from permits

)

{{ metric_rows('pasadena', 'counts') }}
