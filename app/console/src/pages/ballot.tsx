/** For those who judge: the candidates side by side, by total, count and owner, and what each would pay. */
import { constants } from '@bulkhead/client';
import { words, type BallotStatus, type CandidateStatus, type DomainStatus } from '@bulkhead/client/status';
import { isAddress, type Address } from '@solana/kit';
import { useEffect, useMemo, useState } from 'react';

import { voteAct } from '../acts.ts';
import { keyOf } from '../chain/session.ts';
import { useDesk } from '../desk.tsx';
import { Key, Moment, Section, useNow } from '../parts/small.tsx';
import { byOwner, differencesByOwner, wouldPay } from '../sources/compare.ts';
import { hex, type Leaves } from '../sources/published.ts';
import { useLeaves, type Found } from '../use-leaves.ts';

export function Ballot({ status }: { status: DomainStatus }) {
    return (
        <>
            <h1 className="page">Which state to restart from</h1>
            {status.ballots.map((ballot) => (
                <BallotOf key={ballot.key} ballot={ballot} status={status} />
            ))}
            {status.ballots.length === 0 && <p className="quiet">No ballot is open.</p>}
        </>
    );
}

function BallotOf({ ballot, status }: { ballot: BallotStatus; status: DomainStatus }) {
    const { readAt, place, actor, begin, go } = useDesk();
    const now = useNow(status.at.now, readAt);
    const { data, candidates, chosen } = ballot;
    const [known, setKnown] = useState<ReadonlyMap<number, Leaves>>(new Map());
    const [asked, setAsked] = useState<string>(place.owner ?? '');
    const [amount, setAmount] = useState('');
    const owner = isAddress(asked.trim()) ? (asked.trim() as Address) : undefined;
    const decimals = status.vaults.find(({ ledger }) => ledger === data.ledgerIndex)?.decimals;
    const held = status.vaults
        .filter(({ ledger }) => ledger === data.ledgerIndex)
        .reduce((sum, vault) => sum + vault.balance + vault.recovered, 0n);
    const cast = candidates.reduce((sum, { votes }) => sum + votes, data.noneVotes);
    const isNominating = data.state === constants.ballotState.NOMINATING;
    const isVoting = !isNominating && now < data.endsTs;
    const clean = amount.replaceAll(',', '').trim();
    const units = /^\d+$/.test(clean) ? BigInt(clean) : undefined;
    const vote = (choice: number) => begin(voteAct(status.domain, ballot.key, choice, units ?? 0n));
    return (
        <Section
            title={`Ledger ${data.ledgerIndex}`}
            aside={
                <span className="aside">
                    {isNominating ? (
                        'nominations'
                    ) : isVoting ? (
                        <>
                            the vote ends <Moment ts={data.endsTs} now={now} />
                        </>
                    ) : chosen ? (
                        'decided'
                    ) : (
                        'ended without a winner'
                    )}
                </span>
            }
        >
            <form
                className="ask small"
                onSubmit={(event) => {
                    event.preventDefault();
                    if (owner !== undefined) go({ owner });
                }}
            >
                <label>
                    What each pays this owner
                    <input
                        value={asked}
                        onChange={(event) => setAsked(event.target.value)}
                        spellCheck={false}
                        autoComplete="off"
                        placeholder="Address of the owner"
                    />
                </label>
                {actor !== undefined && (
                    <button type="button" className="plain" onClick={() => setAsked(keyOf(actor))}>
                        My own
                    </button>
                )}
            </form>
            <div className="candidates">
                {candidates.map((candidate) => (
                    <Candidate
                        key={candidate.snapshot}
                        {...{ candidate, cast, held, owner, decimals }}
                        quorum={data.quorum}
                        isChosen={chosen?.snapshot === candidate.snapshot}
                        onLeaves={(leaves) =>
                            setKnown((all) =>
                                all.get(candidate.choice) === leaves
                                    ? all
                                    : new Map([...all, [candidate.choice, leaves]]),
                            )
                        }
                        vote={isVoting || isNominating ? () => vote(candidate.choice) : undefined}
                        label={isNominating ? 'Deposit to vote' : 'Vote for it'}
                    />
                ))}
            </div>
            {isNominating && (
                <label className="deposit">
                    Governance tokens to put in escrow, in the smallest unit: only what is there before the vote starts
                    counts
                    <input
                        value={amount}
                        onChange={(event) => setAmount(event.target.value)}
                        inputMode="numeric"
                        autoComplete="off"
                    />
                </label>
            )}
            {isVoting && (
                <button type="button" className="plain" onClick={() => vote(constants.CHOICE_NONE)}>
                    Vote for none of them
                </button>
            )}
            <Differences candidates={candidates} known={known} decimals={decimals} />
        </Section>
    );
}

function nameOf(candidate: CandidateStatus): string {
    const { data } = candidate;
    if (data === undefined) return 'A state that has changed since';
    return data.source === constants.snapshotSource.CHECKPOINT
        ? `Checkpoint of slot ${data.checkpointSlot}`
        : 'Snapshot of the incident';
}

function Candidate({
    candidate,
    cast,
    held,
    owner,
    decimals,
    quorum,
    isChosen,
    onLeaves,
    vote,
    label,
}: {
    candidate: CandidateStatus;
    cast: bigint;
    held: bigint;
    owner: Address | undefined;
    decimals: number | undefined;
    quorum: bigint;
    isChosen: boolean;
    onLeaves: (leaves: Leaves) => void;
    vote: (() => void) | undefined;
    label: string;
}) {
    const { data, votes, root } = candidate;
    const found = useLeaves(data);
    const shown = (value: bigint) => words.amount(value, decimals);
    const part = cast === 0n ? 0 : Number((votes * 1_000n) / cast) / 10;
    const leaves = found.leaves;
    useEffect(() => {
        if (leaves !== undefined) onLeaves(leaves);
    }, [leaves]);
    return (
        <article className={isChosen ? 'candidate chosen' : 'candidate'}>
            <header>
                <h3>{nameOf(candidate)}</h3>
                {isChosen && <span className="tag">won</span>}
            </header>
            <p className="figure">
                {data ? shown(data.total) : '—'} <small>owed in all</small>
            </p>
            <svg
                className="share"
                viewBox="0 0 100 4"
                preserveAspectRatio="none"
                role="img"
                aria-label={`${part} % of the votes cast`}
            >
                <rect className="track" width="100" height="4" />
                <rect className="fill" width={part} height="4" />
            </svg>
            <dl className="pairs">
                <div>
                    <dt>votes</dt>
                    <dd>
                        {part} % of those cast{' '}
                        <small>quorum {cast >= quorum && quorum > 0n ? 'reached' : 'not reached'}</small>
                    </dd>
                </div>
                <div>
                    <dt>positions</dt>
                    <dd>{data ? data.count.toLocaleString('en') : '—'}</dd>
                </div>
                <div>
                    <dt>covered now</dt>
                    <dd>
                        {data
                            ? `${data.total === 0n ? 100 : Math.min(100, Number((held * 1_000n) / data.total) / 10)} %`
                            : '—'}
                    </dd>
                </div>
                <div>
                    <dt>root</dt>
                    <dd>
                        <code>{hex(root).slice(0, 16)}…</code>
                    </dd>
                </div>
                <div>
                    <dt>snapshot</dt>
                    <dd>
                        <Key of={candidate.snapshot} name="snapshot" />
                    </dd>
                </div>
            </dl>
            <Pays {...{ found, owner, held, decimals }} total={data?.total ?? 0n} />
            {vote && (
                <button type="button" className="primary" onClick={vote}>
                    {label}
                </button>
            )}
        </article>
    );
}

function Pays({
    found,
    owner,
    held,
    decimals,
    total,
}: {
    found: Found;
    owner: Address | undefined;
    held: bigint;
    decimals: number | undefined;
    total: bigint;
}) {
    const [owed, setOwed] = useState<bigint>();
    const { leaves } = found;
    useEffect(() => {
        let isOver = false;
        setOwed(undefined);
        if (owner === undefined || leaves === undefined) return;
        leaves.ofOwner(owner).then(
            (positions) => !isOver && setOwed(positions.reduce((sum, { amount }) => sum + amount, 0n)),
            () => undefined,
        );
        return () => {
            isOver = true;
        };
    }, [leaves, owner]);
    if (leaves === undefined) {
        return (
            <p className="small">
                {found.isLooking
                    ? 'Reading its positions…'
                    : 'Nobody has published its positions at a source that you named.'}
            </p>
        );
    }
    if (owner === undefined || owed === undefined)
        return <p className="small">Its positions make its root, from {leaves.from}.</p>;
    return (
        <p className="pays">
            owes this owner <b>{words.amount(owed, decimals)}</b>, and would pay{' '}
            <b>{words.amount(wouldPay(owed, held, total), decimals)}</b> of what is held now
        </p>
    );
}

const ROWS = 10;

function Differences({
    candidates,
    known,
    decimals,
}: {
    candidates: readonly CandidateStatus[];
    known: ReadonlyMap<number, Leaves>;
    decimals: number | undefined;
}) {
    const [one, two] = candidates.filter(({ choice }) => known.get(choice)?.all !== undefined);
    const rows = useMemo(() => {
        const [first, second] = [one, two].map((each) => each && known.get(each.choice)?.all?.());
        return first && second ? differencesByOwner(byOwner(first), byOwner(second)) : undefined;
    }, [one?.snapshot, two?.snapshot, known]);
    if (one === undefined || two === undefined || rows === undefined) {
        return candidates.length > 1 ? (
            <p className="small">The difference by owner appears once the positions of two candidates are known.</p>
        ) : null;
    }
    const shown = (value: bigint) => words.amount(value, decimals);
    return (
        <div className="scroll" role="region" aria-label="Difference by owner" tabIndex={0}>
            <table>
                <caption>
                    {rows.length === 0
                        ? 'No owner gets another sum.'
                        : `${words.count(rows.length, 'owner')} would get another sum; the greatest differences first`}
                </caption>
                <thead>
                    <tr>
                        <th scope="col">owner</th>
                        <th scope="col">{nameOf(one)}</th>
                        <th scope="col">{nameOf(two)}</th>
                        <th scope="col">difference</th>
                    </tr>
                </thead>
                <tbody>
                    {rows.slice(0, ROWS).map(({ owner, first, second }) => (
                        <tr key={owner}>
                            <th scope="row">
                                <Key of={owner} name="owner" />
                            </th>
                            <td>{shown(first)}</td>
                            <td>{shown(second)}</td>
                            <td>{second > first ? `+${shown(second - first)}` : `−${shown(first - second)}`}</td>
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}
