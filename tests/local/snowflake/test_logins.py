"""Logins as Snowflake's connector sees them: users, roles and what a session begins with."""

import re

import pytest
from snowflake.connector.errors import DatabaseError, ProgrammingError

from tests.local.snowflake.client import Emulator

LOADER = {"user": "AIRFLOW_LOADER_DDRC_DEV", "role": None, "warehouse": None}
QUERY_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ADVICE = "Contact your local system administrator, or attempt to login with another role"


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"user": "NOBODY"}, r"JWT token is invalid\. \[[0-9a-f-]{36}\]"),
        ({"user": "FIVETRAN"}, r"JWT token is invalid\. \[[0-9a-f-]{36}\]"),
        (
            {"user": "AIRFLOW_LOADER_DDRC_DEV", "role": "REPORTER_DDRC_DEV"},
            "Role 'REPORTER_DDRC_DEV' specified in the connect string is not granted to this user. "
            + ADVICE,
        ),
        (
            {"user": "AIRFLOW_LOADER_DDRC_DEV", "role": "LOADER"},
            "Role 'LOADER' specified in the connect string does not exist or not authorized. "
            + ADVICE,
        ),
    ],
    ids=["an unknown user", "a user without its suffix", "another's role", "an unknown role"],
)
def test_a_login_is_refused(options: dict[str, str], text: str, emulator: Emulator) -> None:
    with pytest.raises(DatabaseError, match=text):
        emulator.connect(**options)


def test_a_login_without_a_role_has_the_users_role_and_warehouse(emulator: Emulator) -> None:
    with emulator.connect(**LOADER) as connection:
        row = connection.cursor().execute("SELECT CURRENT_ROLE(), CURRENT_WAREHOUSE()")
        assert row.fetchone() == ("LOADER_DDRC_DEV", "LOADING_XS_DDRC_DEV")


def test_a_database_and_a_warehouse_that_the_role_cannot_see_are_not_in_use(
    emulator: Emulator,
) -> None:
    hidden = {"database": "ANALYTICS_DDRC_DEV", "warehouse": "REPORTING_XS_DDRC_DEV"}
    with emulator.connect(**{**LOADER, **hidden}) as connection:
        assert (connection.database, connection.warehouse) == (None, None)


def test_a_refused_statement_has_its_number_its_sqlstate_and_a_query_id(emulator: Emulator) -> None:
    with emulator.connect(**LOADER) as connection:
        with pytest.raises(ProgrammingError) as refused:
            connection.cursor().execute("CREATE DATABASE NEW_DATABASE")
        query_id = refused.value.sfqid or ""
        assert QUERY_ID.fullmatch(query_id)
        # The connector puts the id into the text at Airflow's log level only.
        assert str(refused.value).replace(f"{query_id}: ", "") == (
            "003001 (42501): SQL access control error:\n"
            "Insufficient privileges to operate on account 'LAPTOP'"
        )
