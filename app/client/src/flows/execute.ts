/** Executes matured proposals, of every kind. */
import type { Address, Instruction } from '@solana/kit';

import { proposalState, role } from '../constants.ts';
import { getPropagateTripInstructionAsync, type Council, type VerifyingKeyArgs } from '../generated/bulkhead/public.ts';
import { lacksAClock, type ProposalProgress } from '../proposal-progress.ts';
import { ProgramError } from './chain.ts';
import { incidentForAlarm } from './confirm.ts';
import { executionOf } from './execution.ts';
import { findProposal, progressOf, type FoundProposal } from './proposals.ts';
import { bits, membersWith, readScene, type Scene } from './reading.ts';
import { NotPossible, NotYet, Work, type Done, type Session } from './session.ts';
import { signer } from './signing.ts';

export type ExecuteInput = Readonly<{
    proposal: Address;
    /** Signs. The chain's payer unless stated: anyone may execute what has matured. */
    executor?: Address;
    /** The key that the proposal registers, if it does: a proposal has no room for the points. */
    verifyingKey?: VerifyingKeyArgs;
}>;

/** Anyone executes a matured proposal. Does nothing if it is executed. */
export async function execute(session: Session, { proposal, executor, verifyingKey }: ExecuteInput): Promise<Done> {
    const work = new Work(session);
    const found = await findProposal(work, proposal);
    if (found.data.state === proposalState.EXECUTED) {
        work.skip('executed already');
        return work.done();
    }
    const scene = await readScene(work, found.data.domain);
    requireMatured(scene, found, await progressOf(work, scene, found));
    const instructions = await execution(work, scene, found, executor ?? work.chain.payer, verifyingKey);
    const next = "read the domain's status, and propose it again if it is still wanted";
    // Of two that execute it, one comes second.
    await work.act(instructions, next, { ProposalNotOpen: 'executed or stopped already' });
    return work.done();
}

/** The instructions that execute a proposal, in one transaction, whether or not it can be executed now. */
export async function execution(
    work: Work,
    scene: Scene,
    found: FoundProposal,
    executor: Address,
    verifyingKey?: VerifyingKeyArgs,
): Promise<Instruction[]> {
    const instruction = await executionOf(work, scene, found, signer(executor), verifyingKey);
    const { decision } = found;
    if (decision.__kind !== 'CloseDetector') return [instruction];
    // A detector with a latch that is not on the board cannot be closed: anyone propagates it first, in the same
    // transaction, so that nobody prevents the close by making it latch.
    const { error } = await work.chain.simulate([instruction], []);
    if (!(error instanceof ProgramError) || error.rule !== 'LatchInForce') return [instruction];
    const incident = await incidentForAlarm(scene);
    const { detector } = decision.fields[0];
    const accounts = { payer: work.payer, domain: scene.key, detector, incident };
    return [await getPropagateTripInstructionAsync(accounts), instruction];
}

function requireMatured(scene: Scene, { key }: FoundProposal, progress: ProposalProgress): void {
    const { status, eta, etaSlot } = progress;
    const { council, at } = scene;
    switch (status) {
        case 'waiting': {
            const slots = etaSlot !== undefined && etaSlot > at.slot ? ` and from slot ${etaSlot}` : '';
            throw new NotYet(
                `the delay of proposal ${key} has not passed`,
                `execute it from ${when(eta ?? 0n)}${slots}`,
            );
        }
        case 'collecting': {
            const why = `proposal ${key} has ${bits(progress.eligible)} of ${progress.needed} approvals`;
            throw new NotYet(why, missingApprovals(council, progress));
        }
        case 'fallbackNotDue':
            throw new NotYet(`the approvers are active again, so the fallback's proposal ${key} waits`, 'ask them');
        case 'vetoed':
        case 'stale':
        case 'expired':
            throw new NotPossible(`proposal ${key} is ${status}`, 'propose it again if it is still wanted');
        case 'refused':
            throw new NotPossible(
                `proposal ${key} would be refused: its matter was decided since, or something was closed since that it ` +
                    'did not know of',
                'propose it again if it is still wanted',
            );
        default:
    }
}

/** Who has to approve. */
export function missingApprovals(council: Council, progress: ProposalProgress): string {
    const approvers = membersWith(council, role.APPROVER);
    return lacksAClock(progress)
        ? `its clock has stopped: one of these approves again: ${approvers}`
        : `${progress.needed - bits(progress.eligible)} more of these approve: ${approvers}`;
}

/** A time in unix seconds, to read. */
export function when(seconds: bigint): string {
    return `${new Date(Number(seconds) * 1_000).toISOString().slice(0, 19)}Z`;
}
