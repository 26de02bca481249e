with parcels as (

    select
        *,
        coalesce(source_edited_at, loaded_at) as updated_at
    from {{ ref('stg_usace__parcels') }}
    -- A parcel that the layer shows twice counts once, as in the public metrics.
    qualify
        row_number() over (
            partition by object_id
            order by fso_package_approved_at asc nulls last, roe_approved_at asc nulls last
        ) = 1

)

select
    object_id::number(38, 0) as object_id,
    coalesce(fire_name, 'Not stated')::varchar as fire_name,
    coalesce(roe_status, 'Not stated')::varchar as roe_status,
    case
        when fso_package_approved_at is not null then 'Debris removal completed'
        when roe_approved_at is not null then 'Right of entry accepted'
        when roe_submitted_at is not null then 'In the queue'
        else 'No right of entry yet'
    end::varchar as latest_step,
    -- The rule of the public metrics, in usace_metrics: a test compares the two.
    coalesce(
        lower(fire_name) in ({{ words_of('usace.fire_name', ['eaton', 'palisades']) }})
        and lower(mission_assignment) = {{ words_of('usace.mission_assignment', ['debris']) }}
        and lower(roe_details) = {{ words_of('usace.roe_details', ['county']) }}
        and lower(roe_status) not in (
            {{ words_of('usace.roe_status', ['ineligible', 'withdrawn']) }}
        ),
        false
    )::boolean as is_eligible,
    roe_submitted_at::timestamp_ntz(9) as roe_submitted_at,
    roe_approved_at::timestamp_ntz(9) as roe_approved_at,
    roe_withdrawn_at::timestamp_ntz(9) as roe_withdrawn_at,
    fso_package_approved_at::timestamp_ntz(9) as fso_package_approved_at,
    updated_at::timestamp_ntz(9) as last_updated
from parcels
