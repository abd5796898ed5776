"""PURE: where victims are to turn, as a reported mail says: addresses, phone numbers, wallets.

They outlive subjects, links and senders: whoever answers has to reach the abuser. Linear, bounded.
"""

import re
from collections.abc import Iterable, Iterator

from complaints.evidence.text import addresses

MOST_CHARS = 20_000
MOST_FOUND = 20
FEWEST_DIGITS, MOST_DIGITS = 8, 15

# A number alone may be a price, a date or a hash-buster: it takes a plus or a word before it.
_SAID = (
    "tel", "phone", "fon", "fone", "mobil", "mobile", "cell", "call", "fax", "whatsapp", "text",
    "ruf", "anruf", "ligue", "telefone", "appel", "llame", "telefon", "телефон", "звоните",
    "電話", "携帯", "电话", "致电", "전화",
)  # fmt: skip
_DIGITS = r"\d(?:[\d ()./\-\u2010-\u2015\u00a0]{6,28})\d"
_PHONE = re.compile(
    rf"(?:(?:{'|'.join(_SAID)})[^\d\n+(]{{0,20}}(?P<said>[+(]?{_DIGITS}))|(?P<plus>\+{_DIGITS})",
    re.IGNORECASE,
)
_LONG_NUMBER = re.compile(_DIGITS)
_WALLET = re.compile(
    r"\b(?:bc1[02-9ac-hj-np-z]{20,60}|[13][1-9A-HJ-NP-Za-km-z]{25,34}|0x[0-9a-fA-F]{40})\b"
)


def contacts_in(text: str, *, without: Iterable[str] = ()) -> frozenset[str]:
    """The addresses, phone numbers and wallets that a text names, in normal form.

    without  addresses that say nothing: the recipient's, the reporter's, the sender's; a domain
             with its @ stands for all of its addresses
    """
    text = text[:MOST_CHARS]
    known = {one.lower() for one in without if one}
    found: dict[str, None] = {}
    for address in addresses(text):
        name = address.lower()
        if name not in known and f"@{name.rpartition('@')[2]}" not in known:
            found[name] = None
    found.update(dict.fromkeys(_phones(text)))
    found.update(dict.fromkeys(f"wallet {hit.group()}" for hit in _WALLET.finditer(text)))
    return frozenset(list(found)[:MOST_FOUND])


def _phones(text: str) -> Iterator[str]:
    if not _LONG_NUMBER.search(text):  # most mails have none, and this is quickly seen
        return
    for hit in _PHONE.finditer(text):
        digits = "".join(char for char in hit.group("said") or hit.group("plus") if char.isdigit())
        # With and without the country's code it is one number; its end tells.
        if FEWEST_DIGITS <= len(digits) <= MOST_DIGITS:
            yield f"phone …{digits[-8:]}"
