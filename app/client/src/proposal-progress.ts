/** The state of a proposal: by its council, and by what its execution will encounter. */
import type { Address, ReadonlyUint8Array } from '@solana/kit';

import {
    BPS,
    cause,
    MAX_GRACE_SECONDS,
    MIN_FALLBACK_DELAY_SECONDS,
    phase,
    proposalClass,
    proposalFlag,
    proposalState,
    role,
    STANDING_VETOES,
    step,
    VETO_SECONDS,
} from './constants.ts';
import {
    ProposalKind,
    type BoardRow,
    type Decision,
    type Domain,
    type Incident,
    type PauseBoard,
    type Proposal,
} from './generated/bulkhead/index.ts';

/** The target duration of a slot. */
const SLOT_MS = 400n;
const NOBODY = '11111111111111111111111111111111';

export type ProposalStatus =
    | 'executed'
    | 'vetoed'
    | 'stale'
    | 'expired'
    | 'collecting'
    | 'fallbackNotDue'
    | 'waiting'
    | 'ready'
    /** The program would refuse it now: see {@link proposalProgressIn}. */
    | 'refused';

/** The fields of a proposal that {@link proposalProgress} reads. */
export type ProgressProposal = Pick<
    Proposal,
    | 'state'
    | 'flags'
    | 'kind'
    | 'class'
    | 'place'
    | 'removes'
    | 'vetoes'
    | 'approvals'
    | 'configEpoch'
    | 'createdTs'
    | 'approvedTs'
    | 'approvedSlot'
    | 'expiresTs'
>;

/** The fields of a council that {@link proposalProgress} reads. */
export type ProgressCouncil = Readonly<{
    memberCount: number;
    configEpoch: bigint;
    heartbeatSeconds: bigint;
    fallbackSeconds: bigint;
    policies: readonly Readonly<{ threshold: number; delaySeconds: bigint }>[];
    members: readonly Readonly<{ roles: number; lastActiveTs: bigint; activeFromTs: bigint }>[];
    /** The vetoes in force, by the proposer's place. */
    vetoes: readonly Readonly<{ ts: readonly bigint[]; by: ReadonlyUint8Array | readonly number[] }>[];
}>;

/** The cluster's clock. */
export type At = Readonly<{ slot: bigint; now: bigint }>;

/** The state of a proposal, and its basis. */
export type ProposalProgress = Readonly<{
    status: ProposalStatus;
    /**
     * Bit i: the approval of member i is eligible now. Enough approvals without a running delay: {@link lacksAClock}.
     */
    eligible: number;
    /** Required approvals; 0 for the fallback's proposal. */
    needed: number;
    /** Earliest time of execution once it is approved, in unix seconds. */
    eta: bigint | undefined;
    /** Earliest slot of execution once it is approved. It comes before the time, unless the cluster stalls. */
    etaSlot: bigint | undefined;
}>;

/**
 * The state of a proposal by its council: the rule of `crates/core/src/proposals/proposal.rs`, compared by
 * `tests/vectors/proposals.json`. Refusals by its domain, board and incident are not considered: see {@link
 * proposalProgressIn}.
 */
export function proposalProgress(proposal: ProgressProposal, council: ProgressCouncil, at: At): ProposalProgress {
    const { now } = at;
    const isFallbacks = (proposal.flags & proposalFlag.FALLBACK) !== 0;
    const policy = council.policies[proposal.class];
    const eligible = eligibleApprovals(proposal, council, now);
    const needed = isFallbacks ? 0 : (policy?.threshold ?? 255);
    const isApproved = policy !== undefined && proposal.approvedTs !== 0n && bits(eligible) >= needed;
    const least = isFallbacks ? BigInt(MIN_FALLBACK_DELAY_SECONDS) : 0n;
    const delay = policy === undefined || policy.delaySeconds < least ? least : policy.delaySeconds;
    const eta = isApproved ? proposal.approvedTs + delay : undefined;
    // Half of the delay, rounded down, must also pass in slots.
    const etaSlot = eta === undefined ? undefined : proposal.approvedSlot + slotsOf(delay) / 2n;
    return { status: statusOf(proposal, council, at, { eta, etaSlot }, isFallbacks), eligible, needed, eta, etaSlot };
}

function statusOf(
    proposal: ProgressProposal,
    council: ProgressCouncil,
    { slot, now }: At,
    { eta, etaSlot }: Pick<ProposalProgress, 'eta' | 'etaSlot'>,
    isFallbacks: boolean,
): ProposalStatus {
    if (proposal.state !== proposalState.OPEN) {
        return proposal.state === proposalState.EXECUTED ? 'executed' : 'vetoed';
    }
    if (proposal.configEpoch !== council.configEpoch) return 'stale';
    if (isStopped(proposal, council)) return 'vetoed';
    if (now > proposal.expiresTs) return 'expired';
    if (eta === undefined || etaSlot === undefined) return 'collecting';
    if (isFallbacks && !isUnreachable(council, proposal.approvedTs)) return 'fallbackNotDue';
    return now < eta || slot < etaSlot ? 'waiting' : 'ready';
}

/** The number of slots that a cluster produces in this many seconds, rounded up. */
function slotsOf(seconds: bigint): bigint {
    return seconds <= 0n ? 0n : (seconds * 1_000n + SLOT_MS - 1n) / SLOT_MS;
}

/** Counts its own vetoes and the vetoes in force against its proposer: the rule of `crates/core/src/proposals/veto.rs`. */
function isStopped(proposal: ProgressProposal, council: ProgressCouncil): boolean {
    const kept = council.vetoes[proposal.place];
    // The last veto was cast by a silent vetoer, and does not stop a change of the council.
    const considered = proposal.kind === ProposalKind.ChangeCouncil ? STANDING_VETOES - 1 : STANDING_VETOES;
    let against = proposal.vetoes;
    kept?.ts.slice(0, considered).forEach((ts, entry) => {
        const by = kept.by[entry] ?? 0;
        if (by !== 0 && proposal.createdTs < ts + BigInt(VETO_SECONDS)) against |= 1 << (by - 1);
    });
    return (against & ~proposal.removes) !== 0 || bits(against) > 1;
}

/** The members that are eligible now and have not been silent since the delay started. */
function eligibleApprovals(proposal: ProgressProposal, council: ProgressCouncil, now: bigint): number {
    return council.members.slice(0, council.memberCount).reduce((all, member, index) => {
        const counts =
            (member.roles & role.APPROVER) !== 0 &&
            now - member.lastActiveTs <= council.heartbeatSeconds &&
            now >= member.activeFromTs &&
            (proposal.approvedTs === 0n || member.activeFromTs <= proposal.approvedTs);
        return counts ? all | (proposal.approvals & (1 << index)) : all;
    }, 0);
}

/** Were there too few active approvers to change the council during all of `fallbackSeconds` before `at`? */
function isUnreachable(council: ProgressCouncil, at: bigint): boolean {
    const patience = council.heartbeatSeconds + council.fallbackSeconds;
    const active = council.members
        .slice(0, council.memberCount)
        .filter((member) => (member.roles & role.APPROVER) !== 0 && member.lastActiveTs + patience >= at);
    return active.length < (council.policies[proposalClass.CONSTITUTION]?.threshold ?? 0);
}

function bits(number: number): number {
    return number.toString(2).replaceAll('0', '').length;
}

/**
 * Enough members approve, but no delay is running: one of them was silent when the others approved, or another withdrew
 * its approval. Any of them starts the delay by approving again.
 */
export function lacksAClock({
    status,
    eligible,
    needed,
}: Pick<ProposalProgress, 'status' | 'eligible' | 'needed'>): boolean {
    return status === 'collecting' && needed !== 0 && bits(eligible) >= needed;
}

/** The status of {@link proposalProgress} as one word; with a scene, of {@link proposalProgressIn}. */
export function proposalStatus(
    proposal: ProgressProposal & Partial<Pick<Proposal, 'createdSlot'>>,
    council: ProgressCouncil & Partial<SceneCouncil>,
    at: At,
    scene?: Scene,
): ProposalStatus {
    if (scene === undefined) return proposalProgress(proposal, council, at).status;
    return proposalProgressIn(proposal as SceneProposal, council as ProgressCouncil & SceneCouncil, scene, at).status;
}

/** The fields of a proposal that {@link proposalProgressIn} reads. */
export type SceneProposal = ProgressProposal & Pick<Proposal, 'createdSlot'>;

/** The fields of a council that {@link proposalProgressIn} reads in addition to {@link proposalProgress}. */
export type SceneCouncil = Readonly<{
    pauseRights: number;
    members: readonly Readonly<{ key: Address; roles: number }>[];
}>;

/** What execution of a proposal encounters, besides its council. */
export type Scene = Readonly<{
    /** The decision of the proposal, as `readProposal` returns it. */
    asked: Decision;
    domain: Pick<Domain, 'state' | 'openIncident' | 'incidentCount' | 'confirmedSlot' | 'closedSlot'>;
    board: Pick<PauseBoard, 'frozenSlot' | 'unpausedSlot'> & Readonly<{ domainRow: Pick<BoardRow, 'freeze'> }>;
    /** The incident that it is about: the open one for `resume`, whichever it names; the named one for `reopen`. */
    incident?: (Pick<Incident, 'cause' | 'alarmSlot' | 'steps'> & Partial<Pick<Incident, 'interimSlot'>>) | undefined;
    /** Slot in which a guardian last lowered the limits of the breaker that it names. */
    loweredSlot?: bigint | undefined;
    /** `decidedSlot` of the account that it decides again, changes the limits of, or closes. */
    decidedSlot?: bigint | undefined;
}>;

/**
 * The state of a proposal, and whether the program would refuse it now although it is approved: because its subject was
 * decided meanwhile, or because something was tightened after the proposal was made. The rule of
 * `crates/core/src/proposals/acts.rs`, compared by `tests/vectors/refused.json`. Refusals by a breaker's latch are left
 * to a simulation.
 */
export function proposalProgressIn(
    proposal: SceneProposal,
    council: ProgressCouncil & SceneCouncil,
    scene: Scene,
    at: At,
): ProposalProgress {
    const found = proposalProgress(proposal, council, at);
    const reason = refusal(proposal, council, scene);
    const { status } = found;
    // The required phase may still come.
    const isRefused =
        status === 'ready'
            ? reason !== undefined
            : (status === 'collecting' || status === 'waiting') && reason !== undefined && reason !== 'WrongPhase';
    return isRefused ? { ...found, status: 'refused' } : found;
}

type Refusal =
    'DecidedSince' | 'IncidentNotOpen' | 'TightenedSince' | 'WrongPhase' | 'ArgumentOutOfRange' | 'NotAGuardian';

const { OPERATING, ALERT, FROZEN: FROZEN_PHASE, RECOVERING } = phase;

const OPENS_A_DETECTOR: ReadonlySet<number> = new Set([
    ProposalKind.OpenBreaker,
    ProposalKind.OpenPriceBreaker,
    ProposalKind.OpenSolvencyBreaker,
    ProposalKind.OpenAuthorityWatch,
]);

/** Why the program would refuse it now, if it would. */
function refusal(proposal: SceneProposal, council: SceneCouncil, scene: Scene): Refusal | undefined {
    const { asked, domain } = scene;
    const isOutdated =
        domain.confirmedSlot !== 0n &&
        proposal.kind !== ProposalKind.ChangeCouncil &&
        proposal.kind !== ProposalKind.GrantRights &&
        proposal.createdSlot <= domain.confirmedSlot;
    const judged = judgement(asked, domain, council) ?? (isOutdated ? 'TightenedSince' : undefined);
    if (judged !== undefined) return judged;
    if (OPENS_A_DETECTOR.has(proposal.kind) && proposal.createdSlot <= domain.closedSlot) return 'DecidedSince';
    const { decidedSlot = 0n } = scene;
    if (decidedSlot !== 0n && proposal.createdSlot <= decidedSlot) return 'DecidedSince';
    switch (asked.__kind) {
        case 'Resume':
            return unpauseRefusal(proposal, scene, asked.fields[0].incident, [ALERT, FROZEN_PHASE]);
        case 'Reopen':
            return unpauseRefusal(proposal, scene, asked.fields[0].incident, [RECOVERING, OPERATING]);
        case 'SetLimit':
        case 'CloseDetector':
            return proposal.createdSlot <= (scene.loweredSlot ?? 0n) ? 'TightenedSince' : undefined;
        default:
            return undefined;
    }
}

/** The checks of the arguments at proposal time whose outcome may have changed. */
function judgement(asked: Decision, domain: Scene['domain'], council: SceneCouncil): Refusal | undefined {
    const isOpen = (incident: Address) => domain.openIncident === incident && incident !== NOBODY;
    switch (asked.__kind) {
        case 'ChooseRestoration':
            return isOpen(asked.fields[0].incident) ? undefined : 'IncidentNotOpen';
        case 'Reopen': {
            const { rampBps, graceSeconds, incident } = asked.fields[0];
            const isStage = rampBps >= 1 && rampBps <= BPS;
            if (!isStage || graceSeconds < 0n || graceSeconds > BigInt(MAX_GRACE_SECONDS)) return 'ArgumentOutOfRange';
            return isNamed(domain, incident) ? undefined : 'IncidentNotOpen';
        }
        case 'GrantRights': {
            const { member, pauseRights } = asked.fields[0];
            const found = council.members.slice(0, memberCountOf(council)).find(({ key }) => key === member);
            if (found === undefined || (found.roles & role.GUARDIAN) === 0) return 'NotAGuardian';
            return pauseRights === 0 || pauseRights > council.pauseRights ? 'ArgumentOutOfRange' : undefined;
        }
        default:
            return undefined;
    }
}

/**
 * Can `reopen` name this incident? The open one; in peace any past incident of the domain, and none if it never had
 * one.
 */
function isNamed(domain: Scene['domain'], incident: Address): boolean {
    const isNone = incident === NOBODY;
    if (domain.state === OPERATING) return !isNone || domain.incidentCount === 0n;
    return !isNone && domain.openIncident === incident;
}

function memberCountOf(council: SceneCouncil & Partial<Pick<ProgressCouncil, 'memberCount'>>): number {
    return council.memberCount ?? council.members.length;
}

/** Checks against what a proposal unpauses, and what was decided after it was made. */
function unpauseRefusal(
    { createdSlot, kind: of }: SceneProposal,
    { domain, board, incident }: Scene,
    named: Address,
    phases: readonly number[],
): Refusal | undefined {
    if (of === ProposalKind.Resume) {
        if (incident === undefined) return 'IncidentNotOpen';
        const isKnownCause = incident.cause !== cause.GUARDIAN && incident.alarmSlot < createdSlot;
        if (domain.openIncident !== named && !isKnownCause) return 'IncidentNotOpen';
    }
    if (!phases.includes(domain.state)) return 'WrongPhase';
    if (incident === undefined && named !== NOBODY) return 'IncidentNotOpen';
    const isFreezeKnown = board.domainRow.freeze === 0 || board.frozenSlot < createdSlot;
    const isBoardKnown = isFreezeKnown && board.unpausedSlot <= createdSlot;
    return isBoardKnown && (incident === undefined || isKnown(incident, createdSlot)) ? undefined : 'TightenedSince';
}

/** Was the incident confirmed, and its evacuation and restoration decided, before the proposal was made? */
function isKnown({ steps, alarmSlot, interimSlot = 0n }: NonNullable<Scene['incident']>, createdSlot: bigint): boolean {
    const isStepKnown = [step.EVACUATION, step.RESTORATION].every((number) => {
        const { slot = 0n, ts = 0n } = steps[number] ?? {};
        return (slot === 0n && ts === 0n) || slot < createdSlot;
    });
    // Claims that were paid before the vote are missing in custody, while the host still owes them.
    const knowsInterim = interimSlot === 0n || interimSlot < createdSlot;
    return isStepKnown && knowsInterim && alarmSlot < createdSlot;
}
