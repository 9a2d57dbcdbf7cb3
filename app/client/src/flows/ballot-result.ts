/** The result of a ballot: the rules of `crates/core/src/ballots/ballot.rs`. */
import type { Address, ReadonlyUint8Array } from '@solana/kit';

import { bytesEqual } from '../bytes.ts';
import { ballotState, snapshotState } from '../constants.ts';
import type { Ballot, Snapshot } from '../generated/bulkhead/public.ts';
import { NOBODY } from './reading.ts';

/** The state that a ballot chose: a snapshot with these leaves. */
export type Winner = Readonly<{ snapshot: Address; root: ReadonlyUint8Array }>;

/** Why a ballot has no winner, by the program's names. */
export type NoWinner = 'BallotStillVoting' | 'QuorumNotReached' | 'NotTheWinner';

/** The candidate with more than half of all votes cast, including votes for none. */
export function winnerOf(ballot: Ballot, now: bigint): Winner | NoWinner {
    if (ballot.state !== ballotState.VOTING || now < ballot.endsTs) return 'BallotStillVoting';
    const cast = votesCast(ballot);
    if (cast < ballot.quorum) return 'QuorumNotReached';
    return rows(ballot).find(({ votes }) => 2n * votes > cast) ?? 'NotTheWinner';
}

/**
 * The snapshot that may be restored: the winner of a vote that has ended; until this vote has a result, the winner of the
 * vote before.
 */
export function chosenBy(ballot: Ballot, now: bigint): Winner | NoWinner {
    const winner = winnerOf(ballot, now);
    if (typeof winner !== 'string' || ballot.elected === NOBODY || isDeclined(ballot, now)) return winner;
    return { snapshot: ballot.elected, root: ballot.electedRoot };
}

/** {@link chosenBy}, or `undefined`. */
export function isWonBy(ballot: Ballot, now: bigint): Winner | undefined {
    const chosen = chosenBy(ballot, now);
    return typeof chosen === 'string' ? undefined : chosen;
}

/** Is the snapshot different from what was voted on: void, read again or sealed again with other leaves? */
export function isStaleWinner(winner: Winner, snapshot: Snapshot): boolean {
    return snapshot.state !== snapshotState.SEALED || !bytesEqual(snapshot.root, winner.root);
}

/** Has a vote ended with a quorum and with more than half for no candidate at all? */
function isDeclined(ballot: Ballot, now: bigint): boolean {
    const cast = votesCast(ballot);
    const hasEnded = ballot.state === ballotState.VOTING && now >= ballot.endsTs;
    return hasEnded && cast >= ballot.quorum && 2n * ballot.noneVotes > cast;
}

function rows({ candidates, candidateCount }: Ballot) {
    return candidates.slice(0, candidateCount);
}

function votesCast(ballot: Ballot): bigint {
    return rows(ballot).reduce((sum, { votes }) => sum + votes, ballot.noneVotes);
}
