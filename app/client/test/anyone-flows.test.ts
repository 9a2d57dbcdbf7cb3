/** What anyone may do for a domain: carry latches and linked pauses to the board, pay queued releases, close what is over. */
import type { Address } from '@solana/kit';
import { describe, expect, test } from 'vitest';

import { closeLeftovers, propagate, settleReleases, type Done } from '../src/flows/index.ts';
import {
    constants,
    decision,
    decodeRelease,
    getActivateDomainInstruction,
    getOpenDomainInstructionAsync,
    getPauseInstruction,
    getSetLinkInstructionAsync,
    masks,
    pdas,
} from '../src/index.ts';
import { makeSigner } from './keys.ts';
import { COMPARTMENT, Paying } from './paying.ts';
import { DAY, DELAY, GUARDIAN_PAUSE, HOST } from './set-up.ts';
import { World } from './world.ts';

const { action } = masks;
const { phase, releaseState } = constants;
const HOUR = 3_600n;
const EXPIRY = 14n * DAY;

/** Runs a flow twice: the second time sends nothing. */
async function twice<T extends Done>(flow: () => Promise<T>): Promise<T> {
    const first = await flow();
    const second = await flow();
    expect(second.receipts).toEqual([]);
    expect(second.skipped).toBeGreaterThan(0);
    return first;
}

describe('settleReleases', () => {
    test('pays what has matured, in parts where a slot has room for no more', async () => {
        const at = await Paying.start();
        const { world, session } = at;
        const { domain } = world;
        const release = await at.ask(600n, 0n);
        const early = await settleReleases(session, { domain });
        expect(early).toMatchObject({ receipts: [], skipped: 1 });
        expect(world.tokens(at.user)).toBe(0n);
        world.machine.pass(DAY);
        const settled = await twice(() => settleReleases(session, { domain }));
        expect(settled.receipts.length).toBe(2);
        expect(world.tokens(at.user)).toBe(600n);
        expect(world.machine.read(release, decodeRelease).state).toBe(releaseState.PAID);
    });
});

describe('closeLeftovers', () => {
    test('returns the rent of what is over, and leaves what is not', async () => {
        const at = await Paying.start();
        const { world, session } = at;
        const { domain, machine } = world;
        const paid = await at.ask(600n, 0n);
        const [breaker] = [await pdas.outflowBreaker(domain, COMPARTMENT, world.mint, 0)];
        machine.pass(1n);
        const raise = { breaker, limit: 2_000n, slotLimit: 1_000n, inflowCredit: 0n, tripLimit: 0n };
        const limits = decision('SetLimit', [{ ...raise, limitBps: 0, slotBps: 0, tripBps: 0 }]);
        const { address: proposal } = await world.propose(limits);
        const nothing = await closeLeftovers(session, { domain });
        expect(nothing).toMatchObject({ receipts: [], proposals: 0, releases: 0, lamports: 0n });
        machine.pass(DELAY + EXPIRY + DAY);
        await settleReleases(session, { domain });
        const waiting = await at.ask(700n, 1n);
        const rent = [paid, proposal].reduce((sum, key) => {
            const account = machine.account(key);
            return account.exists ? sum + account.lamports : sum;
        }, 0n);
        const closed = await twice(() => closeLeftovers(session, { domain }));
        expect(closed).toMatchObject({ proposals: 1, releases: 1, notes: 0, shards: 0, lamports: rent });
        expect(machine.account(paid).exists || machine.account(proposal).exists).toBe(false);
        expect(machine.account(waiting).exists).toBe(true);
    });
});

describe('propagate', () => {
    test('carries a latch to the board once, and opens the incident', async () => {
        const at = await Paying.start();
        const { world, session } = at;
        const { domain } = world;
        expect(await propagate(session, { domain })).toMatchObject({ receipts: [], skipped: 1 });
        await at.ask(3_000n, 0n);
        expect(await world.isOpen(action.WITHDRAW)).toBe(true);
        const done = await twice(() => propagate(session, { domain }));
        expect(done.receipts.length).toBe(1);
        expect(await world.isOpen(action.WITHDRAW)).toBe(false);
        expect(world.readDomain().state).toBe(phase.ALERT);
    });

    test('closes what is linked to a paused upstream', async () => {
        let upstream: Address | undefined;
        const at = await Paying.start(async (world) => {
            upstream = await openUpstream(world);
            const { setupAuthority: authority, payer, domain } = world;
            const args = {
                upstream,
                upstreamScope: constants.SCOPE_DOMAIN,
                compartments: 1n << BigInt(COMPARTMENT),
                upstreamMask: action.WITHDRAW,
                mask: action.WITHDRAW,
            };
            const link = await pdas.link(domain, upstream);
            const upstreamBoard = await pdas.board(upstream);
            const accounts = { authority, payer, domain, link, upstream, upstreamBoard };
            await world.send(await getSetLinkInstructionAsync({ ...accounts, args }));
        });
        const { world, session } = at;
        const { domain, council } = world;
        expect(await propagate(session, { domain })).toMatchObject({ receipts: [], skipped: 1 });
        const closed = upstream as Address;
        const accounts = { council: await pdas.council(closed), board: await pdas.board(closed) };
        const [guardian] = council;
        await world.send(getPauseInstruction({ ...accounts, guardian, scope: constants.SCOPE_DOMAIN, mask: 0 }));
        const done = await twice(() => propagate(session, { domain }));
        expect(done.receipts.length).toBe(1);
        expect(await world.isOpen(action.WITHDRAW, COMPARTMENT)).toBe(false);
        expect(await world.isOpen(action.WITHDRAW, 0)).toBe(true);
    });
});

/** Another protocol's domain, with the same council. */
async function openUpstream(world: World): Promise<Address> {
    const setupAuthority = await makeSigner();
    const domain = await pdas.domain(setupAuthority.address);
    const policies = Array.from({ length: constants.proposalClass.COUNT }, () => ({
        threshold: 2,
        delaySeconds: DELAY,
        expirySeconds: EXPIRY,
    }));
    const council = {
        members: world.council.map((member) => ({ key: member.address, roles: constants.role.ALL })),
        freezeThreshold: 2,
        pauseRights: 3,
        vetoRights: 3,
        guardianPauseSeconds: GUARDIAN_PAUSE,
        tripSeconds: 72n * HOUR,
        defaultMask: masks.DEFAULT_EMERGENCY,
        policies,
        heartbeatSeconds: 365n * DAY,
        guardianPausesPerDay: 3,
        guardianPausesInARow: 3,
        fallback: world.governanceMint,
        fallbackSeconds: 30n * DAY,
    };
    const { payer, governanceMint } = world;
    const args = { council, hostProgram: HOST, voteSeconds: DAY, quorumBps: 1_000 };
    await world.send(
        await getOpenDomainInstructionAsync({ setupAuthority, payer, governanceMint, args }),
        getActivateDomainInstruction({ setupAuthority, domain }),
    );
    return domain;
}
