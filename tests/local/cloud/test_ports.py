"""A port in use is reported in one line, or replaced."""

import errno
import socket
from urllib.request import proxy_bypass

import pytest

from local.ports import (
    HOST,
    Ports,
    PortTakenError,
    choose_ports,
    free_ports,
    is_free,
    variable,
    without_proxy,
)


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


@pytest.fixture
def no_port_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for server in Ports().as_dict():
        monkeypatch.delenv(variable(server), raising=False)


@pytest.mark.usefixtures("no_port_set")
def test_one_port_set_for_two_servers_is_reported_with_both_variables(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    [port] = free_ports(1)
    monkeypatch.setenv("BLOB_PORT", str(port))
    monkeypatch.setenv("SLACK_PORT", str(port))

    with pytest.raises(PortTakenError) as refused:
        choose_ports()

    assert str(refused.value) == (
        f"BLOB_PORT and SLACK_PORT are both {port}; set SLACK_PORT to another port."
    )


@pytest.mark.usefixtures("no_port_set")
@pytest.mark.parametrize("server", ["airflow", "slack"])
def test_a_port_set_for_one_server_that_is_anothers_default_goes_to_the_first(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local.ports._refusal", lambda port: None)
    monkeypatch.setenv(variable(server), str(Ports().sources))

    ports, notices = choose_ports()

    assert ports.as_dict()[server] == Ports().sources
    assert len(set(ports.as_dict().values())) == 6
    assert [notice.split(":")[0] for notice in notices] == [f"Port {Ports().sources} is in use"]


@pytest.mark.usefixtures("no_port_set")
def test_the_ports_that_replace_defaults_are_different(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.ports.is_free", lambda port: port not in Ports().as_dict().values())
    monkeypatch.setattr("local.ports.free_ports", lambda count: list(range(20000, 20000 + count)))

    ports, notices = choose_ports()

    assert sorted(ports.as_dict().values()) == list(range(20000, 20006))
    assert len(notices) == 6


def test_a_number_of_another_script_is_not_a_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable("blob"), "²")

    with pytest.raises(PortTakenError, match="BLOB_PORT is '²'; set it to a port number"):
        choose_ports()


def test_a_port_that_only_root_may_use_is_reported_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.ports._refusal", lambda port: errno.EACCES)
    monkeypatch.setenv(variable("slack"), "80")

    with pytest.raises(PortTakenError, match="Port 80 for slack needs root; set SLACK_PORT to"):
        choose_ports()


@pytest.mark.parametrize("others", ["", "example.org,localhost"])
def test_the_laptops_servers_are_reached_without_a_proxy(
    others: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", others)
    monkeypatch.setenv("no_proxy", others)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")

    for name, value in without_proxy().items():
        monkeypatch.setenv(name, value)

    assert proxy_bypass(HOST)
    assert proxy_bypass("example.org") is bool(others)
