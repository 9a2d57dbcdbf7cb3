/** The result of a ballot: the rules of `crates/core/src/ballots/ballot.rs`. */
import type { Address, ReadonlyUint8Array } from '@solana/kit';

import { bytesEqual } from '../bytes.ts';
import { ballotState, NOMINATION_PATIENCE_SECONDS, snapshotState } from '../constants.ts';
import type { Ballot, Snapshot } from '../generated/bulkhead/public.ts';
import { NOBODY } from './reading.ts';

/** The state that a ballot chose: a snapshot with these leaves. */
export type Winner = Readonly<{ snapshot: Address; root: ReadonlyUint8Array }>;

/** Why a ballot has no winner, by the program's names. */
export type NoWinner =
    'BallotStillVoting' | 'QuorumNotReached' | 'NotTheWinner' | 'MoreVotesThanWeight' | 'ResultDisputable';

/** The candidate with more than half of all votes cast, including votes for none. */
export function winnerOf(ballot: Ballot, now: bigint): Winner | NoWinner {
    if (ballot.state !== ballotState.VOTING || now < ballot.endsTs) return 'BallotStillVoting';
    const cast = votesCast(ballot);
    if (isOvercast(ballot, cast)) return 'MoreVotesThanWeight';
    if (!hasQuorum(ballot, cast)) return 'QuorumNotReached';
    return rows(ballot).find(({ votes }) => 2n * votes > cast) ?? 'NotTheWinner';
}

/** When the candidates have stood for the dispute window, which begins again with each change, until a written end. */
export function settledAt(ballot: Ballot): bigint {
    const week = ballot.nominatingTs + BigInt(NOMINATION_PATIENCE_SECONDS);
    const windows = ballot.firstTs + 2n * ballot.disputeSeconds;
    const end = week > windows ? week : windows;
    const stood = ballot.changedTs + ballot.disputeSeconds;
    return stood < end ? stood : end;
}

/** When the result can no longer be vetoed, and may be restored. */
export function standsAt(ballot: Ballot): bigint {
    return ballot.endsTs + ballot.disputeSeconds;
}

/**
 * The snapshot that may be restored: the winner of a vote that has ended, once its result stands; until this vote has a
 * result, the winner of the vote before.
 */
export function chosenBy(ballot: Ballot, now: bigint): Winner | NoWinner {
    const winner = winnerOf(ballot, now);
    if (typeof winner !== 'string' && now < standsAt(ballot)) return 'ResultDisputable';
    if (typeof winner !== 'string' || ballot.elected === NOBODY || isDeclined(ballot, now)) return winner;
    return { snapshot: ballot.elected, root: ballot.electedRoot };
}

/** Is the snapshot different from what was voted on: void, read again or sealed again with other leaves? */
export function isStaleWinner(winner: Winner, snapshot: Snapshot): boolean {
    return snapshot.state !== snapshotState.SEALED || !bytesEqual(snapshot.root, winner.root);
}

/** Has a vote ended with a quorum and with more than half for no candidate at all? */
function isDeclined(ballot: Ballot, now: bigint): boolean {
    const cast = votesCast(ballot);
    const hasEnded = ballot.state === ballotState.VOTING && now >= ballot.endsTs;
    const isCounted = !isOvercast(ballot, cast) && hasQuorum(ballot, cast);
    return hasEnded && isCounted && 2n * ballot.noneVotes > cast;
}

/** Were enough votes cast before the vote cooled off? */
function hasQuorum(ballot: Ballot, cast: bigint): boolean {
    return cast - ballot.lateVotes >= ballot.quorum;
}

/** Are there more votes than the plug-in says there are? Then nobody wins. */
function isOvercast(ballot: Ballot, cast: bigint): boolean {
    return ballot.maxWeight > 0n && cast > ballot.maxWeight;
}

function rows({ candidates, candidateCount }: Ballot) {
    return candidates.slice(0, candidateCount);
}

function votesCast(ballot: Ballot): bigint {
    return rows(ballot).reduce((sum, { votes }) => sum + votes, ballot.noneVotes);
}
