/** From the proposal to the unpause: each key that runs the flow takes the next step that it can take. */
import type { Address } from '@solana/kit';

import { phase, role } from '../constants.ts';
import { decision as decide, type DecisionArgs, type PauseBoard } from '../generated/bulkhead/public.ts';

import * as pdas from '../pdas.ts';
import type { ProposalProgress } from '../proposal-progress.ts';
import { decisionHash } from '../proposals.ts';
import { execute, missingApprovals, when } from './execute.ts';
import { approve, findProposal, liveProposals, progressOf, propose } from './proposals.ts';
import { memberBit, members, NOBODY, readScene, type Scene } from './reading.ts';
import { NotPossible, NotYet, Work, type Done, type Session } from './session.ts';

/** The step that a key took towards a decision. */
export type Stepped = Done &
    Readonly<{
        proposal: Address | undefined;
        /** Is the decision in force now? */
        isExecuted: boolean;
        /** What was done, in words. */
        step: string;
        /** What comes next, when, and who has to do it, in words. */
        next: string;
    }>;

export type ResumeInput = Readonly<{
    domain: Address;
    signer: Address;
    /** Counts only proposals of this approver: see {@link advance}. */
    proposer?: Address;
}>;

/**
 * Unpauses an incident that needs no restoration, one step at a time: proposes it unless such a proposal is open, approves
 * it if `signer` is an approver, and executes it once it can be. Does nothing once the domain operates.
 */
export async function resume(session: Session, input: ResumeInput): Promise<Stepped> {
    const { domain: key } = input;
    const work = new Work(session);
    const { domain } = await readScene(work, key);
    if (domain.state === phase.OPERATING) return finished(work, 'no incident is open: the domain operates');
    if (domain.state === phase.RECOVERING) {
        throw new NotPossible(
            'a restoration was chosen in this incident',
            'use reopen, which ends an incident with a restoration',
        );
    }
    const resume = decide('Resume', [{ incident: domain.openIncident }]);
    return advance(session, { ...input, decision: resume });
}

export type ReopenInput = Readonly<{
    domain: Address;
    signer: Address;
    /** Share of the limits in force, 1 to 10,000. */
    rampBps: number;
    /** How long liquidations stay closed. */
    graceSeconds: bigint;
    /** Counts only proposals of this approver: see {@link advance}. */
    proposer?: Address;
}>;

/**
 * Reopens after a restoration, in the same steps as {@link resume}. While the domain operates, it raises the ramp of an
 * earlier reopening, or ends a guardian's pause without an incident.
 */
export async function reopen(session: Session, input: ReopenInput): Promise<Stepped> {
    const { domain: key, rampBps, graceSeconds } = input;
    const work = new Work(session);
    const { domain, board, at } = await readScene(work, key);
    let incident: Address;
    if (domain.state === phase.RECOVERING) {
        incident = domain.openIncident;
    } else if (domain.state === phase.OPERATING) {
        if (!isTimedPauseInForce(board, at.now) && board.domainRow.rampBps === rampBps) {
            return finished(work, 'the domain operates, with these limits');
        }
        const last = domain.incidentCount - 1n;
        incident = last < 0n ? NOBODY : await pdas.incident(key, last);
    } else {
        throw new NotPossible(
            'no restoration was chosen in this incident',
            'use resume if nothing has to be restored; else choose a restoration first',
        );
    }
    const decision = decide('Reopen', [{ incident, rampBps, graceSeconds }]);
    return advance(session, { ...input, decision });
}

function isTimedPauseInForce(board: PauseBoard, now: bigint): boolean {
    return [board.domainRow, ...board.rows].some((row) => now < row.guardianPauseUntil || now < row.tripUntil);
}

export type AdvanceInput = Readonly<{
    domain: Address;
    signer: Address;
    decision: DecisionArgs;
    /** Counts only proposals of this approver. */
    proposer?: Address;
}>;

/**
 * Takes the next step towards a decision that `signer` can take: proposes it unless such a proposal is open, approves it,
 * and executes it once it can be.
 *
 * Only its proposer can edit a proposal, and an edit voids its approvals, also one that changes nothing. So a hostile
 * approver who proposes the same first can make the others approve in vain as often as they take that proposal. Without a
 * `proposer` the oldest identical proposal is taken, which an edited one never is, and a proposer with several identical
 * ones is passed over; so the approvers meet at the first that nobody edits. With one they meet at once.
 */
export async function advance(session: Session, input: AdvanceInput): Promise<Stepped> {
    const { domain, signer, decision, proposer } = input;
    const work = new Work(session);
    const steps: string[] = [];
    let scene = await readScene(work, domain);
    const hash = decisionHash(decision);
    const live = await liveProposals(work, scene, hash);
    const counted = live.filter(({ found }) => proposer === undefined || found.data.proposer === proposer);
    let key = chosen(counted, signer);
    if (key === undefined) {
        if (proposer !== undefined && proposer !== signer) {
            throw new NotYet(
                `${proposer} has no such proposal that can still run`,
                `${proposer} proposes it first, by the same flow`,
            );
        }
        const proposed = await propose(session, { domain, proposer: signer, decision });
        work.add(proposed);
        steps.push('proposed it');
        key = proposed.proposal;
    }
    const progress = async (): Promise<ProposalProgress> => {
        scene = await readScene(work, domain);
        return progressOf(work, scene, await findProposal(work, key));
    };
    let state = await progress();
    if (state.status === 'collecting' && (await canApprove(work, scene, key, signer))) {
        work.add(await approve(session, { proposal: key, approver: signer, expectedHash: hash }));
        steps.push('approved it');
        state = await progress();
    }
    const isExecuted = state.status === 'ready';
    if (isExecuted) {
        work.add(await execute(session, { proposal: key, executor: signer }));
        steps.push('executed it');
    }
    if (steps.length === 0) work.skip();
    return {
        ...work.done(),
        proposal: key,
        isExecuted,
        step: steps.join(', ') || 'nothing: this key has taken its step',
        next: isExecuted ? 'it is in force' : nextOf(scene, state),
    };
}

/**
 * The proposal to take: one that waits for nothing but time, or else the oldest. Of another proposer with several that
 * collect approvals none is taken: nobody needs more than one, unless to edit one after the other.
 */
function chosen(live: Awaited<ReturnType<typeof liveProposals>>, signer: Address): Address | undefined {
    const collecting = live.filter(({ progress }) => progress.status === 'collecting');
    const isTaken = ({ found, progress }: (typeof live)[number]): boolean =>
        progress.status !== 'collecting' ||
        found.data.proposer === signer ||
        collecting.filter((other) => other.found.data.proposer === found.data.proposer).length === 1;
    return live.find(isTaken)?.found.key;
}

/** Would this key's approval have an effect? The program says whether it counts. */
async function canApprove(work: Work, { council, at }: Scene, proposal: Address, key: Address): Promise<boolean> {
    const member = members(council).find((each) => each.key === key);
    if (member === undefined || (member.roles & role.APPROVER) === 0) return false;
    const isEligible = at.now - member.lastActiveTs <= council.heartbeatSeconds && at.now >= member.activeFromTs;
    const { data } = await findProposal(work, proposal);
    const hasApproved = (data.approvals & memberBit(council, key)) !== 0;
    // Without a running clock, approving again starts it.
    return isEligible && (!hasApproved || data.approvedTs === 0n);
}

/** What a proposal waits for. */
function nextOf({ council, at }: Scene, progress: ProposalProgress): string {
    const { status, eta, etaSlot } = progress;
    switch (status) {
        case 'collecting':
            return missingApprovals(council, progress);
        case 'waiting': {
            const slots = etaSlot !== undefined && etaSlot > at.slot ? ` and from slot ${etaSlot}` : '';
            return `anyone executes it from ${when(eta ?? 0n)}${slots}`;
        }
        case 'ready':
            return 'anyone executes it';
        default:
            return "the program would refuse it now: read the domain's status";
    }
}

function finished(work: Work, step: string): Stepped {
    work.skip(step);
    return { ...work.done(), proposal: undefined, isExecuted: true, step, next: 'nothing' };
}
