with responses as (

    select * from {{ ref('stg_page_feedback__responses') }}

),

counts as (

    select
        count(*) as loaded_rows,
        max(synced_at) as last_updated,
        count(*) as page_feedback_responses,
        count_if(is_helpful) as page_feedback_helpful_responses
    from responses

)

{{ metric_rows('page_feedback', 'counts') }}
