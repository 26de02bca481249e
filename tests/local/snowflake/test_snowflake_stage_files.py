"""Queries of an external stage: the records of its JSON files, and the queries that are refused."""

import json
from collections.abc import Callable

import pytest
from azure.storage.blob import BlobServiceClient
from snowflake.connector.errors import ProgrammingError

from local.cloud import Cloud
from local.credentials import BLOB_ACCOUNT
from tests.local.snowflake.client import CONTAINER, Connect, Run

Write = Callable[[str, str], None]
EPA = [{"METRIC_NAME": "a", "METRIC_VALUE": 1.25}, {"METRIC_NAME": "b", "METRIC_VALUE": 2}]
USACE = [{"METRIC_NAME": "c", "METRIC_VALUE": 1234567.89, "IT'S": {"x": None}}]
NAMES = 'SELECT $1:"METRIC_NAME"::VARCHAR FROM @STAGED'


def stage_url(cloud: Cloud, path: str) -> str:
    host = cloud.url("blob").removeprefix("http://")
    return f"azure://{host}/{BLOB_ACCOUNT}/{path}"


@pytest.fixture
def write(run: Run, cloud: Cloud, database: str, blobs: BlobServiceClient) -> Write:
    """Write a file into the folder behind the stages STAGED and WHOLE, which have file formats."""
    run("CREATE FILE FORMAT ROWS_OF_ARRAYS TYPE = JSON STRIP_OUTER_ARRAY = TRUE")
    for name, file_format in (
        ("STAGED", "FORMAT_NAME = 'ROWS_OF_ARRAYS'"),
        ("WHOLE", "TYPE = JSON"),
        ("PLAIN", ""),
    ):
        options = f"FILE_FORMAT = ({file_format})" if file_format else ""
        url = stage_url(cloud, f"{CONTAINER}/{database}/sources/")
        run(f"CREATE STAGE {name} URL = '{url}' STORAGE_INTEGRATION = AZURE {options}")

    def write_file(name: str, content: str) -> None:
        blobs.get_blob_client(CONTAINER, f"{database}/{name}").upload_blob(content, overwrite=True)

    write_file("sources/epa.json", json.dumps(EPA))
    write_file("sources/usace.json", json.dumps(USACE))
    write_file("sources2/epa.json", '[{"METRIC_NAME": "not in the stage"}]')
    return write_file


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        (NAMES, ["a", "b", "c"]),
        (f"{NAMES}/epa.json", ["a", "b"]),
        # A path is the beginning of names.
        (f"{NAMES}/us", ["c"]),
        (f"{NAMES}/sage.json", []),
        (f"{NAMES} (PATTERN => '.*/(usace|none)[.]json')", ["c"]),
        # A pattern is for the whole path.
        (f"{NAMES} (PATTERN => 'usace.json')", []),
        (f"{NAMES.replace('STAGED', 'PLAIN')} (FILE_FORMAT => 'ROWS_OF_ARRAYS')", ["a", "b", "c"]),
        (f"{NAMES.replace('STAGED', 'WHOLE')} (FILE_FORMAT => ROWS_OF_ARRAYS)", ["a", "b", "c"]),
        ("SELECT F.$1:METRIC_NAME::VARCHAR FROM @STAGED/epa.json F WHERE F.$1:METRIC_VALUE > 1.5",
         ["b"]),
        ("WITH N AS (SELECT $1 AS DOC FROM @STAGED) SELECT DOC:METRIC_NAME::VARCHAR FROM N",
         ["a", "b", "c"]),
        ("SELECT NAME FROM (SELECT $1:METRIC_NAME::VARCHAR AS NAME FROM @STAGED/usace.json)",
         ["c"]),
        ("SELECT $1[1]:METRIC_NAME::VARCHAR FROM @WHOLE/epa.json", ["b"]),
        ("SELECT TO_JSON($1:\"IT'S\") FROM @STAGED/usace.json", ['{"x":null}']),
        ("SELECT SUM($1:METRIC_VALUE::NUMBER(38, 2))::VARCHAR FROM @STAGED", ["1234571.14"]),
        ("SELECT DISTINCT SPLIT_PART(METADATA$FILENAME, '/', -1) FROM @STAGED ORDER BY 1",
         ["epa.json", "usace.json"]),
    ],
)  # fmt: skip
def test_a_stages_json_files_are_queried(
    query: str, rows: list[str], run: Run, write: Write
) -> None:
    assert [row[0] for row in run(query)] == rows


def test_a_files_name_is_its_path_in_the_container(run: Run, write: Write, database: str) -> None:
    [(name,)] = run("SELECT METADATA$FILENAME FROM @STAGED/usace.json")
    assert name == f"{database}/sources/usace.json"


def test_a_table_is_made_of_a_stage_of_another_schema(
    connect: Connect, write: Write, database: str
) -> None:
    cursor = connect().cursor()
    cursor.execute("CREATE SCHEMA OTHER")
    cursor.execute("USE SCHEMA OTHER")
    cursor.execute(
        "CREATE OR REPLACE TABLE NAMES (NAME VARCHAR NOT NULL) AS (SELECT $1:METRIC_NAME::VARCHAR"
        f" AS NAME FROM @{database}.PUBLIC.STAGED WHERE $1:METRIC_VALUE < 2)"
    )
    assert cursor.execute("SELECT NAME FROM NAMES").fetchall() == [("a",)]


def test_each_query_reads_the_files_again(run: Run, write: Write) -> None:
    write("sources/epa.json", "[]")
    assert run(NAMES) == [("c",)]
    write("sources/epa.json", '{"METRIC_NAME": "d"}\n{"METRIC_NAME": "e"}\n')
    assert run(NAMES) == [("d",), ("e",), ("c",)]


def test_a_replaced_stage_has_the_new_file_format(run: Run, write: Write, cloud: Cloud) -> None:
    url = stage_url(cloud, f"{CONTAINER}/")
    run(f"CREATE STAGE IF NOT EXISTS STAGED URL = '{url}' FILE_FORMAT = (TYPE = CSV)")
    assert len(run(NAMES)) == 3
    run(f"CREATE OR REPLACE STAGE STAGED URL = '{url}'")
    with pytest.raises(ProgrammingError, match="CSV"):
        run(NAMES)


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("SELECT $1 FROM @NO_STAGE", "NO_STAGE' does not exist or not authorized"),
        ("SELECT $1 FROM @PLAIN (FILE_FORMAT => 'NO_FORMAT')", "'NO_FORMAT' does not exist"),
        ("CREATE STAGE S URL = 'azure://h/a/c/' FILE_FORMAT = (FORMAT_NAME = 'NO_FORMAT')",
         "'NO_FORMAT' does not exist"),
        # Without a format, Snowflake reads the file as CSV.
        ("SELECT $1 FROM @PLAIN", "CSV"),
        ("SELECT $1 FROM @STAGED/broken", r"Error parsing JSON: (?s:.)*sources/broken\.json"),
        ("SELECT $1 FROM @LOST", "no-such-container"),
        ("SELECT $1 FROM @INTERNAL", "internal stage"),
        ("SELECT * FROM @STAGED", "names of its columns"),
        ("SELECT $2 FROM @STAGED/epa", r"\$2"),
        ("CREATE VIEW V AS SELECT $1 AS DOC FROM @STAGED", "view of a stage"),
        ("SELECT $1 FROM @STAGED (FILE_FORMAT => (TYPE = JSON))", "syntax error line 1"),
    ],
)  # fmt: skip
def test_a_query_that_snowflake_refuses_is_refused(
    statement: str, message: str, run: Run, write: Write, cloud: Cloud
) -> None:
    write("sources/broken.json", '[{"METRIC_NAME": "a"}')
    run(f"CREATE STAGE LOST URL = '{stage_url(cloud, 'no-such-container/')}'"
        " FILE_FORMAT = (TYPE = JSON)")  # fmt: skip
    run("CREATE STAGE INTERNAL FILE_FORMAT = (TYPE = JSON)")
    with pytest.raises(ProgrammingError, match=message):
        run(statement)
