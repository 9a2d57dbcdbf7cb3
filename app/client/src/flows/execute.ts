/** Executes matured proposals, of every kind. */
import type { Address } from '@solana/kit';

import { proposalState, role } from '../constants.ts';
import { lacksAClock, type ProposalProgress } from '../proposal-progress.ts';
import { executionOf } from './execution.ts';
import { approve, findProposal, liveProposals, progressOf, propose, type FoundProposal } from './proposals.ts';
import { membersWith, readScene, type Scene } from './reading.ts';
import { NotPossible, NotYet, Work, type Done, type Session } from './session.ts';
import { decisionHash } from '../proposals.ts';
import type { DecisionArgs } from '../generated/bulkhead/public.ts';

/** Anyone executes a matured proposal. Does nothing if it is executed. */
export async function execute(session: Session, { proposal }: Readonly<{ proposal: Address }>): Promise<Done> {
    const work = new Work(session);
    const found = await findProposal(work, proposal);
    if (found.data.state === proposalState.EXECUTED) {
        work.skip('executed already');
        return work.done();
    }
    const scene = await readScene(work, found.data.domain);
    await run(work, scene, found, await progressOf(work, scene, found));
    return work.done();
}

/** Executes a proposal that is not executed, if it has matured. */
async function run(work: Work, scene: Scene, found: FoundProposal, progress: ProposalProgress): Promise<void> {
    requireMatured(scene, found.key, progress);
    const instruction = await executionOf(work, scene, found);
    await work.act([instruction], 'read the domain’s status, and propose again if it is still wanted', {
        // Somebody else executed it meanwhile.
        ProposalNotOpen: 'executed or stopped already',
    });
}

function requireMatured(scene: Scene, key: Address, progress: ProposalProgress): void {
    const { status, eta, etaSlot } = progress;
    const { council, at } = scene;
    switch (status) {
        case 'waiting': {
            const slots = etaSlot !== undefined && etaSlot > at.slot ? ` and from slot ${etaSlot}` : '';
            throw new NotYet(`the delay of proposal ${key} runs`, `execute it from ${when(eta ?? 0n)}${slots}`);
        }
        case 'collecting': {
            const why = lacksAClock(progress)
                ? 'has enough approvals, but none of them started its delay: any of the approvers approves again'
                : `has ${bits(progress.eligible)} of ${progress.needed} approvals`;
            throw new NotYet(`proposal ${key} ${why}`, `approvers: ${membersWith(council, role.APPROVER)}`);
        }
        case 'fallbackNotDue':
            throw new NotYet(`the approvers are active again, so the fallback’s proposal ${key} waits`, 'ask them');
        case 'vetoed':
        case 'stale':
        case 'expired':
            throw new NotPossible(`proposal ${key} is ${status}`, 'propose it again if it is still wanted');
        default:
    }
}

function bits(number: number): number {
    return number.toString(2).replaceAll('0', '').length;
}

/** A time in unix seconds, to read. */
export function when(seconds: bigint): string {
    return `${new Date(Number(seconds) * 1_000).toISOString().slice(0, 19)}Z`;
}

export type DecideInput = Readonly<{
    domain: Address;
    decision: DecisionArgs;
    /** Proposes it, if no proposal of it is under way. */
    proposer?: Address;
    /** Approve it. */
    approvers?: readonly Address[];
}>;

/**
 * Takes a decision as far as it goes now: finds a proposal of it or makes one, approves it, executes it once it has
 * matured. Throws {@link NotYet} while it has not; run again, it goes on from there.
 */
export async function decide(session: Session, input: DecideInput): Promise<Done> {
    const { domain, decision, proposer, approvers = [] } = input;
    const work = new Work(session);
    const hash = decisionHash(decision);
    const under = async () => {
        const scene = await readScene(work, domain);
        return { scene, found: (await liveProposals(work, scene, hash))[0] };
    };
    let { scene, found } = await under();
    if (found === undefined) {
        if (proposer === undefined) {
            throw new NotYet(
                'nobody has proposed it',
                `approvers propose: ${membersWith(scene.council, role.APPROVER)}`,
            );
        }
        work.add(await propose(session, { domain, proposer, decision }));
        ({ scene, found } = await under());
    }
    if (found === undefined) throw new NotYet('the proposal is not visible yet', 'run this again');
    const { key } = found.found;
    for (const approver of approvers) {
        if (found?.progress.status !== 'collecting') break;
        work.add(await approve(session, { proposal: key, approver, expectedHash: hash }));
        ({ scene, found } = await under());
    }
    if (found === undefined) throw new NotYet(`proposal ${key} changed meanwhile`, 'run this again');
    await run(work, scene, found.found, found.progress);
    return work.done();
}
