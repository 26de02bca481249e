-- Contacts' names and addresses, and the modifier's name, stay in the raw table.
select
    id as record_id,
    {{ first_text('metric_machine_name_from_metric_definition_') }} as metric_name,
    case
        when {{ is_list('metric_machine_name_from_metric_definition_') }}
            then array_size(to_variant(metric_machine_name_from_metric_definition_))
        when metric_machine_name_from_metric_definition_ is null then 0
        else 1
    end::number(38, 0) as metric_name_count,
    {{ first_text('metric_name_from_metric_definition_') }} as metric_title,
    -- A slip of the keyboard must not overflow the column, and with it fail every entry.
    least(greatest(metric, -1e30), 1e30)::number(38, 2) as metric_value,
    lower({{ first_text('metric_type_from_metric_definition_') }}) as metric_type,
    {{ first_text('metric_unit_label_from_metric_definition_') }} as metric_unit_label,
    lower({{ first_text('update_frequency_from_metric_definition_') }}) as update_frequency,
    {{ first_text('topic_from_metric_definition_') }} as topic,
    as_of_label,
    {{ utc_time('date_created') }} as created_at,
    {{ utc_time('date_metric_modified') }} as modified_at,
    {{ utc_time('_fivetran_synced') }} as synced_at
from {{ source('airtable', 'metrics') }}
