select
    rebuildgroup as rebuild_group,
    rebuildtypecount as application_count,
    valuecolor as chart_color,
    _source_edited_at as source_edited_at,
    _loaded_at as loaded_at,
    _load_id as load_id
from {{ source('malibu', 'overall_rebuild_stats_pie_read') }}
