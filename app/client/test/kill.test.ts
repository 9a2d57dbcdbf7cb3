/** Flows that are killed at any of their transactions, before it lands or after, go on where they stopped. */
import type { Address } from '@solana/kit';
import { describe, expect, test } from 'vitest';

import {
    advance,
    claimAll,
    confirm,
    confirmEvacuation,
    evacuate,
    openBallotWith,
    restore,
    snapshot,
    vote,
    type Chain,
    type Done,
    type Session,
} from '../src/flows/index.ts';
import { constants, decision, decodeVault, pdas } from '../src/index.ts';
import { FlowWorld } from './flow-world.ts';
import { dying, Killed } from './on-machine.ts';
import { DAY, DELAY, LEDGER_INDEX } from './set-up.ts';

const ledgerIndex = LEDGER_INDEX;

/** A flow over a world that stands right before it. */
type Case = Readonly<{
    world: () => Promise<FlowWorld>;
    run: (session: Session, at: FlowWorld) => Promise<Done>;
    /** What the flow has to leave behind. */
    result: (at: FlowWorld) => Promise<unknown>;
}>;

/** Kills the flow at each of its transactions, runs it again, and compares with a run that nobody killed. */
async function killed({ world, run, result }: Case): Promise<void> {
    const whole = await world();
    const before = whole.chain.sent;
    await run(whole.session(), whole);
    const sends = whole.chain.sent - before;
    const expected = await result(whole);
    expect(sends).toBeGreaterThan(0);
    for (let n = 0; n < sends; n++) {
        for (const landsLast of [false, true]) {
            const at = await world();
            const first = at.chain.sent;
            const chain: Chain = dying(at.chain, n, landsLast);
            await run(at.session(chain), at).catch((error: unknown) => {
                if (!(error instanceof Killed)) throw error;
            });
            await run(at.session(), at);
            expect(await result(at), `killed at ${n}`).toEqual(expected);
            // Nothing is done twice.
            expect(at.chain.sent - first, `killed at ${n}`).toBe(sends);
            const again = await run(at.session(), at);
            expect(again.receipts).toEqual([]);
        }
    }
}

async function frozen(count: number, shards?: number): Promise<FlowWorld> {
    const at = await FlowWorld.start(count, shards === undefined ? {} : { shards });
    const { domain } = at;
    for (const guardian of at.guardians.slice(0, 2)) {
        await confirm(at.session(), { domain, guardian });
        if (at.world.readDomain().state !== constants.phase.FROZEN) continue;
        for (const each of at.guardians.slice(0, 2)) await confirmEvacuation(at.session(), { domain, guardian: each });
    }
    return at;
}

/** With a winner of the vote, and a matured proposal for it. */
async function chosen(count: number): Promise<FlowWorld> {
    const at = await frozen(count);
    const { domain } = at;
    const [member] = at.guardians as [Address];
    await evacuate(at.session(), { domain });
    const sealed = await snapshot(at.session(), { domain, ledgerIndex });
    const input = { domain, member, ledgerIndex, candidates: [sealed.snapshot] };
    const { ballot } = await openBallotWith(at.session(), input);
    at.pass(DAY);
    await openBallotWith(at.session(), input);
    await vote(at.session(), { domain, voter: at.world.voter.address, ballot, choice: 0, amount: 1_000n });
    at.pass(DAY + 1n);
    const choice = decision('ChooseRestoration', [await at.world.restorationArgs()]);
    for (const signer of at.guardians.slice(0, 2)) await advance(at.session(), { domain, signer, decision: choice });
    at.pass(DELAY);
    return at;
}

describe('a kill at every transaction of', () => {
    test('the guardians’ confirmations', () =>
        killed({
            world: () => FlowWorld.start(8),
            run: async (session, at) => {
                const { domain } = at;
                const [first, second] = at.guardians as [Address, Address];
                await confirm(session, { domain, guardian: first });
                return confirm(session, { domain, guardian: second });
            },
            result: async (at) => at.world.readDomain().state,
        }));

    test('a snapshot of shards that take two transactions each', () =>
        killed({
            world: () => frozen(70, 2),
            run: (session, { domain }) => snapshot(session, { domain, ledgerIndex }),
            result: async ({ world }) =>
                (await world.tree()).root.hash.join() === (await world.readSnapshot()).root.join(),
        }));

    test('an evacuation', () =>
        killed({
            world: () => frozen(8),
            run: (session, { domain }) => evacuate(session, { domain }),
            result: async ({ world, vault, held }) =>
                held -
                world.machine.read(vault, decodeVault).evacuation.moved +
                world.tokens(await pdas.custody(vault)),
        }));

    test('a decision, by both of its approvers', () =>
        killed({
            world: () => frozen(8),
            run: async (session, at) => {
                const { domain } = at;
                const resume = decision('Resume', [{ incident: await at.world.incident() }]);
                const [first, second] = at.guardians as [Address, Address];
                await advance(session, { domain, signer: first, decision: resume });
                return advance(session, { domain, signer: second, decision: resume });
            },
            result: async ({ world }) => world.readDomain().state,
        }));

    test('a restoration and all of its claims', () =>
        killed({
            world: () => chosen(10),
            run: async (session, { domain }) => {
                await restore(session, { domain, ledgerIndex });
                return claimAll(session, { domain, ledgerIndex });
            },
            result: async (at) => {
                const { paid, shared, total } = await at.world.readRestoration();
                const { world } = at;
                const got: bigint[] = [];
                for (const { owner, amount } of world.positions) {
                    if (amount > 0n) got.push(world.tokens(await world.fund(owner, world.mint, 0n)));
                }
                return { paid, shared, total, got };
            },
        }));
});
