/**
 * The status of a domain: what is closed and until when, what may leave, the open incident and its next step, proposals
 * and their clocks, members, and what is wrong. The counterpart of `crates/client/src/status`.
 *
 * {@link gather} reads the accounts, {@link statusOf} computes the rest of them.
 */
import type { Address, ReadonlyUint8Array } from '@solana/kit';

import {
    decodeBallot,
    decodeIncident,
    decodeLedger,
    decodeMigration,
    decodeOutflowBreaker,
    decodePauseBoard,
    decodeCouncil,
    decodeDomain,
    decodeRelease,
    decodeRestoration,
    decodeSnapshot,
    decodeVault,
    type Ballot,
    type BoardRow,
    type Incident,
    type Ledger,
    type Restoration,
    type Snapshot,
} from '../generated/bulkhead/public.ts';
import { domainFlag, migrationState, phase, releaseState, role, SCOPE_DOMAIN, step, vaultState } from '../constants.ts';
import { bytesEqual } from '../bytes.ts';
import { chosenBy, type Winner } from '../flows/ballot-result.ts';
import { lackingOf } from '../flows/restore.ts';
import { NOBODY, type Scene } from '../flows/reading.ts';
import { NotFound, Work, type Session } from '../flows/session.ts';
import { action, effectiveMask } from '../masks.ts';
import * as pdas from '../pdas.ts';
import type { At } from '../proposal-progress.ts';
import { gather, type StatusAccounts } from './accounts.ts';
import { claimsEnd, type ClaimsEnd } from './claims-end.ts';
import { confirmationsMissing, counted, keysOf, memberStatuses, type MemberStatus, type Missing } from './council.ts';
import { NOTHING_MISSING } from './council.ts';
import { recoverable } from './ledger-steps.ts';
import { lapsesAt, nextSteps, unpropagated, type NextStep } from './next-steps.ts';
import { outflowNow, type OutflowNow } from './outflow.ts';
import { peerStatuses, type PeerStatus } from './peers.ts';
import { openProposals, type ProposalStanding } from './proposals.ts';
import { CAUSES, closedActions, count, fromNow, PHASES, ROUTE_FAULTS, scopeName, STEPS } from './words.ts';

export { gather, StatusAccounts } from './accounts.ts';
export { claimsEnd, claimsEndWords, type ClaimsEnd } from './claims-end.ts';
export { isCounted, roleNames, type MemberStatus, type Missing, type RoleName } from './council.ts';
export type { By, NextStep, StepName } from './next-steps.ts';
export { outflowNow, type Moment, type OutflowNow } from './outflow.ts';
export type { PeerStatus } from './peers.ts';
export type { ProposalStanding } from './proposals.ts';
export * as words from './words.ts';

/** Actions that are closed for one reason. */
export type Closed = Readonly<{
    /** The compartment, or 255 for the domain. */
    scope: number;
    mask: number;
    why: 'freeze' | 'guardian pause' | 'trip' | 'link' | 'grace';
    /** When they open by themselves. `undefined`: a proposal has to open them. */
    until: bigint | undefined;
}>;

/** An outflow breaker, and what may leave through it now. */
export type BreakerStatus = OutflowNow &
    Readonly<{
        key: Address;
        compartment: number;
        shard: readonly [number: number, of: number];
        mint: Address;
        decimals: number | undefined;
        windowSeconds: bigint;
        tripLimit: bigint;
        loweredUntil: bigint | undefined;
        /** Are withdrawals paused? */
        isPaused: boolean;
    }>;

/** A vault and its queue. */
export type VaultStatus = Readonly<{
    key: Address;
    compartment: number;
    mint: Address;
    decimals: number;
    balance: bigint;
    /** Does it pay? Not after an evacuation, until an unpause that knew of it. */
    isActive: boolean;
    queue: Readonly<{ count: number; owed: bigint; payable: bigint; nextTs: bigint | undefined }>;
    routeFault: string | undefined;
    ledger: number;
    /** What an evacuation of the open or last incident moved to the route. */
    evacuated: bigint;
    recovered: bigint;
}>;

/** The open incident. */
export type IncidentStatus = Readonly<{
    key: Address;
    index: bigint;
    cause: string;
    breachAmount: bigint;
    limit: bigint;
    isFrozen: boolean;
    confirmed: readonly Address[];
    missing: Missing;
    evacuation: Readonly<{ isConfirmed: boolean; confirmed: readonly Address[]; missing: Missing }> | undefined;
    evacuated: bigint;
    /** What has happened, in the order of time. */
    timeline: readonly Readonly<{ step: string; number: number; slot: bigint; ts: bigint }>[];
}>;

/** A candidate of a ballot. */
export type CandidateStatus = Readonly<{
    /** Its number, which a vote names. */
    choice: number;
    snapshot: Address;
    root: ReadonlyUint8Array;
    votes: bigint;
    /** The snapshot's account, if it is still what the ballot lists. */
    data: Snapshot | undefined;
}>;

/** A ballot of the open incident. */
export type BallotStatus = Readonly<{
    key: Address;
    data: Ballot;
    candidates: readonly CandidateStatus[];
    /** The state that may be restored, once the vote has a result. */
    chosen: Winner | undefined;
}>;

/** A restoration. */
export type RestorationStatus = Readonly<{
    key: Address;
    data: Restoration;
    pool: bigint;
    lacking: bigint;
    recoverable: bigint;
    isSettled: boolean;
    /** When claims end. `undefined`: they do not. */
    claimsEnd: ClaimsEnd | undefined;
}>;

/** The state of a domain as people read it. Times are unix seconds, amounts native units. */
export type DomainStatus = Readonly<{
    domain: Address;
    hostProgram: Address;
    at: At;
    scene: Scene;
    phase: string;
    closed: readonly Closed[];
    rampBps: number;
    /** What is wrong, gravest first. */
    warnings: readonly string[];
    /** Detectors that have latched, and whose trip is not on the board: anyone brings it there. */
    unpropagated: readonly Address[];
    incident: IncidentStatus | undefined;
    /** What can be done about the incident, in order. The first is next. */
    nextSteps: readonly NextStep[];
    proposals: readonly ProposalStanding[];
    members: readonly MemberStatus[];
    breakers: readonly BreakerStatus[];
    vaults: readonly VaultStatus[];
    /** The domains on other chains that are heard. */
    peers: readonly PeerStatus[];
    ballots: readonly BallotStatus[];
    restorations: readonly RestorationStatus[];
    ledgers: readonly Ledger[];
    /** The snapshots of every incident, by address. */
    snapshots: ReadonlyMap<Address, Snapshot>;
}>;

/** Reads the status of a domain. */
export async function readStatus(session: Session, domain: Address): Promise<DomainStatus> {
    const accounts = await gather(session, domain);
    return statusOf(session, accounts, await session.chain.now());
}

/** The status of a domain by its accounts. `session` reads what proposals decide about, where it was not gathered. */
export async function statusOf(session: Session, accounts: StatusAccounts, at: At): Promise<DomainStatus> {
    const scene = await sceneOf(accounts, at);
    const { domain, board, council } = scene;
    const key = domain.openIncident;
    const data = key === NOBODY ? undefined : accounts.find(key, decodeIncident);
    const incident = data && { key, data };
    const proposals = await openProposals(new Work(session), scene, accounts);
    const migration = incident && (await pdas.migration(key));
    const breakers = breakerStatuses(accounts, scene);
    return {
        domain: accounts.domain,
        hostProgram: domain.hostProgram,
        at,
        scene,
        phase: PHASES[domain.state] ?? 'unknown',
        closed: closedOf(scene),
        rampBps: board.domainRow.rampBps,
        warnings: domain.state === phase.SETUP ? [] : warningsOf(accounts, scene, closedOf(scene)),
        unpropagated: unpropagated({ accounts, scene }),
        incident: incident && incidentStatus(accounts, scene, incident, migration),
        nextSteps: await nextSteps({ accounts, scene, incident, proposals, migration }),
        proposals,
        members: memberStatuses(council, at.now),
        breakers,
        vaults: vaultStatuses(accounts, scene),
        peers: peerStatuses(accounts, at.now),
        ballots: ballotStatuses(accounts, scene),
        restorations: restorationStatuses(accounts),
        ledgers: accounts
            .all('Ledger', decodeLedger)
            .map(({ data }) => data)
            .sort((a, b) => a.index - b.index),
        snapshots: new Map(accounts.all('Snapshot', decodeSnapshot).map(({ address, data }) => [address, data])),
    };
}

async function sceneOf(accounts: StatusAccounts, at: At): Promise<Scene> {
    const key = accounts.domain;
    const domain = accounts.find(key, decodeDomain);
    const council = accounts.find(await pdas.council(key), decodeCouncil);
    const board = accounts.find(await pdas.board(key), decodePauseBoard);
    if (domain === undefined || council === undefined || board === undefined) {
        throw new NotFound('council or board of the domain', key, 'run this again; if it persists, use another node');
    }
    return { key, domain, council, board, at };
}

/** Everything that is closed: the domain first, then the compartments in order. */
function closedOf({ board, at: { now } }: Scene): Closed[] {
    const rows: (readonly [BoardRow, number])[] = [
        [board.domainRow, SCOPE_DOMAIN],
        ...board.rows.map((row, scope) => [row, scope] as const),
    ];
    const found = rows.flatMap(([row, scope]): Closed[] => {
        const timed = [
            [row.guardianPause, row.guardianPauseUntil, 'guardian pause'],
            [row.trip, row.tripUntil, 'trip'],
            [row.linked, row.linkedUntil, 'link'],
        ] as const;
        const inForce = timed.filter(([mask, until]) => mask !== 0 && now < until);
        const frozen: Closed[] = row.freeze === 0 ? [] : [{ scope, mask: row.freeze, why: 'freeze', until: undefined }];
        return [...frozen, ...inForce.map(([mask, until, why]) => ({ scope, mask, why, until }))];
    });
    if (now < board.graceUntil) {
        found.push({ scope: SCOPE_DOMAIN, mask: action.LIQUIDATE, why: 'grace', until: board.graceUntil });
    }
    return found;
}

function breakerStatuses(accounts: StatusAccounts, { board, at }: Scene): BreakerStatus[] {
    const vaults = accounts.all('Vault', decodeVault);
    const found = accounts.all('OutflowBreaker', decodeOutflowBreaker);
    found.sort((a, b) => a.data.compartment - b.data.compartment || a.data.shard - b.data.shard);
    return found.map(({ address, data }) => {
        const rampBps = Math.min(board.domainRow.rampBps, board.rows[data.compartment]?.rampBps ?? 0);
        const now = outflowNow(data, { ...at, rampBps, unpausedSlot: board.unpausedSlot });
        const isPaused = (effectiveMask(board, data.compartment, at.now) & action.WITHDRAW) !== 0;
        return {
            ...now,
            remaining: isPaused ? 0n : now.remaining,
            key: address,
            compartment: data.compartment,
            shard: [data.shard, data.shards],
            mint: data.mint,
            decimals: vaults.find((vault) => vault.data.mint === data.mint)?.data.decimals,
            windowSeconds: data.windowSeconds,
            tripLimit: data.tripLimit,
            loweredUntil: at.now < data.loweredUntil ? data.loweredUntil : undefined,
            isPaused,
        };
    });
}

function vaultStatuses(accounts: StatusAccounts, { board, at }: Scene): VaultStatus[] {
    const releases = accounts.all('Release', decodeRelease).map(({ data }) => data);
    const found = accounts.all('Vault', decodeVault);
    found.sort((a, b) => a.data.compartment - b.data.compartment || a.data.index - b.data.index);
    return found.map(({ address, data }) => {
        const waiting = releases.filter(
            (release) =>
                release.vault === address &&
                release.state === releaseState.QUEUED &&
                release.evacuations === data.evacuations,
        );
        const owed = (rows: typeof waiting) => rows.reduce((sum, { amount, paid }) => sum + amount - paid, 0n);
        const later = waiting.filter(({ payableTs }) => payableTs > at.now).map(({ payableTs }) => payableTs);
        const hasRoute = data.route !== NOBODY;
        return {
            key: address,
            compartment: data.compartment,
            mint: data.mint,
            decimals: data.decimals,
            balance: accounts.balance(data.custody),
            isActive: data.state === vaultState.ACTIVE || data.evacuatedSlot < board.unpausedSlot,
            queue: {
                count: waiting.length,
                owed: owed(waiting),
                payable: owed(waiting.filter(({ payableTs }) => payableTs <= at.now)),
                nextTs: later.length === 0 ? undefined : later.reduce((a, b) => (a < b ? a : b)),
            },
            routeFault: hasRoute ? ROUTE_FAULTS[data.routeFault] : 'is missing',
            ledger: data.ledger,
            evacuated: data.evacuation.moved,
            recovered: data.evacuation.moved === 0n ? 0n : accounts.balance(data.evacuation.destination),
        };
    });
}

function incidentStatus(
    accounts: StatusAccounts,
    { council, at: { now } }: Scene,
    { key, data }: Readonly<{ key: Address; data: Incident }>,
    migrationKey: Address | undefined,
): IncidentStatus {
    const own = (confirmations: number, epoch: bigint) => (epoch === council.configEpoch ? confirmations : 0);
    const happened = ({ slot, ts }: Incident['steps'][number]) => slot !== 0n || ts !== 0n;
    const isFrozen = data.steps.some((each, number) => number === step.FREEZE && happened(each));
    const timeline = data.steps
        .map(({ slot, ts }, number) => ({ step: STEPS[number] ?? 'unknown', number, slot, ts }))
        .filter(happened)
        .sort((a, b) => Number(a.slot - b.slot) || Number(a.ts - b.ts) || a.number - b.number);
    const migration = migrationKey && accounts.find(migrationKey, decodeMigration);
    const isConfirmed = migration?.state === migrationState.ACTIVE;
    return {
        key,
        index: data.index,
        cause: CAUSES[data.cause] ?? 'unknown',
        breachAmount: data.breachAmount,
        limit: data.limit,
        isFrozen,
        confirmed: keysOf(council, own(data.confirmations, data.configEpoch)),
        missing: isFrozen ? NOTHING_MISSING : confirmationsMissing(council, data.confirmations, data.configEpoch, now),
        evacuation: migration && {
            isConfirmed,
            confirmed: keysOf(council, own(migration.confirmations, migration.configEpoch)),
            missing: isConfirmed
                ? NOTHING_MISSING
                : confirmationsMissing(council, migration.confirmations, migration.configEpoch, now),
        },
        evacuated: data.evacuated,
        timeline,
    };
}

function ballotStatuses(accounts: StatusAccounts, { domain, at }: Scene): BallotStatus[] {
    const open = accounts.all('Ballot', decodeBallot).filter(({ data }) => data.incident === domain.openIncident);
    open.sort((a, b) => a.data.ledgerIndex - b.data.ledgerIndex);
    return open.map(({ address, data }) => {
        const chosen = chosenBy(data, at.now);
        const candidates = data.candidates.slice(0, data.candidateCount).map(({ snapshot, root, votes }, choice) => {
            const found = accounts.find(snapshot, decodeSnapshot);
            const isSame = found !== undefined && bytesEqual(found.root, root);
            return { choice, snapshot, root, votes, data: isSame ? found : undefined };
        });
        return { key: address, data, candidates, chosen: typeof chosen === 'string' ? undefined : chosen };
    });
}

function restorationStatuses(accounts: StatusAccounts): RestorationStatus[] {
    const found = accounts.all('Restoration', decodeRestoration);
    found.sort((a, b) => Number(b.data.chosenSlot - a.data.chosenSlot));
    return found.map(({ address, data }) => {
        const pool = accounts.balance(data.pool);
        const lacking = lackingOf(data, pool);
        return {
            key: address,
            data,
            pool,
            lacking,
            recoverable: recoverable(accounts, data, lacking),
            isSettled: data.paid >= data.total,
            claimsEnd: claimsEnd(data),
        };
    });
}

/** What ends sooner than this is worth a warning. */
const HOUR = 3_600n;

/** What is wrong, or will be within the hour. */
function warningsOf(accounts: StatusAccounts, scene: Scene, closed: readonly Closed[]): string[] {
    const { domain, council, at } = scene;
    const found: string[] = [];
    const due = unpropagated({ accounts, scene }).length;
    if (due > 0) found.push(`${count(due, 'detector')} latched and not on the board yet`);
    const isUnconfirmed = domain.state === phase.ALERT && (domain.flags & domainFlag.DECIDED) === 0;
    const ends = lapsesAt(scene);
    if (isUnconfirmed && ends - at.now <= HOUR) {
        found.push(
            at.now < ends
                ? `the incident lapses ${fromNow(ends, at.now)} unless the guardians confirm it`
                : 'the incident has lapsed: everything is open again',
        );
    }
    for (const pause of closed) {
        if (pause.until === undefined || pause.until - at.now > HOUR) continue;
        const isKept = (other: Closed) =>
            (other.until === undefined || other.until - at.now > HOUR) &&
            (other.scope === SCOPE_DOMAIN || other.scope === pause.scope);
        const opens = pause.mask & ~closed.filter(isKept).reduce((all, { mask }) => all | mask, 0);
        if (opens === 0) continue;
        found.push(
            `a pause of ${scopeName(pause.scope)} lapses ${fromNow(pause.until, at.now)}, which opens ${closedActions(opens)}`,
        );
    }
    const approvers = keysOf(council, counted(council, role.APPROVER, at.now)).length;
    const needed = Math.max(...council.policies.map(({ threshold }) => threshold));
    if (approvers < needed) {
        found.push(
            `some decisions need ${needed} approvals, and ${count(approvers, 'approver')} count; silent ones send a heartbeat`,
        );
    }
    const guardians = memberStatuses(council, at.now).filter(({ roles }) => roles.includes('guardian'));
    if (guardians.every(({ isEligible }) => !isEligible)) found.push('no guardian is eligible');
    if (guardians.every(({ pausesLeft }) => pausesLeft === 0)) found.push('no guardian can pause now');
    for (const { data } of accounts.all('Vault', decodeVault)) {
        const fault = data.route === NOBODY ? 'is missing' : ROUTE_FAULTS[data.routeFault];
        if (fault !== undefined) found.push(`the evacuation route of compartment ${data.compartment} ${fault}`);
    }
    return found;
}
