// Messages from Solana: what they close, what they record, and every order in which somebody might carry them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DAY, HOUR, NOW, refuses } from './chain.mjs';
import {
    DEFAULT_MASK,
    INSTANT,
    PAUSE,
    SENDER,
    SOLANA,
    VAULT,
    WHOLE,
    World,
    action,
    checkpointMessage,
    councilMessage,
    kind,
    pauseMessage,
    peerArgs,
    people,
    requestMessage,
    terms,
} from './world.mjs';

const { anyone } = people;

test('a pause of a domain on Solana closes the vault in one transaction of anybody, and lapses', async () => {
    const world = await World.create();
    const { events } = await world.receiveAttested(pauseMessage());
    assert.deepEqual(events.map((event) => event.name).sort(), ['Linked', 'MessageAccepted']);
    assert.equal(await world.closed(), DEFAULT_MASK);
    assert.equal(await world.closed(4), 0);
    await refuses(world.vault.send(anyone, 'withdraw', [1]), 'ActionPaused');
    world.pass(PAUSE);
    assert.equal(await world.closed(), 0);
});

test('a pause lasts no longer than the sender says, and no longer than a guardian could', async () => {
    const world = await World.create();
    await world.receiveAttested(pauseMessage({ until: NOW + HOUR }));
    assert.equal((await world.vault.read('row', VAULT)).linkedUntil, NOW + HOUR);
    await world.receiveAttested(pauseMessage({ sequence: 2n, until: NOW + 1000n * DAY }));
    assert.equal((await world.vault.read('row', VAULT)).linkedUntil, NOW + PAUSE);
    const late = await World.create();
    late.pass(HOUR);
    await refuses(late.receiveAttested(pauseMessage({ until: NOW + HOUR })), 'MessageExpired');
});

test('only what the peer covers counts, and refusals cost nothing', async () => {
    const world = await World.create();
    for (const part of [{ scope: 8 }, { mask: action.DEPOSIT }]) {
        await refuses(world.receiveAttested(pauseMessage(part)), 'NothingToPropagate');
    }
    assert.equal((await world.vault.read('peerBudget', SOLANA, SENDER)).left, 6n);
    await world.receiveAttested(pauseMessage({ scope: 7, mask: action.TRADE }));
    await refuses(world.receiveAttested(pauseMessage({ sequence: 2n })), 'AlreadyPropagated');
    assert.equal((await world.vault.read('peerBudget', SOLANA, SENDER)).left, 5n);
});

test('a peer runs out of rights like a guardian', async () => {
    const world = await World.create();
    const hear = (sequence) => world.receiveAttested(pauseMessage({ sequence, sentTs: world.chain.now }));
    await hear(1n);
    world.pass(1n);
    await hear(2n);
    world.pass(1n);
    await refuses(hear(3n), 'GuardianPauseLimitReached');
    world.pass(DAY);
    await hear(3n);
    world.pass(DAY);
    await refuses(hear(4n), 'GuardianPauseLimitReached');
    for (let sequence = 4n; sequence < 7n; sequence++) {
        world.pass(3n * DAY);
        await hear(sequence);
    }
    world.pass(30n * DAY);
    await refuses(hear(7n), 'NoPauseRights');
    assert.equal(await world.closed(), 0, 'a stolen sender keeps nothing closed');
});

test('a peer that covers everything closes every compartment by one row', async () => {
    const world = await World.create({ peers: [terms({ compartments: (1n << 64n) - 1n, mask: action.TRADE })] });
    await world.receiveAttested(pauseMessage());
    for (const scope of [0, VAULT, 63, WHOLE]) assert.equal(await world.closed(scope), action.TRADE);
});

test('a message acts once, by whichever transport it comes', async () => {
    const world = await World.create();
    await world.receiveAttested(pauseMessage());
    world.pass(60n);
    await refuses(world.receiveAttested(pauseMessage()), 'MessageSeen');
    await refuses(world.receiveWormhole(pauseMessage()), 'MessageSeen');
    // Posted again by the sender's bridge under another number of the bridge's, it is the same message.
    await refuses(world.receiveWormhole(pauseMessage(), { sequence: 10n }), 'MessageSeen');
    assert.equal(await world.vault.read('isSeen', SOLANA, SENDER, 1), true);
    assert.equal(await world.vault.read('isSeen', SOLANA, SENDER, 2), false);
});

test('a replay after an unpause closes nothing again', async () => {
    const world = await World.create();
    await world.receiveAttested(pauseMessage({ until: NOW + 20n * HOUR }));
    const { events } = await world.vault.send(people.approvers[0], 'propose', [kind.Unpause, '0x']);
    const { id, hash, mark } = events[0].args;
    for (const approver of people.approvers.slice(0, 2)) await world.vault.send(approver, 'approve', [id, hash, mark]);
    world.pass(HOUR);
    await world.receiveAttested(pauseMessage({ sequence: 2n, epoch: 2n, sentTs: NOW + HOUR }));
    world.pass(23n * HOUR);
    assert.equal(await world.closed(), DEFAULT_MASK);
    await world.vault.send(anyone, 'execute', [id, kind.Unpause, '0x']);
    assert.equal(await world.closed(), DEFAULT_MASK, 'the second pause was newer than the proposal');
    await refuses(world.receiveAttested(pauseMessage()), 'MessageExpired');
});

test('a late request does not touch a later pause, and an early pause is not suppressed by a later request', async () => {
    const world = await World.create();
    await world.receiveAttested(pauseMessage({ epoch: 6n, sequence: 2n }));
    for (const epoch of [5n, 6n]) {
        await refuses(world.receiveAttested(requestMessage({ epoch, sequence: 1n })), 'MessageOvertaken');
    }
    await world.receiveAttested(requestMessage({ epoch: 7n, sequence: 3n }));
    assert.equal(await world.closed(), DEFAULT_MASK, 'a request opens nothing');
    assert.equal((await world.heard()).requestEpoch, 7n);
    world.pass(1n);
    await world.receiveAttested(pauseMessage({ epoch: 8n, sequence: 5n }));
    assert.equal((await world.heard()).requestEpoch, 0n, 'a later pause withdraws it');

    const reordered = await World.create();
    await reordered.receiveAttested(requestMessage({ epoch: 5n, sequence: 2n }));
    await reordered.receiveAttested(pauseMessage({ epoch: 4n, sequence: 1n }));
    assert.equal(await reordered.closed(), DEFAULT_MASK);
    assert.equal((await reordered.heard()).requestEpoch, 5n, 'the request knew of it');
});

test('every order of what a sender said ends in the same record and closes no less', async () => {
    const said = [
        pauseMessage({ epoch: 1n, sequence: 1n, scope: 7, mask: action.TRADE, until: NOW + 3n * HOUR }),
        requestMessage({ epoch: 3n, sequence: 3n }),
        pauseMessage({ epoch: 4n, sequence: 4n, until: NOW + 5n * HOUR }),
        councilMessage({ epoch: 4n, sequence: 5n, councilEpoch: 2n }),
        requestMessage({ epoch: 5n, sequence: 6n, councilEpoch: 2n }),
    ];
    const orders = (rest) =>
        rest.length < 2 ? [rest] : rest.flatMap((one, i) => orders(rest.toSpliced(i, 1)).map((tail) => [one, ...tail]));
    const world = await World.create();
    // Every twelfth of the 120 orders; Rust goes through orders at random.
    for (const order of orders([0, 1, 2, 3, 4]).filter((_, i) => i % 12 === 5)) {
        await world.chain.vm.stateManager.checkpoint();
        for (const place of order) {
            const before = await world.closed();
            try {
                await world.receiveAttested(said[place]);
            } catch (error) {
                assert.ok(
                    ['MessageOvertaken', 'AlreadyPropagated'].includes(error.refusal),
                    `${order}: ${error.message}`,
                );
            }
            assert.equal(before & ~(await world.closed()), 0, `${order}`);
        }
        assert.equal(await world.closed(), DEFAULT_MASK);
        assert.equal((await world.vault.read('row', VAULT)).linkedUntil, NOW + 5n * HOUR, `${order}`);
        const { requestEpoch, councilEpoch, epoch } = await world.heard();
        assert.deepEqual([requestEpoch, councilEpoch, epoch], [5n, 2n, 5n], `${order}`);
        await world.chain.vm.stateManager.revert();
    }
});

test('a fork of the sender that says something else under a number is not heard twice', async () => {
    const world = await World.create();
    await world.receiveAttested(pauseMessage({ until: NOW + HOUR }));
    await refuses(world.receiveAttested(pauseMessage({ until: NOW + 2n * HOUR })), 'MessageSeen');
    await world.receiveAttested(pauseMessage({ epoch: 2n, sequence: 2n, until: NOW + 3n * HOUR }));
});

test('checkpoints and councils are recorded, newest first, and decide nothing', async () => {
    const world = await World.create();
    await world.receiveAttested(checkpointMessage({ slot: 10n }));
    await world.receiveAttested(checkpointMessage({ slot: 12n, sequence: 2n }));
    for (const slot of [11n, 12n]) {
        await refuses(world.receiveAttested(checkpointMessage({ slot, sequence: 3n })), 'MessageOvertaken');
    }
    const at = (slot) => world.vault.read('checkpoint', SOLANA, SENDER, 0, slot);
    assert.equal((await at(0)).slot, 12n);
    assert.equal((await at(10)).root, '0x' + '22'.repeat(32));
    assert.equal((await at(10)).total, 1n << 70n);
    assert.equal((await at(11)).slot, 0n);
    await world.receiveAttested(councilMessage({ sequence: 4n, councilEpoch: 3n }));
    await refuses(world.receiveAttested(councilMessage({ sequence: 5n, councilEpoch: 3n })), 'MessageOvertaken');
    await refuses(world.receiveAttested(requestMessage({ sequence: 5n, councilEpoch: 2n })), 'MessageOvertaken');
    await world.receiveAttested(requestMessage({ sequence: 6n, epoch: 2n, councilEpoch: 3n }));
    await world.receiveAttested(councilMessage({ sequence: 7n, councilEpoch: 4n }));
    assert.equal((await world.heard()).requestEpoch, 0n, 'a council that was replaced withdraws its request');
    assert.equal(await world.closed(), 0);
});

test('messages are heard from their own sender alone, and while they are young', async () => {
    const world = await World.create();
    const other = '0x' + '12'.repeat(32);
    const hear = (payload, part) => world.receiveAttested(payload, world.attest(payload, part), part);
    await refuses(hear(pauseMessage({ sender: other }), {}), 'ForeignSender');
    await refuses(hear(pauseMessage({ chain: 4 }), {}), 'ForeignSender');
    await refuses(hear(pauseMessage(), { emitter: other }), 'ForeignSender');
    await refuses(hear(pauseMessage(), { chain: 4 }), 'ForeignSender');
    await refuses(hear(pauseMessage() + '00', {}), 'MessageMalformed');
    await refuses(world.receiveWormhole(pauseMessage(), { emitter: other }), 'ForeignSender');
    await refuses(world.receiveWormhole(pauseMessage(), { chain: 4 }), 'ForeignSender');
    world.pass(2n * HOUR);
    await hear(pauseMessage(), {});
    world.pass(1n);
    await refuses(hear(pauseMessage({ sequence: 2n }), {}), 'MessageExpired');
    // This chain's clock may lag behind the sender's.
    await hear(pauseMessage({ sequence: 2n, sentTs: world.chain.now + DAY }), {});
});

test('the core bridge has to have verified the message, and only a pause may come before it is final', async () => {
    const world = await World.create();
    await world.receiveWormhole(pauseMessage(), { finality: INSTANT });
    assert.equal(await world.closed(), DEFAULT_MASK);
    await world.receiveWormhole(checkpointMessage({ sequence: 2n }));
    const early = { finality: INSTANT };
    await refuses(world.receiveWormhole(checkpointMessage({ sequence: 3n, slot: 11n }), early), 'WrongFinality');
    await refuses(world.receiveWormhole(requestMessage({ sequence: 3n, epoch: 2n }), early), 'WrongFinality');
    await refuses(world.receiveWormhole(pauseMessage({ sequence: 3n }), { finality: 201 }), 'WrongFinality');
    for (const by of [[], [0, 1], [1, 0, 2]]) {
        await refuses(world.receiveWormhole(pauseMessage({ sequence: 3n }), { by }), 'NotVerifiedByBridge');
    }
});

test('a transport that is not registered brings nothing', async () => {
    const byBridge = await World.create({
        peers: [terms({ transports: 1, threshold: 0, attesters: [], rotationSeconds: 0 })],
    });
    await refuses(byBridge.receiveAttested(pauseMessage()), 'TransportNotRegistered');
    await byBridge.receiveWormhole(pauseMessage());
    const bySigners = await World.create({ peers: [terms({ transports: 2 })] });
    await refuses(bySigners.receiveWormhole(pauseMessage()), 'TransportNotRegistered');
    await bySigners.receiveAttested(pauseMessage());
    const deaf = await World.create({ peers: [] });
    await refuses(deaf.receiveAttested(pauseMessage()), 'ForeignSender');
    await refuses(deaf.receiveWormhole(pauseMessage()), 'ForeignSender');
});

test('setting a peer again refills its rights, forgets or keeps what was heard, and never reopens a number below', async () => {
    const world = await World.create();
    await world.receiveAttested(requestMessage({ epoch: (1n << 64n) - 1n, sequence: (1n << 64n) - 1n }));
    await world.receiveAttested(pauseMessage({ sequence: 5n }));
    const keep = peerArgs(terms({ afterSequence: (1n << 64n) - 1n, pauseRights: 9 }));
    await world.decide(kind.RegisterPeer, keep);
    assert.equal((await world.heard()).pauseEpoch, 1n);
    assert.equal((await world.vault.read('peerBudget', SOLANA, SENDER)).left, 9n);
    await world.decide(kind.RegisterPeer, peerArgs(terms({ afterSequence: 7 })));
    const sentTs = world.chain.now;
    for (const sequence of [5n, 6n, 7n]) {
        await refuses(world.receiveAttested(pauseMessage({ sequence, sentTs })), 'MessageSeen');
    }
    // Requests are heard again after somebody threw the epoch as far forward as it goes.
    await world.receiveAttested(requestMessage({ epoch: 2n, sequence: 8n, sentTs }));
    assert.equal(
        (await world.vault.read('attesters', SOLANA, SENDER)).epoch,
        1n,
        'the same attesters keep their epoch',
    );
});
