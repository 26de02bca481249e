{% test known_words(model, column_name, words) %}

select
    '{{ column_name }}' as column_name,
    min({{ column_name }}) as value,
    count(*) as row_count
from {{ model }}
where lower({{ column_name }}) not in ({{ words_of(words) }})
group by lower({{ column_name }})

{% endtest %}
