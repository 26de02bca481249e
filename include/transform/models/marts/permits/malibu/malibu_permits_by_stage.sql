with applications as (

    select
        application_stage as own_word,
        -- The city asked that the pending ones not count as in review.
        case
            when
                lower(application_stage) in (
                    {{ words_of('malibu.application_stage', ['in_planning', 'in_plan_check']) }}
                )
                then 'In review'
            when lower(application_stage) = {{ words_of('malibu.application_stage', ['issued']) }}
                then 'Issued'
            else 'Other'
        end as step,
        coalesce(source_edited_at, loaded_at) as updated_at
    from {{ ref('stg_malibu__rebuild_points') }}

)

-- Spellings that differ in their case only are one group, as in the public metrics.
select
    'Malibu'::varchar as city,
    step::varchar as permit_stage,
    coalesce(max(own_word), 'Not stated')::varchar as city_status,
    count(*)::number(38, 0) as applications,
    max(updated_at)::timestamp_ntz(9) as last_updated
from applications
group by step, lower(own_word)
