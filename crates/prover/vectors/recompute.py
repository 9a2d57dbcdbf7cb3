#!/usr/bin/env python3
"""Recomputes page.json and checks proof.json, from docs/proof-statement.md and the Poseidon and Groth16 papers alone.

Nothing but the standard library: Poseidon's constants come out of its Grain register, its matrix is the Cauchy matrix
that follows in the same stream, and the pairing is the textbook's (Miller's loop over twelve coordinates, no tricks).
"""
import hashlib
import json
import pathlib
import sys

P = 21888242871839275222246405745257275088548364400416034343698204186575808495617
Q = 21888242871839275222246405745257275088696311157297823662689037894645226208583
HERE = pathlib.Path(__file__).parent
PARTIAL = {1: 56, 2: 57, 3: 56, 4: 60, 5: 60, 6: 63, 7: 64}


def grain(width, partial):
    """The bits of the register of the Poseidon paper, for a prime field, x^5, 254 bits and 8 full rounds."""
    bits = []
    for value, length in ((1, 2), (0, 4), (254, 12), (width, 12), (8, 10), (partial, 10), ((1 << 30) - 1, 30)):
        bits += [value >> at & 1 for at in reversed(range(length))]

    def step():
        bit = bits[62] ^ bits[51] ^ bits[38] ^ bits[23] ^ bits[13] ^ bits[0]
        bits.pop(0)
        bits.append(bit)
        return bit

    for _ in range(160):
        step()
    while True:
        if step():
            yield step()
        else:
            step()


def parameters(inputs, known={}):
    if inputs not in known:
        width, partial = inputs + 1, PARTIAL[inputs]
        stream = grain(width, partial)

        def number():
            value = 0
            for _ in range(254):
                value = value << 1 | next(stream)
            return value

        constants = []
        while len(constants) < width * (8 + partial):
            value = number()
            if value < P:
                constants.append(value)
        while True:
            values = [number() % P for _ in range(2 * width)]
            if len(set(values)) == 2 * width:
                break
        xs, ys = values[:width], values[width:]
        matrix = [[pow(x + y, -1, P) for y in ys] for x in xs]
        known[inputs] = constants, matrix
    return known[inputs]


def H(*words):
    constants, matrix = parameters(len(words))
    width, partial = len(words) + 1, PARTIAL[len(words)]
    state = [0, *words]
    for number in range(8 + partial):
        state = [(word + constant) % P for word, constant in zip(state, constants[number * width :])]
        if number < 4 or number >= 4 + partial:
            state = [pow(word, 5, P) for word in state]
        else:
            state[0] = pow(state[0], 5, P)
        state = [sum(by * word for by, word in zip(row, state)) % P for row in matrix]
    return state[0]


def hexed(word):
    return word.to_bytes(32, "big").hex()


def masked(data):
    return int.from_bytes(hashlib.sha256(data).digest(), "big") & ((1 << 253) - 1)


def words(key, owner, amount):
    whole = int.from_bytes(owner, "big")
    nibble, rest = whole >> 252, whole & ((1 << 252) - 1)
    return [int.from_bytes(key[:16], "big"), int.from_bytes(key[16:], "big"), rest, amount + (nibble << 64)]


def first(tag, shard):
    acc = H(int.from_bytes(tag[:16], "big"), int.from_bytes(tag[16:], "big"), shard)
    return [acc, ((shard << 124) - 1) % P, 0, 0, 0, 0, 1]


def advance(state, leaf, pool, total, gamma, beta):
    acc, high, low, count, amounts, paid, product = state
    amount, nibble = leaf[3] & ((1 << 64) - 1), leaf[3] >> 64
    last = -1 if high == P - 1 else high
    assert (last, low) < (leaf[0], leaf[1]), "keys ascend"
    payout = amount * pool // total
    if payout:
        product = product * (gamma - leaf[2] - beta * (payout + (nibble << 64))) % P
    return [H(acc, *leaf), leaf[0], leaf[1], count + 1, amounts + amount, paid + payout, product]


def encoded(state):
    acc, high, low, count, amounts, paid, product = state
    small = low.to_bytes(16, "little") + count.to_bytes(4, "little")
    small += amounts.to_bytes(8, "little") + paid.to_bytes(8, "little")
    return acc.to_bytes(32, "big") + high.to_bytes(32, "big") + small + product.to_bytes(32, "big")


def same(what, found, expected):
    if found != expected:
        sys.exit(f"{what}: computed {found}, the vectors say {expected}")


def check_state(what, state, expected):
    same(what, encoded(state).hex(), expected["bytes"])
    same(what + " digest", hexed(H(*state)), expected["digest"])


def check_page(vectors):
    for one in vectors["poseidon"]:
        same("poseidon", hexed(H(*range(1, one["inputs"] + 1))), one["hash"])
    subject = {name: bytes.fromhex(text) for name, text in vectors["subject"].items() if name != "role"}
    tag, pool, total = subject["tag"], int(vectors["pool"]), int(vectors["total"])
    shards = [[] for _ in range(16)]
    for position in vectors["positions"]:
        key, owner = bytes.fromhex(position["key"]), bytes.fromhex(position["owner"])
        leaf = words(key, owner, int(position["amount"]))
        same("words", [hexed(word) for word in leaf], position["words"])
        shards[key[0] >> 4].append(leaf)
    chosen = tag
    for shard, leaves in enumerate(shards):
        acc = first(tag, shard)[0]
        same("first accumulator", hexed(acc), vectors["first_accumulators"][shard])
        for leaf in leaves:
            acc = H(acc, *leaf)
        chosen += acc.to_bytes(32, "big") + len(leaves).to_bytes(4, "little")
    same("chosen", chosen.hex(), vectors["chosen"])
    successor = bytes.fromhex(vectors["successor"])
    sums = pool.to_bytes(8, "little") + total.to_bytes(8, "little")
    for name, ledgers in (("challenge", chosen + successor), ("challenge_without_successor", chosen)):
        gamma, beta = (masked(b"bulkhead-proof-challenge-v1" + ledgers + sums + bytes([n])) for n in (0, 1))
        same(name, {"gamma": hexed(gamma), "beta": hexed(beta)}, vectors[name])
    gamma, beta = (int(vectors["challenge"][name], 16) for name in ("gamma", "beta"))
    for page in vectors["pages"]:
        shard = page["shard"]
        data = b"bulkhead-proof-context-v1" + subject["program"] + subject["domain"] + subject["plan"] + tag
        context = masked(data + bytes([0, shard]))
        same("context", hexed(context), page["context"])
        run = H(context, pool, total, gamma, beta)
        same("run", hexed(run), page["run"])
        before = after = first(tag, shard)
        check_state("before", before, page["before"])
        for leaf in shards[shard]:
            after = advance(after, leaf, pool, total, gamma, beta)
        check_state("after", after, page["after"])
        same("public input", hexed(H(run, H(*before), H(*after))), page["public_input"])


# The field of twelve coordinates: polynomials in w, with w^12 = 18 w^6 - 82. Then i = w^6 - 9.
def mul12(a, b):
    product = [0] * 23
    for i, x in enumerate(a):
        if x:
            for j, y in enumerate(b):
                product[i + j] += x * y
    for at in range(22, 11, -1):
        top = product.pop()
        product[at - 6] += 18 * top
        product[at - 12] -= 82 * top
    return [value % Q for value in product]


def inverse12(a):
    """By elimination: b with a · b = 1."""
    columns, power = [], a
    for _ in range(12):
        columns.append(power)
        power = mul12(power, [0, 1] + [0] * 10)
    rows = [[columns[j][i] for j in range(12)] + [int(i == 0)] for i in range(12)]
    for i in range(12):
        pivot = next(r for r in range(i, 12) if rows[r][i])
        rows[i], rows[pivot] = rows[pivot], rows[i]
        scale = pow(rows[i][i], -1, Q)
        rows[i] = [value * scale % Q for value in rows[i]]
        for r in range(12):
            if r != i and rows[r][i]:
                factor = rows[r][i]
                rows[r] = [(x - factor * y) % Q for x, y in zip(rows[r], rows[i])]
    return [row[12] for row in rows]


def add12(a, b, sign=1):
    return [(x + sign * y) % Q for x, y in zip(a, b)]


def small(value):
    return [value % Q] + [0] * 11


def twisted(point):
    """A point of G2 on the curve y^2 = x^3 + 3 over twelve coordinates."""
    (x0, x1), (y0, y1) = point
    x, y = [0] * 12, [0] * 12
    x[2], x[8] = (x0 - 9 * x1) % Q, x1
    y[3], y[9] = (y0 - 9 * y1) % Q, y1
    return x, y


def line(a, b, at):
    """The line through a and b at a point, and a + b."""
    (x1, y1), (x2, y2), (xt, yt) = a, b, at
    if x1 != x2:
        slope = mul12(add12(y2, y1, -1), inverse12(add12(x2, x1, -1)))
    else:
        slope = mul12(mul12(small(3), mul12(x1, x1)), inverse12(mul12(small(2), y1)))
    value = add12(mul12(slope, add12(xt, x1, -1)), add12(yt, y1, -1), -1)
    x3 = add12(add12(mul12(slope, slope), x1, -1), x2, -1)
    y3 = add12(mul12(slope, add12(x1, x3, -1)), y1, -1)
    return value, (x3, y3)


def power12(a, exponent):
    result = small(1)
    while exponent:
        if exponent & 1:
            result = mul12(result, a)
        a = mul12(a, a)
        exponent >>= 1
    return result


def frobenius(a):
    """a^Q, coordinate by coordinate: w^Q is known once."""
    if not hasattr(frobenius, "powers"):
        base = power12([0, 1] + [0] * 10, Q)
        powers = [small(1)]
        for _ in range(11):
            powers.append(mul12(powers[-1], base))
        frobenius.powers = powers
    total = [0] * 12
    for value, power in zip(a, frobenius.powers):
        total = [(t + value * p) % Q for t, p in zip(total, power)]
    return total


def miller(g1, g2):
    at = (small(g1[0]), small(g1[1]))
    q = twisted(g2)
    r, f = q, small(1)
    loop = 29793968203157093288
    for bit in bin(loop)[3:]:
        value, r = line(r, r, at)
        f = mul12(mul12(f, f), value)
        if bit == "1":
            value, r = line(r, q, at)
            f = mul12(f, value)
    q1 = tuple(frobenius(part) for part in q)
    q2 = tuple(frobenius(part) for part in q1)
    q2 = (q2[0], [-value % Q for value in q2[1]])
    value, r = line(r, q1, at)
    f = mul12(f, value)
    value, r = line(r, q2, at)
    return mul12(f, value)


def add1(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0] and (a[1] + b[1]) % Q == 0:
        return None
    top, bottom = (3 * a[0] * a[0], 2 * a[1]) if a == b else (b[1] - a[1], b[0] - a[0])
    slope = top * pow(bottom, -1, Q) % Q
    x = (slope * slope - a[0] - b[0]) % Q
    return x, (slope * (a[0] - x) - a[1]) % Q


def times1(point, by):
    result = None
    while by:
        if by & 1:
            result = add1(result, point)
        point, by = add1(point, point), by >> 1
    return result


def numbers(data):
    return [int.from_bytes(data[at : at + 32], "big") for at in range(0, len(data), 32)]


def accepts(points, public, proof):
    n = numbers(points)
    alpha = (n[0], n[1])
    beta, gamma, delta = (((n[i + 1], n[i]), (n[i + 3], n[i + 2])) for i in (2, 6, 10))
    ic = add1((n[14], n[15]), times1((n[16], n[17]), public))
    n = numbers(proof)
    a, b, c = (n[0], n[1]), ((n[3], n[2]), (n[5], n[4])), (n[6], n[7])
    value = small(1)
    for pair in ((a, b), (ic, gamma), (c, delta), (alpha, beta)):
        value = mul12(value, miller(*pair))
    # The exponent (Q^12 - 1) / P, in three parts: Q^6 - 1, Q^2 + 1, and the rest.
    conjugate = value
    for _ in range(6):
        conjugate = frobenius(conjugate)
    value = mul12(conjugate, inverse12(value))
    value = mul12(frobenius(frobenius(value)), value)
    return power12(value, (Q**4 - Q**2 + 1) // P) == small(1)


def check_proof(vectors):
    run = vectors["run"]
    digest = H(int(run["context"], 16), int(run["pool"]), int(run["total"]), int(run["gamma"], 16), int(run["beta"], 16))
    public = H(digest, int(vectors["before"]["digest"], 16), int(vectors["after"]["digest"], 16))
    same("public input", hexed(public), vectors["public_input"])
    points, proof = bytes.fromhex(vectors["points"]), bytes.fromhex(vectors["proof"])
    if not accepts(points, public, proof):
        sys.exit("the proof does not verify")
    if accepts(points, public + 1, proof):
        sys.exit("the proof verifies for another input")


check_page(json.loads((HERE / "page.json").read_text()))
check_proof(json.loads((HERE / "proof.json").read_text()))
print("page.json and proof.json are what docs/proof-statement.md says")
