select
    -- The log has the names of the city's lists; they are one source.
    iff(table_name like '%.MALIBU_REBUILDS.%', 'malibu', source) as source_name,
    max(loaded_at) as last_loaded_at
from {{ loading }}.load_log
where outcome not like '%failure'
group by source_name
order by source_name
