"""A statement's shape and words: names and values do not matter, a new clause or function does."""

import pytest
from fakesnow.dialect import parse_one

from tests.statements.catalogue import describe
from tests.statements.shapes import shape_of, without_dbts_comment
from tests.statements.words import Words, words_of

INSERT = "INSERT INTO <table> (<columns>) SELECT <values>"
UPSERT = (
    "MERGE INTO <table> USING (<select>) ON <condition> WHEN MATCHED THEN UPDATE SET"
    " <column> = <value> WHEN NOT MATCHED THEN INSERT (<columns>) VALUES (<values>)"
)
LOADED = (
    "COPY INTO <table> FROM @<stage> FILE_FORMAT = (TYPE=PARQUET) MATCH_BY_COLUMN_NAME ="
    " CASE_INSENSITIVE"
)


def shape(sql: str) -> str:
    return shape_of(sql, parse_one(sql))


def words(sql: str) -> Words:
    return words_of(sql, parse_one(sql))


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("BEGIN TRANSACTION", "BEGIN"),
        ("select a, b from d.s.t", "SELECT <columns> FROM <table>"),
        ("select * from d.s.t as x", "SELECT * FROM <table>"),
        ("select upper(a) from d.s.t where b = 1",
         "SELECT <columns> FROM <table> WHERE <condition>"),
        ("select count(*) from d.s.t", "SELECT COUNT(*) FROM <table>"),
        (
            "select count(*), hash_agg(* exclude a) from d.s.t",
            "SELECT COUNT(*), HASH_AGG(* EXCLUDE (<columns>)) FROM <table>",
        ),
        (
            "select a, count(*) from d.s.t group by a",
            "SELECT <columns> FROM <table> GROUP BY <columns>",
        ),
        (
            "with x as (select 1 as a), y as (select * from x) select a from x join y on x.a = y.a"
            " left join d.s.t as z on z.a = x.a order by a limit 3",
            "WITH <select> SELECT <columns> FROM <table> JOIN <table> ON <condition>"
            " LEFT JOIN <table> ON <condition> ORDER BY <columns> LIMIT <value>",
        ),
        (
            "select a from d.information_schema.columns",
            "SELECT <columns> FROM <database>.INFORMATION_SCHEMA.COLUMNS",
        ),
        ("select * from (select 1) where false limit 0",
         "SELECT * FROM (<select>) WHERE FALSE LIMIT <value>"),
        ("insert into d.s.t (a) select 'x'", INSERT),
        ("insert into d.s.t (a, b, c) select 'x', 2, null", INSERT),
        ("update d.s.t set a = 1, b = c + 1 where d = 2",
         "UPDATE <table> SET <column> = <value> WHERE <condition>"),
        ("update d.s.t set a = 1", "UPDATE <table> SET <column> = <value>"),
        ("delete from d.s.t", "DELETE FROM <table>"),
        ("delete from d.s.t where a = 1", "DELETE FROM <table> WHERE <condition>"),
        (
            "merge into d.s.t as o using (select column1 as a from values (1), (2)) as n"
            " on o.a = n.a when matched then update set a = n.a, b = 2"
            " when not matched then insert (a) values (n.a)",
            UPSERT,
        ),
        (
            "copy into d.s.t from @d.s.x file_format = (type = parquet)"
            " match_by_column_name = case_insensitive",
            LOADED,
        ),
        (
            "copy into @d.s.x/a/b.json from (select 1) single = true",
            "COPY INTO @<stage>/<path> FROM (<select>) SINGLE = TRUE",
        ),
        ("put 'file://x' @d.s.x auto_compress = false", "PUT <value> @<stage> AUTO_COMPRESS=FALSE"),
        ("create schema if not exists d.s", "CREATE SCHEMA IF NOT EXISTS <schema>"),
        ("create temporary stage d.s.x", "CREATE TEMPORARY STAGE <stage>"),
        ("create or replace transient table d.s.t (a int not null) as (select 1 as a)",
         "CREATE OR REPLACE TRANSIENT TABLE <table> (<columns>) AS (<select>)"),
        ("create table d.s.t (a int, b varchar comment 'x') comment = 'y'",
         "CREATE TABLE <table> (<columns>) COMMENT=<value>"),
        ('alter table d.s.t add column if not exists "A" number(38, 0)',
         "ALTER TABLE <table> ADD COLUMN IF NOT EXISTS <column> <type>"),
        ('alter table d.s.t alter "A" comment $$x$$, "B" comment $$y$$',
         "ALTER TABLE <name> ALTER <name> COMMENT <value>"),
        ("comment on view d.s.t is $$it's$$", "COMMENT ON VIEW <table> IS <value>"),
        ("show terse schemas in database d limit 10",
         "SHOW TERSE SCHEMAS IN DATABASE <database> LIMIT <value>"),
        ("show resource monitors like 'DDRC_DEV'", "SHOW RESOURCE MONITORS LIKE <value>"),
        ("show grants to role LOADER_DDRC_DEV", "SHOW GRANTS TO ROLE <name>"),
    ],
)  # fmt: skip
def test_names_values_and_bodies_are_left_out(sql: str, expected: str) -> None:
    assert shape(sql) == expected


@pytest.mark.parametrize(
    ("usual", "other"),
    [
        ("create view d.s.v as (select 1)", "create secure view d.s.v as (select 1)"),
        ("create table d.s.t (a int)", "create table d.s.t (a int) cluster by (a)"),
        ("create or replace view d.s.v as (select 1)",
         "create or replace view d.s.v copy grants as (select 1)"),
        ("insert into d.s.t (a) select 1", "insert overwrite into d.s.t (a) select 1"),
        ("select a from d.s.t", "select distinct a from d.s.t"),
        ("select a from d.s.t", "select a from d.s.t for update"),
        ("select a from d.s.t", "select a from d.s.t offset 3"),
        ("select a from d.s.t", "select a from d.account_usage.query_history"),
        ("select a from d.s.t", "select a from d.s.t natural join d.s.u"),
        ("select count(*) from d.s.t", "select hash_agg(*) from d.s.t"),
        ("copy into d.s.t from @d.s.x", "copy into d.s.t from @d.s.x purge = true"),
        ("copy into d.s.t from @d.s.x", "copy into d.s.t from @d.s.x on_error = continue"),
        ("drop table d.s.t", "drop table d.s.t cascade"),
        ("begin", "begin name t1"),
        ("delete from d.s.t where a = 1", "truncate table d.s.t"),
        ("alter table d.s.t rename to d.s.u", "alter table d.s.t swap with d.s.u"),
        ("merge into d.s.t using d.s.u on true when matched then delete",
         "merge into d.s.t using d.s.u on true when matched and a = 1 then delete"),
    ],
)  # fmt: skip
def test_another_kind_of_statement_has_another_shape(usual: str, other: str) -> None:
    assert shape(usual) != shape(other)


@pytest.mark.parametrize(
    ("sql", "functions", "types", "clauses"),
    [
        ("select iff(a is null, 1, 2) from d.s.t", {"IFF"}, set(), set()),
        ("select left(a, 1), replace(b, 'c') from d.s.t", {"LEFT", "REPLACE"}, set(), set()),
        ("select current_date", {"CURRENT_DATE"}, set(), set()),
        ("select a::number(38, 2), cast(b as timestamp_ntz(9)) from d.s.t",
         {"CAST"}, {"NUMBER", "TIMESTAMP_NTZ"}, set()),
        ("select to_geography(a)::geography from d.s.t", {"TO_GEOGRAPHY"}, {"GEOGRAPHY"}, set()),
        ("select a from d.s.t where a in (1, 2)", set(), set(), {"IN"}),
        ("select a from d.s.t union all select a from d.s.u", set(), set(), {"UNION ALL"}),
        ("select a from d.s.t union select a from d.s.u", set(), set(), {"UNION"}),
        ("select a from d.s.t join d.s.u using (a)", set(), set(), {"INNER JOIN"}),
        ("select a from d.s.t left outer join d.s.u on true", set(), set(), {"LEFT JOIN"}),
        ("select a from d.s.t asof join d.s.u match_condition (t.a > u.a)",
         {"MATCH_CONDITION"}, set(), {"ASOF JOIN"}),
        ("select a:b from d.s.t", set(), set(), {":"}),
        ("select * exclude a from d.s.t", set(), set(), {"EXCLUDE"}),
        ("select a from d.s.t pivot (max(a) for b in ('c'))",
         {"MAX", "PIVOT"}, set(), {"PIVOT", "IN"}),
        ("select a from d.s.t sample (10)", {"SAMPLE"}, set(), {"TABLE SAMPLE"}),
        ("create table d.s.t (a int not null, b varchar comment 'x')",
         set(), {"NUMBER", "VARCHAR"}, {"NOT NULL", "COMMENT"}),
        ("create table d.s.t (a int primary key)",
         set(), {"NUMBER"}, {"PRIMARY KEY COLUMN CONSTRAINT"}),
        ('insert into "D"."S"."count" (a) select 1', set(), set(), set()),
        ("insert into d.s.count (a) select 1", set(), set(), set()),
    ],
)  # fmt: skip
def test_functions_types_and_clauses_are_found_wherever_they_are(
    sql: str, functions: set[str], types: set[str], clauses: set[str]
) -> None:
    found = words(sql)

    assert found.functions == functions
    assert found.types == types
    assert found.clauses >= clauses


def test_a_new_function_deep_in_a_model_is_found() -> None:
    model = "create view d.s.v as (with x as (select h3_cell(a) as b from d.s.t) select b from x)"

    assert "H3_CELL" in describe(model).words.functions
    assert describe(model).shape == "CREATE VIEW <table> AS (<select>)"


def test_time_travel_in_a_body_is_found() -> None:
    sql = "create view d.s.v as (select a from d.s.t at (offset => -60))"

    assert "HISTORICAL DATA" in describe(sql).words.clauses


def test_dbts_comment_and_the_last_semicolon_do_not_matter() -> None:
    comment = '/* {"app": "dbt", "dbt_version": "1.11.16", "node_id": "model.ddrc.epa"} */'

    assert without_dbts_comment(f"{comment}\nselect 1 {comment};") == "select 1"
    assert without_dbts_comment("select '/* a */'") == "select '/* a */'"
