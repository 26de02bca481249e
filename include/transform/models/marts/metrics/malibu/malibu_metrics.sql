with applications as (

    select * from {{ ref('stg_malibu__rebuild_points') }}

),

counts as (

    select
        'malibu_rebuild_applications_received' as metric_name,
        count(*) as metric_value
    from applications

    union all

    select
        'malibu_rebuild_applications_in_review' as metric_name,
        count(*) as metric_value
    from applications
    -- The city asked that PendingBSReview not count as in review.
    where application_stage in ('InPlanning', 'InBPC')

    union all

    select
        'malibu_building_permits_issued' as metric_name,
        count(*) as metric_value
    from applications
    where application_stage = 'PermitIssued'

)

{{ metric_rows('counts', 'applications') }}
