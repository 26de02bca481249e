with published as (
    select
        metric_name,
        metric_value,
        metric_unit_label,
        published_at,
        -- A version of this name was never public: it is sample data.
        startswith(version, 'made-up-') as made_up,
        convert_timezone('UTC', 'America/Los_Angeles', published_at)::date as published_on
    from {{ history }}.published_metrics
    where published_at >= {{ since }}
)

select
    metric_name,
    published_on,
    metric_value,
    metric_unit_label,
    made_up
from published
qualify
    row_number() over (
        partition by metric_name, published_on
        order by published_at desc
    ) = 1
order by metric_name, published_on
