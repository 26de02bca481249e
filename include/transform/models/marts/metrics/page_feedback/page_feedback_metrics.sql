with responses as (

    select * from {{ ref('stg_page_feedback__responses') }}

),

counts as (

    select
        'page_feedback_responses' as metric_name,
        count(*) as metric_value
    from responses

    union all

    select
        'page_feedback_helpful_responses' as metric_name,
        count(*) as metric_value
    from responses
    where is_helpful

)

{{ metric_rows('counts', 'responses', time='max(synced_at)') }}
