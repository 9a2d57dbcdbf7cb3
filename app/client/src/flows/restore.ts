/**
 * From the ballot's winner to shares that can be claimed.
 *
 * Nothing here is anyone's choice: the vote chose the state, a matured proposal names it, and what an evacuation recovered
 * is due to its claims. So anyone may crank all of it.
 */
import type { Address, Instruction } from '@solana/kit';

import { bytesEqual } from '../bytes.ts';
import { vaultFlag } from '../constants.ts';
import {
    decision,
    decodeBallot,
    decodeDomain,
    decodeLedger,
    decodeRestoration,
    decodeSnapshot,
    getFundFromRecoveryAccountInstruction,
    getShareOutInstruction,
    type Ballot,
    type ChooseRestorationArgs,
    type Restoration,
} from '../generated/bulkhead/public.ts';
import * as pdas from '../pdas.ts';
import { decisionHash } from '../proposals.ts';
import { readToken } from '../token.ts';
import { chosenBy, isStaleWinner, standsAt, type NoWinner } from './ballot-result.ts';
import { backingOf, directVaultsOf, type Backing } from './direct-vaults.ts';
import { balanceOf, vaultsOf } from './evacuate.ts';
import { execute, when } from './execute.ts';
import { findProposal, LIVE, liveProposals, progressOf } from './proposals.ts';
import { NOBODY, readScene } from './reading.ts';
import { NotPossible, NotYet, Work, type Done, type Session } from './session.ts';

/** What {@link restore} leaves behind. Sums in native units. */
export type Restored = Done &
    Readonly<{
        restoration: Address;
        snapshot: Address;
        /** Sum of all claims. */
        total: bigint;
        /** Shared out so far. */
        shared: bigint;
        /** Paid so far. */
        paid: bigint;
        /** Moved into the pool from recovery accounts by this run. */
        funded: bigint;
        /** What the pool still lacks until every claim can be paid in full. */
        lacking: bigint;
    }>;

export type RestoreInput = Readonly<{
    domain: Address;
    ledgerIndex: number;
    /** The open incident, or else the last one, unless stated. */
    incident?: Address;
    /** The matured proposal; searched for unless stated. */
    proposal?: Address;
}>;

/** The incident that is meant: the given one, the open one, or the last one. */
export async function incidentMeant(work: Work, domain: Address, given: Address | undefined): Promise<Address> {
    if (given !== undefined) return given;
    const state = await work.load('domain', domain, decodeDomain, 'is the address right?');
    if (state.openIncident !== NOBODY) return state.openIncident;
    if (state.incidentCount > 0n) return pdas.incident(domain, state.incidentCount - 1n);
    throw new NotYet('the domain has had no incident', 'guardians confirm one first');
}

/**
 * Restores a ledger to the state that its ballot chose: executes the matured proposal, moves what evacuations recovered
 * into the pool, and shares it out.
 */
export async function restore(session: Session, input: RestoreInput): Promise<Restored> {
    const { domain, ledgerIndex, proposal } = input;
    const work = new Work(session);
    const incident = await incidentMeant(work, domain, input.incident);
    const key = await pdas.restoration(incident, ledgerIndex);
    if ((await work.find(key, decodeRestoration)) === undefined) {
        await choose(session, work, { domain, incident, ledgerIndex, proposal, key });
    } else {
        work.skip();
    }
    const next = 'it was chosen, but this node does not have it yet: run this again';
    const chosen = await work.load('restoration', key, decodeRestoration, next);
    const funded = await fund(work, domain, key, chosen);
    const balance = await shareOut(work, key, chosen);
    const restoration = await work.load('restoration', key, decodeRestoration, next);
    if (restoration.shared === 0n) {
        throw new NotYet(
            `the state is chosen, and the pool ${restoration.pool} is empty`,
            'evacuate the vaults that back the ledger, or pay in with fund_restoration; then run this again',
        );
    }
    const lacking = lackingOf(restoration, balance);
    if (lacking > 0n) {
        work.report.note(
            `the claims lack ${lacking} of ${restoration.total}: what is paid into the pool later is shared out by ` +
                'running this again',
        );
    }
    const { snapshot, total, shared, paid } = restoration;
    return { ...work.done(), restoration: key, snapshot, total, shared, paid, funded, lacking };
}

/** What the pool still has to receive until every claim can be paid in full. */
export function lackingOf({ total, paid }: Restoration, balance: bigint): bigint {
    const lacking = total - paid - balance;
    return lacking > 0n ? lacking : 0n;
}

/** Executes the proposal for the winner. */
async function choose(
    session: Session,
    work: Work,
    of: Readonly<{
        domain: Address;
        incident: Address;
        ledgerIndex: number;
        proposal: Address | undefined;
        key: Address;
    }>,
): Promise<void> {
    const scene = await readScene(work, of.domain);
    const args = await winnerArgs(work, of.incident, of.ledgerIndex, scene.at.now);
    const hash = decisionHash(decision('ChooseRestoration', [args]));
    const asked = `an approver proposes to restore snapshot ${args.snapshot} for ledger ${args.ledgerIndex}`;
    let { proposal } = of;
    if (proposal === undefined) {
        const [best] = await liveProposals(work, scene, hash);
        if (best === undefined) {
            throw new NotYet('the ballot has a winner, and no proposal that can still run restores it', asked);
        }
        proposal = best.found.key;
    } else {
        const found = await findProposal(work, proposal);
        if (found.data.domain !== of.domain || !bytesEqual(found.data.payloadHash, hash)) {
            throw new NotPossible(`proposal ${proposal} does not restore what the ballot chose`, asked);
        }
        const { status } = await progressOf(work, scene, found);
        if (!LIVE.includes(status)) throw new NotYet(`proposal ${proposal} cannot run any more (${status})`, asked);
    }
    try {
        work.add(await execute(session, { proposal }));
    } catch (error) {
        // Anyone may execute it, and it may have landed although no answer arrived.
        if ((await work.find(of.key, decodeRestoration).catch(() => undefined)) === undefined) throw error;
        work.skip();
    }
}

/** What a proposal has to say to restore the snapshot that won. */
export async function winnerArgs(
    work: Work,
    incident: Address,
    ledgerIndex: number,
    now: bigint,
): Promise<ChooseRestorationArgs> {
    const key = await pdas.ballot(incident, ledgerIndex);
    const ballot = await work.load('ballot', key, decodeBallot, 'a member opens it and nominates sealed snapshots');
    const chosen = chosenBy(ballot, now);
    if (typeof chosen === 'string')
        throw new NotYet(`the ballot has no winner (${chosen})`, withoutWinner(ballot, chosen));
    const { snapshot } = chosen;
    const next = "the ballot's winner is gone: run the ballot again";
    const found = await work.load('snapshot', snapshot, decodeSnapshot, next);
    if (isStaleWinner(chosen, found)) {
        throw new NotYet(`the snapshot ${snapshot} is not what was voted on any more`, 'run the ballot again');
    }
    return { incident, snapshot, ledgerIndex, root: found.root };
}

function withoutWinner(ballot: Ballot, why: NoWinner): string {
    if (why === 'ResultDisputable') return `the result stands ${when(standsAt(ballot))}, unless a vetoer vetoes it`;
    if (why !== 'BallotStillVoting') return 'run the ballot again';
    return ballot.endsTs > 0n ? `the vote ends ${when(ballot.endsTs)}` : 'a member starts the vote';
}

/** Moves what evacuations of this incident recovered into the pool. */
async function fund(work: Work, domain: Address, key: Address, restoration: Restoration): Promise<bigint> {
    let funded = 0n;
    const direct = (await directVaultsOf(work, domain)).map(({ address, data }) => ({
        address,
        data: backingOf(data),
    }));
    const all: Readonly<{ address: Address; data: Backing }>[] = [...(await vaultsOf(work, domain)), ...direct];
    for (const { address: vault, data } of all) {
        if (!isDueFrom(work, vault, data, restoration)) continue;
        const { destination: source } = data.evacuation;
        const { pool, mint, tokenProgram } = restoration;
        const [recovery, held] = await work.chain.accounts([source, pool]);
        if (!recovery?.exists || readToken(recovery.data)?.holder !== domain) {
            work.report.note(
                `vault ${vault} was evacuated to ${source}, which the domain does not hold: its holder pays in with ` +
                    'fund_restoration',
            );
            continue;
        }
        const queueLedger = await pdas.queueLedger(data);
        const due = await dueFrom(work, data, balanceOf(recovery), queueLedger, restoration);
        const amounts = [due, lackingOf(restoration, balanceOf(held))];
        const amount = amounts.reduce((least, each) => (each < least ? each : least));
        if (amount <= 0n) {
            work.skip();
            continue;
        }
        const queue = queueLedger === undefined ? {} : { queueLedger };
        const accounts = { domain, restoration: key, vault, source, pool, mint, tokenProgram, ...queue };
        const isMoved = await crank(work, getFundFromRecoveryAccountInstruction(accounts), 'NothingToMove');
        if (isMoved) funded += amount;
    }
    return funded;
}

/** Is it the restoration of the queue of this vault? */
export const isOfQueue = ({ flags, queueLedger }: Backing, { ledgerIndex }: Restoration) =>
    (flags & vaultFlag.QUEUE_LEDGER) !== 0 && queueLedger === ledgerIndex;

/** What is kept for a vault's queue is due to the queue's restoration alone, and all the rest to the other. */
async function dueFrom(
    work: Work,
    data: Backing,
    held: bigint,
    queueLedger: Address | undefined,
    restoration: Restoration,
): Promise<bigint> {
    const moved = data.evacuation.moved - data.evacuation.drawn;
    const left = moved < held ? moved : held;
    if (queueLedger === undefined) return left;
    const { queueReserve } = await work.load('ledger', queueLedger, decodeLedger, 'is the cluster right?');
    const kept = queueReserve < left ? queueReserve : left;
    return isOfQueue(data, restoration) ? kept : left - kept;
}

/** Did the vault's evacuation of this incident recover tokens for this ledger? */
function isDueFrom(work: Work, vault: Address, data: Backing, restoration: Restoration): boolean {
    const { ledgerIndex, incident, mint } = restoration;
    const isIts = data.ledger === ledgerIndex || isOfQueue(data, restoration);
    if (isIts && data.evacuation.incident === incident) return true;
    if (data.ledger === ledgerIndex && data.mint === mint) {
        work.report.note(
            `vault ${vault} backs the ledger and was not evacuated in this incident: what it holds is not shared out`,
        );
    }
    return false;
}

/** Shares out what the pool holds and no share needs. Returns the pool's balance. */
async function shareOut(work: Work, key: Address, restoration: Restoration): Promise<bigint> {
    const { pool, incident, shared, paid, total } = restoration;
    const balance = balanceOf(await work.account(pool));
    const free = balance - (shared - paid);
    if (free > 0n && shared < total) {
        await crank(work, getShareOutInstruction({ incident, restoration: key, pool }), 'NothingToShare');
    } else {
        work.skip();
    }
    return balance;
}

/** Sends what anyone may crank. Somebody else may have done it just before, which the program says with `doneBefore`. */
export async function crank(
    work: Work,
    instruction: Instruction,
    doneBefore: 'NothingToMove' | 'NothingToShare',
): Promise<boolean> {
    const before = work.done().receipts.length;
    await work.act([instruction], 'run this again', { [doneBefore]: 'somebody else did it just before' });
    return work.done().receipts.length > before;
}
