"""The mutants of a text, the sample, the runs of tests on mutants, and the report."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from itertools import count
from multiprocessing import forkserver
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from local.home import REPOSITORY
from tools.checkout import list_files
from tools.mutants import runs
from tools.mutants.__main__ import (
    EQUIVALENT,
    Result,
    UnmutatedTestsFailError,
    main,
    report,
    try_sample,
)
from tools.mutants.edits import Edit, Mutant
from tools.mutants.packages import (
    EDITS,
    PACKAGES,
    Package,
    find_code,
    find_tests,
    order_runs,
)
from tools.mutants.runs import Outcome, copy_checkout, run_tests, try_mutant
from tools.mutants.sample import EquivalentError, mutants_of, read_equivalent, sample

TOY = Package("toy", ("adult.py",), ("test_adult.py",), wanted=80)


def changed(source: str, suffix: str) -> set[str]:
    edits = EDITS[suffix](source)
    return {Mutant("a", source, edit).changed.strip() for edit in edits}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = a < b", {"x = a <= b"}),
        ("x = a is not b", {"x = a is b"}),
        ("x = a not in b", {"x = a in b"}),
        ("x = a == b != c", {"x = a != b != c", "x = a == b == c"}),
        ("x = é == a", {"x = é != a"}),
        ("x = a and b", {"x = a or b", "x = b", "x = a"}),
        ("x = (a or b).y", {"x = (a and b).y", "x = (b).y", "x = (a).y"}),
        ("x = not a", {"x = a"}),
        ("x = a + b // c", {"x = a - b // c", "x = a + b * c"}),
        ("x = 4", {"x = 5"}),
        ("x = 0.9", {"x = 0.45"}),
        ("x = True", {"x = False"}),
        ("x = None", {'x = "XX"'}),
        ("x = 'a'", {'x = ""'}),
        ("x = f'{a} b'", {'x = ""'}),
        ("x = (a, b)", {"x = (b,)", "x = (a,)"}),
        ("x = [a, b, c]", {"x = [b, c]", "x = [a, c]", "x = [a, b]"}),
        ("x = {a: b, c: d}", {"x = {c: d}", "x = {a: b}"}),
        ("f(a, b=c)", {"f(a)", "pass"}),
        ("x = min(a)", {"x = max(a)"}),
        ("x = a.strip()", {"x = a"}),
        ("x = a if b else c", {"x = a if True else c", "x = a if False else c"}),
        ("x = [a for a in b if a]", {"x = [a for a in b if True]"}),
        ("if a: b", {"if True: b", "if False: b"}),
        ("if a := b: c", {"if False: c"}),
        ("raise a", {"pass"}),
        ("a.b = c", {"pass"}),
        ("def f(): return a", {"def f(): return None"}),
        ("try: a\nexcept A: b", {"try: a\nexcept (): b"}),
        # Not mutated: names of types, log lines, docstrings, imports, `__all__`, `is None`,
        # abstract methods.
        ("def f(a: 'b') -> 'c':\n    'd'", set()),
        ("X = Literal['a', 'b']", set()),
        ("log.info('a', b=c)", set()),
        ("import a\nfrom b import c\n__all__ = ['c']", set()),
        ("if TYPE_CHECKING: a(1)", set()),
        ("class A:\n    @abstractmethod\n    def b(self, c=1): return 2", set()),
        ("x = a is None", {"x = a is not None"}),
        ("@a(b=1)\ndef f(): ...", set()),
        ("x = cast('Y', a)", set()),
        ("T = TypeVar('T')", set()),
    ],
)
def test_python_is_mutated(source: str, expected: set[str]) -> None:
    assert changed(source, ".py") == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("select a\nwhere b >= c", {"select a\nwhere b > c", "select a\nwhere true"}),
        ("and b is not null", {"or b is not null", "and b is null", ""}),
        ("on a = b", {"on a != b"}),
        ("when not a then", {"when a then"}),
        ("c in ('a', 'b')", {"c in ('b')", "c in ('a')", "c in ('', 'b')", "c in ('a', '')"}),
        ("nullif(trim(a), b) as c", {"trim(a) as c", "nullif(a, b) as c"}),
        (
            "order by a desc nulls last",
            {"order by a asc nulls last", "order by a desc nulls first"},
        ),
        ("count(distinct a)", {"count(a)"}),
        ("max(a) union all", {"min(a) union all", "max(a) except"}),
        ("a left join b", {"a inner join b"}),
        ("round(a, 2)", {"a", "round(a, 3)"}),
        ("-- where a = 1\n{{ ref('b') }}::number(38, 2) as c", set()),
    ],
)
def test_sql_is_mutated(source: str, expected: set[str]) -> None:
    assert changed(source, ".sql") == expected


PROPERTIES = """models:
  - name: a
    data_tests:
      - one
      - two: {arguments: {least: 3}}
    columns:
      - name: b
        data_tests: [unique]
        limits: {may_fall: true}
unit_tests:
  - name: c
    config: {tags: d}
"""


def test_dbts_properties_are_mutated() -> None:
    found = {(each.before, each.after) for each in _mutants("a.yml", PROPERTIES)}

    assert found == {
        ("- one - two: {arguments: {least: 3}}", "- two: {arguments: {least: 3}}"),
        ("- one - two: {arguments: {least: 3}}", "- one"),
        ("- two: {arguments: {least: 3}}", "- two: {arguments: {least: 4}}"),
        ("- two: {arguments: {least: 3}}", "- two: {}"),
        ("data_tests: [unique]", ""),
        ("limits: {may_fall: true}", "limits: {may_fall: false}"),
        ("limits: {may_fall: true}", ""),
    }


CONFIGURATION = """resource "a" "b" {
  description = "1 of c"
  privileges  = ["SELECT", "INSERT"]
  count       = var.c == "d" ? 1 : 0
  # suspended = true
  lifecycle {
    prevent_destroy = true
  }
}
"""


def test_terraforms_configuration_is_mutated() -> None:
    found = {(each.line, each.after) for each in _mutants("a.tf", CONFIGURATION)}

    assert found == {
        (3, ""),
        (3, 'privileges = ["INSERT"]'),
        (3, 'privileges = ["SELECT"]'),
        (4, ""),
        (4, 'count = var.c != "d" ? 1 : 0'),
        (4, 'count = var.c == "d" ? 2 : 0'),
        (4, 'count = var.c == "d" ? 1 : 1'),
        (6, ""),
        (7, ""),
        (7, "prevent_destroy = false"),
    }


def test_what_terraforms_tests_expect_is_mutated() -> None:
    source = """mock_provider "a" {
  condition = true
}

run "names" {
  command = plan

  assert {
    condition     = output.roles["A"] == { B = "C" } && length(output.b) == 1
    error_message = "One is not 1 == true."
  }
}
"""
    found = {(each.line, each.after) for each in _mutants("a.tftest.hcl", source)}

    condition = 'condition = output.roles["A"] == { B = "C" } && length(output.b) == 1'
    assert found == {
        (9, condition.replace("] ==", "] !=")),
        (9, condition.replace(") ==", ") !=")),
        (9, condition.replace("&&", "||")),
        (9, condition.replace("== 1", "== 2")),
        (9, condition.replace('"C"', '"CX"')),
    }


def _mutants(path: str, source: str) -> list[Mutant]:
    return [Mutant(path, source, edit) for edit in EDITS[Path(path).suffix](source)]


def test_a_mutant_tells_its_place_and_its_lines() -> None:
    mutant = Mutant("a.py", "x = [\n    1,\n    2,\n]\n", Edit(10, 17, ""))

    assert (mutant.line, mutant.before, mutant.after) == (2, "1, 2,", "2,")
    assert mutant.changed == "x = [\n    2,\n]\n"


def test_a_seed_gives_the_same_sample() -> None:
    sources = next(package for package in PACKAGES if package.name == "sources")
    first, again, other = (list(sample(sources, REPOSITORY, seed, set())) for seed in (1, 1, 2))

    assert len(first) > 100
    assert first == again != other
    assert set(first) == set(other)
    assert set(sample(sources, REPOSITORY, 1, {first[0]})) == {*first[1:]}


def test_every_package_has_code_and_tests_and_every_file_of_include_has_a_package() -> None:
    files = [file for package in PACKAGES for file in find_code(package, REPOSITORY)]
    python = {str(file.relative_to(REPOSITORY)) for file in REPOSITORY.glob("include/**/*.py")}

    assert len(files) == len(set(files))
    assert python <= set(files)
    for package in PACKAGES:
        assert find_code(package, REPOSITORY), package.name
        tests = find_tests(package, REPOSITORY)
        assert tests, package.name
        assert all((REPOSITORY / test).is_file() for test in tests)


def test_a_test_named_like_a_shared_file_runs_on_its_mutants() -> None:
    [shared] = [package for package in PACKAGES if package.name == "shared"]
    names = {f"tests/test_{Path(file).stem}.py" for file in find_code(shared, REPOSITORY)}
    existing = {name for name in names if (REPOSITORY / name).is_file()}
    assert existing
    assert existing <= set(find_tests(shared, REPOSITORY))


RUNS: dict[str, tuple[set[str], list[list[str]]]] = {
    "some run the statement": ({"test_a.py", "test_b.py"}, [["test_b.py", "test_a.py"]]),
    "any may notice": (set(), [["test_holds.py"], ["test_holds.py", "test_b.py", "test_a.py"]]),
}


@pytest.mark.parametrize(("concerned", "expected"), RUNS.values(), ids=RUNS)
def test_only_tests_of_the_changed_statement_run_and_the_nearest_first(
    concerned: set[str], expected: list[list[str]], tmp_path: Path
) -> None:
    tests = ["test_a.py", "test_b.py", "test_holds.py"]
    for name, text in zip(tests, ["", "from include.publishing import holds", ""], strict=True):
        (tmp_path / name).write_text(text)

    assert order_runs(tests, concerned, "include/publishing/holds.py", tmp_path) == expected


def test_without_a_test_of_its_name_a_file_has_one_run(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text("")
    assert order_runs(["test_a.py"], set(), "holds.py", tmp_path) == [["test_a.py"]]


@pytest.fixture(scope="module", autouse=True)
def light_forks() -> Iterator[None]:
    """Forks that import no library, nor the page that Streamlit has left as the main module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "PRELOADED", [])
        patch.setitem(sys.modules, "__main__", ModuleType("__main__"))
        yield


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A project whose test does not know the youngest adult."""
    (tmp_path / "adult.py").write_text("def is_adult(age):\n    return age >= 18\n")
    (tmp_path / "test_adult.py").write_text(
        "from adult import is_adult\n\n\ndef test_it():\n    assert is_adult(30)\n"
        "    assert not is_adult(17)\n"
    )
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    return tmp_path


def try_toy(toy: Path, minutes: float = 1) -> Result:
    (result,) = try_sample([TOY], toy, seed=1, count=9, minutes=minutes, equivalent=set())
    return result


def test_mutants_that_a_test_notices_are_killed_and_the_others_are_reported(toy: Path) -> None:
    before = (toy / "adult.py").read_text()

    result = try_toy(toy)

    assert [mutant.after for mutant in result.killed] == ["return None"]
    assert {mutant.after for mutant in result.survived} == {"return age > 18", "return age >= 19"}
    assert (toy / "adult.py").read_text() == before
    assert result.is_below
    lines = "\n".join(report([result])).splitlines()
    assert lines[1:3] == ["adult.py:2", "  - return age >= 18"]
    assert lines[-1].split() == ["toy", "1", "2", "33", "%", "80", "%", "below"]


def test_in_a_copy_git_lists_the_files_of_the_checkout(toy: Path, tmp_path: Path) -> None:
    copy = copy_checkout(toy, tmp_path / "copy")
    assert list_files(copy) == ["adult.py", "test_adult.py"]


def test_no_mutant_is_tried_after_the_time(toy: Path) -> None:
    result = try_toy(toy, minutes=0)

    assert result.tried == 0
    assert not result.is_below


def test_a_mutant_that_never_ends_is_killed_and_the_file_is_put_back(tmp_path: Path) -> None:
    file = tmp_path / "test_a.py"
    file.write_text(source := "def test_a():\n    while 0: pass\n")
    mutant = Mutant("test_a.py", source, Edit(source.index("0"), source.index("0") + 1, "1"))

    assert not try_mutant(mutant, tmp_path, [["test_a.py"]], 2).passed
    assert file.read_text() == source


def test_a_mutant_survives_only_if_every_run_passes(tmp_path: Path) -> None:
    (tmp_path / "number.py").write_text("x = 1\n")
    (tmp_path / "test_a.py").write_text("def test_a(): pass\n")
    (tmp_path / "test_b.py").write_text("from number import x\ndef test_b(): assert x == 1\n")
    mutant = Mutant("number.py", "x = 1\n", Edit(4, 5, "2"))

    assert not try_mutant(mutant, tmp_path, [["test_a.py"], ["test_b.py"]], 60).passed
    assert try_mutant(mutant, tmp_path, [["test_a.py"], ["test_a.py"]], 60).passed


def test_no_test_of_a_later_run_is_read_after_a_failure(tmp_path: Path) -> None:
    (tmp_path / "number.py").write_text("x = 1\n")
    (tmp_path / "test_number.py").write_text("from number import x\ndef test_x(): assert x == 1\n")
    (tmp_path / "test_b.py").write_text("open('was read', 'w')\ndef test_b(): pass\n")
    mutant = Mutant("number.py", "x = 1\n", Edit(4, 5, "2"))

    assert not try_mutant(mutant, tmp_path, [["test_number.py"], ["test_b.py"]], 60).passed
    assert not (tmp_path / "was read").exists()


CODE = """\
ADULT = 18

def is_adult(
    age, youngest=ADULT
):
    return (
        age
        >= youngest
    )

def is_child(age):
    return not is_adult(age)

def is_old(age):
    return age > 65

def text(age):
    return str(age)
"""
CONCERNED = {
    "18": set(),
    "youngest=ADULT": {"test_adult.py", "test_child.py"},
    ">= youngest": {"test_adult.py", "test_child.py"},
    "not ": {"test_child.py"},
    "65": set(),
    "str": set(),
}


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    folder = tmp_path_factory.mktemp("traced")
    (folder / "code.py").write_text(CODE)
    (folder / "conftest.py").write_text(
        "import pytest, code\n@pytest.fixture(scope='session')\ndef text(): return code.text(4)\n"
    )
    (folder / "test_adult.py").write_text(
        "from code import is_adult\ndef test_it(text): assert is_adult(18)\n"
    )
    (folder / "test_child.py").write_text(
        "import pytest\nfrom code import is_child\n@pytest.fixture(scope='module')\n"
        "def child(): return is_child(4)\ndef test_it(child): assert child\n"
    )
    (folder / "test_text.py").write_text("def test_it(text): assert text == '4'\n")
    tests = ["test_adult.py", "test_child.py", "test_text.py"]
    return run_tests(folder, tests, 60, traced=["code.py"])


@pytest.mark.parametrize("changed", CONCERNED)
def test_a_mutant_concerns_the_tests_that_run_its_statement(changed: str, traced: Outcome) -> None:
    start = CODE.index(changed)
    mutant = Mutant("code.py", CODE, Edit(start, start + len(changed), ""))

    assert traced.passed
    assert traced.lines.concerned(mutant) == CONCERNED[changed]


def test_a_mutant_of_an_untraced_file_may_concern_any_test(traced: Outcome) -> None:
    assert traced.lines.concerned(Mutant("model.sql", "select 1", Edit(7, 8, "2"))) == set()


def test_a_run_that_begins_while_another_ends_takes_no_exit_code_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    for test in (tmp_path / "a" / "test_a.py", tmp_path / "a" / "b" / "test_b.py"):
        test.write_text("def test_it(): pass\n")
    read = forkserver.read_signed

    with ThreadPoolExecutor() as pool:
        reads = count()
        others: list[Future[Outcome]] = []

        def read_after_another_begins(descriptor: int) -> Any:
            # The first is the process's id, the second its exit code.
            if next(reads) == 1:
                others.append(pool.submit(run_tests, tmp_path / "a" / "b", ["test_b.py"], 60))
                # It waits for this run, or ends.
                wait(others, 2)
            return read(descriptor)

        monkeypatch.setattr(forkserver, "read_signed", read_after_another_begins)
        assert run_tests(tmp_path / "a", ["test_a.py"], 60).passed
        assert others[0].result().passed


def test_the_quick_tests_of_all_files_run_before_the_slow_ones(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"test_{name}.py").write_text(
            "import pytest\n@pytest.mark.slow\ndef test_of_a_server(): assert False\n"
            f"def test_quick(): assert {name == 'one'}\n"
        )

    outcome = run_tests(tmp_path, ["test_one.py", "test_two.py"], 60)

    assert "test_two.py:4: " in outcome.output
    assert "test_of_a_server" not in outcome.output


def test_tests_that_fail_without_a_mutant_are_an_error(toy: Path) -> None:
    (toy / "adult.py").write_text("def is_adult(age):\n    return age >= 99\n")

    with pytest.raises(UnmutatedTestsFailError, match=r"(?s)tests of toy fail.*is_adult\(30\)"):
        try_toy(toy)


@pytest.mark.parametrize(("option", "code"), [([], 0), (["--check"], 1)])
def test_too_few_killed_mutants_fail_only_a_check(
    option: list[str],
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    mutant = Mutant("a.py", "x = 1", Edit(4, 5, "2"))
    result = Result(TOY, killed=[mutant], survived=[mutant])
    monkeypatch.setattr("tools.mutants.__main__.try_sample", lambda *_, **__: [result])
    # Another test reads the list.
    monkeypatch.setattr("tools.mutants.__main__.read_equivalent", lambda *_: set())

    assert main(["--seed", "7", *option]) == code
    assert capsys.readouterr().out.startswith("SEED=7\n\na.py:1\n  - x = 1\n  + x = 2\n")


def test_the_list_of_equivalent_mutants_names_existing_ones() -> None:
    read_equivalent(EQUIVALENT, REPOSITORY)


ENTRY = '[[mutant]]\npath = "adult.py"\nbefore = "return age >= 18"\nafter = "{}"\nreason = "{}"\n'


def test_an_equivalent_mutant_is_matched_by_its_lines(toy: Path) -> None:
    listed = toy / "equivalent.toml"
    listed.write_text(ENTRY.format("return age > 18", "nobody is 18"))

    (found,) = read_equivalent(listed, toy)

    assert found in mutants_of("adult.py", toy)
    assert found.after == "return age > 18"


@pytest.mark.parametrize(
    ("after", "reason", "problem"),
    [
        ("return age > 21", "nobody is 18", "no mutant of adult.py changes `return age >= 18`"),
        ("return age > 18", "", "has no reason"),
    ],
)
def test_an_entry_without_a_mutant_or_a_reason_is_refused(
    toy: Path, after: str, reason: str, problem: str
) -> None:
    listed = toy / "equivalent.toml"
    listed.write_text(ENTRY.format(after, reason))

    with pytest.raises(EquivalentError, match=problem):
        read_equivalent(listed, toy)
