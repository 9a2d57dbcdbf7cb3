/** What is proposed, with its clocks: the rules of `crates/client/src/status/people.rs`. */
import type { Address } from '@solana/kit';

import { decodeProposal, type Decision } from '../generated/bulkhead/public.ts';
import { LIVE, parseProposal, progressOf } from '../flows/proposals.ts';
import type { Scene } from '../flows/reading.ts';
import type { Work } from '../flows/session.ts';
import type { ProposalProgress } from '../proposal-progress.ts';
import type { StatusAccounts } from './accounts.ts';
import { approvalsMissing, keysOf, NOTHING_MISSING, type Missing } from './council.ts';

/** A proposal that was not executed. */
export type ProposalStanding = Readonly<{
    key: Address;
    decision: Decision;
    /** The hash that approvals sign. */
    payloadHash: Uint8Array;
    proposer: Address;
    createdTs: bigint;
    createdSlot: bigint;
    progress: ProposalProgress;
    /** Can it still become ready, as things stand? */
    isLive: boolean;
    /** The members whose approval counts. */
    approvals: readonly Address[];
    missing: Missing;
    expiresTs: bigint;
}>;

const OVER: readonly ProposalProgress['status'][] = ['executed', 'vetoed', 'stale', 'expired'];

/** The proposals that are open, those that can run first. One that cannot be read is left out. */
export async function openProposals(work: Work, scene: Scene, accounts: StatusAccounts): Promise<ProposalStanding[]> {
    const found: ProposalStanding[] = [];
    for (const { address } of accounts.all('Proposal', decodeProposal)) {
        const account = accounts.raw(address);
        const read = account && (await parseProposal(account).catch(() => undefined));
        if (read === undefined) continue;
        const { data, decision } = read;
        const progress = await progressOf(work, scene, read);
        if (OVER.includes(progress.status)) continue;
        found.push({
            key: address,
            decision,
            payloadHash: new Uint8Array(data.payloadHash),
            proposer: data.proposer,
            createdTs: data.createdTs,
            createdSlot: data.createdSlot,
            progress,
            isLive: ['ready', 'waiting', 'collecting'].includes(progress.status),
            approvals: keysOf(scene.council, progress.eligible),
            missing:
                progress.status === 'collecting'
                    ? approvalsMissing(data, scene.council, progress, scene.at.now)
                    : NOTHING_MISSING,
            expiresTs: data.expiresTs,
        });
    }
    const rank = ({ progress: { status } }: ProposalStanding) =>
        (LIVE.indexOf(status) + LIVE.length + 1) % (LIVE.length + 1);
    return found.sort((a, b) => rank(a) - rank(b) || Number(a.createdTs - b.createdTs) || (a.key < b.key ? -1 : 1));
}
