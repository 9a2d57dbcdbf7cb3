/** Checkpoints by flows: posted and attested in peace, and restored from in an incident. */
import type { Address } from '@solana/kit';
import { expect, test } from 'vitest';

import {
    advance,
    attestCheckpoint,
    buildCheckpoint,
    checkpoint,
    claimAll,
    confirm,
    confirmEvacuation,
    evacuate,
    openBallotWith,
    postCheckpoint,
    restore,
    snapshot,
    vote,
    type Chain,
} from '../src/flows/index.ts';
import { CLOCK } from '../src/flows/chain.ts';
import {
    BULKHEAD_PROGRAM_ADDRESS,
    decision,
    decodeCheckpointLog,
    decodeSnapshot,
    getOpenCheckpointSnapshotInstruction,
    merkle,
    pdas,
} from '../src/index.ts';
import { FlowWorld } from './flow-world.ts';
import { DAY, DELAY, LEDGER_INDEX, writePosition, writeTotal } from './set-up.ts';

const ledgerIndex = LEDGER_INDEX;

/** Posts a checkpoint of the current slot by the first attester. */
async function post(at: FlowWorld) {
    const { domain } = at;
    const [attester] = at.guardians as [Address];
    const positions = { slot: at.world.machine.slot, leaves: at.world.positions };
    at.world.machine.endSlot();
    const built = await buildCheckpoint(at.session(), { domain, ledgerIndex, positions });
    const posted = await postCheckpoint(at.session(), { domain, attester, ledgerIndex, built });
    return { built, posted, positions };
}

test('an attester posts what another attests after reading the same', async () => {
    const at = await FlowWorld.start(60);
    const { domain } = at;
    const [first, second] = at.guardians as [Address, Address];
    const { built, posted, positions } = await post(at);
    expect(posted).toMatchObject({ attesters: 1, threshold: 2, isAttested: false, total: at.held });
    const again = await postCheckpoint(at.session(), { domain, attester: first, ledgerIndex, built });
    expect(again).toMatchObject({ receipts: [], skipped: 1, hash: posted.hash });

    // The newest checkpoint waits for the second attester, who reads the chain as it is now.
    const attested = await checkpoint(at.session(), { domain, attester: second, ledgerIndex });
    expect(attested).toMatchObject({ slot: positions.slot, attesters: 2, isAttested: true, hash: posted.hash });
    const { slot } = attested;
    const repeated = await attestCheckpoint(at.session(), { domain, attester: second, ledgerIndex, slot });
    expect(repeated).toMatchObject({ receipts: [], skipped: 1 });
    const log = at.world.machine.read(await pdas.checkpointLog(domain, ledgerIndex), decodeCheckpointLog);
    expect(log.posted).toBe(1n);

    // Both of them posted or attested lately.
    await expect(checkpoint(at.session(), { domain, attester: first, ledgerIndex })).rejects.toMatchObject({
        name: 'NotYet',
    });
    at.pass(300n);
    at.world.machine.endSlot();
    const next = await checkpoint(at.session(), { domain, attester: first, ledgerIndex, positions: now(at) });
    expect(next.receipts.length).toBe(1);
    expect(next.slot).toBeGreaterThan(slot);
});

function now(at: FlowWorld) {
    const { slot } = at.world.machine;
    at.world.machine.endSlot();
    return { slot, leaves: at.world.positions };
}

/** The chain while the host is used: a slot passes and a position grows before each reading that `moves` names. */
function busy(at: FlowWorld, moves: (reading: number) => boolean, lacks = false): Chain {
    const { machine, positions } = at.world;
    const amounts = positions.map((position) => ({ ...position }));
    let readings = 0;
    const read = () => {
        if (!moves(readings++)) return;
        machine.pass(1n);
        const place = readings % amounts.length;
        const position = amounts[place] as merkle.Position;
        amounts[place] = { ...position, amount: position.amount + 1n };
        writePosition(machine, amounts[place]);
        writeTotal(
            machine,
            amounts.reduce((sum, { amount }) => sum + amount, 0n),
        );
    };
    const { chain } = at;
    return {
        payer: chain.payer,
        now: () => chain.now(),
        accounts: (keys) => {
            if (keys[0] === CLOCK) read();
            return chain.accounts(keys);
        },
        owned: (program, filters) => chain.owned(program, filters),
        ownedAt: async (program, filters) => {
            read();
            const { slot, accounts } = await chain.ownedAt(program, filters);
            const left = accounts.filter(({ address }) => !lacks || address !== positions[1]?.key);
            return { slot, accounts: left };
        },
        simulate: (instructions, accounts) => chain.simulate(instructions, accounts),
        send: (instructions) => chain.send(instructions),
        async wait() {
            machine.endSlot();
        },
    };
}

test('a ledger that moves is read until leaves and total are of one slot', async () => {
    const at = await FlowWorld.start(20);
    const { domain } = at;
    // Each attempt reads the total, the positions, and the total again if the slots differ.
    const chain = busy(at, (reading) => reading !== 10);
    const { claim, tree } = await buildCheckpoint(at.session(chain), { domain, ledgerIndex });
    expect(claim.total).toBe(at.held + 10n);
    expect(claim.total).toBe(tree.root.sum);

    expect(at.chain.sent).toBe(0);
});

test('a ledger that never stands still, and a listing that lacks a position, make no checkpoint', async () => {
    for (const [moves, lacks, said] of [
        [() => true, false, 'lists the positions of slot'],
        [() => false, true, 'add up to'],
    ] as const) {
        const at = await FlowWorld.start(20);
        const session = at.session(busy(at, moves, lacks));
        const built = buildCheckpoint(session, { domain: at.domain, ledgerIndex });
        await expect(built).rejects.toMatchObject({ name: 'NotPossible', message: expect.stringContaining(said) });
        expect(at.chain.sent).toBe(0);
    }
});

test('nobody attests what they read differently', async () => {
    const at = await FlowWorld.start(20);
    const { domain, world } = at;
    const [, second] = at.guardians as [Address, Address];
    const { posted } = await post(at);
    const { slot } = posted;
    const [, position] = world.positions as [merkle.Position, merkle.Position];
    writePosition(world.machine, { ...position, amount: position.amount + 1n });
    const before = at.chain.sent;
    const attest = attestCheckpoint(at.session(), { domain, attester: second, ledgerIndex, slot });
    await expect(attest).rejects.toMatchObject({ name: 'NotPossible' });
    const other = { slot: slot + 1n, leaves: world.positions };
    const wrong = attestCheckpoint(at.session(), { domain, attester: second, ledgerIndex, slot, positions: other });
    await expect(wrong).rejects.toMatchObject({ name: 'NotPossible' });
    const unknown = attestCheckpoint(at.session(), { domain, attester: second, ledgerIndex, slot: slot + 1n });
    await expect(unknown).rejects.toMatchObject({ name: 'Rule', rule: 'NoSuchCheckpoint' });
    expect(at.chain.sent).toBe(before);
    // Whoever kept the positions of that slot attests with them.
    const kept = { slot, leaves: world.positions };
    const done = await attestCheckpoint(at.session(), { domain, attester: second, ledgerIndex, slot, positions: kept });
    expect(done.isAttested).toBe(true);
});

test('a slot that is too old, or that has not ended, makes no checkpoint', async () => {
    const at = await FlowWorld.start(8);
    const { domain, world } = at;
    world.machine.endSlot();
    const old = { slot: 5n, leaves: world.positions };
    const build = (positions: typeof old) => buildCheckpoint(at.session(), { domain, ledgerIndex, positions });
    await expect(build(old)).rejects.toMatchObject({ name: 'NotPossible' });
    const future = { slot: world.machine.slot + 1_000_000n, leaves: world.positions };
    await expect(build(future)).rejects.toMatchObject({ name: 'NotYet' });
});

test('claims are paid by the checkpoint from before a theft', async () => {
    const at = await FlowWorld.start(60);
    const { domain, world } = at;
    const session = at.session();
    const [first, second] = at.guardians as [Address, Address];
    const { built, posted, positions } = await post(at);
    const { slot } = posted;
    await attestCheckpoint(session, { domain, attester: second, ledgerIndex, slot });
    // Somebody rewrites the host's books.
    const [, victim] = world.positions as [merkle.Position, merkle.Position];
    const thief = { ...victim, owner: world.voter.address };
    at.pass(60n);
    writePosition(world.machine, thief);

    for (const guardian of [first, second]) await confirm(session, { domain, guardian });
    for (const guardian of [first, second]) await confirmEvacuation(session, { domain, guardian });
    await evacuate(session, { domain });
    const sealed = await snapshot(session, { domain, ledgerIndex });
    const incident = await world.incident();
    const before = await pdas.checkpointSnapshot(incident, ledgerIndex, slot);
    const log = await pdas.checkpointLog(domain, ledgerIndex);
    const shards = built.tree.shards.map(({ root, leaves }) => ({
        root: root.hash,
        sum: root.sum,
        count: leaves.length,
    }));
    const accounts = { payer: world.payer, domain, incident, log, ledger: await world.ledger(), snapshot: before };
    await world.send(getOpenCheckpointSnapshotInstruction({ ...accounts, slot, shards }));

    const ballot = { domain, member: first, ledgerIndex, candidates: [sealed.snapshot, before] };
    const opened = await openBallotWith(session, ballot);
    at.pass(DAY);
    const started = await openBallotWith(session, ballot);
    expect(started.next).toContain('token holders vote until');
    await vote(session, { domain, voter: world.voter.address, ballot: opened.ballot, choice: 1, amount: 1_000n });
    at.pass(DAY + 1n);
    const ended = await openBallotWith(session, ballot);
    expect(ended).toMatchObject({ receipts: [] });
    expect(ended.next).toContain(before);
    const { root } = world.machine.read(before, decodeSnapshot);
    const choice = decision('ChooseRestoration', [{ incident, snapshot: before, ledgerIndex, root }]);
    for (const signer of [first, second]) await advance(session, { domain, signer, decision: choice });
    at.pass(DELAY);
    await restore(session, { domain, ledgerIndex });

    await expect(claimAll(session, { domain, ledgerIndex })).rejects.toMatchObject({ name: 'NotPossible' });
    const paid = await claimAll(session, { domain, ledgerIndex, leaves: positions.leaves });
    expect(paid).toMatchObject({ paid: at.held, unpaid: [] });
    expect(world.tokens(await world.fund(victim.owner, world.mint, 0n))).toBe(victim.amount);
    const again = await claimAll(session, { domain, ledgerIndex, leaves: positions.leaves });
    expect(again.receipts).toEqual([]);
    expect(built.tree.tag).not.toEqual(merkle.ledgerTag(BULKHEAD_PROGRAM_ADDRESS, before, ledgerIndex));
});
