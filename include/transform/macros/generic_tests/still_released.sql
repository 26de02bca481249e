{% test still_released(model) %}

select released.metric_name
from (
    {{ released_metrics([model.identifier | lower | replace('_metrics', '')]) }}
) as released
where not exists (
    select 1 from {{ model }} as built
    where built.metric_name = released.metric_name
)

{% endtest %}
