"""One Received line to a Hop, in the forms of the servers of four decades."""

from datetime import UTC, datetime
from typing import Any

import pytest

from complaints.evidence.received import Hop, hop_into, read_chain, read_hop

FORMS = {
    "sendmail 8.8": (
        "from kettlebox (pool-9.dialup.example [203.0.113.9])\n\tby gate.ministry.example "
        "(8.8.5/3.5W) with SMTP id OAA28081;\n\tTue, 20 Jan 1998 14:41:31 +0900 (JST)",
        {"helo": "kettlebox", "from_name": "pool-9.dialup.example", "from_ip": "203.0.113.9",
         "by": "gate.ministry.example", "queue_id": "OAA28081", "with_protocol": "SMTP",
         "at": datetime(1998, 1, 20, 5, 41, 31, tzinfo=UTC)},
    ),
    "sendmail, name in doubt": (
        "from mail.example (host.example [203.0.113.9] (may be forged)) by gate.example "
        "(8.17.1/8.17.1) with ESMTP id 4249CdQ0012345; Mon, 4 Mar 2024 18:12:39 +0900",
        {"helo": "mail.example", "from_name": "host.example", "queue_id": "4249CdQ0012345"},
    ),
    "Postfix, unknown client, IPv6": (
        "from box (unknown [IPv6:2001:db8::9]) by gate.example (Postfix) with ESMTPS id "
        "3C1F2A8B04 for <orla@meadow-net.example>; Mon,  4 Mar 2024 09:00:00 +0000 (UTC)",
        {"helo": "box", "from_name": "", "from_ip": "2001:db8::9", "queue_id": "3C1F2A8B04",
         "for_address": "orla@meadow-net.example"},
    ),
    "Exim": (
        "from [203.0.113.9] (helo=kettlebox) by gate.example with esmtp (Exim 4.96) "
        "(envelope-from <a@b.example>) id 1tYPHr-001L07-5O for o@c.example; "
        "Thu, 16 Jan 2025 21:47:51 +0900",
        {"helo": "kettlebox", "from_ip": "203.0.113.9", "queue_id": "1tYPHr-001L07-5O",
         "envelope_from": "a@b.example", "for_address": "o@c.example"},
    ),
    "Exim with a name and a port": (
        "from host.example ([203.0.113.9]:4432 helo=kettlebox) by gate.example with esmtps "
        "id 1tYPHr-001L07-5O; Thu, 16 Jan 2025 21:47:51 +0900",
        {"helo": "kettlebox", "from_name": "host.example", "from_ip": "203.0.113.9"},
    ),
    "qmail": (
        "from unknown (HELO kettlebox) (203.0.113.9) by 0 with SMTP; 20 Jan 2003 12:00:00 -0000",
        {"helo": "kettlebox", "from_ip": "203.0.113.9", "queue_id": ""},
    ),
    "Exchange, whose id is its version": (
        "from A.example (2001:db8::1) by B.example (192.0.2.3) with Microsoft SMTP Server (TLS) "
        "id 15.1.2507; Thu, 16 Jan 2025 21:47:51 +0900",
        {"from_ip": "2001:db8::1", "by": "b.example", "queue_id": ""},
    ),
    "masked": (
        "from kettlebox ([203.0.113.9]) by gate.example with ESMTP id xxxxxxxx for <redacted>; "
        "Mon, 4 Mar 2024 09:00:00 +0000",
        {"queue_id": "", "for_address": ""},
    ),
    "a client that calls itself by another's address": (
        "from [192.0.2.1] (host.example [203.0.113.9]) by gate.example (Postfix) with SMTP id "
        "3C1F2A8B04; Mon, 4 Mar 2024 09:00:00 +0000",
        {"from_ip": "203.0.113.9"},
    ),
    "no trace at all": ("(nobody knows)", {"helo": "", "from_ip": "", "at": None}),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_a_received_line_is_read_in_the_form_of_its_server(name: str) -> None:
    line, wanted = FORMS[name]

    hop = read_hop(line)

    found: dict[str, Any] = {field: getattr(hop, field) for field in wanted}
    assert found == wanted


def test_a_line_of_brackets_is_cut_before_it_is_read() -> None:
    assert len(read_hop("from " + "([ " * 70_000).raw) <= 4096


def test_a_chain_is_bounded() -> None:
    assert len(read_chain(["from a by b"] * 500)) == 100


def test_our_hop_is_the_oldest_one_before_the_chain_leaves_us() -> None:
    chain = (Hop(by="theirs"), Hop(by="ours-2"), Hop(by="ours-1", helo="client"), Hop(by="forged"))

    found = hop_into(chain, lambda hop: hop.by.startswith("ours"))

    assert found is not None
    assert found.helo == "client"


def test_our_name_below_a_foreign_hop_is_a_forgery() -> None:
    chain = (Hop(by="ours", helo="client"), Hop(by="theirs"), Hop(by="ours", helo="forged"))

    found = hop_into(chain, lambda hop: hop.by == "ours")

    assert found is not None
    assert found.helo == "client"
