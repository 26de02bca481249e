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
                -- ISO 8601 in UTC, which a browser's `new Date` parses. Without a format, the time
                -- would follow the session's parameters.
                'LAST_UPDATED', to_char(last_updated, 'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"')
            )
        ) within group (order by metric_name)
    from {{ params.table }}
    -- No rows, no file: an empty array would erase a public page.
    having count(*) > 0
)
file_format = (type = json compression = none)
single = true
overwrite = true
