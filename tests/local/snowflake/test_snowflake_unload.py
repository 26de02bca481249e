"""COPY INTO @stage: the blob that it writes, and the statements that it refuses."""

import gzip
import json

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobServiceClient
from snowflake.connector.errors import ProgrammingError

from local.cloud import Cloud
from local.credentials import BLOB_ACCOUNT
from tests.local.snowflake.client import CONTAINER, Run

JSON_FORMAT = "FILE_FORMAT = (TYPE = JSON COMPRESSION = NONE)"


@pytest.fixture
def folder(run: Run, cloud: Cloud, database: str, blobs: BlobServiceClient) -> str:
    """The container's folder behind the stage STAGED."""
    host = cloud.url("blob").removeprefix("http://")
    url = f"azure://{host}/{BLOB_ACCOUNT}/{CONTAINER}/{database}/"
    run(f"CREATE STAGE STAGED STORAGE_INTEGRATION = AZURE URL = '{url}'")
    run("CREATE TABLE COUNTS (N NUMBER(38,0), AMOUNT NUMBER(38,2))")
    run("INSERT INTO COUNTS VALUES (1, 1.25), (2, 1234567.89)")
    return database


def read(blobs: BlobServiceClient, folder: str, name: str) -> bytes:
    content: bytes = blobs.get_blob_client(CONTAINER, f"{folder}/{name}").download_blob().readall()
    return content


def copy(what: str, name: str = "out.json", options: str = f"{JSON_FORMAT} SINGLE = TRUE") -> str:
    return f"COPY INTO @STAGED/{name} FROM {what} {options}"


OBJECTS = "(SELECT OBJECT_CONSTRUCT('n', N, 'amount', AMOUNT) FROM COUNTS ORDER BY N)"


def test_each_row_becomes_one_line_of_json(run: Run, folder: str, blobs: BlobServiceClient) -> None:
    rows = run(copy(OBJECTS, "sources/out.json"))
    content = read(blobs, folder, "sources/out.json")
    assert [json.loads(line) for line in content.splitlines()] == [
        {"n": 1, "amount": 1.25},
        {"n": 2, "amount": 1234567.89},
    ]
    assert content.endswith(b"}\n")
    assert rows == [(2, len(content), len(content))]


def test_a_table_of_one_variant_column_is_unloaded_by_its_name(
    run: Run, folder: str, blobs: BlobServiceClient
) -> None:
    run("CREATE TABLE DOCUMENTS AS SELECT PARSE_JSON('{\"a\": [1, null]}') AS DOCUMENT")
    run(copy("DOCUMENTS"))
    assert json.loads(read(blobs, folder, "out.json")) == {"a": [1, None]}


def test_the_blob_has_the_type_that_azure_gives_by_default(
    run: Run, folder: str, blobs: BlobServiceClient
) -> None:
    run(copy(OBJECTS))
    properties = blobs.get_blob_client(CONTAINER, f"{folder}/out.json").get_blob_properties()
    assert properties.content_settings.content_type == "application/octet-stream"


def test_an_unload_is_gzipped_unless_compression_is_none(
    run: Run, folder: str, blobs: BlobServiceClient
) -> None:
    ((_, read_bytes, written_bytes),) = run(
        copy(OBJECTS, options="FILE_FORMAT = (TYPE = JSON) SINGLE = TRUE")
    )
    content = read(blobs, folder, "out.json")
    assert len(content) == written_bytes
    assert len(gzip.decompress(content)) == read_bytes


def test_an_existing_file_stays_unless_overwrite_is_true(
    run: Run, folder: str, blobs: BlobServiceClient
) -> None:
    run(copy("(SELECT OBJECT_CONSTRUCT('v', 1))"))
    with pytest.raises(ProgrammingError, match="already existing at the unload destination"):
        run(copy("(SELECT OBJECT_CONSTRUCT('v', 2))"))
    assert json.loads(read(blobs, folder, "out.json")) == {"v": 1}
    run(copy("(SELECT OBJECT_CONSTRUCT('v', 3))") + " OVERWRITE = TRUE")
    assert json.loads(read(blobs, folder, "out.json")) == {"v": 3}


def test_an_unload_of_no_rows_writes_no_file_and_leaves_an_existing_one(
    run: Run, folder: str, blobs: BlobServiceClient
) -> None:
    nothing = (
        copy("(SELECT OBJECT_CONSTRUCT('v', 1) FROM COUNTS WHERE N > 2)") + " OVERWRITE = TRUE"
    )
    assert run(nothing) == [(0, 0, 0)]
    with pytest.raises(ResourceNotFoundError):
        read(blobs, folder, "out.json")
    run(copy("(SELECT OBJECT_CONSTRUCT('v', 2))"))
    assert run(nothing) == [(0, 0, 0)]
    assert json.loads(read(blobs, folder, "out.json")) == {"v": 2}


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (copy("(SELECT N, AMOUNT FROM COUNTS)"), "one and only one column of type variant"),
        (copy("(SELECT N FROM COUNTS)"), "one and only one column of type variant"),
        (copy("(SELECT OBJECT_CONSTRUCT('a', 1) FROM NOWHERE)"), "NOWHERE"),
        (copy(OBJECTS, options=JSON_FORMAT), "SINGLE = TRUE"),
        (copy(OBJECTS) + " MAX_FILE_SIZE = 10", "Max file size"),
        (copy(OBJECTS) + " HEADER = TRUE", "HEADER"),
        (copy(OBJECTS) + " DETAILED_OUTPUT = TRUE", "DETAILED_OUTPUT"),
        (copy(OBJECTS) + " VALIDATION_MODE = RETURN_ROWS", "VALIDATION_MODE"),
        (copy(OBJECTS, options="FILE_FORMAT = (TYPE = CSV) SINGLE = TRUE"), "CSV"),
        (
            copy(OBJECTS, options="FILE_FORMAT = (TYPE = JSON COMPRESSION = BZ2) SINGLE = TRUE"),
            "BZ2",
        ),
        (
            copy(OBJECTS, options="FILE_FORMAT = (TYPE = JSON TRIM_SPACE = TRUE) SINGLE = TRUE"),
            "TRIM_SPACE",
        ),
        (copy(OBJECTS).replace("STAGED", "NO_STAGE"), "NO_STAGE' does not exist"),
    ],
)
def test_an_unsupported_unload_is_refused_by_name_and_writes_nothing(
    run: Run, folder: str, blobs: BlobServiceClient, statement: str, message: str
) -> None:
    with pytest.raises(ProgrammingError, match=message):
        run(statement)
    with pytest.raises(ResourceNotFoundError):
        read(blobs, folder, "out.json")


def test_a_container_that_does_not_exist_is_an_sql_error(run: Run, cloud: Cloud) -> None:
    host = cloud.url("blob").removeprefix("http://")
    run(f"CREATE STAGE LOST URL = 'azure://{host}/{BLOB_ACCOUNT}/no-such-container/'")
    with pytest.raises(ProgrammingError, match="no-such-container"):
        run(copy("(SELECT OBJECT_CONSTRUCT('a', 1))").replace("STAGED", "LOST"))


def test_a_stage_of_another_account_is_refused(run: Run) -> None:
    run("CREATE STAGE FAR URL = 'azure://account.blob.core.windows.net/dashboard-data/'")
    with pytest.raises(ProgrammingError, match=r"account\.blob\.core\.windows\.net"):
        run(copy("(SELECT OBJECT_CONSTRUCT('a', 1))").replace("STAGED", "FAR"))


def test_the_inner_query_sees_the_sessions_own_open_transaction(
    run: Run, folder: str, blobs: BlobServiceClient
) -> None:
    run("BEGIN")
    run("DELETE FROM COUNTS WHERE N = 1")
    run(copy("(SELECT OBJECT_CONSTRUCT('rows', COUNT(*)) FROM COUNTS)"))
    run("ROLLBACK")
    assert json.loads(read(blobs, folder, "out.json")) == {"rows": 1}
