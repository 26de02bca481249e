{#
    Fails when a model has fewer rows than what it reads. `rows_that_count` is a condition on
    the rows that the model is meant to keep; all of them if it is left out.
#}
{% test no_rows_dropped(model, compared_to, rows_that_count='true') %}

select
    read_from.row_count as rows_read,
    kept.row_count as rows_kept
from (select count(*) as row_count from {{ compared_to }} where {{ rows_that_count }}) as read_from
cross join (select count(*) as row_count from {{ model }}) as kept
where kept.row_count < read_from.row_count

{% endtest %}
