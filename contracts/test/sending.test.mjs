// What the contract sends: canonical bytes, by the page's decoder; never what another domain closed here; and no bridge
// can keep a guardian from pausing. The payloads are a vector that the Rust code hears.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Interface, hexlify } from 'ethers';
import { DAY, NOW, contracts, refuses } from './chain.mjs';
import { decode } from './page.mjs';
import {
    DEFAULT_MASK,
    ETHEREUM,
    FROZEN,
    PAUSE,
    VAULT,
    WHOLE,
    World,
    action,
    kind,
    pauseMessage,
    people,
    plan,
    planArgs,
    sentBy,
} from './world.mjs';

const { anyone, guardians, checkpointer } = people;

/** Everything a domain says, in one story. */
async function story(world) {
    const payloads = [];
    const send = async (result) => payloads.push(...sentBy(await result));
    await send(world.vault.send(checkpointer, 'postCheckpoint', [0, '0x' + '31'.repeat(32), 285_000_000n, 2_000]));
    await send(world.vault.send(guardians[0], 'pause', [VAULT, action.WITHDRAW]));
    world.pass(30n);
    await world.vault.send(guardians[0], 'confirmFreeze');
    await send(world.vault.send(guardians[1], 'confirmFreeze'));
    world.pass(60n);
    await send(world.decide(kind.Unpause));
    await send(world.decide(kind.ChangeCouncil, planArgs(plan())));
    return payloads;
}

test('every message is what the page says, and Rust hears them', async () => {
    const world = await World.create();
    const sent = await story(world);
    const read = sent.map(({ bytes }) => decode(bytes));
    assert.deepEqual(
        read.map((message) => message.kind),
        [3, 1, 1, 2, 4],
    );
    read.forEach((message, i) => {
        assert.equal(message.chain, ETHEREUM);
        assert.equal(message.sender, world.domain);
        assert.equal(message.sequence, BigInt(i + 1));
    });
    const [checkpoint, pause, freeze, request, council] = read;
    assert.deepEqual([checkpoint.ledger, checkpoint.total, checkpoint.count], [0, 285_000_000n, 2_000n]);
    assert.deepEqual([pause.scope, pause.mask, pause.until], [VAULT, action.WITHDRAW, NOW + PAUSE]);
    assert.deepEqual([freeze.scope, freeze.mask, freeze.until], [WHOLE, FROZEN, NOW + 30n + 30n * DAY]);
    assert.ok(pause.epoch < freeze.epoch && freeze.epoch < request.epoch && request.epoch < council.epoch);
    assert.deepEqual([request.council_epoch, council.council_epoch], [1n, 2n]);
    assert.equal(council.council_hash, await world.vault.read('councilHash'));

    const file = new URL('../../tests/vectors/contract-messages.json', import.meta.url);
    const vectors = { emitter: world.domain.slice(2), payloads: sent.map(({ payload }) => payload.slice(2)) };
    const text = JSON.stringify(vectors, null, 2) + '\n';
    if (process.env.UPDATE_VECTORS) writeFileSync(file, text);
    assert.equal(readFileSync(file, 'utf8'), text, 'the contracts send something else than tests/vectors says');
});

test('a request has an epoch between the pauses that the proposal knew of and the others', async () => {
    const world = await World.create();
    const [early] = sentBy(await world.vault.send(guardians[0], 'pause', [WHOLE, 0]));
    const id = await world.mature(kind.Unpause);
    const [late] = sentBy(await world.vault.send(guardians[1], 'pause', [WHOLE, 0]));
    const [request] = sentBy(await world.vault.send(anyone, 'execute', [id, kind.Unpause, '0x']));
    const [before, asked, after] = [early, request, late].map(({ bytes }) => decode(bytes).epoch);
    assert.ok(before < asked && asked < after);
    assert.equal(await world.closed(), DEFAULT_MASK);
});

test('what another domain closed here is not sent on', async () => {
    const world = await World.create();
    const heard = await world.receiveAttested(pauseMessage());
    assert.deepEqual(sentBy(heard), []);
    for (const scope of [VAULT, WHOLE]) {
        await refuses(world.vault.send(guardians[0], 'announce', [scope]), 'NothingToAnnounce');
    }
    const [own] = sentBy(await world.vault.send(guardians[0], 'pause', [VAULT, action.TRADE]));
    assert.equal(decode(own.bytes).mask, action.TRADE, 'its own decision alone');
});

test('a guardian says again what is closed, under another number and the same epoch', async () => {
    const world = await World.create();
    const [first] = sentBy(await world.vault.send(guardians[0], 'pause', [WHOLE, 0]));
    world.pass(60n);
    for (const stranger of [anyone, people.vetoers[0], checkpointer]) {
        await refuses(world.vault.send(stranger, 'announce', [WHOLE]), 'RoleMissing');
    }
    const [again] = sentBy(await world.vault.send(guardians[1], 'announce', [WHOLE]));
    const [one, other] = [first, again].map(({ bytes }) => decode(bytes));
    assert.deepEqual({ ...other, sequence: 0n, sent_ts: 0n }, { ...one, sequence: 0n, sent_ts: 0n });
    assert.equal(other.sequence, one.sequence + 1n);
    await refuses(world.vault.send(anyone, 'announceCouncil'), 'RoleMissing');
    const [council] = sentBy(await world.vault.send(guardians[0], 'announceCouncil'));
    assert.equal(decode(council.bytes).council_epoch, 1n);
    await refuses(world.vault.send(guardians[0], 'postCheckpoint', [0, world.domain, 0, 0]), 'RoleMissing');
});

test('the core bridge publishes it, paid by the caller or from what the contract holds', async () => {
    const world = await World.create({ fee: 100n });
    const published = ({ logs }) => {
        const bridge = new Interface(contracts.CoreBridge.abi);
        const own = logs.filter(([address]) => hexlify(address) === world.bridge.address.toLowerCase());
        return own.map(
            ([, topics, data]) => bridge.parseLog({ topics: topics.map(hexlify), data: hexlify(data) }).args,
        );
    };
    const unpaid = await world.vault.send(guardians[0], 'pause', [WHOLE, 0]);
    assert.deepEqual([sentBy(unpaid)[0].posted, published(unpaid).length], [false, 0]);
    assert.equal(await world.closed(), DEFAULT_MASK, 'it is closed all the same');
    const paid = await world.vault.send(guardians[0], 'announce', [WHOLE], 150n);
    const [message] = published(paid);
    assert.equal(message.payload, sentBy(paid)[0].payload);
    assert.equal(message.consistencyLevel, 200n, 'a pause does not wait to be final');
    await world.vault.send(guardians[0], 'announceCouncil', [], 50n);
    const checkpoint = await world.vault.send(checkpointer, 'postCheckpoint', [0, world.domain, 1, 1], 100n);
    assert.equal(published(checkpoint)[0].consistencyLevel, 1n);
    assert.equal(await world.chain.balance(world.vault.address), 0n);
});

test('a bridge that fails, lies or burns gas keeps no guardian from pausing', async () => {
    for (const bridge of [1, 2, 3, 4]) {
        const world = await World.create({ bridge });
        const result = await world.vault.send(guardians[0], 'pause', [WHOLE, 0]);
        assert.equal(sentBy(result)[0].posted, false);
        assert.ok(result.gas < 600_000n, `${result.gas}`);
        assert.equal(await world.closed(), DEFAULT_MASK);
    }
});

test('on the other side of a fork it closes, and says and loosens nothing', async () => {
    const world = await World.create();
    const id = await world.mature(kind.Unpause);
    const side = await world.chain.fork(99);
    const vault = world.vault.on(side);
    const result = await vault.send(guardians[0], 'pause', [WHOLE, 0]);
    assert.deepEqual(sentBy(result), [], 'domains that hear the original would hear both');
    assert.equal(Number(await vault.read('closed', VAULT)), DEFAULT_MASK);
    await refuses(vault.send(anyone, 'execute', [id, kind.Unpause, '0x']), 'ChainForked');
});
