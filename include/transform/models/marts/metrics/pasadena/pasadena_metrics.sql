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
    where lower(permit_status) = {{ words_of('pasadena.permit_status', ['in_review']) }}

    union all

    select
        'pasadena_building_permits_issued' as metric_name,
        count(*) as metric_value
    from permits
    where lower(permit_status) = {{ words_of('pasadena.permit_status', ['issued']) }}

)

{{ metric_rows('counts', 'permits') }}
