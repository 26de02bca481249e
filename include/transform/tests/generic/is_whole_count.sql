{# Fails for a metric of type `count` whose value is negative or has a fraction. #}
{% test is_whole_count(model, column_name) %}

select
    metric_name,
    {{ column_name }}
from {{ model }}
where
    metric_type = 'count'
    and ({{ column_name }} < 0 or {{ column_name }} != floor({{ column_name }}))

{% endtest %}
