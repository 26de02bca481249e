"""Checks of the services that the pipeline calls: sources, Fivetran, Slack and GitHub."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import httpx

from include import connections
from include.https import trusted
from include.incidents import settings
from include.incidents.issue import API
from include.loaders import LoadOptions, Origin, hash_json_list, read_layer_info
from include.loaders.tls import expiry_notes, find_bundle
from include.pipeline.fivetran import FivetranApi
from include.pipeline.load import origin_of
from include.pipeline.sync_schema import check_written_table
from include.sources import SOURCES
from include.times import utc_now
from tools.acceptance.outcomes import CheckFailedError, expect
from tools.preflight.deployment import Deployment

ROOT = Path(__file__).parents[2]
# The project's folder in the image, which a connection's `ca_bundle` names.
_IMAGE = Path("/usr/local/airflow")
_TIMEOUT_SECONDS = 30
_READ = LoadOptions(retry_seconds=5.0, timeout_seconds=30.0)
# Slack's answers to a message without a text, for a webhook that exists
# (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors).
_WEBHOOK_EXISTS = ("no_text", "invalid_payload")


def source(deployment: Deployment, name: str) -> str:
    """`source`: a source answers, and its server's certificate is trusted for 30 more days."""
    deployment.find_connection(connections.source_connection(name))
    declared, origin = SOURCES[name], _in_this_checkout(origin_of(name))
    expiring = [] if not (bundle := find_bundle(name, origin)) else expiry_notes(bundle, utc_now())
    for layer in declared.layers:
        read_layer_info(layer, origin, _READ)
    for each in declared.lists:
        hash_json_list(each, origin, _READ)
    expect(not expiring, " ".join(expiring))
    return "It answers as declared."


def fivetran(deployment: Deployment, name: str) -> str:
    """`fivetran`: a connector exists, can sync, delivers columns, and writes the declared table."""
    [connector] = SOURCES[name].connectors
    deployment.connection(connections.FIVETRAN)
    connector_id = deployment.variable(connector.connector_variable)
    api = FivetranApi(connections.FIVETRAN, connector.connector_variable)
    details = api.check_connector(connector_id)
    check_written_table(api, connector_id, name, connector)
    service = details.get("service")
    expect(
        service == connector.service,
        f"The connector {connector_id} is of the service {service}, not {connector.service}.",
    )
    return f"{connector.table.schema}.{connector.table.name}."


def slack(deployment: Deployment, _: str) -> str:
    """`slack`: the webhook exists. An empty message is sent, which Slack refuses to post."""
    connection = deployment.connection(connections.SLACK)
    try:
        url = httpx.URL(connection.password or "")
    except httpx.InvalidURL:
        url = httpx.URL("")
    expect(
        url.scheme in ("http", "https") and url.host,
        f"The password of the connection {connections.SLACK} is not a webhook's whole address.",
    )
    try:
        answer = httpx.post(url, json={}, timeout=_TIMEOUT_SECONDS, verify=trusted())
    except httpx.HTTPError as error:
        raise CheckFailedError(f"Slack is out of reach: {type(error).__name__}.") from None
    said = answer.text.strip()
    expect(said in _WEBHOOK_EXISTS, f"Slack answers {answer.status_code} {said[:60]}.")
    return "The webhook exists; that it posts to the right channel is for a person to see."


def github(deployment: Deployment, _: str) -> str:
    """`github`: the repository of the issues exists and, with a token, is visible to the token."""
    repository = deployment.variable(settings.REPOSITORY_VARIABLE)
    expect(
        settings.repository(),
        f"The Variable {settings.REPOSITORY_VARIABLE} is not owner/name.",
    )
    connection = deployment.find_connection(connections.GITHUB)
    if connection is None:
        return f"{repository}; no token is set, which is optional: messages link to a new issue."
    base = connections.base_url(connection) if connection.host else API
    try:
        answer = httpx.get(
            f"{base}/repos/{repository}/issues",
            params={"per_page": 1},
            headers={"Authorization": f"Bearer {connection.password}"},
            timeout=_TIMEOUT_SECONDS,
            verify=trusted(),
        )
    except httpx.HTTPError as error:
        raise CheckFailedError(f"GitHub is out of reach: {type(error).__name__}.") from None
    expect(answer.is_success, f"GitHub answers {answer.status_code} for {repository}'s issues.")
    return f"The token reads the issues of {repository}; that it may write them was not tried."


def _in_this_checkout(origin: Origin) -> Origin:
    """The origin with the CA bundle of this checkout in the place of the image's."""
    bundle = Path(origin.ca_bundle) if origin.ca_bundle else None
    if bundle is None or bundle.exists() or not bundle.is_relative_to(_IMAGE):
        return origin
    return replace(origin, ca_bundle=str(ROOT / bundle.relative_to(_IMAGE)))
