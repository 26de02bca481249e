{#
    Fails when a model is empty. On a staging model it keeps the mart behind it from being built,
    so the mart holds on to its last good values.
#}
{% test has_rows(model) %}

select count(*) as row_count
from {{ model }}
having count(*) = 0

{% endtest %}
