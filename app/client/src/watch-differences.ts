/** Compares an account with the same account at a later time: the rules of `crates/client/src/watch/differ.rs`. */
import type { Address } from '@solana/kit';

import { bytesEqual } from './bytes.ts';
import { LAYOUTS } from './generated/bulkhead/readers.ts';
import type { Change, Kept, Kind } from './watch-change.ts';
import { CUSTODY_RULES } from './watch-custody.ts';
import { closedProposal, DOMAIN_RULES } from './watch-domain.ts';
import { oneOf, type Entry, type Rules } from './watch-entries.ts';
import { INSURANCE_RULES } from './watch-insurance.ts';
import { RECOVERY_RULES } from './watch-recovery.ts';
import { HOST_RULES } from './watch-host.ts';
import { MESSAGE_RULES } from './watch-messages.ts';
import { PROOF_RULES } from './watch-proofs.ts';

/** Routine events; all others matter. */
const ROUTINE = new Set([
    'MemberActive',
    'OutflowMetered',
    'PriceObserved',
    'ReleaseSettled',
    'ReleaseClosed',
    'ShardOpened',
    'PositionsIngested',
    'ShardClosed',
    'EscrowOpened',
    'VotesMoved',
    'VoteCast',
    'VoteRecordClosed',
    'ClaimPageOpened',
    'ClaimPaid',
    'RestorationPaid',
    'ClaimsWished',
    'LeafProved',
    'EvidenceClosed',
    'PositionSampled',
    'SampleClosed',
    'QueueMoved',
    'InterimLeafProved',
    'InterimClaimPaid',
    'InterimProofClosed',
    'LedgerFixed',
    'RunOpened',
    'PageProved',
    'ShardProved',
    'ProofAccountClosed',
    'Staked',
    'StakeChanged',
    'Unstaked',
    'IncidentNoted',
    'InsuranceMoved',
    'CoverChanged',
]);

/** The changes of an account. */
export function differences(account: Address, before: Kept | undefined, after: Kept | undefined): Change[] {
    const describe = (kind: Kind, entries: readonly Entry[]): Change[] =>
        entries.map(([event, details = []]) => ({ account, kind, event, details, matters: !ROUTINE.has(event) }));
    if (after === undefined) return before === undefined ? [] : describe(before.kind, gone(before));
    // The address now contains another kind: the old account was closed and a new one created.
    if (before !== undefined && before.kind !== after.kind) {
        return [...describe(before.kind, gone(before)), ...describe(after.kind, appearedOrChanged(undefined, after))];
    }
    if (before !== undefined && bytesEqual(before.data, after.data)) return [];
    return describe(after.kind, appearedOrChanged(before, after));
}

const CLOSED: Partial<Record<Kind, string>> = {
    Proposal: 'ProposalClosed',
    OutflowBreaker: 'DetectorClosed',
    PriceBreaker: 'DetectorClosed',
    SolvencyBreaker: 'DetectorClosed',
    AuthorityWatch: 'DetectorClosed',
    Release: 'ReleaseClosed',
    SnapshotShard: 'ShardClosed',
    VoteRecord: 'VoteRecordClosed',
    LeafEvidence: 'EvidenceClosed',
    PositionSample: 'SampleClosed',
    InterimProof: 'InterimProofClosed',
    SealedLedger: 'ProofAccountClosed',
    StateProof: 'ProofAccountClosed',
    ProofRun: 'ProofAccountClosed',
    InsuranceStake: 'Unstaked',
};

function gone({ kind, data }: Kept): Entry[] {
    if (kind !== 'Proposal') return [[CLOSED[kind] ?? 'Closed']];
    return [closedProposal(LAYOUTS.Proposal.decoder.decode(data))];
}

function appearedOrChanged(before: Kept | undefined, after: Kept): Entry[] {
    const { decoder, size } = LAYOUTS[after.kind];
    const old = decoder.decode(before?.data ?? new Uint8Array(size));
    const entries = RULES[after.kind]?.(old as never, decoder.decode(after.data) as never, before === undefined) ?? [];
    return entries.length > 0 ? entries : [['Changed']];
}

const RULES: Rules = {
    ...DOMAIN_RULES,
    ...CUSTODY_RULES,
    ...RECOVERY_RULES,
    ...INSURANCE_RULES,
    Link: () => [['LinkSet']],
    EmergencyAction: () => [['EmergencyActionRegistered']],
    VoteRecord: () => [['VoteCast']],
    LeafEvidence: () => [['LeafProved']],
    PositionSample: () => [['PositionSampled']],
    CancelList: () => [['GuardianCancelListSet']],
    InterimProof: () => [['InterimLeafProved']],
    SnapshotShard: oneOf('ShardOpened', 'PositionsIngested'),
    VoterEscrow: oneOf('EscrowOpened', 'VotesMoved'),
    ClaimPage: oneOf('ClaimPageOpened', 'ClaimPaid'),
    ...HOST_RULES,
    ...MESSAGE_RULES,
    ...PROOF_RULES,
};
