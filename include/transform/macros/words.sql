{#-
    Every word of a source that a metric's rule names, once, and the other values known to exist
    beside it: an empty one if the rule leaves out rows without a value. A rule names a word by its
    key.
-#}
{% macro words_of(column, keys='all') -%}
    {%- set declared = {
        'epa.public_status': {
            'rule': {
                'complete': 'Phase 1 Complete',
                'deferred': 'Deferred to Phase 2',
            },
            'known': [
                'Assessment Pending',
                'Phase 1 In Progress',
                'Phase 2 Complete',
                'No Structure Damage - No Action',
                'Unknown',
            ],
        },
        'epa.land_use': {
            'rule': {'residential': 'Residential'},
            'known': [
                'Commercial', 'Institutional', 'Mixed Use', 'Recreational',
            ],
        },
        'usace.fire_name': {
            'rule': {'eaton': 'Eaton', 'palisades': 'Palisades'},
            'known': ['Hughes', 'Hurst', 'Kenneth', 'Sunset'],
        },
        'usace.mission_assignment': {
            'rule': {'debris': '4856DR-CA-COE-SPD-09'},
            'known': ['4856DR-CA-COE-SPD-03', '4856DR-CA-COE-SPD-10'],
        },
        'usace.roe_details': {
            'rule': {'county': 'County'},
            'known': ['City', 'FEMA', 'Private'],
        },
        'usace.roe_status': {
            'rule': {
                'ineligible': 'returned_ineligible',
                'withdrawn': 'returned_withdrawn',
            },
            'known': ['approved', 'received', 'submitted', 'under_appeal', ''],
        },
        'pasadena.permit_status': {
            'rule': {'in_review': 'In Review', 'issued': 'Issued'},
            'known': ['Applied', 'Expired', 'Finaled', 'Withdrawn'],
        },
        'malibu.application_stage': {
            'rule': {
                'in_planning': 'InPlanning',
                'in_plan_check': 'InBPC',
                'pending': 'PendingBSReview',
                'issued': 'PermitIssued',
            },
            'known': [],
        },
    }[column] -%}
    {%- set chosen = [] -%}
    {%- for key, word in declared['rule'].items() if keys is string or key in keys -%}
        {%- do chosen.append(word) -%}
    {%- endfor -%}
    {%- if keys == 'all' -%}
        {%- do chosen.extend(declared['known']) -%}
    {%- elif keys is not string and chosen | length != keys | length -%}
        {{- exceptions.raise_compiler_error(column ~ ' does not declare all of ' ~ keys) -}}
    {%- endif -%}
    {%- for word in chosen -%}
        '{{ word | lower | replace("'", "''") }}'{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{% macro clean_text(column) -%}
    {#- Without a list, TRIM removes the usual blank only. The list is Unicode's white space, and the
        two blanks of no width. -#}
    {%- set blanks = [
        9, 10, 11, 12, 13, 32, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200,
        8201, 8202, 8203, 8232, 8233, 8239, 8287, 12288, 65279,
    ] -%}
    nullif(trim({{ column }}::varchar, chr({{ blanks | join(') || chr(') }})), '')
{%- endmacro %}
