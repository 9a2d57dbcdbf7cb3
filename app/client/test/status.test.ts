/** The status of a domain against the built program: what may leave as `view_outflow` says it, and each next step taken. */
import type { Address } from '@solana/kit';
import { FailedTransactionMetadata } from 'litesvm';
import { describe, expect, test } from 'vitest';

import {
    confirm,
    confirmEvacuation,
    evacuate,
    openBallotWith,
    pause,
    propagate,
    restore,
    resume,
    snapshot,
    vote,
    advance,
    claim,
} from '../src/flows/index.ts';
import {
    BULKHEAD_PROGRAM_ADDRESS,
    constants,
    decision,
    decodeOutflowBreaker,
    decodePeer,
    getOutflowViewDecoder,
    getPeerEncoder,
    getRegisterPeerInstructionAsync,
    getViewOutflowInstruction,
    pdas,
} from '../src/index.ts';
import { outflowNow, readStatus, words, type DomainStatus } from '../src/status/index.ts';
import { FlowWorld } from './flow-world.ts';
import { COMPARTMENT, Paying } from './paying.ts';
import { DAY, DELAY, GUARDIAN_PAUSE } from './set-up.ts';
import type { World } from './world.ts';

const HOUR = 3_600n;

describe('what may leave', () => {
    test('is what the program says, whatever left and whenever', async () => {
        const at = await Paying.start();
        const { world } = at;
        const { machine, domain, mint } = world;
        const breaker = await pdas.outflowBreaker(domain, COMPARTMENT, mint, 0);
        const board = await pdas.board(domain);
        let looks = 0;
        const look = async () => {
            const result = machine.simulate([getViewOutflowInstruction({ breaker, board })]);
            if (result instanceof FailedTransactionMetadata) throw new Error(result.toString());
            const theirs = getOutflowViewDecoder().decode(result.meta().returnData().data());
            const { unpausedSlot, domainRow } = await world.readBoard();
            const moment = { slot: machine.slot, now: machine.now, rampBps: domainRow.rampBps, unpausedSlot };
            const ours = outflowNow(machine.read(breaker, decodeOutflowBreaker), moment);
            const { remaining, inWindow, inSlot, limit, latchedUntil } = ours;
            expect({ remaining, inWindow, inSlot, limit, latchedUntil }).toEqual({
                remaining: theirs.remaining,
                inWindow: theirs.inWindow,
                inSlot: theirs.inSlot,
                limit: theirs.limit,
                latchedUntil: theirs.latchedUntil,
            });
            looks += 1;
            return ours;
        };
        expect((await look()).remaining).toBe(500n);
        let index = 0n;
        for (const [amount, wait] of [
            [120n, 0n],
            [200n, HOUR],
            [180n, 5n * HOUR],
            [400n, 13n * HOUR],
            [90n, 30n * HOUR],
            [10n, 1n],
        ] as const) {
            await at.ask(amount, index++);
            await look();
            machine.pass(wait);
            machine.nextSlot();
            await look();
        }
        await at.ask(3_000n, index);
        expect((await look()).latchedUntil).toBeGreaterThan(machine.now);
        machine.pass(4n * DAY);
        expect((await look()).latchedUntil).toBe(0n);
        expect(looks).toBe(15);
    });
});

describe('the next step', () => {
    const first = ({ nextSteps }: DomainStatus) => nextSteps.find(({ isAlternative }) => !isAlternative);

    test('is the one that the flows take, from the alarm to the claims', async () => {
        const world = await FlowWorld.start(40);
        const { domain, guardians, held } = world;
        const [one, two] = guardians as [(typeof guardians)[0], (typeof guardians)[0]];
        const session = world.session();
        const status = () => readStatus(session, domain);
        const quiet = await status();
        expect(quiet).toMatchObject({
            phase: 'operating',
            closed: [],
            nextSteps: [],
            warnings: [],
            incident: undefined,
        });
        expect(quiet.vaults).toMatchObject([{ balance: held, isActive: true, queue: { count: 0 } }]);

        await pause(session, { domain, guardian: one });
        const paused = await status();
        expect(paused.closed).toMatchObject([{ scope: 255, why: 'guardian pause' }]);
        expect(paused.members[0]).toMatchObject({ pauseRights: 2, pausesLeft: 2, isEligible: true });
        await confirm(session, { domain, guardian: one });
        expect(first(await status())).toMatchObject({ step: 'confirm', by: 'guardians', who: guardians.slice(1) });
        await confirm(session, { domain, guardian: two });
        const frozen = await status();
        expect(frozen).toMatchObject({ phase: 'frozen', incident: { isFrozen: true, cause: "a guardian's alarm" } });
        expect(frozen.closed[0]).toMatchObject({ why: 'freeze', until: undefined });
        expect(first(frozen)).toMatchObject({ step: 'confirmEvacuation', by: 'guardians' });
        expect(frozen.nextSteps.at(-1)).toMatchObject({ step: 'resume', isAlternative: true, by: 'approvers' });

        await confirmEvacuation(session, { domain, guardian: one });
        await confirmEvacuation(session, { domain, guardian: two });
        expect(first(await status())).toMatchObject({ step: 'evacuate', by: 'anyone' });
        await evacuate(session, { domain });
        expect(first(await status())).toMatchObject({ step: 'snapshot', by: 'anyone', ledger: 0 });
        const sealed = await snapshot(session, { domain, ledgerIndex: 0 });
        expect(first(await status())).toMatchObject({ step: 'openBallot', by: 'members' });
        const ballot = { domain, member: one, ledgerIndex: 0, candidates: [sealed.snapshot] };
        await openBallotWith(session, ballot);
        const nominating = await status();
        expect(first(nominating)).toMatchObject({ step: 'startVote', by: 'members', from: nominating.at.now + DAY });
        world.pass(DAY);
        await openBallotWith(session, ballot);
        const voting = await status();
        expect(first(voting)).toMatchObject({ step: 'vote', by: 'token holders' });
        expect(voting.ballots).toMatchObject([
            { candidates: [{ choice: 0, snapshot: sealed.snapshot }], chosen: undefined },
        ]);
        const key = await pdas.ballot(voting.incident!.key, 0);
        await vote(session, { domain, voter: world.world.voter.address, ballot: key, choice: 0, amount: 1_000n });
        world.pass(DAY + 1n);
        const decided = await status();
        expect(first(decided)).toMatchObject({ step: 'choose', by: 'approvers' });
        const chosen = decided.ballots[0]!.chosen!;
        const args = { incident: decided.incident!.key, ledgerIndex: 0, ...chosen };
        const asked = decision('ChooseRestoration', [args]);
        await advance(session, { domain, signer: one, decision: asked });
        const collecting = await status();
        expect(collecting.proposals).toMatchObject([
            { isLive: true, missing: { count: 1 }, progress: { status: 'collecting' } },
        ]);
        expect(first(collecting)?.words).toBe('1 more approver to approve the proposal to restore');
        await advance(session, { domain, signer: two, decision: asked });
        const waiting = await status();
        expect(first(waiting)).toMatchObject({ step: 'choose', by: 'anyone', from: waiting.at.now + DELAY });
        world.pass(DELAY);
        expect(first(await status())).toMatchObject({ step: 'choose', by: 'anyone' });
        await restore(session, { domain, ledgerIndex: 0 });
        const recovering = await status();
        expect(recovering.phase).toBe('recovering');
        expect(first(recovering)).toMatchObject({ step: 'claim', by: 'anyone' });
        expect(recovering.restorations).toMatchObject([{ isSettled: false, lacking: 0n }]);

        // One owner claims by a published proof alone, without the other leaves.
        const tree = await world.world.tree();
        const { key: position, owner } = world.world.positions.find(({ amount }) => amount > 0n)!;
        const proofs = [tree.proof(position)];
        const paid = await claim(session, { domain, ledgerIndex: 0, who: { owner }, proofs });
        expect(paid).toMatchObject({ claims: 1, paidClaims: 1, unpaid: [] });
        const again = await claim(session, { domain, ledgerIndex: 0, who: { owner }, proofs });
        expect(again).toMatchObject({ receipts: [], skipped: 1 });
        const altered = [{ ...proofs[0]!, amount: proofs[0]!.amount + 1n }];
        await expect(claim(session, { domain, ledgerIndex: 0, who: { owner }, proofs: altered })).rejects.toThrow(
            'does not lead to the chosen snapshot',
        );
        expect(first(await status())).toMatchObject({ step: 'claim' });
    });

    test('without a loss is to resume, and a lapsing alarm is a warning', async () => {
        const world = await FlowWorld.start(10);
        const { domain, guardians } = world;
        const session = world.session();
        const [one, two] = guardians as [(typeof guardians)[0], (typeof guardians)[0]];
        await confirm(session, { domain, guardian: one });
        const lapses = world.world.machine.now + GUARDIAN_PAUSE;
        await resume(session, { domain, signer: one });
        const alert = await readStatus(session, domain);
        expect(alert.nextSteps.at(-1)).toMatchObject({ step: 'resume', isAlternative: true, who: guardians.slice(1) });
        // A proposal waits for a slot after the alarm's, so time has passed.
        world.pass(lapses - 1_800n - world.world.machine.now);
        expect((await readStatus(session, domain)).warnings.join()).toMatch(/the incident lapses in 30 min/);
        world.pass(HOUR);
        expect((await readStatus(session, domain)).nextSteps).toMatchObject([{ step: 'lapse', by: 'anyone' }]);
        void two;
    });

    test('of a latch is to bring it to the board', async () => {
        const at = await Paying.start();
        const { domain } = at.world;
        await at.ask(3_000n, 0n);
        const latched = await readStatus(at.session, domain);
        expect(latched.warnings).toContain('1 detector latched and not on the board yet');
        await propagate(at.session, { domain });
        const { closed, incident, phase } = await readStatus(at.session, domain);
        expect({ closed, incident, phase }).toMatchObject({
            phase: 'alert',
            closed: [{ scope: constants.SCOPE_DOMAIN, why: 'trip' }],
            incident: { cause: 'an outflow breaker' },
        });
    });
});

test('peers are shown with what they said, and the attesters in force', async () => {
    const emitter = new Uint8Array(32).fill(0xee);
    const configures = async ({ setupAuthority: authority, payer, domain }: World) => [
        await getRegisterPeerInstructionAsync({
            authority,
            payer,
            domain,
            peer: await pdas.peer(domain, 2, emitter),
            args: {
                chain: 2,
                emitter,
                sender: new Uint8Array(32).fill(0x55),
                transports: constants.transport.ATTESTERS,
                bridge: '11111111111111111111111111111111' as Address,
                finality: 1,
                pauseFinality: 1,
                remoteScope: constants.SCOPE_DOMAIN,
                remoteMask: 2,
                compartments: 0b101n,
                mask: 0,
                pauseRights: 3,
                maxAgeSeconds: 7_200n,
                rotationSeconds: DAY,
                afterSequence: 0n,
                threshold: 1,
                attesters: [new Uint8Array(20).fill(1)],
            },
        }),
    ];
    const world = await FlowWorld.start(10, { configures });
    const { domain } = world;
    const { machine } = world.world;
    const key = await pdas.peer(domain, 2, emitter);
    const peers = async () => (await readStatus(world.session(), domain)).peers;
    const quiet = { epoch: 0n, pauseEpoch: 0n, request: undefined, pausesLeft: 3, rotatesTs: undefined };
    expect(await peers()).toMatchObject([{ key, chain: 2, compartments: [0, 2], ...quiet }]);

    // As the program leaves it after a request to resume, while a rotation waits.
    const peer = machine.read(key, decodePeer);
    const next = { ...peer.attesters, epoch: peer.attesters.epoch + 1n, threshold: 2, count: 2 };
    const said = { ...peer, epoch: 7n, pauseEpoch: 6n, requestEpoch: 7n, requestTs: machine.now };
    const rotating = { ...said, nextAttesters: next, nextFromTs: machine.now + DAY };
    machine.write(key, BULKHEAD_PROGRAM_ADDRESS, getPeerEncoder().encode(rotating));
    const request = { epoch: 7n, sentTs: machine.now };
    const waits = { rotatesTs: machine.now + DAY, attesters: { epoch: peer.attesters.epoch } };
    expect(await peers()).toMatchObject([{ epoch: 7n, pauseEpoch: 6n, request, ...waits }]);
    machine.pass(DAY);
    expect(await peers()).toMatchObject([{ rotatesTs: undefined, attesters: { epoch: next.epoch, threshold: 2 } }]);
});

test('words are those of the command line', () => {
    expect(words.utc(1_770_000_000n)).toBe('2026-02-02 02:40:00 UTC');
    expect(words.fromNow(10n, 5n)).toBe('in 5 s');
    expect(words.fromNow(5n, 10n)).toBe('5 s ago');
    expect(words.closedActions(constants.action.DEFAULT_EMERGENCY)).toBe(
        'everything but deposit, repay, cancel, claim',
    );
});
