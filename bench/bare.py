"""The floor that the verifier is measured against: a script without a package, a model or a verdict.

It maps each file, walks headers, dynamic section, hash, symbol and version tables with ``struct``, and lists what the
file wants: DT_NEEDED, and the name, version and library of every undefined symbol. 64-bit little-endian files only; it
trusts every offset.

    python bench/bare.py FILE...        prints how many files and symbols it saw
"""

import mmap
import struct
import sys

PT_LOAD, PT_DYNAMIC = 1, 2
DT_NEEDED, DT_HASH, DT_STRTAB, DT_SYMTAB, DT_STRSZ, DT_GNU_HASH = 1, 4, 5, 6, 10, 0x6FFFFEF5
DT_VERSYM, DT_VERNEED, DT_VERNEEDNUM = 0x6FFFFFF0, 0x6FFFFFFE, 0x6FFFFFFF


def wants(path: str) -> tuple[list[str], list[tuple[str, str | None, str | None]]]:
    """The needed libraries of one file, and (symbol, version, library) of its undefined symbols."""
    with open(path, "rb") as stream:
        data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    (headers,) = struct.unpack_from("<Q", data, 32)
    entry_size, count = struct.unpack_from("<HH", data, 54)
    loads: list[tuple[int, int, int]] = []
    tags: dict[int, int] = {}
    needed: list[int] = []
    for index in range(count):
        kind, _flags, offset, vaddr, _paddr, size, _mem, _align = struct.unpack_from(
            "<IIQQQQQQ", data, headers + index * entry_size
        )
        if kind == PT_LOAD:
            loads.append((vaddr, size, offset))
        elif kind == PT_DYNAMIC:
            for tag, value in struct.iter_unpack("<QQ", data[offset : offset + size // 16 * 16]):
                if tag == 0:
                    break
                if tag == DT_NEEDED:
                    needed.append(value)
                else:
                    tags[tag] = value

    def place(tag: int) -> int:
        return next(offset + tags[tag] - vaddr for vaddr, size, offset in loads if vaddr <= tags[tag] < vaddr + size)

    if DT_SYMTAB not in tags:
        return [], []
    table, text = place(DT_SYMTAB), place(DT_STRTAB)
    strings = data[text : text + tags[DT_STRSZ]]
    if DT_HASH in tags:
        total = struct.unpack_from("<II", data, place(DT_HASH))[1]
    else:
        at = place(DT_GNU_HASH)
        bucket_count, first, bloom_count, _shift = struct.unpack_from("<IIII", data, at)
        at += 16 + bloom_count * 8
        total = max(struct.unpack_from(f"<{bucket_count}I", data, at))
        if total < first:  # nothing is hashed: the string table is behind the symbol table
            total = (text - table) // 24
        else:
            at += (bucket_count - first) * 4
            while not struct.unpack_from("<I", data, at + total * 4)[0] & 1:
                total += 1
            total += 1

    def string(offset: int) -> str:
        return strings[offset : strings.index(b"\0", offset)].decode()

    versions: dict[int, tuple[str, str]] = {}
    if DT_VERNEED in tags:
        at = place(DT_VERNEED)
        for _ in range(tags[DT_VERNEEDNUM]):
            _version, entries, file, auxiliary, following = struct.unpack_from("<HHIII", data, at)
            spot = at + auxiliary
            for _ in range(entries):
                _hash, _flags, other, name, behind = struct.unpack_from("<IHHII", data, spot)
                versions[other] = string(name), string(file)
                spot += behind
            at += following
    numbers = struct.unpack_from(f"<{total}H", data, place(DT_VERSYM)) if DT_VERSYM in tags else (1,) * total
    imports = []
    for (name, _info, _other, section, _value, _size), number in zip(
        struct.iter_unpack("<IBBHQQ", data[table : table + total * 24]), numbers, strict=True
    ):
        if section == 0 and name:
            version, library = versions.get(number, (None, None))
            imports.append((string(name), version, library))
    return [string(offset) for offset in needed], imports


if __name__ == "__main__":
    found = [wants(path) for path in sys.argv[1:]]
    print(len(found), sum(len(imports) for _needed, imports in found))
