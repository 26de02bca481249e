-- The daily copies in {{ earlier }} as states: each from the day that first showed it to the day
-- that showed something else, or to the first load of this project.
insert into {{ snapshot }} (
    {{ columns | join(',\n    ') }},
    dbt_scd_id,
    dbt_updated_at,
    dbt_valid_from,
    dbt_valid_to
)
-- Only days before everything that is stored are added, so a second run adds nothing.
with stored as (
    select min(dbt_valid_from) as began_at
    from {{ snapshot }}
),

-- As a raw table of this project. The earlier project wrote dates in California, and a day's copy
-- again every hour: the day on which this project began is left to this project.
copies as (
    select
        {%- for name, value in raw.items() %}
        {{ value }} as {{ name }},
        {%- endfor %}
        '{{ mark }}' || to_char("_LOAD_DATE", 'YYYY-MM-DD') as _load_id
    from {{ earlier }}
    where
        "_LOAD_DATE" < (
            select convert_timezone('UTC', 'America/Los_Angeles', began_at)::date from stored
        )
        {%- for day in left_out %}
        and "_LOAD_DATE" <> '{{ day }}'::date
        {%- endfor %}
),

staging as (
    {{ staging | indent }}
),

states as (
    {{ states | indent }}
),

-- A day without a copy is no day: nothing ended on it.
days as (
    select
        _load_id as day_id,
        row_number() over (order by _load_id) as day_number,
        convert_timezone(
            'America/Los_Angeles',
            'UTC',
            to_timestamp_ntz(right(_load_id, 10), 'YYYY-MM-DD')
        ) as day_began_at
    from (select distinct _load_id from copies)
),

contents as (
    select
        states.*,
        days.day_number,
        days.day_began_at,
        hash({{ checked | map('string') | join(', ') }}) as copy_content
    from states
    inner join days on states.load_id = days.day_id
    where states.{{ key }} is not null
),

-- A key that a day's copy holds several times: the row of the last load, or of the last edit.
single as (
    select *
    from contents
    qualify
        row_number() over (
            partition by {{ key }}, day_number
            order by loaded_at desc nulls last, source_edited_at desc nulls last, copy_content
        ) = 1
),

compared as (
    select
        *,
        iff(
            copy_content = lag(copy_content) over (partition by {{ key }} order by day_number)
            and day_number = lag(day_number) over (partition by {{ key }} order by day_number) + 1,
            0,
            1
        ) as copy_begins
    from single
),

numbered as (
    select
        *,
        sum(copy_begins) over (
            partition by {{ key }}
            order by day_number
            rows between unbounded preceding and current row
        ) as state_number
    from compared
),

lasting as (
    select
        *,
        max(day_number) over (partition by {{ key }}, state_number) as last_day_number
    from numbered
)

select
    {%- for column in columns %}
    lasting.{{ column }},
    {%- endfor %}
    -- dbt's own expression: https://docs.getdbt.com/docs/build/snapshots#snapshot-meta-fields
    md5(
        coalesce(lasting.{{ key }}::varchar, '')
        || '|'
        || coalesce(lasting.day_began_at::varchar, '')
    ) as dbt_scd_id,
    lasting.day_began_at as dbt_updated_at,
    lasting.day_began_at as dbt_valid_from,
    coalesce(next_days.day_began_at, stored.began_at) as dbt_valid_to
from lasting
cross join stored
left join days as next_days on lasting.last_day_number + 1 = next_days.day_number
where lasting.copy_begins = 1
