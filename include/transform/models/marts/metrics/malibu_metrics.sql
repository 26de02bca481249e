with applications as (

    select * from {{ ref('stg_malibu__rebuild_points') }}

),

counts as (

    select
        count(*) as loaded_rows,
        {{ last_updated() }} as last_updated,
        count(*) as malibu_rebuild_applications_received,
        -- The city asked that PendingBSReview not count as in review.
        count_if(application_stage in ('InPlanning', 'InBPC'))
            as malibu_rebuild_applications_in_review,
        count_if(application_stage = 'PermitIssued') as malibu_building_permits_issued
    from applications

)

{{ metric_rows('malibu', 'counts') }}
