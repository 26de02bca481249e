select
    'Palisades' as fire_name,
    coalesce(application_stage, 'Unknown') as status,
    project_number as place,
    dbt_valid_from as recorded_at,
    longitude,
    latitude
from {{ history }}.malibu_applications_history
where dbt_valid_from < {{ ended }} and (dbt_valid_to is null or dbt_valid_to >= {{ ended }})
