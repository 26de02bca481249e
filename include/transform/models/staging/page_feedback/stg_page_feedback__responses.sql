select
    feedback_key,
    site_domain,
    page,
    page_section,
    url,
    lower(is_helpful::varchar) in ('true', 'yes', '1') as is_helpful,
    comments as comment_text,
    convert_timezone('UTC', time)::timestamp_ntz as submitted_at,
    convert_timezone('UTC', _fivetran_synced)::timestamp_ntz as synced_at
from {{ source('page_feedback', 'la_fires_page_feedback') }}
where not coalesce(_fivetran_deleted, false)
