select
    'Eaton' as fire_name,
    coalesce(permit_status, 'Unknown') as status,
    address as place,
    dbt_valid_from as recorded_at,
    geometry
from {{ history }}.pasadena_permits_history
where dbt_valid_from < {{ ended }} and (dbt_valid_to is null or dbt_valid_to >= {{ ended }})
