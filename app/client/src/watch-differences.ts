/** Compares an account with the same account at a later time: the rules of `crates/client/src/watch/differ.rs`. */
import { getBase16Decoder, type Address, type ReadonlyUint8Array } from '@solana/kit';

import { bytesEqual } from './bytes.ts';
import {
    checkpointState,
    incidentState,
    latchState,
    migrationState,
    phase,
    proposalState,
    releaseState,
    claimWish,
    restorationFlag,
    snapshotFlag,
    snapshotSource,
    snapshotState,
} from './constants.ts';
import { LAYOUTS } from './generated/bulkhead/readers.ts';
import type {
    AuthorityWatch,
    Ballot,
    BallotRules,
    BoardRow,
    CheckpointLog,
    ClaimRedirect,
    ClaimTerms,
    Council,
    Domain,
    Incident,
    Interim,
    InsuranceCover,
    InsurancePool,
    Latch,
    Ledger,
    Migration,
    OutflowBreaker,
    PauseBoard,
    PriceBreaker,
    Proposal,
    Release,
    RestartCheck,
    Restoration,
    Snapshot,
    SolvencyBreaker,
    Vault,
} from './generated/bulkhead/index.ts';
import type { Change, Detail, Kept, Kind } from './watch-change.ts';
import { HOST_RULES } from './watch-host.ts';
import { MESSAGE_RULES } from './watch-messages.ts';

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
    'Staked',
    'StakeChanged',
    'Unstaked',
    'IncidentNoted',
    'InsuranceMoved',
    'CoverChanged',
]);

/** Are all fields of two accounts the same? */
function isSame(one: Vault, other: Vault): boolean {
    const text = (vault: Vault) =>
        JSON.stringify(vault, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));
    return text(one) === text(other);
}

export type Entry = readonly [event: string, details?: readonly Detail[]];
/** The previous state (zeros if the account did not exist), the current state, and whether the account is new. */
type Rule = (before: never, after: never, isNew: boolean) => Entry[];

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
    InsuranceStake: 'Unstaked',
};

function gone({ kind, data }: Kept): Entry[] {
    if (kind !== 'Proposal') return [[CLOSED[kind] ?? 'Closed']];
    return [closedProposal(LAYOUTS.Proposal.decoder.decode(data))];
}

function closedProposal({ state, approvedTs }: Pick<Proposal, 'state' | 'approvedTs'>): Entry {
    const was = Object.entries({ state, approvedTs });
    return ['ProposalClosed', was.map(([field, value]) => detail(field, value, undefined))];
}

/** The old account is closed and this is a new one: the address was reused between two observations. */
function usedAgain<T>(kind: Kind, closed: Entry, after: T): Entry[] {
    const nothing = LAYOUTS[kind].decoder.decode(new Uint8Array(LAYOUTS[kind].size));
    return [closed, ...(RULES[kind]?.(nothing as never, after as never, true) ?? [])];
}

/**
 * Reports a new detector, also if it replaced another at the same address with rules that no act changes in place. A
 * replaced detector's previous state is ignored.
 */
function opened<T extends { latch: Latch }>(
    kind: Kind,
    event: string,
    [before, after, isNew]: readonly [T, T, boolean],
    rules: (detector: T) => unknown[],
): [entries: Entry[], before: T, isNew: boolean] {
    const fixed = (detector: T) => flat([...rules(detector), detector.latch.scope, detector.latch.seconds]);
    if (!isNew && fixed(before) === fixed(after)) return [[], before, false];
    const nothing = LAYOUTS[kind].decoder.decode(new Uint8Array(LAYOUTS[kind].size)) as unknown as T;
    const closed: Entry[] = isNew ? [] : [['DetectorClosed']];
    return [[...closed, [event]], nothing, true];
}

/** Numbers, keys, and lists and records of them, as one string. */
function flat(value: unknown): string {
    if (typeof value !== 'object' || value === null) return String(value);
    return `(${Object.values(value).map(flat).join(' ')})`;
}

function appearedOrChanged(before: Kept | undefined, after: Kept): Entry[] {
    const { decoder, size } = LAYOUTS[after.kind];
    const old = decoder.decode(before?.data ?? new Uint8Array(size));
    const entries = RULES[after.kind]?.(old as never, decoder.decode(after.data) as never, before === undefined) ?? [];
    return entries.length > 0 ? entries : [['Changed']];
}

const oneOf =
    (opened: string, changed: string): Rule =>
    (_before, _after, isNew) => [[isNew ? opened : changed]];

const RULES: Partial<Record<Kind, Rule>> = {
    Proposal: (before: Proposal, after: Proposal, isNew) => {
        // An edit keeps the kind and applies to an open proposal only.
        const isReopened = before.state !== after.state && after.state === proposalState.OPEN;
        if (!isNew && (before.kind !== after.kind || isReopened)) {
            return usedAgain('Proposal', closedProposal(before), after);
        }
        const entries: Entry[] = [];
        const isEdited =
            !isNew && (before.createdSlot !== after.createdSlot || !bytesEqual(before.payloadHash, after.payloadHash));
        if (isNew || isEdited) {
            const details = differing(before, after, ['kind', 'class', 'createdSlot', 'expiresTs'], isNew);
            details.push(detail('payloadHash', undefined, hex(after.payloadHash)));
            entries.push([isNew ? 'ProposalCreated' : 'ProposalEdited', details]);
        }
        const approvals = differing(before, after, ['approvals', 'approvedTs'], false);
        // An edit clears earlier approvals.
        const kept = isEdited ? 0 : before.approvals;
        if ((after.approvals & ~kept) !== 0) entries.push(['ProposalApproved', approvals]);
        if ((kept & ~after.approvals) !== 0) entries.push(['ApprovalWithdrawn', approvals]);
        if (before.state !== after.state || isNew) {
            if (after.state === proposalState.EXECUTED) entries.push(['ProposalExecuted', approvals]);
            if (after.state === proposalState.VETOED) entries.push(['ProposalVetoed', approvals]);
        }
        return entries;
    },
    PauseBoard: (before: PauseBoard, after: PauseBoard, isNew) => {
        const entries = row('domain', before.domainRow, after.domainRow);
        for (const [number, is] of after.rows.entries()) {
            entries.push(...row(String(number), before.rows[number] as BoardRow, is));
        }
        if (before.unpausedSlot !== after.unpausedSlot) {
            entries.push(['DomainResumed', differing(before, after, ['unpausedSlot', 'epoch'], isNew)]);
        } else if (!isNew && (before.epoch !== after.epoch || before.graceUntil !== after.graceUntil)) {
            entries.push(['Changed', differing(before, after, ['epoch', 'graceUntil'], false)]);
        }
        return entries;
    },
    Council: (before: Council, after: Council, isNew) => {
        const keys = ({ members, memberCount }: Council) =>
            members
                .slice(0, memberCount)
                .map(({ key }) => key)
                .join(' ');
        if (isNew || before.configEpoch !== after.configEpoch) {
            const details = differing(before, after, ['configEpoch', 'memberCount', 'freezeThreshold'], isNew);
            details.push(detail('members', isNew ? undefined : keys(before), keys(after)));
            return [['CouncilChanged', details]];
        }
        const members = after.members.flatMap((is, i): Entry[] => {
            const was = before.members[i] as Council['members'][number];
            const entries: Entry[] = [];
            const rights = [detail(`${is.key} pauseRights`, was.pauseRights, is.pauseRights)];
            if (was.pauseRights < is.pauseRights) entries.push(['RightsGranted', rights]);
            if (was.pauseRights > is.pauseRights) entries.push(['PauseRightBurnt', rights]);
            if (was.lastActiveTs !== is.lastActiveTs) {
                entries.push(['MemberActive', [detail(`${is.key} lastActiveTs`, was.lastActiveTs, is.lastActiveTs)]]);
            }
            return entries;
        });
        const vetoes = after.vetoes.flatMap((is, place): Entry[] => {
            const was = before.vetoes[place] as Council['vetoes'][number];
            const listed = (list: Iterable<number | bigint>) => [...list].join(' ');
            const [by, ts] = [listed(is.by), listed(is.ts)];
            if (listed(was.by) === by && listed(was.ts) === ts) return [];
            return [
                ['VetoStands', [detail(`${place} by`, listed(was.by), by), detail(`${place} ts`, listed(was.ts), ts)]],
            ];
        });
        return [...members, ...vetoes];
    },
    Domain: (before: Domain, after: Domain, isNew) => {
        if (isNew) return [['DomainOpened', differing(before, after, ['state', 'hostProgram'], true)]];
        const entries: Entry[] = [];
        if (before.state !== after.state) {
            const event = before.state === phase.SETUP ? 'DomainActivated' : 'PhaseChanged';
            entries.push([event, differing(before, after, ['state', 'openIncident'], false)]);
        }
        const rules = differing(before, after, ['escapeSeconds', 'restartCheckSeconds'], false);
        if (rules.length > 0) entries.push(['RecoveryRulesSet', rules]);
        return entries;
    },
    Incident: (before: Incident, after: Incident, isNew) => {
        const entries: Entry[] = [];
        const opened = ['cause', 'source', 'breachAmount', 'limit'] as const;
        if (isNew) entries.push(['IncidentOpened', differing(before, after, opened, true)]);
        if ((after.confirmations & ~before.confirmations) !== 0) {
            entries.push(['IncidentConfirmed', differing(before, after, ['confirmations'], isNew)]);
        }
        if (before.state !== after.state && after.state === incidentState.CLOSED) entries.push(['IncidentClosed']);
        if (before.evacuated !== after.evacuated) {
            entries.push(['VaultEvacuated', differing(before, after, ['evacuated'], isNew)]);
        }
        return entries;
    },
    Migration: (before: Migration, after: Migration, isNew) => {
        const entries: Entry[] = [];
        if (isNew || before.confirmations !== after.confirmations) {
            entries.push(['EvacuationConfirmed', differing(before, after, ['confirmations'], isNew)]);
        }
        if (before.state !== after.state && after.state === migrationState.ACTIVE) entries.push(['EvacuationStarted']);
        return entries;
    },
    Vault: (before: Vault, after: Vault, isNew) => {
        const entries: Entry[] = [];
        if (isNew) entries.push(['VaultOpened', differing(before, after, ['mint', 'operator', 'breaker'], true)]);
        if (!bytesEqual(before.cancelRoot, after.cancelRoot)) entries.push(['CancelListSet', []]);
        if (before.route !== after.route)
            entries.push(['EvacuationRouteRegistered', differing(before, after, ['route'], isNew)]);
        if (before.evacuatedSlot !== after.evacuatedSlot || (!isNew && before.state !== after.state)) {
            entries.push(['VaultEvacuated', differing(before, after, ['state', 'evacuatedSlot'], isNew)]);
        }
        // A release was queued, paid in part or cancelled, which its own record shows.
        if (!isNew && before.queued !== after.queued && isSame({ ...before, queued: after.queued }, after)) {
            entries.push(['QueueMoved', differing(before, after, ['queued'], false)]);
        }
        const { latch: was } = before as { latch?: Latch };
        const { latch: is } = after as { latch?: Latch };
        return was !== undefined && is !== undefined ? latch(entries, was, is, 'DetectorLatched', 'Changed') : entries;
    },
    Release: (before: Release, after: Release, isNew) => {
        const asked = ({ amount, requestedTs, requestedSlot }: Release) => `${amount} ${requestedTs} ${requestedSlot}`;
        if (!isNew && asked(before) !== asked(after)) return usedAgain('Release', ['ReleaseClosed'], after);
        const entries: Entry[] = [];
        const queued = ['vault', 'destination', 'amount', 'payableTs'] as const;
        if (isNew) entries.push(['ReleaseQueued', differing(before, after, queued, true)]);
        if (!isNew && (before.destination !== after.destination || before.owner !== after.owner)) {
            entries.push(['ReleaseRedirected', differing(before, after, ['destination', 'owner'], false)]);
        }
        if (!isNew && before.evacuations !== after.evacuations) entries.push(['ReleaseRequeued', []]);
        if (before.state !== after.state && after.state === releaseState.CANCELLED) {
            entries.push(['ReleaseCancelled', differing(before, after, ['paid'], isNew)]);
        } else if (before.paid !== after.paid) {
            entries.push(['ReleaseSettled', differing(before, after, ['paid', 'state'], isNew)]);
        }
        return entries;
    },
    Snapshot: (before: Snapshot, after: Snapshot, isNew) => {
        const entries: Entry[] = [];
        if (isNew) {
            const isCheckpoint = after.source === snapshotSource.CHECKPOINT;
            const event = isCheckpoint ? 'CheckpointSnapshotOpened' : 'SnapshotOpened';
            entries.push([event, differing(before, after, ['incident', 'ledger'], true)]);
        }
        const { SEALED, VOID } = snapshotState;
        const isAgain = before.state === SEALED && before.seals !== after.seals;
        const isSealed = after.state === SEALED && (before.state !== after.state || isAgain);
        const isOverridden = (after.flags & snapshotFlag.OVERRIDDEN) !== 0;
        const isFirst = (before.flags & snapshotFlag.OVERRIDDEN) === 0;
        const isDecided = isOverridden && (isAgain || isFirst || before.decidedSlot !== after.decidedSlot);
        const root = detail('root', isNew ? undefined : hex(before.root), hex(after.root));
        if (isDecided) {
            const details = differing(before, after, ['total', 'excess', 'shortfall'], isNew);
            entries.push(['SealOverridden', [...details, root]]);
        } else if (isSealed) {
            const details = differing(before, after, ['total', 'count'], isNew);
            entries.push([isAgain ? 'SealReplaced' : 'SnapshotSealed', [...details, root]]);
        }
        if (before.state !== after.state && after.state === VOID) entries.push(['CheckpointSnapshotVoided']);
        return entries;
    },
    CheckpointLog: (before: CheckpointLog, after: CheckpointLog, isNew) => {
        const entries: Entry[] = [];
        const named = ['threshold', 'flags', 'toleranceBps', 'minIntervalSlots', 'keepSeconds'] as const;
        const rules = differing(before, after, named, isNew);
        if (rules.length > 0) entries.push([isNew ? 'CheckpointLogOpened' : 'CheckpointRulesChanged', rules]);
        if (before.posted !== after.posted) {
            entries.push(['CheckpointPosted', differing(before, after, ['posted'], isNew)]);
        }
        for (const [i, is] of after.entries.entries()) {
            const was = before.entries[i] as CheckpointLog['entries'][number];
            const isSame = bytesEqual(was.hash, is.hash);
            const slot = detail('slot', undefined, is.slot);
            if (!isSame || was.state !== is.state) {
                if (is.state === checkpointState.ATTESTED) entries.push(['CheckpointAttested', [slot]]);
                if (is.state === checkpointState.CONTESTED) entries.push(['CheckpointContested', [slot]]);
            }
            if (is.disputes > (isSame ? was.disputes : 0)) {
                entries.push(['CheckpointDisputed', [slot, detail('disputes', was.disputes, is.disputes)]]);
            }
        }
        return entries;
    },
    Ballot: (before: Ballot, after: Ballot, isNew) => {
        const entries: Entry[] = [];
        if (isNew) entries.push(['BallotOpened', differing(before, after, ['incident', 'ledgerIndex'], true)]);
        else if (before.round !== after.round) {
            // Two rounds may have passed, and only the last veto's root is kept.
            if (before.vetoes !== after.vetoes) {
                const root = detail('vetoedRoot', undefined, hex(after.vetoedRoot));
                entries.push(['BallotVetoed', [...differing(before, after, ['vetoes'], false), root]]);
            }
            entries.push(['BallotRenewed', differing(before, after, ['round'], false)]);
        }
        if (after.candidateCount > (before.round === after.round ? before.candidateCount : 0)) {
            entries.push(['CandidateAdded', differing(before, after, ['candidateCount'], isNew)]);
        }
        if (before.startsTs !== after.startsTs && after.startsTs !== 0n) {
            entries.push(['VotingStarted', differing(before, after, ['startsTs', 'endsTs', 'quorum'], isNew)]);
        }
        return entries.length > 0 ? entries : [['VoteCast']];
    },
    OutflowBreaker: (old: OutflowBreaker, after: OutflowBreaker, wasNew) => {
        const rules = (breaker: OutflowBreaker) => {
            const { compartment, shards, authority, reference, subWindows, windowSeconds, openedSlot } = breaker;
            return [compartment, shards, authority, reference, subWindows, windowSeconds, openedSlot];
        };
        const [entries, before, isNew] = opened('OutflowBreaker', 'BreakerOpened', [old, after, wasNew], rules);
        const limits = ['limit', 'slotLimit', 'limitBps', 'slotBps', 'inflowCredit', 'tripLimit', 'tripBps'] as const;
        const details = differing(before, after, limits, false);
        if (!isNew && details.length > 0) {
            const isLower = limits.every((field) => after[field] <= before[field]);
            entries.push([isLower ? 'LimitLowered' : 'LimitSet', details]);
        }
        return latch(entries, before.latch, after.latch, 'BreakerLatched', 'OutflowMetered');
    },
    PriceBreaker: (old: PriceBreaker, after: PriceBreaker, wasNew) => {
        const rules = (breaker: PriceBreaker) => {
            const { compartment, kind, width, program, priceOffset, timeOffset, confidenceOffset } = breaker;
            const read = [compartment, kind, width, program, priceOffset, timeOffset, confidenceOffset];
            return [...read, breaker.exponent, breaker.rules];
        };
        const [entries, before] = opened('PriceBreaker', 'PriceBreakerOpened', [old, after, wasNew], rules);
        return latch(entries, before.latch, after.latch, 'DetectorLatched', 'PriceObserved');
    },
    SolvencyBreaker: (old: SolvencyBreaker, after: SolvencyBreaker, wasNew) => {
        const rules = (breaker: SolvencyBreaker) => {
            const { compartment, liabilities, program, offset, width } = breaker;
            const { toleranceBps, tolerance, minAgeSeconds, reserves } = breaker;
            const held = reserves.map(({ account }) => account);
            return [compartment, liabilities, program, offset, width, toleranceBps, tolerance, minAgeSeconds, held];
        };
        const all = [old, after, wasNew] as const;
        const [entries, before, isNew] = opened('SolvencyBreaker', 'SolvencyBreakerOpened', all, rules);
        if (before.suspectTs !== after.suspectTs) {
            entries.push(['ShortfallObserved', differing(before, after, ['suspectTs'], isNew)]);
        }
        return latch(entries, before.latch, after.latch, 'DetectorLatched', 'Changed');
    },
    AuthorityWatch: (old: AuthorityWatch, after: AuthorityWatch, wasNew) => {
        const rules = ({ compartment, kind, account, offset }: AuthorityWatch) => [compartment, kind, account, offset];
        const [entries, before] = opened('AuthorityWatch', 'AuthorityWatchOpened', [old, after, wasNew], rules);
        const seen = ({ latched }: AuthorityWatch) => `${latched.slot} ${latched.keys.join(' ')}`;
        if (seen(before) !== seen(after)) {
            entries.push(['AuthorityChangeObserved', [detail('keys', undefined, after.latched.keys.join(' '))]]);
        }
        return latch(entries, before.latch, after.latch, 'DetectorLatched', 'Changed');
    },
    Link: () => [['LinkSet']],
    EmergencyAction: () => [['EmergencyActionRegistered']],
    VoteRecord: () => [['VoteCast']],
    LeafEvidence: () => [['LeafProved']],
    PositionSample: () => [['PositionSampled']],
    InsurancePool: (before: InsurancePool, after: InsurancePool, isNew) => {
        if (isNew) return [['InsuranceOpened', differing(before, after, ['ledgerIndex', 'order', 'mint'], true)]];
        const entries: Entry[] = [];
        if (before.decidedSlot !== after.decidedSlot || flat(before.nextTerms) !== flat(after.nextTerms)) {
            const cap = detail('capBps', before.terms.capBps, after.nextTerms.capBps);
            entries.push(['InsuranceTermsAnnounced', [cap, detail('termsTs', undefined, after.termsTs)]]);
        }
        if (before.slashed !== after.slashed) {
            entries.push(['InsuranceSlashed', differing(before, after, ['slashed', 'assets'], false)]);
        }
        if (before.incident !== after.incident || before.nextIncident !== after.nextIncident) {
            entries.push(['IncidentNoted', differing(before, after, ['incident', 'freezeEndTs'], false)]);
        }
        const moved = ['assets', 'shares', 'reserve', 'premium'] as const;
        return entries.length > 0 ? entries : [['InsuranceMoved', differing(before, after, moved, false)]];
    },
    InsuranceStake: oneOf('Staked', 'StakeChanged'),
    InsuranceCover: (before: InsuranceCover, after: InsuranceCover, isNew) => {
        const named = ['shortfall', 'limit', 'reserve', 'slashed', 'returned', 'dueTs', 'endTs'] as const;
        return [[isNew ? 'ShortfallStated' : 'CoverChanged', differing(before, after, named, isNew)]];
    },
    CancelList: () => [['GuardianCancelListSet']],
    InterimProof: () => [['InterimLeafProved']],
    Ledger: (before: Ledger, after: Ledger, isNew) => {
        if (isNew) return [['LedgerRegistered']];
        const rule = differing(before, after, ['interimBps', 'interimCap', 'interimAgeSeconds'], false);
        return rule.length > 0 ? [['InterimRuleSet', rule]] : [];
    },
    Interim: (before: Interim, after: Interim, isNew) => {
        const entries: Entry[] = [];
        if (isNew) {
            const named = ['snapshot', 'checkpoint', 'bps', 'cap'] as const;
            entries.push(['InterimOpened', differing(before, after, named, isNew)]);
        }
        if (before.stopCount !== after.stopCount) {
            entries.push(['InterimClaimStopped', differing(before, after, ['stopCount'], isNew)]);
        }
        if (before.shared !== after.shared) {
            entries.push(['InterimFunded', differing(before, after, ['shared'], isNew)]);
        }
        if (before.paid !== after.paid) {
            entries.push(['InterimClaimPaid', differing(before, after, ['paid'], isNew)]);
        }
        return entries;
    },
    SnapshotShard: oneOf('ShardOpened', 'PositionsIngested'),
    VoterEscrow: oneOf('EscrowOpened', 'VotesMoved'),
    Restoration: (before: Restoration, after: Restoration, isNew) => {
        if (isNew) return [[(after.flags & restorationFlag.ESCAPE) === 0 ? 'RestorationChosen' : 'EscapeOpened']];
        const entries: Entry[] = [];
        if (before.claimDays !== after.claimDays) {
            entries.push(['ClaimsExtended', differing(before, after, ['claimDays'], false)]);
        }
        if (before.state !== after.state) entries.push(['UnclaimedSwept']);
        return entries.length > 0 ? entries : [['RestorationPaid']];
    },
    BallotRules: (before: BallotRules, after: BallotRules, isNew) => [
        [
            'BallotRulesSet',
            differing(
                before,
                after,
                ['weightProgram', 'weightRealm', 'maxWeightRecord', 'flags', 'coolOffSeconds', 'disputeSeconds'],
                isNew,
            ),
        ],
    ],
    ClaimTerms: (before: ClaimTerms, after: ClaimTerms, isNew) => [
        ['ClaimTermsSet', differing(before, after, ['claimDays', 'restOwner', 'successor'], isNew)],
    ],
    RestartCheck: (before: RestartCheck, after: RestartCheck, isNew) => [
        ['RestartChecked', differing(before, after, ['owed', 'held', 'flags'], isNew)],
    ],
    ClaimPage: oneOf('ClaimPageOpened', 'ClaimPaid'),
    ClaimRedirect: (before: ClaimRedirect, after: ClaimRedirect, isNew) => {
        if (after.state !== claimWish.NONE) {
            return [['ClaimsWished', differing(before, after, ['owner', 'state', 'holder'], isNew)]];
        }
        const details = differing(before, after, ['owner', 'destination', 'holder'], isNew);
        return details.length > 0 ? [['ClaimsRedirected', details]] : [];
    },
    ...HOST_RULES,
    ...MESSAGE_RULES,
};

/** The actions that a row of the board closes now and closed before. */
function row(name: string, was: BoardRow, is: BoardRow): Entry[] {
    const entries: Entry[] = [];
    const masks = [
        ['DomainFrozen', 'freeze', [was.freeze, 0n], [is.freeze, 0n]],
        [
            'Paused',
            'guardianPause',
            [was.guardianPause, was.guardianPauseUntil],
            [is.guardianPause, is.guardianPauseUntil],
        ],
        ['TripPropagated', 'trip', [was.trip, was.tripUntil], [is.trip, is.tripUntil]],
        ['ContagionPropagated', 'linked', [was.linked, was.linkedUntil], [is.linked, is.linkedUntil]],
    ] as const;
    const shown = ([mask, until]: readonly [number, bigint]) =>
        `0x${mask.toString(16).padStart(8, '0')}${until === 0n ? '' : ` until ${until}`}`;
    for (const [event, field, before, after] of masks) {
        if (before[0] === after[0] && before[1] === after[1]) continue;
        const isSet = (after[0] & ~before[0]) !== 0 || (after[0] !== 0 && after[1] > before[1]);
        entries.push([isSet ? event : 'Unpaused', [detail(`${name}.${field}`, shown(before), shown(after))]]);
    }
    // A new board is reported completely.
    if (was.rampBps !== is.rampBps && was.rampBps !== 0) {
        entries.push(['DomainReopened', [detail(`${name}.rampBps`, was.rampBps, is.rampBps)]]);
    }
    return entries;
}

/** Reports a detector's latch. Reports `otherwise` if the latch is unchanged and nothing else was reported. */
function latch(entries: Entry[], was: Latch, is: Latch, latched: string, otherwise: string): Entry[] {
    const isAnother = was.ts !== is.ts || was.slot !== is.slot || was.state === latchState.ARMED;
    if (is.state !== latchState.ARMED && isAnother) {
        entries.push([latched, differing(was, is, ['seen', 'allowed', 'slot', 'until'], true)]);
    }
    if (is.state === latchState.PROPAGATED && (isAnother || was.state !== latchState.PROPAGATED)) {
        entries.push(['TripPropagated', differing(was, is, ['scope', 'slot', 'until'], true)]);
    }
    return entries.length > 0 ? entries : [[otherwise]];
}

/** The fields that differ, or all fields of a new account. */
export function differing<T>(before: T, after: T, fields: readonly (keyof T & string)[], isNew: boolean): Detail[] {
    return fields
        .filter((field) => isNew || before[field] !== after[field])
        .map((field) => detail(field, isNew ? undefined : before[field], after[field]));
}

export function detail(field: string, before: unknown, after: unknown): Detail {
    return { field, before: String(before ?? ''), after: String(after ?? '') };
}

export function hex(bytes: ReadonlyUint8Array): string {
    return getBase16Decoder().decode(bytes);
}
