-- A version's rows have the same time, so reading that column finds the two versions.
with moments as (
    select
        max(published_at) as newest,
        max(iff(published_at <= {{ before }}, published_at, null)) as earlier
    from {{ history }}.published_metrics
),

now_public as (
    select published.*
    from {{ history }}.published_metrics as published
    inner join moments on published.published_at = moments.newest
),

then_public as (
    select
        published.metric_name,
        published.metric_value,
        -- A version of this name was never public: it is sample data.
        startswith(published.version, 'made-up-') as made_up
    from {{ history }}.published_metrics as published
    inner join moments on published.published_at = moments.earlier
)

select
    now_public.metric_name,
    now_public.metric_value,
    now_public.metric_unit_label,
    now_public.metric_type,
    now_public.update_frequency,
    now_public.last_updated,
    now_public.published_at,
    then_public.metric_value as value_before,
    coalesce(then_public.made_up, false) as made_up_before
from now_public
left join then_public on now_public.metric_name = then_public.metric_name
order by now_public.metric_name
