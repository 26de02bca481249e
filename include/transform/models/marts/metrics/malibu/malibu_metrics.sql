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
    -- The city asked that the pending ones not count as in review.
    where
        lower(application_stage) in (
            {{ words_of('malibu.application_stage', ['in_planning', 'in_plan_check']) }}
        )

    union all

    select
        'malibu_building_permits_issued' as metric_name,
        count(*) as metric_value
    from applications
    where lower(application_stage) = {{ words_of('malibu.application_stage', ['issued']) }}

)

{{ metric_rows('counts', 'applications') }}
