/** Claims before the vote, of what the incident's snapshot and a checkpoint agree on, and what they leave to be settled. */
import type { Address } from '@solana/kit';
import { beforeAll, describe, expect, test } from 'vitest';

import {
    advance,
    attestCheckpoint,
    buildCheckpoint,
    claimAll,
    claimInterim,
    confirm,
    confirmEvacuation,
    evacuate,
    interim,
    openBallotWith,
    postCheckpoint,
    restore,
    settleClaim,
    snapshot,
    vote,
} from '../src/flows/index.ts';
import {
    decision,
    decodeInterim,
    decodeSnapshot,
    getOpenCheckpointSnapshotInstruction,
    getSetInterimRuleInstructionAsync,
    merkle,
    pdas,
} from '../src/index.ts';
import { FlowWorld } from './flow-world.ts';
import { DAY, DELAY, LEDGER_INDEX, writePosition } from './set-up.ts';
import type { World } from './world.ts';

const ledgerIndex = LEDGER_INDEX;
const CAP = 2_500n;
const BPS = 3_000n;

async function agree(world: World) {
    const { setupAuthority: authority, domain } = world;
    const args = { ledgerIndex, bps: Number(BPS), cap: CAP, ageSeconds: 0n };
    return [await getSetInterimRuleInstructionAsync({ authority, domain, ledger: await world.ledger(), args })];
}

/** Posts a checkpoint of these leaves, and has it attested. */
async function post(at: FlowWorld, leaves: readonly merkle.Position[]) {
    const { domain } = at;
    const [first, second] = at.guardians as [Address, Address];
    const positions = { slot: at.world.machine.slot, leaves };
    at.world.machine.endSlot();
    const built = await buildCheckpoint(at.session(), { domain, ledgerIndex, positions });
    await postCheckpoint(at.session(), { domain, attester: first, ledgerIndex, built });
    const { slot } = positions;
    await attestCheckpoint(at.session(), { domain, attester: second, ledgerIndex, slot, positions });
    return { ...built, slot };
}

/** Gives a checkpoint its snapshot account in the incident. */
async function openState(at: FlowWorld, { tree, slot }: Awaited<ReturnType<typeof post>>): Promise<Address> {
    const { domain, world } = at;
    const incident = await world.incident();
    const state = await pdas.checkpointSnapshot(incident, ledgerIndex, slot);
    const log = await pdas.checkpointLog(domain, ledgerIndex);
    const shards = tree.shards.map(({ root, leaves }) => ({ root: root.hash, sum: root.sum, count: leaves.length }));
    const accounts = { payer: world.payer, domain, incident, log, ledger: await world.ledger(), snapshot: state };
    await world.send(getOpenCheckpointSnapshotInstruction({ ...accounts, slot, shards }));
    return state;
}

describe('interim claims', () => {
    let at: FlowWorld;
    let domain: Address;
    let old: Awaited<ReturnType<typeof post>>;
    let newest: Awaited<ReturnType<typeof post>>;
    /** As they were in the older checkpoint, in the newest one, and in the incident. */
    let [first, second, last]: merkle.Position[][] = [];
    let [gone, stolen, moved]: merkle.Position[] = [];
    const paid = new Map<Address, bigint>();

    const balanceOf = async (owner: Address) => at.world.tokens(await at.world.fund(owner, at.world.mint, 0n));

    beforeAll(async () => {
        at = await FlowWorld.start(40, { configures: agree });
        domain = at.domain;
        const { machine, positions } = at.world;
        const live = positions.filter(({ amount }) => amount > 0n);
        [gone, stolen, moved] = live as [merkle.Position, merkle.Position, merkle.Position];
        first = [...positions];
        const rewrite = (leaves: readonly merkle.Position[], ...changed: merkle.Position[]) => {
            for (const each of changed) writePosition(machine, each);
            return leaves.map((leaf) => changed.find(({ key }) => key === leaf.key) ?? leaf);
        };
        old = await post(at, first);
        at.pass(DAY);
        // Somebody moves all that is theirs into another position.
        const into = { ...moved!, amount: moved!.amount + gone!.amount };
        second = rewrite(first, { ...gone!, amount: 0n }, into);
        newest = await post(at, second);
        at.pass(60n);
        // A thief takes one position over.
        last = rewrite(second, { ...stolen!, owner: at.world.voter.address });
    });

    test('need two states, and a freeze', async () => {
        const before = at.chain.sent;
        await expect(interim(at.session(), { domain, ledgerIndex })).rejects.toMatchObject({ name: 'NotYet' });
        const [one, two] = at.guardians as [Address, Address];
        for (const guardian of [one, two]) await confirm(at.session(), { domain, guardian });
        await expect(interim(at.session(), { domain, ledgerIndex })).rejects.toMatchObject({ name: 'NotYet' });
        expect(at.chain.sent).toBe(before + 2);
        await snapshot(at.session(), { domain, ledgerIndex });
        await openState(at, old);
        // The older checkpoint is no substitute for the newest.
        await expect(interim(at.session(), { domain, ledgerIndex })).rejects.toMatchObject({ name: 'NotYet' });
        const state = await openState(at, newest);
        const opened = await interim(at.session(), { domain, ledgerIndex });
        expect(opened).toMatchObject({ checkpointSlot: newest.slot, paid: 0n });
        expect(opened.shared).toBe((at.held * BPS) / 10_000n);
        expect(at.world.machine.read(opened.interim, decodeInterim)).toMatchObject({ checkpoint: state });
        const again = await interim(at.session(), { domain, ledgerIndex });
        expect(again).toMatchObject({ receipts: [], shared: opened.shared });
    });

    test('pay each owner what both states agree on, up to the cap, once', async () => {
        const leaves = { snapshot: last!, checkpoint: second! };
        const before = at.chain.sent;
        const wrong = claimInterim(at.session(), { domain, ledgerIndex, leaves: { ...leaves, checkpoint: first! } });
        await expect(wrong).rejects.toMatchObject({ name: 'NotPossible' });
        expect(at.chain.sent).toBe(before);

        const one = second!.find(({ amount, key }) => amount > 0n && key !== stolen!.key)!;
        const alone = await claimInterim(at.session(), { domain, ledgerIndex, leaves, who: { owner: one.owner } });
        expect(alone).toMatchObject({ paidClaims: 1, unpaid: [] });
        const all = await claimInterim(at.session(), { domain, ledgerIndex, leaves });
        expect(all.unpaid).toEqual([]);
        const shared = (at.held * BPS) / 10_000n;
        let sum = 0n;
        for (const leaf of second!) {
            const share = (leaf.amount * shared) / at.held;
            const wanted = leaf.key === stolen!.key ? 0n : share < CAP ? share : CAP;
            expect(await balanceOf(leaf.owner), leaf.key).toBe(wanted);
            paid.set(leaf.key, wanted);
            sum += wanted;
        }
        // Whoever took the position over gets nothing either.
        expect(await balanceOf(at.world.voter.address)).toBe(0n);
        expect(alone.paid + all.paid).toBe(sum);
        const again = await claimInterim(at.session(), { domain, ledgerIndex, leaves });
        expect(again).toMatchObject({ receipts: [], paidClaims: 0, paid: 0n, unpaid: [] });
    });

    test('count against the claims of a third state, position by position', async () => {
        const session = at.session();
        const [one, two] = at.guardians as [Address, Address];
        for (const guardian of [one, two]) await confirmEvacuation(session, { domain, guardian });
        await evacuate(session, { domain });
        const incident = await at.world.incident();
        const state = await pdas.checkpointSnapshot(incident, ledgerIndex, old.slot);
        const ballot = { domain, member: one, ledgerIndex, candidates: [await at.world.snapshot(), state] };
        const opened = await openBallotWith(session, ballot);
        at.pass(DAY);
        await openBallotWith(session, ballot);
        const choice = { domain, voter: at.world.voter.address, ballot: opened.ballot, choice: 1, amount: 1_000n };
        await vote(session, choice);
        at.pass(DAY + 1n);
        const { root } = at.world.machine.read(state, decodeSnapshot);
        const chosen = decision('ChooseRestoration', [{ incident, snapshot: state, ledgerIndex, root }]);
        for (const signer of [one, two]) await advance(session, { domain, signer, decision: chosen });
        at.pass(DELAY);
        const { shared } = await restore(session, { domain, ledgerIndex });
        // What was paid before the vote is not there to be shared out.
        const before = [...paid.values()].reduce((sum, amount) => sum + amount, 0n);
        expect(shared).toBe(at.held - before);

        const blind = claimAll(session, { domain, ledgerIndex, leaves: first! });
        await expect(blind).rejects.toMatchObject({
            name: 'NotPossible',
            message: expect.stringContaining('settleClaim'),
        });
        const states = { chosen: first!, before: last! };
        const { sent } = at.chain;
        const wrong = { domain, ledgerIndex, position: moved!.key, chosen: second!, before: last! };
        await expect(settleClaim(session, wrong)).rejects.toMatchObject({ name: 'NotPossible' });
        const nobody = { domain, ledgerIndex, position: at.vault, ...states };
        await expect(settleClaim(session, nobody)).rejects.toMatchObject({ name: 'NotPossible' });
        expect(at.chain.sent).toBe(sent);
        // One that was paid, one that somebody had taken over, and one that was no leaf any more.
        const settled = [moved!, stolen!, gone!];
        const settle = async (shared: bigint) => {
            for (const { key, owner, amount } of settled) {
                const share = (amount * shared) / at.held;
                const earlier = paid.get(key)!;
                await settleClaim(session, { domain, ledgerIndex, position: key, ...states });
                expect(await balanceOf(owner), key).toBe(share > earlier ? share : earlier);
            }
        };
        await settle(shared);
        // A second time pays nothing more.
        await settle(shared);
        // What the earlier payments save is shared out again.
        const more = await restore(session, { domain, ledgerIndex });
        expect(more.shared).toBeGreaterThan(shared);
        await settle(more.shared);
        expect(more.shared).toBeLessThanOrEqual(at.held);
    });
});
