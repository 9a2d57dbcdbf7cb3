// Signatures of attesters, and how their set changes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concat, dataSlice, getBytes, hexlify, keccak256, toBeHex } from 'ethers';
import { DAY, key, refuses, sign, word } from './chain.mjs';
import {
    ETHEREUM,
    SENDER,
    SOLANA,
    World,
    ascending,
    attesters,
    kind,
    pauseMessage,
    peerArgs,
    people,
    terms,
} from './world.mjs';

const { anyone, guardians } = people;
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
/** The third key is exchanged. */
const next = ascending([...attesters.filter((_, i) => i !== 2), key(9)]);

function rotationDigest(world, keys, { threshold = 3, epoch = 1n, receiver = word(world.vault.address) } = {}) {
    return keccak256(
        concat([
            Buffer.from('bulkhead rotation 1\n'),
            toBeHex(ETHEREUM, 2),
            receiver,
            toBeHex(SOLANA, 2),
            SENDER,
            toBeHex(epoch, 8),
            toBeHex(threshold, 1),
            toBeHex(keys.length, 1),
            ...keys.map((wallet) => wallet.address),
        ]),
    );
}

function announce(world, keys, { threshold = 3, by = attesters, indices = [0, 1, 3], digest } = {}) {
    const signatures = sign(by, indices, digest ?? rotationDigest(world, keys, { threshold }));
    const addresses = keys.map((wallet) => wallet.address);
    return world.vault.send(anyone, 'announceRotation', [SOLANA, SENDER, threshold, addresses, signatures]);
}

test('enough of the set, in the order of their keys, each once', async () => {
    const world = await World.create();
    const payload = pauseMessage();
    const by = (indices) => world.receiveAttested(payload, world.attest(payload, { indices }));
    for (const few of [[], [1], [0, 4]]) await refuses(by(few), 'AttestationsTooFew');
    for (const wrong of [
        [1, 0, 2],
        [0, 0, 1],
        [2, 2, 2],
        [4, 3, 2],
    ]) {
        await refuses(by(wrong), 'InvalidAttestation');
    }
    const strangers = ascending([key(21), key(22), key(23), key(24), key(25)]);
    await refuses(world.receiveAttested(payload, world.attest(payload, { by: strangers })), 'InvalidAttestation');
    await by([0, 1, 2, 3, 4]);
});

test('a signature has one form, and names chain, emitter, set and bytes', async () => {
    const world = await World.create();
    const payload = pauseMessage();
    const good = world.attest(payload);
    const turned = (at, bit = 1) => {
        const bytes = getBytes(good);
        bytes[at] ^= bit;
        return hexlify(bytes);
    };
    for (const at of [0, 1, 33, 65, 66, 131])
        await refuses(world.receiveAttested(payload, turned(at)), 'InvalidAttestation');
    await refuses(world.receiveAttested(payload, turned(65, 2)), 'InvalidAttestation');
    await refuses(world.receiveAttested(payload, turned(132, 4)), 'InvalidAttestation');
    // The other s with the other parity is by the same key.
    const bytes = getBytes(good);
    const s = ORDER - BigInt(dataSlice(good, 33, 65));
    bytes.set(getBytes(toBeHex(s, 32)), 33);
    bytes[65] ^= 1;
    await refuses(world.receiveAttested(payload, hexlify(bytes)), 'InvalidAttestation');
    await refuses(world.receiveAttested(payload, good + '00'), 'InvalidAttestation');
    for (const other of [{ epoch: 2n }, { chain: 2 }, { emitter: '0x' + '12'.repeat(32) }]) {
        await refuses(world.receiveAttested(payload, world.attest(payload, other)), 'InvalidAttestation');
    }
    await refuses(world.receiveAttested(pauseMessage({ sequence: 2n }), good), 'InvalidAttestation');
    await world.receiveAttested(payload, good);
});

test('signers change after the wait; the old ones stay until then and not a second longer', async () => {
    const world = await World.create();
    await announce(world, next);
    const hear = (sequence, part) => {
        const payload = pauseMessage({ sequence, sentTs: world.chain.now });
        return world.receiveAttested(payload, world.attest(payload, part));
    };
    const [, from] = await world.vault.read('pendingRotation', SOLANA, SENDER);
    assert.equal(from, world.chain.now + DAY);
    world.pass(DAY - 1n);
    await refuses(hear(1n, { by: next, epoch: 2n }), 'InvalidAttestation');
    await hear(1n, { by: attesters });
    world.pass(1n);
    await refuses(hear(2n, { by: attesters }), 'InvalidAttestation');
    await refuses(hear(2n, { by: next, epoch: 1n }), 'InvalidAttestation');
    assert.equal((await world.vault.read('attesters', SOLANA, SENDER)).epoch, 2n);
    await hear(2n, { by: next, epoch: 2n });
    // What was signed for one rotation is good for no other.
    await refuses(announce(world, next), 'InvalidAttestation');
});

test('a rotation is narrow, for one receiver, and not pushed away', async () => {
    const world = await World.create();
    await refuses(announce(world, ascending([...attesters.slice(2), key(8), key(9)])), 'RotationTooWide');
    await refuses(announce(world, attesters.slice(0, 3)), 'RotationTooWide');
    await refuses(announce(world, attesters.slice(0, 4), { threshold: 2 }), 'InvalidAttesterSet');
    await refuses(announce(world, next, { indices: [0, 1] }), 'AttestationsTooFew');
    const elsewhere = rotationDigest(world, next, { receiver: word('0x' + '99'.repeat(20)) });
    await refuses(announce(world, next, { digest: elsewhere }), 'InvalidAttestation');
    await announce(world, next);
    world.pass(DAY - 1n);
    await refuses(announce(world, next), 'RotationPending');
});

test('a lower threshold needs a proposal', async () => {
    const world = await World.create({ peers: [terms({ threshold: 4 })] });
    await refuses(announce(world, next, { indices: [0, 1, 2, 3] }), 'RotationTooWide');
    await announce(world, next, { threshold: 4, indices: [0, 1, 2, 3] });
});

test('one guardian stops a rotation for good, and a proposal allows them again', async () => {
    const world = await World.create();
    const stop = (by) => world.vault.send(by, 'stopRotation', [SOLANA, SENDER]);
    await refuses(stop(guardians[0]), 'NoRotationPending');
    await announce(world, next);
    await refuses(stop(anyone), 'RoleMissing');
    await stop(guardians[0]);
    await refuses(announce(world, next), 'RotationStopped');
    // The keys that were stolen go on to tighten, within their rights, until a proposal sets others.
    await world.receiveAttested(pauseMessage());
    const keys = next.map((wallet) => wallet.address);
    await world.decide(kind.RegisterPeer, peerArgs(terms({ attesters: keys, afterSequence: (1n << 64n) - 1n })));
    assert.equal((await world.vault.read('attesters', SOLANA, SENDER)).epoch, 2n);
    const back = rotationDigest(world, attesters, { epoch: 2n });
    await announce(world, attesters, { by: next, digest: back });
    world.pass(DAY);
    await refuses(stop(guardians[0]), 'NoRotationPending');
});

test('a proposal overrides a rotation that waits', async () => {
    const world = await World.create();
    const args = peerArgs(terms());
    const id = await world.mature(kind.RegisterPeer, args);
    await announce(world, next);
    await world.vault.send(anyone, 'execute', [id, kind.RegisterPeer, args]);
    world.pass(2n * DAY);
    const set = await world.vault.read('attesters', SOLANA, SENDER);
    assert.equal(set[0], 3n, 'an epoch that no other set had');
    assert.deepEqual(
        [...set[2]],
        attesters.map((wallet) => wallet.address),
    );
});
