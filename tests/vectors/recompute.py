#!/usr/bin/env python3
"""Recomputes snapshot roots from docs/snapshot-format.md and nothing else: no code of Bulkhead's is used.

    recompute.py            the ledgers in merkle.json, and the snapshot in sample/
    recompute.py FOLDER     a snapshot's folder against its manifest (needs pandas and pyarrow); of a checkpoint's it
                            prints count and shards hash as well, which have to be those of the log's entry
"""

import hashlib
import json
import pathlib
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
ZERO = (bytes(32), 0)
CHECKPOINT_PREFIX = b"bulkhead-checkpoint-v1"


class Refused(Exception):
    """What is stated is not what is found. Not an assertion: those are gone under `python -O`, and everything agrees."""


def require(holds, why):
    if not holds:
        raise Refused(why)


def sha256(data):
    return hashlib.sha256(data).digest()


def base58(text):
    number = 0
    require(0 < len(text) <= 44 and all(letter in ALPHABET for letter in text), f"{text!r} is no key")
    for letter in text:
        number = number * 58 + ALPHABET.index(letter)
    require(number < 1 << 256, f"{text!r} is no key")
    return number.to_bytes(32, "big")


def make_tag(program, snapshot, ledger):
    return sha256(b"bulkhead-ledger-v1" + program + snapshot + bytes([ledger]))


def make_checkpoint_tag(program, log, ledger, slot):
    return sha256(CHECKPOINT_PREFIX + program + log + bytes([ledger]) + struct.pack("<Q", slot))


def shards_hash(shards):
    """What a checkpoint says of its shards beside the root: how many leaves each has."""
    rows = (bytes.fromhex(shard["root"]) + struct.pack("<QI", int(shard["sum"]), shard["count"]) for shard in shards)
    return sha256(b"bulkhead-checkpoint-shards-v1" + b"".join(rows))


def node(left, right):
    total = left[1] + right[1]
    require(total < 1 << 64, "a sum beyond 64 bits")
    image = b"\1" + left[0] + struct.pack("<Q", left[1]) + right[0] + struct.pack("<Q", right[1])
    return sha256(image), total


def zeros(levels):
    row = [ZERO]
    for _ in range(levels):
        row.append(node(row[-1], row[-1]))
    return row


EMPTY = zeros(24)


def levels_up(row, level, levels):
    """The row `levels` higher; places without a node are the zero node of their level."""
    for level in range(level, level + levels):
        if len(row) % 2:
            row = row + [EMPTY[level]]
        row = [node(row[i], row[i + 1]) for i in range(0, len(row), 2)]
    return row


def shard_root(tag, number, leaves):
    """Root and sum, and h, of leaves (key, owner, amount) that ascend."""
    height = 0
    while 16 << height < len(leaves):
        height += 1
    require(height <= 16, "a shard with too many leaves")
    row = []
    for i, (key, owner, amount) in enumerate(leaves):
        image = b"\0" + tag + struct.pack("<I", (number << 20) + i) + key + owner + struct.pack("<Q", amount)
        row.append((sha256(image), amount))
    canopy = levels_up(row, 0, height)
    canopy += [EMPTY[height]] * (16 - len(canopy))
    return levels_up(canopy, height, 4)[0], height


def ledger(tag, positions):
    """Root, total, count and shards of positions (key, owner, amount) in any order."""
    positions = sorted(positions)
    require(all(a[0] != b[0] for a, b in zip(positions, positions[1:])), "one key twice")
    parts = [[] for _ in range(16)]
    for position in positions:
        if position[2]:
            parts[position[0][0] >> 4].append(position)
    shards, first = [], 0
    for number, leaves in enumerate(parts):
        top, height = shard_root(tag, number, leaves)
        shards.append({"root": top[0].hex(), "sum": str(top[1]), "count": len(leaves), "first": first, "cap_height": height})
        first += len(leaves)
    roots = [(bytes.fromhex(shard["root"]), int(shard["sum"])) for shard in shards]
    top = levels_up(roots, 0, 4)[0]
    return {"root": top[0].hex(), "total": str(top[1]), "count": first, "shards": shards}


def generated(count):
    """The positions that merkle.json describes."""
    for i in range(count):
        number = struct.pack("<I", i)
        yield sha256(b"key" + number), sha256(b"owner" + number), i * 7919 % 1000003 + 1


def check(what, found, printed, all_shards=True):
    for field in ("root", "total", "count"):
        require(found[field] == printed[field], f"{what}: {field} is {found[field]}, not {printed[field]}")
    others = printed["shards"] if all_shards else printed.get("shards", [])
    require(not others or len(others) == 16, f"{what}: {len(others)} shards")
    for number, (shard, other) in enumerate(zip(found["shards"], others)):
        fields = shard if all_shards else [field for field in shard if field in other]
        for field in fields:
            require(shard[field] == other[field], f"{what}: {field} of shard {number} is not {other[field]}")
    print(f"{what}: root {found['root'][:16]}… agrees")


def folder(path, may_skip=False):
    try:
        import pandas
    except ImportError:
        require(may_skip, "pandas and pyarrow are needed to open a snapshot")
        print(f"SKIPPED: pandas is not installed, so {path.name}/leaves.parquet was not opened")
        return
    manifest = json.loads((path / "manifest.json").read_text())
    require(manifest["schema_version"] == 1, f"schema version {manifest['schema_version']}")
    parts = manifest["tag"]
    names = (base58(parts["program"]), base58(parts["snapshot"]), parts["ledger_index"])
    slot = parts.get("checkpoint_slot")
    tag = make_tag(*names) if slot is None else make_checkpoint_tag(*names, slot)
    require(tag.hex() == parts["hash"], "the tag is not that of its parts")
    # A manifest says what is in the table, never where to look.
    require([entry["name"] for entry in manifest["files"]] == ["leaves.parquet"], "files beside leaves.parquet")
    (entry,) = manifest["files"]
    require((path / "leaves.parquet").is_file(), "leaves.parquet is no file")
    require((path / "leaves.parquet").stat().st_size == entry["bytes"], "leaves.parquet has another length")
    data = (path / "leaves.parquet").read_bytes()
    require(sha256(data).hex() == entry["sha256"], "leaves.parquet has another SHA-256")
    table = pandas.read_parquet(path / "leaves.parquet")
    rows = list(zip(table["key"], table["owner"], table["amount"].tolist()))
    require(len(rows) == entry["rows"], "another number of rows")
    places = [0] * 16
    for index, (key, owner, amount) in zip(table["index"].tolist(), rows):
        require(len(key) == 32 and len(owner) == 32 and 0 < amount < 1 << 64, f"row {index} is no leaf")
        shard = key[0] >> 4
        require(index == (shard << 20) + places[shard], f"index {index} is not the leaf's place")
        places[shard] += 1
    found = ledger(tag, rows)
    check(str(path.name), found, manifest)
    if slot is not None:
        print(f"{found['count']} leaves, shards hash {shards_hash(found['shards']).hex()}")


def worked_checkpoint():
    """The worked example of a checkpoint."""
    program = bytes.fromhex("35877f0234bd1c59d391d740f35651aaeac5867269ee9a9209304b323ec960e0")
    tag = make_checkpoint_tag(program, b"\x11" * 32, 0, 400000000)
    tag_told = "b55a669d45ee077d6bcd7612c42279ed87b40031927fb1e4f0f2a65f231b1ab8"
    require(tag.hex() == tag_told, "the checkpoint's tag is not the page's")
    rows = [(b"\x00\x01" + bytes(30), b"\x21" * 32, 100), (b"\x70" + bytes(31), b"\x99" * 32, 5)]
    found = ledger(tag, rows)
    root_told = "7f93f00fe9b4ad24b98d35f33e6ab61a94ef33179dddddf007b97c0fccbf35b9"
    require(found["root"] == root_told, "the checkpoint's root is not the page's")
    printed = shards_hash(found["shards"]).hex()
    hash_told = "3781a070f1eb972db2b35cf2e4b74c819fd357edb316b2ae5949e1888c5e2e34"
    require(printed == hash_told, "the checkpoint's shards hash is not the page's")
    print(f"the checkpoint of the page: shards hash {printed[:16]}… agrees")


def vectors():
    worked_checkpoint()
    printed = json.loads((HERE / "merkle.json").read_text())
    parts = printed["tag"]
    tag = make_tag(bytes.fromhex(parts["program"]), bytes.fromhex(parts["snapshot"]), parts["ledger_index"])
    require(tag.hex() == parts["tag"], "the tag is not that of its parts")
    for expected in printed["ledgers"] + [printed["large"]]:
        # Shards are listed with root and sum together here.
        for shard in expected.get("shards", []):
            shard["root"], shard["sum"] = shard["root"]["hash"], shard["root"]["sum"]
        count = expected["positions"]
        check(f"{count} positions", ledger(tag, generated(count)), expected, all_shards=False)
    folder(HERE / "sample", may_skip=True)


def main():
    try:
        if len(sys.argv) > 1:
            folder(pathlib.Path(sys.argv[1]).resolve())
        else:
            vectors()
    except Refused as why:
        sys.exit(f"refused: {why}")
    except (OSError, KeyError, TypeError, ValueError) as why:
        sys.exit(f"refused: this is no snapshot's folder: {type(why).__name__}: {why}")


if __name__ == "__main__":
    main()
