select
    coalesce(fire_name, 'Unknown') as fire_name,
    -- The latest step that a parcel has reached.
    case
        when fso_package_approved_at is not null then 'Debris removal completed'
        when
            roe_status like 'returned%' or roe_withdrawn_at is not null
            then 'Right of entry returned'
        when roe_approved_at is not null then 'Right of entry accepted'
        when roe_submitted_at is not null then 'In the queue'
        else 'No right of entry yet'
    end as status,
    address as place,
    dbt_valid_from as recorded_at,
    geometry
from {{ history }}.usace_parcels_history
where dbt_valid_from < {{ ended }} and (dbt_valid_to is null or dbt_valid_to >= {{ ended }})
