{#
    The list has no key: a row's content is its identity, so a changed row ends and another
    begins. Rows of equal content in one load are numbered.
#}
{% snapshot malibu_applications_history %}
{{
    config(
        unique_key='content_key',
        check_cols=['content_key'],
    )
}}
{%- set columns = [
    'project_number',
    'application_stage',
    'planning_approved',
    'case_type',
    'case_category',
    'structure_count',
    'days_to_decision',
    'days_to_first_response',
    'decision_count',
    'first_response_count',
    'latitude',
    'longitude',
] %}

with applications as (
    select
        *,
        md5(to_json(array_construct(
            {%- for column in columns %}
            {{ column }}::varchar {{- ',' if not loop.last }}
            {%- endfor %}
        ))) as content
    from {{ ref('stg_malibu__rebuild_points') }}
)

select
    {{ columns | join(',\n    ') }},
    source_edited_at,
    loaded_at,
    load_id,
    content
    || '-'
    || row_number() over (partition by content, load_id order by content) as content_key
from applications
{% endsnapshot %}
