with responses as (

    select
        coalesce(page, 'unknown') as page,
        is_helpful,
        -- Weeks are California's: a Sunday evening's answer belongs to the week that ends there.
        date_trunc(
            'week', convert_timezone('UTC', 'America/Los_Angeles', submitted_at)
        )::date as week_starting
    from {{ ref('stg_page_feedback__responses') }}
    where submitted_at is not null

)

select
    page::varchar as page,
    week_starting::date as week_starting,
    count(*)::number(38, 0) as responses,
    count_if(is_helpful)::number(38, 0) as helpful_responses,
    (count_if(is_helpful) / count(*))::number(5, 4) as helpful_share
from responses
group by page, week_starting
