with permits as (

    select * from {{ ref('stg_pasadena__permits') }}

),

counts as (

    select
        'pasadena_rebuild_applications_received' as metric_name,
        count(*) as metric_value
    from permits

    union all

    select
        'pasadena_rebuild_applications_in_review' as metric_name,
        count(*) as metric_value
    from permits
    where permit_status = 'In Review'

    union all

    select
        'pasadena_building_permits_issued' as metric_name,
        count(*) as metric_value
    from permits
    where permit_status = 'Issued'

)

{{ metric_rows('counts', 'permits') }}
