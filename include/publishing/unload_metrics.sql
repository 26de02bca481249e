copy into {{ params.location }}/{{ run_id | replace(':', '-') | replace('+', '-') }}.json
from (
    select
        array_agg(
            object_construct_keep_null(
                'METRIC_NAME', metric_name,
                'METRIC_VALUE', metric_value,
                'METRIC_TYPE', metric_type,
                'METRIC_UNIT_LABEL', metric_unit_label,
                'UPDATE_FREQUENCY', update_frequency,
                'LAST_UPDATED', last_updated
            )
        ) within group (order by metric_name)
    from {{ params.table }}
    -- No rows, no file: an empty array would erase a public page.
    having count(*) > 0
)
file_format = (type = json compression = none)
single = true
overwrite = true
