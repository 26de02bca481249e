{% test whole_counts(model, column_name) %}

select *
from {{ model }}
where
    metric_type = 'count'
    and not ({{ column_name }} >= 0 and {{ column_name }} = floor({{ column_name }}))

{% endtest %}
