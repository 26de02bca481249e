with parcels as (

    select * from {{ ref('stg_usace__parcels') }}

),

-- The parcels of this mission, in the two fires, that the county handles.
handled as (

    select * from parcels
    where
        lower(fire_name) in ({{ words_of('usace.fire_name', ['eaton', 'palisades']) }})
        and lower(mission_assignment) = {{ words_of('usace.mission_assignment', ['debris']) }}
        and lower(roe_details) = {{ words_of('usace.roe_details', ['county']) }}

),

eligible as (

    select * from handled
    where
        -- A parcel whose right of entry is unknown is not eligible.
        roe_status is not null
        and lower(roe_status) not in (
            {{ words_of('usace.roe_status', ['ineligible', 'withdrawn']) }}
        )

),

counts as (

    select
        'phase2_roes_accepted' as metric_name,
        count(distinct object_id) as metric_value
    from eligible
    where roe_approved_at is not null

    union all

    select
        'phase2_parcels_in_queue' as metric_name,
        count(distinct object_id) as metric_value
    from eligible
    where roe_submitted_at is not null

    union all

    select
        'phase2_parcels_completed' as metric_name,
        count(distinct object_id) as metric_value
    from eligible
    where fso_package_approved_at is not null

)

{{ metric_rows('counts', 'parcels') }}
