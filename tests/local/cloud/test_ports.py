"""A taken port is told in one line, or replaced."""

import socket

import pytest

from local.ports import HOST, Ports, PortTakenError, choose, free_ports, is_free, variable


@pytest.fixture
def taken() -> object:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_port_that_a_person_chose_and_that_is_taken_is_one_clear_line(
    taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable("slack"), str(taken))

    with pytest.raises(PortTakenError) as refused:
        choose()

    assert str(refused.value) == (
        f"Port {taken} for slack is taken; set SLACK_PORT to a free port."
    )


@pytest.mark.parametrize("wrong", ["", "abc", "0", "70000", "-1"])
def test_a_port_that_is_no_port_is_refused_by_its_variable(
    wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable("blob"), wrong)

    with pytest.raises(PortTakenError, match="BLOB_PORT is"):
        choose()


def test_a_taken_default_is_replaced_by_a_free_port_and_told(
    taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local.ports.is_free", lambda port: port != Ports().blob)
    for server in Ports().as_dict():
        monkeypatch.delenv(variable(server), raising=False)

    ports, told = choose()

    assert ports.blob != Ports().blob
    assert len(told) == 1
    assert "BLOB_PORT" in told[0]
    assert ports.slack == Ports().slack


def test_free_ports_are_different_and_free() -> None:
    ports = free_ports(6)

    assert len(set(ports)) == 6
    assert all(is_free(port) for port in ports)


def test_free_ports_are_none_that_a_client_may_be_given() -> None:
    first_of_clients = 32_768

    assert max(free_ports(20)) < first_of_clients


def test_a_port_that_is_listened_on_is_not_free(taken: int) -> None:
    assert not is_free(taken)
