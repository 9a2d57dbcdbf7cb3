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


def sha256(data):
    return hashlib.sha256(data).digest()


def base58(text):
    number = 0
    for letter in text:
        number = number * 58 + ALPHABET.index(letter)
    return number.to_bytes(32, "big")


def make_tag(program, snapshot, ledger):
    return sha256(b"bulkhead-ledger-v1" + program + snapshot + bytes([ledger]))


def make_checkpoint_tag(program, log, ledger, slot):
    return sha256(b"bulkhead-checkpoint-v1" + program + log + bytes([ledger]) + struct.pack("<Q", slot))


def shards_hash(shards):
    """What a checkpoint says of its shards beside the root: how many leaves each has."""
    rows = (bytes.fromhex(shard["root"]) + struct.pack("<QI", int(shard["sum"]), shard["count"]) for shard in shards)
    return sha256(b"bulkhead-checkpoint-shards-v1" + b"".join(rows))


def node(left, right):
    total = left[1] + right[1]
    assert total < 1 << 64, "a sum beyond 64 bits"
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
    assert height <= 16, "a shard with too many leaves"
    row = []
    for i, (key, owner, amount) in enumerate(leaves):
        image = b"\0" + tag + struct.pack("<I", (number << 20) + i) + key + owner + struct.pack("<Q", amount)
        row.append((sha256(image), amount))
    caps = levels_up(row, 0, height)
    caps += [EMPTY[height]] * (16 - len(caps))
    return levels_up(caps, height, 4)[0], height


def ledger(tag, positions):
    """Root, total, count and shards of positions (key, owner, amount) in any order."""
    positions = sorted(positions)
    assert all(a[0] != b[0] for a, b in zip(positions, positions[1:])), "one key twice"
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


def check(what, found, told):
    for field in ("root", "total", "count"):
        assert found[field] == told[field], f"{what}: {field} is {found[field]}, not {told[field]}"
    for number, (shard, other) in enumerate(zip(found["shards"], told.get("shards", []))):
        same = {field: other[field] for field in shard if field in other}
        assert {field: shard[field] for field in same} == same, f"{what}: shard {number}"
    print(f"{what}: root {found['root'][:16]}… agrees")


def folder(path):
    try:
        import pandas
    except ImportError:
        print(f"SKIPPED: pandas is not installed, so {path.name}/leaves.parquet was not opened")
        return
    manifest = json.loads((path / "manifest.json").read_text())
    assert manifest["schema_version"] == 1
    parts = manifest["tag"]
    names = base58(parts["program"]), base58(parts["snapshot"]), parts["ledger_index"]
    slot = parts.get("checkpoint_slot")
    tag = make_tag(*names) if slot is None else make_checkpoint_tag(*names, slot)
    assert tag.hex() == parts["hash"], "the tag is not that of its parts"
    for entry in manifest["files"]:
        data = (path / entry["name"]).read_bytes()
        assert (len(data), sha256(data).hex()) == (entry["bytes"], entry["sha256"]), entry["name"]
    table = pandas.read_parquet(path / "leaves.parquet")
    rows = list(zip(table["key"], table["owner"], table["amount"].tolist()))
    places = [0] * 16
    for index, (key, _, _) in zip(table["index"].tolist(), rows):
        shard = key[0] >> 4
        assert index == (shard << 20) + places[shard], f"index {index}"
        places[shard] += 1
    found = ledger(tag, rows)
    check(str(path.name), found, manifest)
    if slot is not None:
        print(f"{found['count']} leaves, shards hash {shards_hash(found['shards']).hex()}")


def worked_checkpoint():
    """The worked example of a checkpoint."""
    program = bytes.fromhex("35877f0234bd1c59d391d740f35651aaeac5867269ee9a9209304b323ec960e0")
    tag = make_checkpoint_tag(program, b"\x11" * 32, 0, 400000000)
    assert tag.hex() == "b55a669d45ee077d6bcd7612c42279ed87b40031927fb1e4f0f2a65f231b1ab8"
    rows = [(b"\x00\x01" + bytes(30), b"\x21" * 32, 100), (b"\x70" + bytes(31), b"\x99" * 32, 5)]
    found = ledger(tag, rows)
    assert found["root"] == "7f93f00fe9b4ad24b98d35f33e6ab61a94ef33179dddddf007b97c0fccbf35b9"
    told = shards_hash(found["shards"]).hex()
    assert told == "3781a070f1eb972db2b35cf2e4b74c819fd357edb316b2ae5949e1888c5e2e34"
    print(f"the checkpoint of the page: shards hash {told[:16]}… agrees")


def vectors():
    worked_checkpoint()
    told = json.loads((HERE / "merkle.json").read_text())
    parts = told["tag"]
    tag = make_tag(bytes.fromhex(parts["program"]), bytes.fromhex(parts["snapshot"]), parts["ledger_index"])
    assert tag.hex() == parts["tag"]
    for expected in told["ledgers"] + [told["large"]]:
        # Shards are told with root and sum together here.
        for shard in expected.get("shards", []):
            shard["root"], shard["sum"] = shard["root"]["hash"], shard["root"]["sum"]
        count = expected["positions"]
        check(f"{count} positions", ledger(tag, generated(count)), expected)
    folder(HERE / "sample")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        folder(pathlib.Path(sys.argv[1]).resolve())
    else:
        vectors()
