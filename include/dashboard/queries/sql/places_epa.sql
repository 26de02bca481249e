select
    coalesce(fire_name, 'Unknown') as fire_name,
    coalesce(public_status, 'Unknown') as status,
    address as place,
    dbt_valid_from as recorded_at,
    geometry
from {{ history }}.epa_parcels_history
where dbt_valid_from < {{ ended }} and (dbt_valid_to is null or dbt_valid_to >= {{ ended }})
