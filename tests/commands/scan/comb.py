"""A pack of a few KB that expands to much more: each delta is the base of the next one, and of one without successors."""

import hashlib
import struct
import sys
import zlib

SIZE, TEETH = 8 << 20, 60


def number(value):
    """A size in the format of deltas."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def delta(base, end):
    """A complete base and some more bytes."""
    return number(base) + number(base + len(end)) + b"\xf0" + struct.pack("<I", base)[:3] + bytes([len(end)]) + end


def entry(kind, body, distance=None):
    """An object in the format of packs: kind and size, for a delta the distance of its base, then zlib."""
    size, out = len(body), bytearray([kind << 4 | len(body) & 15])
    size >>= 4
    while size:
        out[-1] |= 0x80
        out.append(size & 0x7F)
        size >>= 7
    if distance:
        back = [distance & 0x7F]
        while distance := distance >> 7:
            distance -= 1
            back.append(distance & 0x7F | 0x80)
        out += bytes(reversed(back))
    return bytes(out) + zlib.compress(body, 9)


def main(path, key):
    pack = bytearray(b"PACK" + struct.pack(">II", 2, 1 + 2 * TEETH))
    spine, size = len(pack), SIZE
    pack += entry(3, b" " * SIZE)
    for n in range(TEETH):
        last = key if n == TEETH - 1 else ""
        for end in (f"spine {n} {last}".encode(), f"tooth {n}".encode()):
            at = len(pack)
            pack += entry(6, delta(size, end), at - spine)
            if end.startswith(b"spine"):
                following = at, size + len(end)
        spine, size = following
    with open(path, "wb") as file:
        file.write(pack + hashlib.sha1(pack).digest())


main(*sys.argv[1:])
