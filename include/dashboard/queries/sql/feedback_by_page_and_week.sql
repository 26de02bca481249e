select
    page,
    week_starting,
    responses,
    helpful_responses
from {{ page_feedback }}.feedback_by_page_and_week
where dateadd('day', 7, week_starting) > {{ since }}
order by page, week_starting
