"""The lines of a block of a syslog by columns: where each begins, who wrote it, which queue ID.

A loop over lines costs more than reading them. Here the same step is taken for all lines of a
block at once, on arrays of places in its bytes; text is made only of what is stored.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]
Words = NDArray[np.uint64]
Mask = NDArray[np.bool_]
# The first of eight bytes is the lowest, on any machine.
WORD = np.dtype("<u8")

LINE_FEED, COLON, COMMA, BLANK, BRACKET, CLOSED, ZERO, NINE = b"\n:, []09"
# So many colons and commas are looked at from a place on, at most.
MOST_MARKS = 8
LAST_PRINTABLE = 0x7E
LONGEST_HEAD = 64  # bytes of ` host program[`
LONGEST_QUEUE_ID = 24
LONGEST_PROCESS_ID = 8
# What is read behind the last byte of a block, at most.
PADDING = bytes(LONGEST_HEAD + 16)
# Of eight bytes, the first so many.
FIRST = np.array([(1 << 8 * count) - 1 for count in range(9)], dtype=np.uint64)
# Odd numbers without a pattern: words are mixed with them to one number.
MIXERS = np.array(
    [
        0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93,
        0xA0761D6478BD642F, 0xE7037ED1A0B428DB, 0x8EBC6AF09C88C6E3, 0x589965CC75374CC3,
    ],
    dtype=np.uint64,
)  # fmt: skip
MOST_LINES = 1 << 20
PIECE = 1 << 20


@dataclass(slots=True)
class Block:
    """Whole lines of a log, as bytes and as text of the same length, and where they begin and end.

    odd     lines with other bytes than printable ASCII, and very long ones: their text is not this
    colons  where `: ` stands; `commas`: where `, ` stands
    """

    data: bytes
    text: str
    words: Words
    octets: NDArray[np.uint8]
    starts: Places
    ends: Places
    odd: Mask
    colons: Places
    commas: Places


@dataclass(slots=True)
class Headed:
    """The lines whose head, `stamp host program[process-id]: `, is one of those asked for.

    line       their numbers in the block
    head       which of the heads it is
    bracket    where the process ID begins, the bracket before it
    said       where the text behind the head begins
    """

    line: Places
    head: Places
    bracket: Places
    said: Places


def block_of(data: bytes, longest_line: int) -> Block:
    """The lines of some bytes that end with a whole line."""
    padded = data + PADDING
    octets = np.frombuffer(padded, np.uint8)
    ends, odd, colons, commas = [], [], [], []
    for start in range(0, len(data), PIECE):  # piece by piece: the arrays stay in the cache
        piece = octets[start : min(start + PIECE, len(data))]
        low = np.flatnonzero(piece < BLANK)
        feeds = piece[low] == LINE_FEED
        ends.append(low[feeds] + start)
        if not feeds.all():
            odd.append(low[~feeds] + start)
        if piece.max(initial=0) > LAST_PRINTABLE:
            odd.append(np.flatnonzero(piece > LAST_PRINTABLE) + start)
        before_blank = octets[start + 1 : start + 1 + len(piece)] == BLANK
        colons.append(np.flatnonzero((piece == COLON) & before_blank) + start)
        commas.append(np.flatnonzero((piece == COMMA) & before_blank) + start)
    if not data.endswith(b"\n"):
        ends.append(np.array([len(data)]))
    stops = np.concatenate(ends)
    starts = np.concatenate((np.zeros(1, np.int64), stops[:-1] + 1))
    is_odd = stops - starts > longest_line
    if odd:
        is_odd[np.searchsorted(stops, np.concatenate(odd))] = True
    words = np.ndarray((len(padded) - 7,), WORD, padded, strides=(1,))
    beyond = np.full(MOST_MARKS, len(data), np.int64)
    return Block(
        data,
        data.decode("latin-1"),
        words,
        octets,
        starts,
        stops,
        is_odd,
        np.concatenate((*colons, beyond)),
        np.concatenate((*commas, beyond)),
    )


def headed(block: Block, stamp_length: int, heads: Sequence[bytes]) -> Headed:
    """The lines that begin with a stamp of this length and one of the heads, ` host program[`."""
    colon = block.colons[np.searchsorted(block.colons, block.starts)]
    lines = np.flatnonzero(colon < block.ends)
    colon, begins = colon[lines], block.starts[lines] + stamp_length
    bracket = _bracket(block, colon)
    length = bracket + 1 - begins
    inside = (bracket > 0) & (length > 0) & (length <= LONGEST_HEAD)
    lines, colon, bracket, begins, length = (
        each[inside] for each in (lines, colon, bracket, begins, length)
    )
    columns = _padded_words(block, begins, length, -(-max(map(len, heads)) // 8))
    which = _which(columns, length, heads)
    known = which >= 0
    return Headed(lines[known], which[known], bracket[known], colon[known] + 2)


def _bracket(block: Block, colon: Places) -> Places:
    """Where `[process-id]` before a colon begins; 0 where there is none."""
    octets = block.octets
    found = np.zeros(len(colon), np.int64)
    digits = octets[colon - 1] == CLOSED
    for length in range(1, LONGEST_PROCESS_ID + 2):
        place = np.maximum(colon - 1 - length, 0)
        octet = octets[place]
        if length > 1:
            found = np.where(digits & (octet == BRACKET), place, found)
        digits &= (octet >= ZERO) & (octet <= NINE)
    return found


def _padded_words(block: Block, begins: Places, length: Places, count: int) -> list[Words]:
    """So many words of eight bytes from each place on; what is behind the length is zero."""
    return [
        block.words[begins + 8 * number] & FIRST[np.clip(length - 8 * number, 0, 8)]
        for number in range(count)
    ]


def _which(columns: list[Words], length: Places, heads: Sequence[bytes]) -> Places:
    """Which of the heads stands there, -1 for another: by a mix of its words, then compared."""
    table = np.array(
        [np.frombuffer(head.ljust(8 * len(columns), b"\0"), WORD)[: len(columns)] for head in heads]
    )
    order = np.argsort(_mixed(list(table.T)))
    mixes = _mixed(list(table[order].T))
    found = order[np.minimum(np.searchsorted(mixes, _mixed(columns)), len(order) - 1)]
    same = length == np.array([len(head) for head in heads])[found]
    for number, column in enumerate(columns):
        same &= table[found, number] == column
    return np.where(same, found, -1)


def _mixed(columns: list[Words]) -> Words:
    mix: Words = columns[0] * MIXERS[0]
    for number, column in enumerate(columns[1:], start=1):
        mix = (mix ^ (mix >> np.uint64(29))) + column * MIXERS[number % len(MIXERS)]
    return mix ^ (mix >> np.uint64(32))


def starts_with(block: Block, places: Places, text: bytes) -> Mask:
    """At which places this text stands, of four bytes or more."""
    found = np.ones(len(places), np.bool_)
    if len(text) < 8:
        (word,) = np.frombuffer(text.ljust(8, b"\0"), WORD)
        found &= (block.words[places] & FIRST[len(text)]) == word
        return found
    for start in (*range(0, len(text) - 8, 8), len(text) - 8):
        (word,) = np.frombuffer(text[start : start + 8], WORD)
        found &= block.words[places + start] == word
    return found


def numbers(block: Block, begins: Places, ends: Places) -> Places:
    """Decimal numbers of up to nine digits; -1 where none stands."""
    value = np.zeros(len(begins), np.int64)
    is_one = (ends > begins) & (ends <= begins + 9)
    for start in range(9):
        place = begins + start
        octet = block.octets[np.minimum(place, len(block.data))]
        inside = place < ends
        is_one &= ~inside | ((octet >= ZERO) & (octet <= NINE))
        value = np.where(inside, value * 10 + (octet - np.int64(ZERO)), value)
    return np.where(is_one, value, -1)


@dataclass(slots=True)
class Grouped:
    """Lines in the order of their groups, and within each in that of the log.

    order   places in the array of lines that was grouped
    begins  where in `order` each group begins
    counts  how many lines each has
    """

    order: Places
    begins: Places
    counts: Places


def grouped(block: Block, owner: Places, begins: Places, length: Places) -> Grouped:
    """Lines by their owner and the text at a place of this length, at most LONGEST_QUEUE_ID bytes.

    Groups that cannot be told apart, since their mixes are the same, are left out.
    """
    columns = _padded_words(block, begins, length, -(-int(length.max(initial=1)) // 8))
    mix = _mixed([*columns, owner.astype(np.uint64)])
    low = np.uint64(MOST_LINES - 1)
    keys = np.sort((mix & ~low) | np.arange(len(mix), dtype=np.uint64))
    order = (keys & low).astype(np.int64)
    mixes = keys & ~low
    anew = np.ones(len(order), np.bool_)
    anew[1:] = mixes[1:] != mixes[:-1]
    other = np.zeros(len(order), np.bool_)
    for column in (*columns, owner):
        inner = column[order]
        other[1:] |= inner[1:] != inner[:-1]
    begin = np.flatnonzero(anew)
    counts = np.diff(begin, append=len(order))
    if (other & ~anew).any():
        clear = ~np.logical_or.reduceat(other & ~anew, begin)
        begin, counts = begin[clear], counts[clear]
    return Grouped(order, begin, counts)


def spread(begins: Places, counts: Places) -> Places:
    """All places of ranges, one range behind the other."""
    ends = np.cumsum(counts)
    return np.repeat(begins - (ends - counts), counts) + np.arange(ends[-1] if len(ends) else 0)


def texts(text: str, begins: Any, ends: Any) -> list[str]:
    """What stands between each two places."""
    return [text[begin:end] for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)]
