{% test values_still_seen(model, column_name, values) %}

select expected.expected_value
from (
    {%- for value in values %}
    select '{{ value }}' as expected_value
    {%- if not loop.last %} union all{% endif %}
    {%- endfor %}
) as expected
where not exists (
    select 1 from {{ model }} as rows_seen
    where rows_seen.{{ column_name }} = expected.expected_value
)

{% endtest %}
