{% test times_are_read(model, column_name, raw, raw_column, numbers=false) %}

select
    '{{ raw_column }}' as raw_column,
    min({{ raw_column }}::varchar) as example,
    count(*) as row_count
from {{ raw }}
where
    {{ clean_text(raw_column) }} is not null
    and (
        {{ utc_time(raw_column) }} is null
        {%- if not numbers %}
        -- A number has no unit: only a column that is known to hold numbers may have one.
        or (
            {{ microseconds_of_timestamp(raw_column) }} is null
            and {{ number_of(raw_column) }} is not null
        )
        {%- endif %}
    )
having count(*) > 0

{% endtest %}
