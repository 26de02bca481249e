"""Where Snowflake writes and reads outside of itself."""

from collections.abc import Iterator

from include.publishing.names import CANDIDATES_CONTAINER, PUBLIC_CONTAINER
from tests.terraform.policies.planned import Planned
from tests.terraform.running import VARIABLES

# Each stage: its location in the storage account, its file format and that format's settings.
STAGES = {
    "AZURE_STAGE_DDRC": (f"{CANDIDATES_CONTAINER}/", "JSON_DDRC"),
    "RELEASED_DDRC": (f"{PUBLIC_CONTAINER}/sources/", "JSON_RELEASED_DDRC"),
}
FORMATS = {
    # A browser cannot read a compressed file under a plain name.
    "JSON_DDRC": ("NONE", (None, "default")),
    "JSON_RELEASED_DDRC": (None, ("true",)),
}


def check_stages(planned: Planned) -> Iterator[str]:
    """A stage has its location, its format and the integration: no key, no token."""
    account = f"azure://{VARIABLES['storage_account']}.blob.core.windows.net"
    if planned.names("snowflake_stage_external_azure") != STAGES.keys():
        yield f"snowflake_stage_external_azure: the stages are not {sorted(STAGES)}"
    for stage in planned.of_type("snowflake_stage_external_azure"):
        values, at = stage.values, stage.address
        location, form = STAGES.get(values["name"], ("", ""))
        if values["url"] != f"{account}/{location}":
            yield f"{at}: is at {values['url']}, not at {location}"
        if {values["storage_integration"]} != planned.names("snowflake_storage_integration_azure"):
            yield f"{at}: does not use the storage integration"
        names = [one["format_name"] for one in values["file_format"]]
        if names != [f'"ANALYTICS_{planned.suffix}"."PUBLIC"."{form}"']:
            yield f"{at}: has the file format {names}"


def check_formats(planned: Planned) -> Iterator[str]:
    """What is unloaded is not compressed, and each metric of a released file is a row."""
    for one in planned.of_type("snowflake_file_format_json", "snowflake_stage_external_azure"):
        if (one.values["database"], one.values["schema"]) != (
            f"ANALYTICS_{planned.suffix}",
            "PUBLIC",
        ):
            yield f"{one.address}: is in {one.values['database']}.{one.values['schema']}"
    if planned.names("snowflake_file_format_json") != FORMATS.keys():
        yield f"snowflake_file_format_json: the file formats are not {sorted(FORMATS)}"
    for form in planned.of_type("snowflake_file_format_json"):
        compression, stripped = FORMATS.get(form.values["name"], ("", ()))
        if form.values["compression"] != compression:
            yield f"{form.address}: has the compression {form.values['compression']}"
        if form.values["strip_outer_array"] not in stripped:
            yield f"{form.address}: strip_outer_array is {form.values['strip_outer_array']}"


def check_integration(planned: Planned) -> Iterator[str]:
    """The integration allows the stages' locations and nothing else."""
    stages = {one.values["url"] for one in planned.of_type("snowflake_stage_external_azure")}
    for one in planned.of_type("snowflake_storage_integration_azure"):
        if set(one.values["storage_allowed_locations"]) != stages:
            yield f"{one.address}: allows other locations than the stages'"
        if one.values["enabled"] is not True:
            yield f"{one.address}: is disabled"
        if one.values["azure_tenant_id"] != VARIABLES["tenant_id"]:
            yield f"{one.address}: is for the tenant {one.values['azure_tenant_id']}"


POLICIES = (check_stages, check_formats, check_integration)
