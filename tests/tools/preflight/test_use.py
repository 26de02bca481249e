"""The command's use: its file of settings, its options, its exit codes and its table."""

from pathlib import Path

import pytest

from local.home import REPOSITORY
from tools.acceptance.outcomes import CheckFailedError, NotPermittedError, Outcome, Status
from tools.preflight import checks, cli, table
from tools.preflight.checks import CHECKS, Check, chosen, run_checks
from tools.preflight.cli import SettingsFileError, read_settings
from tools.preflight.deployment import Deployment

PAGE = (REPOSITORY / "docs" / "preflight.md").read_text()


def passes(_: Deployment, subject: str) -> str:
    """`passes`: it passes."""
    return f"fine {subject}"


def fails(_: Deployment, __: str) -> str:
    """`fails`: it fails."""
    raise CheckFailedError("It is wrong.")


def open_yet(_: Deployment, __: str) -> str:
    """`open`: it cannot be tried."""
    raise NotPermittedError("It is not there yet.")


def breaks(_: Deployment, __: str) -> str:
    """`breaks`: it meets an error with a secret."""
    raise ValueError("refused\n password=hunter22")


PASSES = Check("passes", passes, "Nothing.", ("a", "b"))
FAILS, OPEN = Check("fails", fails, "Fix it."), Check("open", open_yet, "Wait.")
BREAKS, NEEDS = (
    Check("breaks", breaks, "Read it."),
    Check("needs", passes, "Do that.", needs="fails"),
)


@pytest.mark.parametrize(
    ("made", "code"),
    [([PASSES], 0), ([PASSES, FAILS], 1), ([OPEN], 1), ([BREAKS], 1), ([PASSES, NEEDS], 0)],
    ids=["pass", "fail", "not permitted", "error", "needs what is not chosen"],
)
def test_the_exit_code_is_0_only_if_every_check_passes(
    made: list[Check], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "chosen", lambda _: made)
    assert cli.main([]) == code


def test_a_check_is_not_tried_without_the_one_that_it_needs() -> None:
    [_, (_, outcome)] = run_checks(Deployment(), [FAILS, NEEDS])
    assert (outcome.status, outcome.detail) == (
        Status.NOT_PERMITTED, "It was not tried, because fails did not pass.",
    )  # fmt: skip


def test_an_error_is_one_line_without_secrets() -> None:
    [(_, outcome)] = run_checks(Deployment(), [BREAKS])
    assert (outcome.status, outcome.detail) == (Status.FAIL, "refused password=***")


def test_what_does_not_pass_has_what_to_do_below_it() -> None:
    outcome = Outcome("fails", "", Status.FAIL, "It is wrong. " * 12, 0.1)
    lines = table.row(FAILS, outcome).splitlines()
    assert lines[0].startswith("FAIL          fails                          It is wrong.")
    assert lines[-1].strip() == "→ Fix it."
    assert all(len(line) <= 121 for line in lines)
    passed = table.row(PASSES, Outcome("passes", "a", Status.PASS, "Fine.", 0.1))
    assert passed == "PASS          passes a                       Fine."


def test_a_chosen_check_brings_the_one_that_it_needs() -> None:
    assert [check.id for check in chosen(["dag"])] == ["airflow_api", "dag"]
    assert [check.id for check in chosen(["heartbeat", "credits"])] == [
        "snowflake", "credits", "storage", "heartbeat",
    ]  # fmt: skip
    assert chosen([]) == list(CHECKS)


def test_what_a_check_needs_exists_and_comes_before() -> None:
    names: list[str] = []
    for check in CHECKS:
        assert not check.needs or check.needs in names
        names += [f"{check.id} {subject}".rstrip() for subject in check.subjects]
    assert len(names) == len(set(names))


def test_wrong_use_is_2_and_says_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "wrong").write_text("DDRC_ENV=DEV\nhunter2\n")
    for arguments, said in (
        (["--only", "nothing"], "There is no check 'nothing'; --list shows them all."),
        (["--env-file", str(tmp_path / "missing")], "missing cannot be read: FileNotFoundError."),
        (["--env-file", str(tmp_path / "wrong")], "Line 2 of "),
    ):
        assert cli.main(arguments) == 2
        printed = capsys.readouterr().err
        assert said in printed
        assert "hunter2" not in printed


def test_the_list_has_each_check_and_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[:15].strip() for line in lines] == [check.id for check in CHECKS]
    assert all(line[15:].strip().endswith(".") for line in lines)


def test_settings_are_read_as_docker_reads_them(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(
        '# a comment\n\nDDRC_ENV=PRD\nexport A="b c"\n'
        'AIRFLOW_CONN_X={"conn_type": "http", "password": "a=b#c"}\nEMPTY=\n'
    )
    assert read_settings(file) == {
        "DDRC_ENV": "PRD",
        "A": "b c",
        "AIRFLOW_CONN_X": '{"conn_type": "http", "password": "a=b#c"}',
        "EMPTY": "",
    }


def test_the_examples_file_of_settings_is_one(tmp_path: Path) -> None:
    assert "DDRC_ENV" in read_settings(REPOSITORY / ".env.example")


def test_a_binary_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_bytes(b"\xff\xfe=")
    with pytest.raises(SettingsFileError, match="key cannot be read: UnicodeDecodeError"):
        read_settings(file)


def test_the_page_lists_every_check_in_its_order_with_what_to_do() -> None:
    rows = [line.split("|")[1:-1] for line in PAGE.splitlines() if line.startswith("| `")]
    listed = {cells[0].strip(" `"): cells for cells in rows}
    assert list(listed) == [check.id for check in CHECKS]


def test_each_page_that_a_remedy_names_exists() -> None:
    named = [
        word.rstrip(".,;:)")
        for check in CHECKS
        for word in check.remedy.replace("(", " ").split()
        if word.startswith("docs/")
    ]
    assert named
    assert [page for page in named if not (REPOSITORY / page).exists()] == []
