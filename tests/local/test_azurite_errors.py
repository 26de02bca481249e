"""Each error of the emulated storage account has an id and a time, as Azure's."""

import re

import pytest
from azure.core.exceptions import HttpResponseError

from local import azurite
from local.cloud import Cloud

VARYING = re.compile(r"RequestId:[0-9a-f-]{36}\nTime:\d{4}-\d\d-\d\dT[\d:.]+Z")


def test_two_equal_failures_have_different_ids_and_the_same_rest(cloud: Cloud) -> None:
    client = azurite.client(cloud.url("blob"))
    texts = []
    for _ in range(2):
        with pytest.raises(HttpResponseError) as caught:
            client.get_blob_client("missing", "blob").upload_blob(b"")
        texts.append(str(caught.value))
    assert texts[0] != texts[1]
    first, second = (VARYING.sub("#", text) for text in texts)
    assert first == second
    assert first.startswith(
        "The specified container does not exist.\n#\nErrorCode:ContainerNotFound"
    )
