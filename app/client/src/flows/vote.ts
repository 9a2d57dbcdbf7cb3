/** A token holder votes: escrow, deposit and vote. */
import type { Address, Instruction } from '@solana/kit';

import { ballotState, CHOICE_NONE, CHOICE_NOTED } from '../constants.ts';
import {
    decodeBallot,
    decodeDomain,
    decodeVoteRecord,
    decodeVoterEscrow,
    getCastVoteInstructionAsync,
    getCloseVoteRecordInstruction,
    getDepositVotesInstructionAsync,
    getOpenEscrowInstructionAsync,
    getOpenVoteCustodyInstructionAsync,
    type VoterEscrow,
} from '../generated/bulkhead/public.ts';
import * as pdas from '../pdas.ts';
import { associatedToken } from '../token.ts';
import { balanceOf } from './evacuate.ts';
import { when } from './execute.ts';
import { NOBODY, tokenProgramOf } from './reading.ts';
import { NotPossible, Rule, Work, type Done, type Session } from './session.ts';
import { signer } from './signing.ts';

/** What a voter has done on a ballot. */
export type Voted = Done &
    Readonly<{
        /** Tokens in escrow. Native units. */
        escrowed: bigint;
        /** Weight of the vote, or 0 if it is not cast yet. */
        weight: bigint;
        /** What comes next and when, in words. */
        next: string;
    }>;

export type VoteInput = Readonly<{
    domain: Address;
    voter: Address;
    ballot: Address;
    /** The number of a candidate, or 255 for none of them. */
    choice: number;
    /** What the voter's escrow is brought to before the vote starts. Native units. */
    amount: bigint;
}>;

const TOO_LATE = 'only tokens that were in escrow before the vote started count; deposit before the next vote';

/**
 * Brings the voter's escrow to `amount` tokens from their associated account, and casts their vote. Opens the domain's
 * vote custody and the escrow if they are missing. Skips what is done.
 *
 * Only tokens that were in escrow before the vote started count. So before it starts this deposits; run it again while the
 * vote runs to cast. It deposits nothing then.
 */
export async function vote(session: Session, input: VoteInput): Promise<Voted> {
    const { domain, voter, ballot: key, choice, amount } = input;
    const work = new Work(session);
    const { governanceMint } = await work.load('domain', domain, decodeDomain, 'is the address right?');
    const ballot = await work.load('ballot', key, decodeBallot, 'a member opens the ballot first');
    if (ballot.domain !== domain) throw new Rule('ForeignAccount', 'name a ballot of this domain');
    if (ballot.weightProgram !== NOBODY) throw new Rule('WrongWeightSource', 'use castWeight, behind the plug-in');
    const [escrowKey, record] = [await pdas.escrow(domain, voter), await pdas.voteRecord(key, voter)];
    const escrow = await work.find(escrowKey, decodeVoterEscrow);
    const cast = await work.find(record, decodeVoteRecord);
    const ends = `the vote ends ${when(ballot.endsTs)}`;
    // A vote for a candidate can be changed to none, and to nothing else, until the vote ends.
    const { now } = await work.chain.now();
    const isWithdrawn = choice === CHOICE_NONE && cast?.choice !== CHOICE_NONE && now < ballot.endsTs;
    if (cast !== undefined && cast.round === ballot.round && !isWithdrawn) {
        if (cast.choice !== choice) {
            throw new NotPossible(
                `${voter} has voted for ${cast.choice}`,
                'a vote can only be changed to none; it counts until the vote is run again',
            );
        }
        work.skip('voted already');
        return { ...work.done(), escrowed: escrow?.amount ?? 0n, weight: cast.weight, next: ends };
    }
    if (ballot.state === ballotState.NOMINATING) {
        const instructions = await deposit(work, { domain, voter, governanceMint, amount, escrow });
        if (instructions.length === 0) work.skip('deposited already');
        else await work.act(instructions, "read the domain's status");
        const held = escrow?.amount ?? 0n;
        const next = 'the vote has not started: run this again once it has, to cast';
        return { ...work.done(), escrowed: held > amount ? held : amount, weight: 0n, next };
    }
    if (escrow === undefined) throw new Rule('VotesTooRecent', TOO_LATE);
    const accounts = { voter: signer(voter), payer: work.payer, ballot: key, escrow: escrowKey };
    // The record of an earlier round is in the way.
    const isOld = cast !== undefined && cast.round !== ballot.round;
    const close = !isOld ? [] : [getCloseVoteRecordInstruction({ ballot: key, record, voter })];
    const next = `${ends}; ${TOO_LATE}`;
    await work.act([...close, await getCastVoteInstructionAsync({ ...accounts, choice })], next);
    const { weight } = await work.load('vote', record, decodeVoteRecord, 'run this again');
    return { ...work.done(), escrowed: escrow.amount, weight, next: ends };
}

export type WeightInput = Readonly<{
    voter: Address;
    ballot: Address;
    /** The voter's record in the plug-in. */
    weight: Address;
    /** The number of a candidate, 255 for none of them, or undefined to note the weight before the vote starts. */
    choice?: number;
    /** The plug-in's own instructions that update the record: it counts only in the slot it was computed in. */
    update: readonly Instruction[];
}>;

/**
 * Notes the weight of a voter-weight plug-in while nominations last, or casts it once the vote has started: the smaller of
 * the two counts. For ballots whose rules name a plug-in.
 */
export async function castWeight(session: Session, input: WeightInput): Promise<Done> {
    const { voter, ballot: key, weight, choice = CHOICE_NOTED, update } = input;
    const work = new Work(session);
    const ballot = await work.load('ballot', key, decodeBallot, 'a member opens the ballot first');
    if (ballot.weightProgram === NOBODY) throw new Rule('WrongWeightSource', 'use vote, which casts an escrow');
    const record = await pdas.voteRecord(key, voter);
    const found = await work.find(record, decodeVoteRecord);
    const isOld = found !== undefined && found.round !== ballot.round;
    const close = isOld ? [getCloseVoteRecordInstruction({ ballot: key, record, voter })] : [];
    const accounts = { voter: signer(voter), payer: work.payer, ballot: key, weight };
    const cast = await getCastVoteInstructionAsync({ ...accounts, choice });
    await work.act([...close, ...update, cast], 'update the record in the same transaction, as the plug-in says');
    return work.done();
}

/** What is missing until the escrow holds `amount`. */
async function deposit(
    work: Work,
    of: Readonly<{
        domain: Address;
        voter: Address;
        governanceMint: Address;
        amount: bigint;
        escrow: VoterEscrow | undefined;
    }>,
): Promise<Instruction[]> {
    const lacking = of.amount - (of.escrow?.amount ?? 0n);
    return lacking <= 0n ? [] : depositing(work, { ...of, amount: lacking, hasEscrow: of.escrow !== undefined });
}

export type DepositInput = Readonly<{
    domain: Address;
    voter: Address;
    amount: bigint;
    /** The token account that pays; the voter's associated one unless stated. */
    source?: Address;
}>;

/**
 * Deposits `amount` more tokens into the voter's escrow. Opens the domain's vote custody and the escrow in the same
 * transaction if they are missing.
 */
export async function depositVotes(session: Session, input: DepositInput): Promise<Done> {
    const { domain, voter } = input;
    const work = new Work(session);
    const { governanceMint } = await work.load('domain', domain, decodeDomain, 'is the address right?');
    const escrow = await work.find(await pdas.escrow(domain, voter), decodeVoterEscrow);
    const instructions = await depositing(work, { ...input, governanceMint, hasEscrow: escrow !== undefined });
    await work.act(instructions, "read the domain's status");
    return work.done();
}

/** A deposit of `amount`, with what has to be opened before it. */
async function depositing(
    work: Work,
    of: DepositInput & Readonly<{ governanceMint: Address; hasEscrow: boolean }>,
): Promise<Instruction[]> {
    const { domain, voter, governanceMint, amount } = of;
    const tokenProgram = await tokenProgramOf(work, governanceMint);
    const source = of.source ?? (await associatedToken(voter, governanceMint, tokenProgram)).address;
    const [custody, held] = await work.chain.accounts([await pdas.votes(domain), source]);
    const balance = balanceOf(held);
    if (balance < amount) {
        throw new NotPossible(
            `${source} holds ${balance} of the ${amount} governance tokens to deposit (native units)`,
            `move tokens there, or deposit at most ${balance}`,
        );
    }
    const accounts = { voter: signer(voter), payer: work.payer, domain, governanceMint, tokenProgram };
    const escrow = await pdas.escrow(domain, voter);
    return [
        ...(custody?.exists ? [] : [await getOpenVoteCustodyInstructionAsync(accounts)]),
        ...(of.hasEscrow ? [] : [await getOpenEscrowInstructionAsync(accounts)]),
        await getDepositVotesInstructionAsync({ ...accounts, escrow, source, amount }),
    ];
}
