select
    permit_number,
    permit_status,
    dbt_valid_from,
    dbt_valid_to
from {{ history }}.pasadena_permits_history
where permit_number is not null
