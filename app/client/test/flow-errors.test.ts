/** What flows refuse, by name, and that they send nothing then. */
import { generateKeyPairSigner, type Address } from '@solana/kit';
import { beforeEach, describe, expect, test } from 'vitest';

import {
    advance,
    approve,
    checkpoint,
    claimAll,
    confirm,
    confirmEvacuation,
    evacuate,
    execute,
    lapse,
    openBallotWith,
    pause,
    propose,
    reopen,
    restore,
    resume,
    snapshot,
    veto,
    vote,
    withdraw,
} from '../src/flows/index.ts';
import { decision, decisionHash, merkle, pdas, type DecisionArgs } from '../src/index.ts';
import { FlowWorld } from './flow-world.ts';
import { DAY, DELAY, GUARDIAN_PAUSE, LEDGER_INDEX, writePosition, writeTotal } from './set-up.ts';

const ledgerIndex = LEDGER_INDEX;
let at: FlowWorld;
let domain: Address;
let first: Address;
let second: Address;

beforeEach(async () => {
    at = await FlowWorld.start(20);
    domain = at.domain;
    [first, second] = at.guardians as [Address, Address];
});

/** The flow is refused by this name, by this rule of the program's, and sends nothing. */
async function refused(flow: Promise<unknown>, name: string, rule?: string): Promise<Error> {
    const before = at.chain.sent;
    const error = await flow.then(
        () => new Error('it was done'),
        (reason: unknown) => reason as Error,
    );
    expect(error).toMatchObject(rule === undefined ? { name } : { name, rule });
    // Every error says what to do next.
    expect(error.message).toMatch(/; /);
    expect(at.chain.sent).toBe(before);
    return error;
}

async function freeze(): Promise<void> {
    for (const guardian of [first, second]) await confirm(at.session(), { domain, guardian });
}

describe('an emergency', () => {
    test('is raised by guardians only, as often as they may', async () => {
        const stranger = at.world.voter.address;
        await refused(pause(at.session(), { domain, guardian: stranger }), 'Rule', 'NotAMember');
        await refused(confirm(at.session(), { domain, guardian: stranger }), 'Rule', 'NotAMember');
        await refused(pause(at.session(), { domain, guardian: first, scope: 64 }), 'Rule', 'CompartmentOutOfRange');
        const unknown = (await generateKeyPairSigner()).address;
        const error = await refusedBy(pause(at.session(), { domain, guardian: unknown }));
        expect(error).toMatchObject({ name: 'MissingSigner', signer: unknown });
        for (let i = 0; i < 3; i++) {
            await pause(at.session(), { domain, guardian: first });
            at.pass(GUARDIAN_PAUSE);
        }
        const used = await refused(pause(at.session(), { domain, guardian: first }), 'Rule', 'NoPauseRights');
        expect(used.message).toContain(second);
        expect(used.message).not.toContain(first);
    });

    test('lapses if nobody confirms it, after its pause', async () => {
        await expect(lapse(at.session(), { domain })).resolves.toMatchObject({ receipts: [], skipped: 1 });
        await confirm(at.session(), { domain, guardian: first });
        await refused(lapse(at.session(), { domain }), 'Rule', 'PauseInForce');
        at.pass(GUARDIAN_PAUSE);
        await expect(lapse(at.session(), { domain })).resolves.toMatchObject({ receipts: [{}] });
        await expect(lapse(at.session(), { domain })).resolves.toMatchObject({ receipts: [], skipped: 1 });
    });

    test('has an order of steps', async () => {
        await refused(snapshot(at.session(), { domain, ledgerIndex }), 'NotYet');
        await refused(confirmEvacuation(at.session(), { domain, guardian: first }), 'Rule', 'WrongPhase');
        await refused(evacuate(at.session(), { domain }), 'Rule', 'IncidentNotOpen');
        await refused(restore(at.session(), { domain, ledgerIndex }), 'NotYet');
        await freeze();
        const missing = await refused(evacuate(at.session(), { domain }), 'NotYet');
        expect(missing.message).toContain(first);
        await refused(snapshot(at.session(), { domain, ledgerIndex: 7 }), 'NotFound');
        await refused(restore(at.session(), { domain, ledgerIndex }), 'NotFound');
        await refused(claimAll(at.session(), { domain, ledgerIndex }), 'NotFound');
        await refused(reopen(at.session(), { domain, signer: first, rampBps: 1, graceSeconds: 0n }), 'NotPossible');
        const ballot = { domain, member: first, ledgerIndex, candidates: [await at.world.snapshot()] };
        await refused(openBallotWith(at.session(), ballot), 'NotFound');
    });
});

async function refusedBy(flow: Promise<unknown>): Promise<unknown> {
    return flow.then(
        () => undefined,
        (error: unknown) => error,
    );
}

describe('a snapshot', () => {
    beforeEach(freeze);

    test('that does not add up to the host’s total is read, and not sealed', async () => {
        writeTotal(at.world.machine, at.held + 1n);
        const error = await refusedBy(snapshot(at.session(), { domain, ledgerIndex }));
        expect(error).toMatchObject({ name: 'Rule', rule: 'TotalMismatch' });
        expect(String(error)).toContain(`add up to ${at.held}, and the host's total is ${at.held + 1n}`);
        await refused(snapshot(at.session(), { domain, ledgerIndex }), 'Rule', 'TotalMismatch');
        writeTotal(at.world.machine, at.held);
        await expect(snapshot(at.session(), { domain, ledgerIndex })).resolves.toMatchObject({ receipts: [{}] });
    });

    test('of positions that have changed since is not what claims are paid by', async () => {
        await snapshot(at.session(), { domain, ledgerIndex });
        const { receipts } = await snapshot(at.session(), { domain, ledgerIndex });
        expect(receipts).toEqual([]);
        const [empty, position] = at.world.positions as [merkle.Position, merkle.Position];
        await chosen();
        writePosition(at.world.machine, { ...position, amount: position.amount + 1n });
        await refused(claimAll(at.session(), { domain, ledgerIndex }), 'NotPossible');
        // Whoever kept the positions claims by them.
        const leaves = at.world.positions;
        expect(leaves).toContain(empty);
        const paid = await claimAll(at.session(), { domain, ledgerIndex, leaves });
        expect(paid.paid).toBe(at.held);
    });

    /** Restores the sealed snapshot, with what the vault holds. */
    async function chosen(): Promise<void> {
        for (const guardian of [first, second]) await confirmEvacuation(at.session(), { domain, guardian });
        await evacuate(at.session(), { domain });
        const candidates = [await at.world.snapshot()];
        const { ballot } = await openBallotWith(at.session(), { domain, member: first, ledgerIndex, candidates });
        const choice = { domain, voter: at.world.voter.address, ballot, choice: 0, amount: 1_000n };
        await expect(vote(at.session(), choice)).resolves.toMatchObject({ receipts: [], weight: 0n });
        await refused(restore(at.session(), { domain, ledgerIndex }), 'NotYet');
        at.pass(DAY);
        await openBallotWith(at.session(), { domain, member: first, ledgerIndex, candidates });
        await refused(vote(at.session(), { ...choice, choice: 1 }), 'Rule', 'NoSuchCandidate');
        await vote(at.session(), choice);
        await refused(vote(at.session(), { ...choice, choice: 1 }), 'NotPossible');
        const late = { ...choice, voter: first, amount: 1n };
        await refused(vote(at.session(), late), 'Rule', 'VotesTooRecent');
        await refused(restore(at.session(), { domain, ledgerIndex }), 'NotYet');
        at.pass(DAY + 1n);
        await refused(restore(at.session(), { domain, ledgerIndex }), 'NotYet');
        const restoration = decision('ChooseRestoration', [await at.world.restorationArgs()]);
        for (const signer of [first, second]) await advance(at.session(), { domain, signer, decision: restoration });
        await refused(restore(at.session(), { domain, ledgerIndex }), 'NotYet');
        at.pass(DELAY);
        await restore(at.session(), { domain, ledgerIndex });
    }
});

describe('a proposal', () => {
    let resumed: DecisionArgs;
    let proposal: Address;

    beforeEach(async () => {
        await freeze();
        resumed = decision('Resume', [{ incident: await at.world.incident() }]);
        ({ proposal } = await propose(at.session(), { domain, proposer: first, decision: resumed }));
    });

    test('is made by approvers, once, of what could ever run', async () => {
        const stranger = at.world.voter.address;
        const again = await propose(at.session(), { domain, proposer: first, decision: resumed });
        expect(again).toMatchObject({ proposal, receipts: [], skipped: 1 });
        const other = await propose(at.session(), { domain, proposer: second, decision: resumed });
        expect(other.proposal).not.toBe(proposal);
        await refused(propose(at.session(), { domain, proposer: stranger, decision: resumed }), 'Rule', 'NotAMember');
        const never = decision('Resume', [{ incident: at.vault }]);
        await refused(propose(at.session(), { domain, proposer: first, decision: never }), 'Rule', 'IncidentNotOpen');
    });

    test('is approved as it was read, and executed in its time', async () => {
        const expectedHash = decisionHash(resumed);
        const wrong = { proposal, approver: first, expectedHash: new Uint8Array(32) };
        await refused(approve(at.session(), wrong), 'NotPossible');
        await refused(execute(at.session(), { proposal: at.vault }), 'NotFound');
        const few = await refused(execute(at.session(), { proposal }), 'NotYet');
        expect(few.message).toContain('0 of 2');
        await approve(at.session(), { proposal, approver: first, expectedHash });
        const again = await approve(at.session(), { proposal, approver: first, expectedHash });
        expect(again).toMatchObject({ receipts: [], skipped: 1 });
        await approve(at.session(), { proposal, approver: second, expectedHash });
        await withdraw(at.session(), { proposal, approver: second });
        const none = await withdraw(at.session(), { proposal, approver: second });
        expect(none).toMatchObject({ receipts: [], skipped: 1 });
        await approve(at.session(), { proposal, approver: second, expectedHash });
        const early = await refused(execute(at.session(), { proposal }), 'NotYet');
        expect(early.message).toMatch(/execute it from \d{4}-\d\d-\d\dT/);
        at.pass(DELAY);
        expect((await execute(at.session(), { proposal })).receipts.length).toBe(1);
        expect(await execute(at.session(), { proposal })).toMatchObject({ receipts: [], skipped: 1 });
        const late = await approve(at.session(), { proposal, approver: second, expectedHash });
        expect(late).toMatchObject({ receipts: [], skipped: 1 });
    });

    test('is over once it is vetoed', async () => {
        const third = at.guardians[2] as Address;
        await veto(at.session(), { proposal, vetoer: third });
        expect(await veto(at.session(), { proposal, vetoer: third })).toMatchObject({ receipts: [], skipped: 1 });
        await refused(execute(at.session(), { proposal }), 'NotPossible');
        await refused(resume(at.session(), { domain, signer: first }), 'Rule', 'VetoStands');
    });
});

test('a checkpoint is posted by attesters', async () => {
    const stranger = at.world.voter.address;
    await refused(checkpoint(at.session(), { domain, attester: stranger, ledgerIndex }), 'Rule', 'NotAMember');
    await refused(checkpoint(at.session(), { domain, attester: first, ledgerIndex: 9 }), 'NotFound');
    expect(await pdas.checkpointLog(domain, ledgerIndex)).not.toBe(await pdas.checkpointLog(domain, 9));
});
