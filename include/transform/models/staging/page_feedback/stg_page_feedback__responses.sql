select
    feedback_key,
    site_domain,
    page,
    page_section,
    url,
    lower(is_helpful::varchar) in ('true', 'yes', '1') as is_helpful,
    comments as comment_text,
    {{ utc_time('time') }} as submitted_at,
    {{ utc_time('_fivetran_synced') }} as synced_at
from {{ source('page_feedback', 'la_fires_page_feedback') }}
where not coalesce(_fivetran_deleted, false)
