with responses as (

    select
        coalesce(page, 'unknown') as page,
        is_helpful,
        -- Weeks end on Sunday night in California.
        convert_timezone('UTC', 'America/Los_Angeles', submitted_at)::date as submitted_on
    from {{ ref('stg_page_feedback__responses') }}
    where submitted_at is not null

),

by_week as (

    select
        page,
        is_helpful,
        -- Not date_trunc: the account's WEEK_START parameter decides on which day its weeks begin.
        dateadd('day', 1 - dayofweekiso(submitted_on), submitted_on) as week_starting
    from responses

)

select
    page::varchar as page,
    week_starting::date as week_starting,
    count(*)::number(38, 0) as responses,
    count_if(is_helpful)::number(38, 0) as helpful_responses,
    (count_if(is_helpful) / count(*))::number(5, 4) as helpful_share
from by_week
group by page, week_starting
