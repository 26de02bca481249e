select
    version,
    published_at
from {{ history }}.published_metrics
-- A version's metrics have the same time: one row of each is enough. One whose name begins like
-- this was never public: it is sample data.
qualify
    row_number() over (
        partition by version, published_at
        order by metric_name
    ) = 1
    and published_at >= {{ since }}
    and not startswith(version, 'made-up-')
order by published_at, version
