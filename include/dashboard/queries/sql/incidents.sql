select
    incident,
    kind,
    severity,
    dag,
    tasks,
    opened_at,
    closed_at,
    datediff('second', opened_at, closed_at) / 3600 as hours_open,
    public_sees,
    error,
    responder
from {{ history }}.incident_log
-- The row of an incident that was written last has its newest state.
qualify
    row_number() over (
        partition by incident
        order by happened_at desc, closed_at desc nulls last
    ) = 1
    and (closed_at is null or closed_at >= {{ since }})
order by opened_at desc, incident asc
