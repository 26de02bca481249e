{% test equal_rowcount(model, compare_model) %}

select
    model_rows.row_count as model_row_count,
    compared_rows.row_count as compared_row_count
from (select count(*) as row_count from {{ model }}) as model_rows
cross join (select count(*) as row_count from {{ compare_model }}) as compared_rows
where model_rows.row_count != compared_rows.row_count

{% endtest %}
