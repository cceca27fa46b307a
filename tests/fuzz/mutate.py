"""Random damage to the bytes of a file."""

from __future__ import annotations

import random
from collections.abc import Callable

Act = Callable[[bytearray, random.Random], None]

_HEADER = 512
_EXTREMES = (0, 1, 0x7F, 0x80, 0xFF)


def mutated(data: bytes, chance: random.Random, *more: Act) -> tuple[bytes, str]:
    """A mutant, and what was done to it: mostly one thing, at times two or three.

    `more` is what can be done to files of this kind beside `ACTS`.
    """
    mutant = bytearray(data)
    acts = [chance.choice((*ACTS, *more)) for _ in range(chance.choice((1, 1, 1, 2, 3)))]
    for act in acts:
        if len(mutant) > 16:
            act(mutant, chance)
    return bytes(mutant), " + ".join(act.__name__ for act in acts)


def _place(data: bytearray, chance: random.Random) -> int:
    """Anywhere; two times of three in the first or the last bytes, where headers stand."""
    third = chance.randrange(3)
    if third == 0:
        return chance.randrange(min(len(data), _HEADER))
    if third == 1:
        return max(0, len(data) - 1 - chance.randrange(_HEADER))
    return chance.randrange(len(data))


def flip_bits(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 1, 1, 2, 8))):
        data[_place(data, chance)] ^= 1 << chance.randrange(8)


def set_bytes(data: bytearray, chance: random.Random) -> None:
    place = _place(data, chance)
    for offset in range(chance.choice((1, 2, 4, 16))):
        if place + offset < len(data):
            data[place + offset] = chance.choice((*_EXTREMES, chance.randrange(256)))


def change_number(data: bytearray, chance: random.Random) -> None:
    """A whole number of two or four bytes, in either order, a little or much larger or smaller."""
    size = chance.choice((2, 4))
    order = chance.choice(("big", "little"))
    place = min(_place(data, chance), len(data) - size)
    value = int.from_bytes(data[place : place + size], order)
    value = chance.choice((value + 1, value - 1, value // 2, value * 2, value + 8, 0, 2**31))
    data[place : place + size] = (value % 256**size).to_bytes(size, order)


def cut(data: bytearray, chance: random.Random) -> None:
    del data[_place(data, chance) :]


def insert(data: bytearray, chance: random.Random) -> None:
    place = _place(data, chance)
    data[place:place] = chance.randbytes(chance.choice((1, 2, 3, 8, 64, 512)))


def remove(data: bytearray, chance: random.Random) -> None:
    place = _place(data, chance)
    del data[place : place + chance.choice((1, 2, 3, 8, 64, 512))]


def repeat(data: bytearray, chance: random.Random) -> None:
    place, size = _place(data, chance), chance.choice((8, 64, 512))
    data[place:place] = data[place : place + size]


def exchange(data: bytearray, chance: random.Random) -> None:
    size = chance.choice((4, 12, 64))
    first, second = _place(data, chance), _place(data, chance)
    one, other = data[first : first + size], data[second : second + size]
    data[first : first + len(other)], data[second : second + len(one)] = other, one


def append(data: bytearray, chance: random.Random) -> None:
    data += chance.choice((bytes(512), b"\xff" * 512, bytes(data[:300]), chance.randbytes(64)))


ACTS: tuple[Act, ...] = (
    flip_bits,
    set_bytes,
    change_number,
    change_number,
    cut,
    insert,
    remove,
    repeat,
    exchange,
    append,
)
