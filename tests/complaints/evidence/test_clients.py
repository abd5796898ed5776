"""Who handed a message to us, by its Received lines, also where our line is forged."""

from complaints.evidence.received import clients_of, read_chain

OURS = "gate.ministry.example"
OUR_ADDRESS = "192.0.2.25"
CLIENT = (
    f"from kettlebox (pool.dialup.example [203.0.113.9]) by {OURS} with ESMTP id A1;"
    " Mon, 4 Mar 2024 09:12:40 +0000"
)
FILTER = f"from localhost [127.0.0.1] by {OURS} with ESMTP id A2; Mon, 4 Mar 2024 09:12:41 +0000"


def clients(*lines: str) -> tuple[str, ...]:
    return clients_of(
        read_chain(lines), lambda hop: hop.by == OURS, lambda address: address == OUR_ADDRESS
    )


def last_hop(address: str) -> str:
    return (
        f"from {OURS} ({OURS} [{address}]) by mx.meadow-net.example with ESMTP id B1;"
        " Mon, 4 Mar 2024 09:12:44 +0000"
    )


def test_the_client_of_our_own_line_handed_it_in() -> None:
    assert clients(last_hop(OUR_ADDRESS), FILTER, CLIENT) == ("203.0.113.9",)


def test_below_a_hop_that_was_not_ours_our_line_is_forged() -> None:
    assert clients(last_hop("198.51.100.8"), CLIENT) == ("198.51.100.8", "203.0.113.9")


def test_without_a_line_of_ours_nobody_is_known() -> None:
    assert clients(last_hop(OUR_ADDRESS)) == ()


def test_a_line_without_a_client_names_its_queue_id() -> None:
    (hop,) = read_chain([f"by {OURS} (Postfix, from userid 33) id 4YbkYp3hVr; 4 Mar 2024 09:12"])
    assert (hop.by, hop.queue_id, hop.from_ip) == (OURS, "4YbkYp3hVr", "")
