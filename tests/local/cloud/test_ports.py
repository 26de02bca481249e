"""A port in use is reported in one line, or replaced."""

import socket

import pytest

from local.ports import HOST, Ports, PortTakenError, choose_ports, free_ports, is_free, variable


@pytest.fixture
def taken() -> object:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_chosen_port_in_use_is_reported_in_one_line(
    taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable("slack"), str(taken))

    with pytest.raises(PortTakenError) as refused:
        choose_ports()

    assert str(refused.value) == (
        f"Port {taken} for slack is in use; set SLACK_PORT to a free port."
    )


@pytest.mark.parametrize("wrong", ["", "abc", "0", "70000", "-1"])
def test_an_invalid_port_is_reported_with_its_variable(
    wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable("blob"), wrong)

    with pytest.raises(PortTakenError, match="BLOB_PORT is"):
        choose_ports()


def test_a_default_in_use_is_replaced_by_a_free_port_and_reported(
    taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local.ports.is_free", lambda port: port != Ports().blob)
    for server in Ports().as_dict():
        monkeypatch.delenv(variable(server), raising=False)

    ports, notices = choose_ports()

    assert ports.blob != Ports().blob
    assert len(notices) == 1
    assert "BLOB_PORT" in notices[0]
    assert ports.slack == Ports().slack


def test_free_ports_are_different_and_free() -> None:
    ports = free_ports(6)

    assert len(set(ports)) == 6
    assert all(is_free(port) for port in ports)


def test_free_ports_are_below_those_given_to_clients() -> None:
    first_of_clients = 32_768

    assert max(free_ports(20)) < first_of_clients


def test_a_port_that_is_listened_on_is_not_free(taken: int) -> None:
    assert not is_free(taken)
