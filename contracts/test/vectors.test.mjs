// The same vectors as the Rust code: every message, every refusal, every digest and signature.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { getBytes } from 'ethers';
import { Chain, key, refuses } from './chain.mjs';
import { decode } from './page.mjs';
import { World, attesters, terms } from './world.mjs';

const vectors = JSON.parse(readFileSync(new URL('../../tests/vectors/messages.json', import.meta.url)));
const hex = (text) => '0x' + text;

async function codec() {
    const chain = await Chain.create();
    await chain.fund(key(0x40));
    return chain.deploy(key(0x40), 'Codec');
}

const names = {
    kind: 'kind',
    chain: 'chain',
    sender: 'sender',
    epoch: 'epoch',
    sequence: 'sequence',
    sent_ts: 'sentTs',
    scope: 'scope',
    mask: 'mask',
    until: 'until',
    council_epoch: 'councilEpoch',
    council_hash: 'councilHash',
    ledger: 'ledger',
    slot: 'slot',
    slot_hash: 'slotHash',
    root: 'root',
    total: 'total',
    count: 'count',
};
const isBytes = (name) => ['sender', 'council_hash', 'slot_hash', 'root'].includes(name);

test('contracts and page read and write the vectors', async () => {
    const contract = await codec();
    for (const { name, fields, bytes } of vectors.messages) {
        const read = await contract.read('decode', hex(bytes));
        const paged = decode(getBytes(hex(bytes)));
        assert.deepEqual(Object.keys(paged).sort(), Object.keys(fields).sort(), name);
        for (const [field, value] of Object.entries(fields)) {
            const expected = isBytes(field) ? hex(value) : BigInt(value);
            const got = read[names[field]];
            assert.equal(isBytes(field) ? got : BigInt(got), expected, `${name}: ${field}`);
            assert.equal(
                isBytes(field) ? paged[field] : BigInt(paged[field]),
                expected,
                `${name}: ${field} by the page`,
            );
        }
        assert.equal(await contract.read('recode', hex(bytes)), hex(bytes), name);
    }
});

test('contracts and page refuse what Rust refuses, by the same name', async () => {
    const contract = await codec();
    for (const { name, error, bytes } of vectors.refused) {
        await refuses(contract.read('decode', hex(bytes)), error);
        assert.throws(() => decode(getBytes(hex(bytes))), { message: error }, name);
    }
});

test('no bit can be turned without the message being another one', async () => {
    const contract = await codec();
    const sound = getBytes(hex(vectors.messages[4].bytes));
    for (let at = 0; at < sound.length; at += 3) {
        const turned = Uint8Array.from(sound);
        turned[at] ^= 1 << (at % 8);
        let again;
        try {
            again = await contract.read('recode', turned);
        } catch {
            continue;
        }
        assert.deepEqual(getBytes(again), turned);
    }
});

test('what is not sound is not written', async () => {
    const contract = await codec();
    const zero = Object.fromEntries(Object.values(names).map((name) => [name, 0n]));
    const none = '0x' + '00'.repeat(32);
    const empty = { ...zero, sender: none, councilHash: none, slotHash: none, root: none };
    const sound = {
        ...empty,
        kind: 1,
        chain: 2,
        sender: '0x' + '11'.repeat(32),
        epoch: 1,
        sequence: 1,
        sentTs: 1,
        mask: 1,
    };
    await contract.read('encode', sound);
    const unsound = [{ kind: 0 }, { kind: 5 }, { chain: 0 }, { sender: none }, { epoch: 0 }, { sequence: 0 }];
    unsound.push({ sentTs: 0 }, { sentTs: 1n << 63n }, { mask: 0 }, { scope: 64 }, { until: 1n << 63n });
    unsound.push({ kind: 3, slot: 0 }, { kind: 4, councilEpoch: 0 });
    for (const change of unsound) await refuses(contract.read('encode', { ...sound, ...change }), 'MessageMalformed');
});

test('attestations and rotations are over the same digests', async () => {
    const contract = await codec();
    assert.deepEqual(
        vectors.attesters.keys.map(hex),
        attesters.map((wallet) => wallet.address.toLowerCase()),
    );
    const byName = new Map(vectors.messages.map((message) => [message.name, message]));
    for (const { message, set_epoch, digest } of vectors.attestations) {
        const { fields, bytes } = byName.get(message);
        const made = await contract.read('attestationDigest', set_epoch, fields.chain, hex(fields.sender), hex(bytes));
        assert.equal(made, hex(digest), message);
    }
    const { receiver_chain, receiver, chain, emitter, set_epoch, threshold, keys, digest } = vectors.rotation;
    const made = await contract.read('rotationDigest', [
        receiver_chain,
        hex(receiver),
        chain,
        hex(emitter),
        set_epoch,
        threshold,
        keys.map(hex),
    ]);
    assert.equal(made, hex(digest));
});

test('what Rust signed for a domain on Solana is heard', async () => {
    const byName = new Map(vectors.messages.map((message) => [message.name, message]));
    let heard = 0;
    for (const { message, signatures } of vectors.attestations) {
        const { fields, bytes } = byName.get(message);
        if (fields.sender !== '11'.repeat(32)) continue;
        const world = await World.create({ peers: [terms()] });
        await world.receiveAttested(hex(bytes), hex(signatures));
        heard += 1;
    }
    assert.equal(heard, 6, 'every kind, and pauses of three forms');
});
