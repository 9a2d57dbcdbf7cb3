/** The ballot over the state that a ledger restarts from: opened, filled, started, and run again. */
import type { Address, Instruction } from '@solana/kit';

import { bytesEqual } from '../bytes.ts';
import {
    ballotState,
    NOMINATION_PATIENCE_SECONDS,
    NOMINATION_SECONDS,
    proposalClass,
    role,
    snapshotSource,
    WINNER_SECONDS,
} from '../constants.ts';
import {
    decodeBallot,
    decodeSnapshot,
    getAddCandidateInstructionAsync,
    getOpenBallotInstructionAsync,
    getRenewBallotInstructionAsync,
    getStartVotingInstructionAsync,
    type Ballot,
} from '../generated/bulkhead/public.ts';
import * as pdas from '../pdas.ts';
import { chosenBy, isStaleWinner, settledAt, standsAt, winnerOf } from './ballot-result.ts';
import { when } from './execute.ts';
import { members, membersWith, NOBODY, readScene, type Scene } from './reading.ts';
import { Work, type Done, type Session } from './session.ts';
import { signer } from './signing.ts';

/** How far a ballot has come. */
export type Balloted = Done &
    Readonly<{
        ballot: Address;
        /** What comes next, when, and who has to do it, in words. */
        next: string;
    }>;

export type BallotInput = Readonly<{
    domain: Address;
    /** A guardian or an approver. */
    member: Address;
    ledgerIndex: number;
    /** Sealed snapshots to put on the ballot. */
    candidates: readonly Address[];
}>;

/**
 * Opens the ballot over a ledger in the open incident, adds the snapshots of `candidates` that are not on it, and starts
 * the vote if it is due. A vote that ended without a winner is run again. Skips what is done.
 *
 * Anyone may add the snapshot that was read in the incident; `member`, a guardian or an approver, may nominate one other.
 */
export async function openBallotWith(session: Session, input: BallotInput): Promise<Balloted> {
    const { domain, member, ledgerIndex, candidates } = input;
    const work = new Work(session);
    const scene = await readScene(work, domain);
    const incident = scene.domain.openIncident;
    const key = await pdas.ballot(incident, ledgerIndex);
    const found = await work.find(key, decodeBallot);
    const accounts = { member: signer(member), domain, incident, ballot: key };
    const instructions: Instruction[] = [];
    if (found === undefined) {
        const ledger = await pdas.ledger(domain, ledgerIndex);
        const opening = { ...accounts, payer: work.payer, ledger, rules: await pdas.ballotRules(domain), ledgerIndex };
        instructions.push(await getOpenBallotInstructionAsync(opening));
    } else {
        work.skip();
    }
    const renewal = found && (await renewalOf(work, scene, found));
    if (renewal !== undefined)
        instructions.push(await getRenewBallotInstructionAsync({ ...accounts, ...renewal, veto: false }));
    const isNominating = found === undefined || renewal !== undefined || found.state === ballotState.NOMINATING;

    const rows = found?.candidates.slice(0, found.candidateCount) ?? [];
    // Running a vote again drops every candidate but the incident's own snapshot.
    const kept = renewal === undefined ? rows : rows.filter(({ nominator }) => nominator === NOBODY);
    let hasOwn = kept.some(({ nominator }) => nominator === NOBODY);
    for (const snapshot of candidates) {
        const { root, source } = await work.load('snapshot', snapshot, decodeSnapshot, 'seal the snapshot first');
        hasOwn ||= source === snapshotSource.FROZEN;
        if (kept.some((row) => row.snapshot === snapshot && bytesEqual(row.root, root))) work.skip();
        else instructions.push(await getAddCandidateInstructionAsync({ ...accounts, snapshot }));
    }
    const { governanceMint } = scene.domain;
    const record = found?.maxWeightRecord ?? NOBODY;
    const maxWeight = record === NOBODY ? {} : { maxWeight: record };
    const start = await getStartVotingInstructionAsync({ ...accounts, governanceMint, ...maxWeight });
    // Nominations last at least a day, and begin with opening the ballot and with running the vote again.
    const since = renewal === undefined ? found?.nominatingTs : undefined;
    const hasAny = kept.length > 0 || candidates.length > 0;
    // A change of the list gives everyone the dispute window again.
    const isChanged = found !== undefined && found.disputeSeconds > 0n && instructions.length > 0;
    const isSettled = found !== undefined && !isChanged && scene.at.now >= settledAt(found);
    const isDue = since !== undefined && hasAny && isSettled && isStartDue(scene, since, hasOwn, member);
    if (!isNominating) work.skip();
    else if (isDue) instructions.push(start);

    const members = membersWith(scene.council, role.GUARDIAN | role.APPROVER);
    if (instructions.length > 0) await work.act(instructions, `read the domain's status; members: ${members}`);
    const after = await work.load('ballot', key, decodeBallot, 'run this again');
    return { ...work.done(), ballot: key, next: nextOf(scene, after) };
}

/** What running the vote again takes; `undefined` if it cannot be run again now. */
async function renewalOf(
    work: Work,
    { council, at }: Scene,
    ballot: Ballot,
): Promise<Readonly<{ stale?: Address }> | undefined> {
    if (ballot.state !== ballotState.VOTING || at.now < ballot.endsTs) return undefined;
    const winner = winnerOf(ballot, at.now);
    if (typeof winner === 'string') return {};
    const snapshot = await work.find(winner.snapshot, decodeSnapshot);
    if (snapshot !== undefined && isStaleWinner(winner, snapshot)) return { stale: winner.snapshot };
    return at.now < standsAt(ballot) + patience(council) ? undefined : {};
}

/** How long a won vote cannot be run again. */
function patience(council: Scene['council']): bigint {
    return BigInt(WINNER_SECONDS) + 2n * (council.policies[proposalClass.RESTORATION]?.delaySeconds ?? 0n);
}

/** May this member start the vote now? `hasOwn`: the incident's own snapshot is on the ballot. */
function isStartDue({ council, at }: Scene, since: bigint, hasOwn: boolean, member: Address): boolean {
    const own = members(council).find(({ key }) => key === member);
    const isMember = own !== undefined && (own.roles & (role.GUARDIAN | role.APPROVER)) !== 0;
    const wait = isMember && hasOwn ? NOMINATION_SECONDS : NOMINATION_PATIENCE_SECONDS;
    return at.now - since >= BigInt(wait);
}

/** What a ballot waits for. */
function nextOf({ council, at }: Scene, ballot: Ballot): string {
    if (ballot.state === ballotState.NOMINATING) {
        const day = when(ballot.nominatingTs + BigInt(NOMINATION_SECONDS));
        const week = when(ballot.nominatingTs + BigInt(NOMINATION_PATIENCE_SECONDS));
        if (ballot.disputeSeconds > 0n && at.now < settledAt(ballot)) {
            return (
                `the candidates stand until ${when(settledAt(ballot))}, unless the list changes; then one of these ` +
                `starts the vote: ${membersWith(council, role.GUARDIAN | role.APPROVER)}`
            );
        }
        return (
            `one of these starts the vote from ${day}, if the incident's own snapshot is on the ballot: ` +
            `${membersWith(council, role.GUARDIAN | role.APPROVER)}; anyone starts it from ${week}, with any candidate`
        );
    }
    if (at.now < ballot.endsTs) return `token holders vote until ${when(ballot.endsTs)}`;
    const won = chosenBy(ballot, at.now);
    if (won === 'ResultDisputable') {
        return `a vetoer can veto the result until ${when(standsAt(ballot))}; approvers propose to restore it meanwhile`;
    }
    return typeof won === 'string'
        ? 'the vote has no winner: run this again, which runs the vote again'
        : `approvers propose to restore ${won.snapshot}; the vote can be run again from ` +
              when(standsAt(ballot) + patience(council));
}
