"""Providers without their binaries: gRPC servers that give Terraform the providers' schemas.

Terraform's core checks a configuration against a provider's schema, which it requests over gRPC
(plugin protocol 6). These servers answer from a schema document, so that `validate`, `plan` and
`test` run without a network. They reach no cloud: nothing can be applied. Checks that only a real
provider makes (the values of an enumeration, conflicting attributes) are in policies/.

With `named=True` a planned object has distinct ids, made of its type and its name, so that a plan
shows the object that a reference reaches. A real plan does not know them yet: with `named=False`
they are unknown, and Terraform refuses what needs them too early.
"""

import json
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import msgpack
from tf.gen import tfplugin_pb2 as messages
from tf.gen import tfplugin_pb2_grpc as services

UNKNOWN = msgpack.ExtType(0, b"\x00")  # A value that is known only after an apply.
NESTING = {"single": 1, "list": 2, "set": 3, "map": 4, "group": 5}
# What a resource's configuration refers to and only its provider sets.
REFERRED = ("id", "fully_qualified_name", "describe_output")
MAX_MESSAGE_BYTES = 64 << 20


@contextmanager
def serve(documents: list[Path], *, named: bool = False) -> Iterator[dict[str, str]]:
    """Serve schema documents, and yield the environment variables that attach Terraform to them.

    Args:
        documents: The providers' schemas.
        named: Whether planned objects have ids.
    """
    with tempfile.TemporaryDirectory(prefix="tf") as folder, ThreadPoolExecutor(8) as threads:
        running: list[grpc.Server] = []
        attached = {}
        for document in documents:
            for address, schemas in json.loads(document.read_text())["provider_schemas"].items():
                socket = os.path.join(folder, f"{len(running)}.sock")
                running.append(_start(threads, socket, Provider(schemas, named=named)))
                attached[address] = {
                    "Protocol": "grpc",
                    "ProtocolVersion": 6,
                    "Pid": os.getpid(),
                    "Test": True,
                    "Addr": {"Network": "unix", "String": socket},
                }
        try:
            yield {"TF_REATTACH_PROVIDERS": json.dumps(attached)}
        finally:
            for server in running:
                server.stop(None).wait()


def _start(threads: ThreadPoolExecutor, socket: str, provider: Any) -> grpc.Server:
    server = grpc.server(threads, options=[("grpc.max_send_message_length", MAX_MESSAGE_BYTES)])
    services.add_ProviderServicer_to_server(provider, server)
    server.add_insecure_port(f"unix://{socket}")
    server.start()
    return server


class Provider(services.ProviderServicer):  # type: ignore[misc]  # Generated without types.
    """One provider: the requests that Terraform's core makes for `validate`, `plan` and `test`."""

    def __init__(self, schemas: dict[str, Any], *, named: bool) -> None:
        self._provider = schemas["provider"]
        self._resources = schemas["resource_schemas"]
        self._named = named

    def GetMetadata(self, request: Any, context: Any) -> None:
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "Request the schema.")

    def GetProviderSchema(self, request: Any, context: Any) -> Any:
        return messages.GetProviderSchema.Response(
            provider=_schema(self._provider),
            resource_schemas={name: _schema(one) for name, one in self._resources.items()},
            server_capabilities=messages.ServerCapabilities(get_provider_schema_optional=True),
        )

    def GetFunctions(self, request: Any, context: Any) -> Any:
        return messages.GetFunctions.Response()

    def ValidateProviderConfig(self, request: Any, context: Any) -> Any:
        return messages.ValidateProviderConfig.Response()

    def ConfigureProvider(self, request: Any, context: Any) -> Any:
        return messages.ConfigureProvider.Response()

    def ValidateResourceConfig(self, request: Any, context: Any) -> Any:
        config = _unpack(request.config) or {}
        attributes = self._block(request.type_name).get("attributes", {})
        refused = [
            messages.Diagnostic(
                severity=messages.Diagnostic.ERROR, summary=f"only the provider may set {name}"
            )
            for name, one in attributes.items()
            if one.get("computed") and not one.get("optional") and config.get(name) is not None
        ]
        return messages.ValidateResourceConfig.Response(diagnostics=refused)

    def UpgradeResourceState(self, request: Any, context: Any) -> Any:
        state = _pack(json.loads(request.raw_state.json))
        return messages.UpgradeResourceState.Response(upgraded_state=state)

    def ReadResource(self, request: Any, context: Any) -> Any:
        return messages.ReadResource.Response(new_state=request.current_state)

    def PlanResourceChange(self, request: Any, context: Any) -> Any:
        block = self._block(request.type_name)
        planned = _planned(block, _unpack(request.proposed_new_state))
        if self._named and planned is not None:
            _name(request.type_name, block, planned)
        return messages.PlanResourceChange.Response(planned_state=_pack(planned))

    def StopProvider(self, request: Any, context: Any) -> Any:
        return messages.StopProvider.Response()

    def _block(self, resource: str) -> dict[str, Any]:
        block: dict[str, Any] = self._resources[resource]["block"]
        return block


def _schema(document: dict[str, Any]) -> Any:
    return messages.Schema(version=document.get("version", 0), block=_block(document["block"]))


def _block(document: dict[str, Any]) -> Any:
    flags = ("required", "optional", "computed", "sensitive")
    return messages.Schema.Block(
        attributes=[
            messages.Schema.Attribute(
                name=name,
                type=json.dumps(one["type"]).encode(),
                **{flag: one.get(flag, False) for flag in flags},
            )
            for name, one in document.get("attributes", {}).items()
        ],
        block_types=[
            messages.Schema.NestedBlock(
                type_name=name,
                nesting=NESTING[one["nesting_mode"]],
                min_items=one.get("min_items", 0),
                max_items=one.get("max_items", 0),
                block=_block(one["block"]),
            )
            for name, one in document.get("block_types", {}).items()
        ],
    )


def _planned(block: dict[str, Any], value: Any) -> Any:
    """A proposed value, in which the attributes that the provider computes are unknown."""
    if not isinstance(value, dict):
        return value
    planned = dict(value)
    for name, one in block.get("attributes", {}).items():
        if one.get("computed") and planned.get(name) is None:
            planned[name] = UNKNOWN
    for name, one in block.get("block_types", {}).items():
        if isinstance(planned.get(name), list):
            planned[name] = [_planned(one["block"], each) for each in planned[name]]
    return planned


def _name(kind: str, block: dict[str, Any], planned: dict[str, Any]) -> None:
    """Give a planned object the values that only its provider sets, made of its type and name."""
    names = [planned.get(part) for part in ("database", "schema", "name")]
    path = [name for name in names if isinstance(name, str)]
    for name, one in block["attributes"].items():
        if name not in REFERRED or planned[name] is not UNKNOWN:
            continue
        if name == "fully_qualified_name":
            planned[name] = ".".join(f'"{part}"' for part in path)
        else:
            planned[name] = _value(one["type"], f"{kind} {'.'.join(path)}: {name}")


def _value(kind: Any, text: str) -> Any:
    """A value of a type: its texts are `text` and the names of the fields above them."""
    if kind == "string":
        return text
    if isinstance(kind, list) and kind[0] == "object":
        return {name: _value(one, f"{text}.{name}") for name, one in kind[1].items()}
    if isinstance(kind, list) and kind[0] in ("list", "set"):
        return [_value(kind[1], text)]
    return UNKNOWN


def _unpack(value: Any) -> Any:
    if value.json:
        return json.loads(value.json)
    return msgpack.unpackb(value.msgpack, ext_hook=msgpack.ExtType) if value.msgpack else None


def _pack(value: Any) -> Any:
    return messages.DynamicValue(msgpack=msgpack.packb(value))
