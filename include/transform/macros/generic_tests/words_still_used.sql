{% test words_still_used(model, column_name, words) %}

with held as (
    select
        coalesce(lower({{ column_name }}), '') as word,
        coalesce(min({{ column_name }}), 'no value') as example,
        count(*) as row_count
    from {{ model }}
    group by coalesce(lower({{ column_name }}), '')
)

select
    '{{ column_name }}' as column_name,
    used.word as missing_word,
    unknown.example as unknown_value,
    unknown.row_count
from (
    select flattened.value::varchar as word
    from table(flatten(input => array_construct({{ words_of(words, 'rule') }}))) as flattened
) as used
cross join held as unknown
where
    used.word not in (select held.word from held)
    and unknown.word not in ({{ words_of(words) }})

{% endtest %}
