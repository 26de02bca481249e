select
    convert_timezone('UTC', 'America/Los_Angeles', loaded_at)::date as loaded_on,
    source,
    table_name,
    count(*) as loads,
    count_if(outcome like '%failure') as failures,
    median(seconds) as median_seconds,
    max(seconds) as longest_seconds,
    sum(byte_count) as bytes_received
from {{ loading }}.load_log
where loaded_at >= {{ since }}
group by loaded_on, source, table_name
order by loaded_on, source, table_name
