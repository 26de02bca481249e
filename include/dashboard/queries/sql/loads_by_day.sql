select
    convert_timezone('UTC', 'America/Los_Angeles', loaded_at)::date as loaded_on,
    -- The log has the names of the city's lists; they are one source.
    iff(table_name like '%.MALIBU_REBUILDS.%', 'malibu', source) as source_name,
    table_name,
    count_if(outcome not like '%failure') as loads,
    count_if(outcome like '%failure') as failures,
    median(iff(outcome like '%failure', null, seconds)) as median_seconds,
    max(iff(outcome like '%failure', null, seconds)) as longest_seconds,
    sum(byte_count) as bytes_received
from {{ loading }}.load_log
where loaded_at >= {{ since }}
group by loaded_on, source_name, table_name
order by loaded_on, source_name, table_name
