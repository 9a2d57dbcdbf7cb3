// How somebody would keep a board closed, open it at once, suppress a pause or speak for somebody else, with what they
// could have stolen; and that it fails.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concat, getBytes, toBeHex } from 'ethers';
import { DAY, HOUR, NOW, Refused, contracts, refuses } from './chain.mjs';
import {
    APPROVER,
    DEFAULT_MASK,
    SENDER,
    SOLANA,
    VAULT,
    WHOLE,
    World,
    action,
    ascending,
    attesters,
    checkpointMessage,
    councilMessage,
    kind,
    pauseMessage,
    peerArgs,
    people,
    plan,
    planArgs,
    requestMessage,
    sentBy,
    terms,
    vaa,
} from './world.mjs';

const { anyone, guardians, approvers, vetoers, checkpointer } = people;
const everybody = [anyone, checkpointer, ...guardians, ...approvers, ...vetoers];
const OTHER = '0x' + '12'.repeat(32);

/** Whether a call was refused; anything but a refusal is thrown on. */
async function succeeds(promise) {
    try {
        await promise;
        return true;
    } catch (error) {
        if (error instanceof Refused) return false;
        throw error;
    }
}

test('a stolen guardian and a stolen peer together close for as many days as they have rights, and no more', async () => {
    const world = await World.create();
    let [sequence, pauses, closedFor] = [0n, 0n, 0n];
    const step = 12n * HOUR;
    for (let i = 0; i < 2 * 20; i++) {
        if (await succeeds(world.vault.send(guardians[0], 'pause', [WHOLE, action.ALL]))) pauses += 1n;
        const until = world.chain.now + 365n * DAY;
        const payload = pauseMessage({ sequence: ++sequence, epoch: sequence, sentTs: world.chain.now, until });
        if (await succeeds(world.receiveAttested(payload))) pauses += 1n;
        world.pass(step);
        if ((await world.closed()) !== 0) closedFor += step;
    }
    assert.equal(pauses, 12n, 'six rights each');
    assert.ok(closedFor <= pauses * DAY, `${closedFor / DAY} days`);
    assert.equal(await world.closed(), 0);
});

/** Everything that somebody could call, with arguments that would work if anything worked at once. */
function calls({ id, mark, hash }) {
    const council = planArgs(plan({ rules: { delaySeconds: HOUR } }));
    const keys = attesters.map((wallet) => wallet.address);
    const said = (payload) => [SOLANA, SENDER, payload, '0x'];
    return {
        announce: [[VAULT], [WHOLE]],
        announceCouncil: [[]],
        announceRequest: [[]],
        announceRotation: [[SOLANA, SENDER, 3, keys, '0x']],
        approve: [[id, hash, mark]],
        confirmFreeze: [[]],
        deposit: [[1]],
        execute: [
            [id, kind.Unpause, '0x'],
            [id, kind.ChangeCouncil, council],
            [id, kind.RegisterPeer, peerArgs(terms())],
        ],
        pause: [
            [WHOLE, action.CLAIM],
            [VAULT, action.CLAIM],
        ],
        postCheckpoint: [[0, OTHER, 1, 1]],
        propose: [
            [kind.Unpause, '0x'],
            [kind.ChangeCouncil, council],
        ],
        receiveAttested: [said(requestMessage()), said(pauseMessage())],
        receiveWormhole: [
            [vaa(requestMessage({ epoch: 9n, sequence: 9n }))],
            [vaa(councilMessage({ epoch: 9n, sequence: 10n, councilEpoch: 9n }))],
            [vaa(checkpointMessage({ sequence: 11n }))],
            [vaa(pauseMessage({ epoch: 8n, sequence: 8n, mask: action.TRADE, until: NOW + HOUR }))],
        ],
        stopRotation: [[SOLANA, SENDER]],
        veto: [[approvers[0].address]],
        withdraw: [[0]],
        withdrawUnguarded: [[0]],
    };
}

test('no call of anybody opens anything at once', async () => {
    const world = await World.create();
    await world.vault.send(guardians[0], 'pause', [VAULT, action.WITHDRAW]);
    await world.receiveAttested(pauseMessage({ sequence: 2n }));
    for (const guardian of guardians) await world.vault.send(guardian, 'confirmFreeze');
    const { events } = await world.vault.send(approvers[0], 'propose', [kind.Unpause, '0x']);
    const proposed = events[0].args;
    for (const approver of approvers.slice(0, 2)) {
        await world.vault.send(approver, 'approve', [proposed.id, proposed.hash, proposed.mark]);
    }
    world.pass(HOUR);
    const all = calls(proposed);
    const writing = contracts.Vault.abi.filter(
        ({ type, stateMutability }) => type === 'function' && !['view', 'pure'].includes(stateMutability),
    );
    assert.deepEqual(
        writing.map(({ name }) => name).sort(),
        Object.keys(all).sort(),
        'a function that this test does not try',
    );
    const closed = async () => Promise.all([VAULT, 5, WHOLE].map((scope) => world.closed(scope)));
    let worked = 0;
    let before = await closed();
    for (const wallet of everybody) {
        for (const [method, variants] of Object.entries(all)) {
            for (const args of variants) {
                if (!(await succeeds(world.vault.send(wallet, method, args)))) continue;
                worked += 1;
                const now = await closed();
                before.forEach((mask, i) => assert.equal(mask & ~now[i], 0, `${method} opened something`));
                before = now;
            }
        }
    }
    assert.ok(worked > 30, `${worked} of them did something`);
});

test('approvals that somebody signed in advance are good for no proposal', async () => {
    const world = await World.create();
    const { events } = await world.vault.send(approvers[0], 'propose', [kind.Unpause, '0x']);
    const first = events[0].args;
    world.chain.number += 5n;
    // The same number, payload and clock of the board, made on a copy of this board in another block.
    const copy = await World.create();
    copy.chain.number = world.chain.number;
    const again = (await copy.vault.send(approvers[0], 'propose', [kind.Unpause, '0x'])).events[0].args;
    assert.deepEqual([again.id, again.hash], [first.id, first.hash], 'all that could be foretold is the same');
    await refuses(copy.vault.send(approvers[1], 'approve', [first.id, first.hash, first.mark]), 'ApprovalMismatch');
    await copy.vault.send(approvers[1], 'approve', [again.id, again.hash, again.mark]);
});

test('a pause is accepted after everything that could be carried before it', async () => {
    const world = await World.create();
    const last = (1n << 64n) - 1n;
    await world.receiveAttested(requestMessage({ epoch: last, sequence: last, councilEpoch: last }));
    await world.receiveAttested(checkpointMessage({ epoch: last, sequence: last - 1n, slot: last }));
    await world.receiveAttested(councilMessage({ epoch: last, sequence: last - 2n, councilEpoch: last }));
    // More than a window of 64 ahead of it, and around the borders of words of the map.
    for (let sequence = 2n; sequence < 300n; sequence += 23n) {
        await world.receiveAttested(checkpointMessage({ sequence, ledger: 1, slot: sequence }));
    }
    assert.equal((await world.heard()).requestEpoch, last, 'a request that is newer than any pause stands');
    await world.receiveAttested(pauseMessage());
    assert.equal(await world.closed(), DEFAULT_MASK);
});

test('a pause that was refused for want of rights is not used up', async () => {
    const world = await World.create();
    for (const sequence of [1n, 2n]) {
        await world.receiveAttested(pauseMessage({ sequence, sentTs: world.chain.now }));
        world.pass(HOUR);
    }
    const held = pauseMessage({ sequence: 3n, sentTs: world.chain.now + DAY });
    await refuses(world.receiveAttested(held), 'GuardianPauseLimitReached');
    assert.equal(await world.vault.read('isSeen', SOLANA, SENDER, 3), false);
    world.pass(DAY);
    await world.receiveAttested(held);
});

test('a stolen member does not bury a pause under messages, nor use up a receiver’s rights', async () => {
    const world = await World.create();
    for (const guardian of guardians) await world.vault.send(guardian, 'confirmFreeze');
    // The end of a UTC day, so that two days' worth is said within a second.
    world.pass(DAY - (world.chain.now % DAY) - 1n);
    let said = 0;
    const post = () => world.vault.send(checkpointer, 'postCheckpoint', [0, OTHER, 1, 1]);
    for (let day = 0; day < 2; day++) {
        while (said < 100 && (await succeeds(post()))) said += 1;
        await refuses(post(), 'StatementLimitReached');
        for (const method of ['announceCouncil', 'announceRequest']) {
            await refuses(world.vault.send(checkpointer, method), 'StatementLimitReached');
        }
        world.pass(1n);
    }
    assert.ok(said < 64, `a window of 64 does not hold ${said}`);
    await refuses(world.vault.send(checkpointer, 'announce', [WHOLE]), 'RoleMissing');
    // Others are not kept from speaking by one who said everything.
    await world.vault.send(vetoers[0], 'announceCouncil');
    // A guardian has its rights and no more.
    let announced = 0;
    while (announced < 9 && (await succeeds(world.vault.send(guardians[0], 'announce', [WHOLE])))) announced += 1;
    assert.ok(announced <= 2, `${announced} in a day`);
    await refuses(world.vault.send(guardians[0], 'announce', [WHOLE]), 'GuardianPauseLimitReached');
});

test('whoever executes an unpause without a fee does not suppress the request to resume', async () => {
    const world = await World.create({ fee: 100n });
    const { vault } = world;
    await refuses(vault.send(guardians[0], 'announceRequest'), 'NothingToAnnounce');
    const done = await world.decide(kind.Unpause);
    const [request] = sentBy(done);
    assert.equal(request.posted, false);
    await refuses(vault.send(anyone, 'announceRequest'), 'RoleMissing');
    await world.decide(kind.ChangeCouncil, planArgs(plan()));
    const [again] = sentBy(await vault.send(vetoers[0], 'announceRequest', [], 100n));
    assert.equal(again.posted, true);
    // All but number and time: the council that decided it, too, although there is another one now.
    const same = (payload) => concat([payload.slice(0, 2 + 2 * 48), '0x' + payload.slice(2 + 2 * 64)]);
    assert.equal(same(again.payload), same(request.payload));
});

test('an unpause that somebody executes with little gas is done or not done', async () => {
    const world = await World.create();
    await world.vault.send(guardians[0], 'pause', [WHOLE, action.TRADE]);
    const id = await world.mature(kind.Unpause);
    const data = world.vault.abi.encodeFunctionData('execute', [id, kind.Unpause, '0x']);
    let done = 0;
    for (let gasLimit = 60_000n; gasLimit < 260_000n; gasLimit += 20_000n) {
        await world.chain.vm.stateManager.checkpoint();
        const call = { to: world.vault.address, data, gasLimit, abi: world.vault.abi };
        const isDone = await succeeds(world.chain.transact(anyone, call));
        assert.equal((await world.vault.read('proposal', id)).executed, isDone);
        assert.equal(await world.vault.read('sequence'), isDone ? 2n : 1n, 'done without saying it');
        if (isDone) done += 1;
        await world.chain.vm.stateManager.revert();
    }
    assert.ok(done > 0 && done < 10, `${done} of 10`);
});

test('a peer’s attesters speak for no other peer', async () => {
    const mine = ascending([everybody[0], everybody[1], everybody[2]]);
    const theirs = terms({
        emitter: OTHER,
        sender: OTHER,
        threshold: 2,
        attesters: mine.map((wallet) => wallet.address),
    });
    const world = await World.create({ peers: [terms(), theirs] });
    const part = { by: mine, indices: [0, 1] };
    const hear = (payload, emitter) =>
        world.receiveAttested(payload, world.attest(payload, { ...part, emitter }), { emitter });
    await refuses(hear(pauseMessage(), OTHER), 'ForeignSender');
    await refuses(hear(pauseMessage(), SENDER), 'AttestationsTooFew');
    await refuses(hear(pauseMessage({ sender: OTHER }), SENDER), 'AttestationsTooFew');
    await hear(pauseMessage({ sender: OTHER }), OTHER);
    assert.equal(await world.vault.read('isSeen', SOLANA, SENDER, 1), false, 'numbers are a peer’s own');
    // The bridge vouches for the emitter, and the message has to be the emitter's own.
    await refuses(world.receiveWormhole(pauseMessage({ sequence: 5n }), { emitter: OTHER }), 'ForeignSender');
});

test('what recovers to no key is nobody', async () => {
    const world = await World.create();
    const payload = pauseMessage();
    const parts = (r, s, parity) =>
        concat([0, 2, 4].flatMap((index) => [toBeHex(index, 1), toBeHex(r, 32), toBeHex(s, 32), toBeHex(parity, 1)]));
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    for (const [r, s] of [
        [0n, 0n],
        [0n, 1n],
        [1n, 0n],
        [order, 1n],
        [order - 1n, 1n],
        [5n, 1n],
    ]) {
        for (const parity of [0, 1, 27, 28]) {
            await refuses(world.receiveAttested(payload, parts(r, s, parity)), 'InvalidAttestation');
        }
    }
    // One good signature, named three times, under each index.
    const one = getBytes(world.attest(payload, { indices: [2] }));
    const as = (index) => concat([toBeHex(index, 1), one.slice(1)]);
    for (const indices of [
        [2, 2, 2],
        [1, 2, 3],
        [2, 3, 4],
        [0, 1, 2],
        [2, 3, 255],
    ]) {
        await refuses(world.receiveAttested(payload, concat(indices.map(as))), 'InvalidAttestation');
    }
    assert.equal(await world.closed(), 0);
});

test('a vetoer whose rights were cut has no more vetoes standing than it has rights', async () => {
    const world = await World.create();
    const args = planArgs(plan({ rules: { vetoRights: 1 } }));
    await world.vault.send(vetoers[0], 'veto', [approvers[0].address]);
    world.pass(DAY);
    const id = await world.mature(kind.ChangeCouncil, args, approvers[1]);
    await world.vault.send(vetoers[0], 'veto', [approvers[2].address]);
    await world.vault.send(anyone, 'execute', [id, kind.ChangeCouncil, args]);
    // The first has lapsed, the second stands.
    world.pass(5n * DAY);
    await refuses(world.vault.send(vetoers[0], 'veto', [approvers[0].address]), 'NoVetoRights');
    world.pass(2n * DAY);
    await world.vault.send(vetoers[0], 'veto', [approvers[0].address]);
});

test('a bridge that comes back in while it is called gains nothing', async () => {
    const isDone = '0x00000001';
    const refusal = (world, name) => world.vault.abi.getError(name).selector;
    const tries = [
        // The proposal that runs does not run again; another one may, as it could from anybody.
        ['execute', ([first]) => [first, kind.Unpause, '0x'], 'ProposalNotOpen', 1],
        ['execute', ([, second]) => [second, kind.Unpause, '0x'], undefined, 2],
        ['announce', () => [WHOLE], 'RoleMissing', 1],
        ['pause', () => [WHOLE, 0], 'RoleMissing', 1],
        ['veto', () => [approvers[0].address], 'RoleMissing', 1],
    ];
    for (const [method, args, error, count] of tries) {
        const world = await World.create({ bridge: 'ReentrantBridge' });
        const ids = [await world.mature(kind.Unpause), await world.mature(kind.Unpause)];
        const inside = world.vault.abi.encodeFunctionData(method, args(ids));
        await world.bridge.send(anyone, 'arm', [world.vault.address, inside]);
        const result = await world.vault.send(anyone, 'execute', [ids[0], kind.Unpause, '0x']);
        assert.equal(await world.bridge.read('result'), error ? refusal(world, error) : isDone, method);
        const sent = sentBy(result);
        assert.equal(sent.length, count, method);
        assert.equal(new Set(sent.map((message) => message.sequence)).size, count, 'a number for each message');
        assert.equal(await world.vault.read('sequence'), BigInt(count));
    }
});

test('a rotation that was stopped is not announced again by whoever kept it', async () => {
    const world = await World.create();
    const next = ascending([...attesters.filter((_, i) => i !== 2), guardians[0]]);
    const kept = world.rotation(next);
    const announce = () => world.vault.send(anyone, 'announceRotation', kept);
    await announce();
    await world.vault.send(guardians[0], 'stopRotation', [SOLANA, SENDER]);
    // The same attesters again: they are sound, only the rotation was not.
    await world.decide(kind.RegisterPeer, peerArgs(terms()));
    await refuses(announce(), 'InvalidAttestation');
    assert.equal((await world.vault.read('attesters', SOLANA, SENDER)).epoch, 2n);
});

test('a stolen threshold of attesters locks no honest key out before a guardian and a proposal could act', async () => {
    const world = await World.create();
    const thief = [0, 1, 3];
    const own = (byte) => people.approvers[byte];
    let set = attesters;
    const honest = [attesters[2], attesters[4]];
    // Two at once, all at once, a threshold that only the thief reaches, honest keys out one after another in one block.
    const wide = ascending([...thief.map((i) => attesters[i]), own(0), own(1)]);
    await refuses(world.vault.send(anyone, 'announceRotation', world.rotation(wide)), 'RotationTooWide');
    await refuses(
        world.vault.send(anyone, 'announceRotation', world.rotation(thief.map((i) => attesters[i]))),
        'RotationTooWide',
    );
    const narrow = ascending([...attesters.filter((_, i) => i !== 2), own(0)]);
    await world.vault.send(anyone, 'announceRotation', world.rotation(narrow));
    await refuses(world.vault.send(anyone, 'announceRotation', world.rotation(narrow)), 'RotationPending');
    world.pass(DAY - 1n);
    // Until then the honest keys count, with any of the others.
    const payload = pauseMessage({ sentTs: world.chain.now });
    const indices = [0, ...honest.map((wallet) => set.indexOf(wallet))];
    await world.receiveAttested(payload, world.attest(payload, { indices }));
    await world.vault.send(guardians[1], 'stopRotation', [SOLANA, SENDER]);
    world.pass(30n * DAY);
    await refuses(world.vault.send(anyone, 'announceRotation', world.rotation(narrow)), 'RotationStopped');
    const [, , keys] = await world.vault.read('attesters', SOLANA, SENDER);
    assert.deepEqual(
        [...keys],
        attesters.map((wallet) => wallet.address),
    );
});

test('whoever holds one role has no other', async () => {
    const world = await World.create();
    const id = await world.mature(kind.Unpause);
    for (const wallet of everybody) {
        const roles = Number(await world.vault.read('rolesOf', wallet.address));
        const has = (role) => (roles & role) !== 0;
        if (!has(APPROVER)) await refuses(world.vault.send(wallet, 'propose', [kind.Unpause, '0x']), 'RoleMissing');
        if (!has(4)) await refuses(world.vault.send(wallet, 'veto', [approvers[0].address]), 'RoleMissing');
        if (!has(1)) await refuses(world.vault.send(wallet, 'stopRotation', [SOLANA, SENDER]), 'RoleMissing');
        if (!has(8)) await refuses(world.vault.send(wallet, 'postCheckpoint', [0, OTHER, 1, 1]), 'RoleMissing');
    }
    assert.equal((await world.vault.read('proposal', id)).executed, false);
});
