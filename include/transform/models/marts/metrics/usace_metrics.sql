with parcels as (

    select
        *,
        -- A parcel whose right of entry is unknown is not eligible.
        coalesce(
            fire_name in ('Eaton', 'Palisades')
            and mission_assignment = '4856DR-CA-COE-SPD-09'
            and roe_details = 'County'
            and roe_status not in ('returned_ineligible', 'returned_withdrawn'),
            false
        ) as is_eligible
    from {{ ref('stg_usace__parcels') }}

),

counts as (

    select
        count(*) as loaded_rows,
        {{ last_updated() }} as last_updated,
        count(distinct iff(is_eligible and roe_approved_at is not null, object_id, null))
            as phase2_roes_accepted,
        count(distinct iff(is_eligible and roe_submitted_at is not null, object_id, null))
            as phase2_parcels_in_queue,
        count(distinct iff(is_eligible and fso_package_approved_at is not null, object_id, null))
            as phase2_parcels_completed
    from parcels

)

{{ metric_rows('usace', 'counts') }}
