with applications as (

    select
        permit_status as own_word,
        case
            when lower(permit_status) = {{ words_of('pasadena.permit_status', ['in_review']) }}
                then 'In review'
            when lower(permit_status) = {{ words_of('pasadena.permit_status', ['issued']) }}
                then 'Issued'
            else 'Other'
        end as step,
        coalesce(source_edited_at, loaded_at) as updated_at
    from {{ ref('stg_pasadena__permits') }}

)

-- Spellings that differ in their case only are one group, as in the public metrics.
select
    'Pasadena'::varchar as city,
    step::varchar as permit_stage,
    coalesce(max(own_word), 'Not stated')::varchar as city_status,
    count(*)::number(38, 0) as applications,
    max(updated_at)::timestamp_ntz(9) as last_updated
from applications
group by step, lower(own_word)
