select
    project_number,
    application_stage,
    dbt_valid_from,
    dbt_valid_to
from {{ history }}.malibu_applications_history
where project_number is not null
