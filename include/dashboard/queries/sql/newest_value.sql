select
    max(last_updated) as last_updated,
    count(*) as metric_count
from {{ metrics }}.{{ mart }}
