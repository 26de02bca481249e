{#
    Fails for each value that no row holds. A rule that counts such a value has gone silent: the
    source renamed it, or the last row of that kind moved on.
#}
{% test values_still_seen(model, column_name, values) %}

select expected.seen_value
from (
    {%- for value in values %}
    select '{{ value }}' as seen_value
    {%- if not loop.last %} union all{% endif %}
    {%- endfor %}
) as expected
where not exists (
    select 1 from {{ model }} as held
    where held.{{ column_name }} = expected.seen_value
)

{% endtest %}
