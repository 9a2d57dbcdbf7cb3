/** For users: what each ledger owes an owner, the proof, what was paid and when, and the claim. */
import { constants, merkle, pdas, tokens, type Restoration, type Snapshot } from '@bulkhead/client';
import { paidOn } from '@bulkhead/client/flows';
import { claimsEnd, claimsEndWords, words, type DomainStatus } from '@bulkhead/client/status';
import { isAddress, type Address } from '@solana/kit';
import { useEffect, useState } from 'react';

import { claimAct } from '../acts.ts';
import { paymentsTo, type Payment } from '../chain/history.ts';
import { keyOf } from '../chain/session.ts';
import { useDesk } from '../desk.tsx';
import { CopyButton, Key, Moment, Section, Text, useNow } from '../parts/small.tsx';
import { ProofPath } from '../parts/proof.tsx';
import { hashOf } from '../place.ts';
import type { FullProof, Leaves } from '../sources/published.ts';
import { useLeaves } from '../use-leaves.ts';
import { capital } from '../words/facts.ts';

export function Owner({ status }: { status: DomainStatus }) {
    const { place, go, rpc, actor } = useDesk();
    const [typed, setTyped] = useState<string>(place.owner ?? '');
    const link = `${location.origin}${location.pathname}${hashOf({ ...place, page: 'owner' }, rpc)}`;
    return (
        <>
            <form
                className="ask"
                onSubmit={(event) => {
                    event.preventDefault();
                    const key = typed.trim();
                    if (isAddress(key)) go({ owner: key });
                }}
            >
                <h1>What am I owed?</h1>
                <label>
                    Address of the owner
                    <input
                        value={typed}
                        onChange={(event) => setTyped(event.target.value)}
                        spellCheck={false}
                        autoComplete="off"
                        placeholder="Paste an address"
                    />
                </label>
                <div className="acts">
                    <button type="submit" className="primary" disabled={!isAddress(typed.trim())}>
                        Look it up
                    </button>
                    {actor !== undefined && (
                        <button
                            type="button"
                            className="plain"
                            onClick={() => {
                                setTyped(keyOf(actor));
                                go({ owner: keyOf(actor) });
                            }}
                        >
                            My own
                        </button>
                    )}
                    {place.owner !== undefined && <CopyButton text={link}>Copy a link to this</CopyButton>}
                </div>
            </form>
            {place.owner !== undefined &&
                status.ledgers.map(({ index }) => (
                    <LedgerOf key={index} status={status} index={index} owner={place.owner as Address} />
                ))}
            {status.ledgers.length === 0 && <p>This domain has no ledger.</p>}
        </>
    );
}

const { SEALED } = constants.snapshotState;
const { FROZEN } = constants.snapshotSource;

/** The newest state of a ledger that pays, or would pay. */
function stateOf(
    status: DomainStatus,
    index: number,
): Readonly<{ snapshot: Snapshot; restoration: Restoration | undefined; key: Address | undefined }> | undefined {
    const found = status.restorations.find(({ data }) => data.ledgerIndex === index);
    const isOpen =
        found !== undefined && (status.incident === undefined || found.data.incident === status.incident.key);
    if (found !== undefined && isOpen) {
        const snapshot = status.snapshots.get(found.data.snapshot);
        return snapshot && { snapshot, restoration: found.data, key: found.key };
    }
    const own = [...status.snapshots.values()].find(
        (each) =>
            each.ledgerIndex === index &&
            each.incident === status.incident?.key &&
            each.state === SEALED &&
            each.source === FROZEN,
    );
    return own && { snapshot: own, restoration: undefined, key: undefined };
}

function LedgerOf({ status, index, owner }: { status: DomainStatus; index: number; owner: Address }) {
    const state = stateOf(status, index);
    const found = useLeaves(state?.snapshot);
    const decimals = status.vaults.find(({ ledger }) => ledger === index)?.decimals ?? state?.restoration?.decimals;
    if (state === undefined) {
        return (
            <Section title={`Ledger ${index}`}>
                <p className="quiet">
                    {status.incident === undefined
                        ? 'No incident is open: nothing is owed here by Bulkhead. Use the protocol as always.'
                        : 'The positions of this incident have not been read and sealed yet.'}
                </p>
            </Section>
        );
    }
    if (found.leaves === undefined) {
        return (
            <Section title={`Ledger ${index}`}>
                <p className="quiet">
                    {found.isLooking
                        ? 'Reading the positions…'
                        : 'No source has the positions of this state. Add one that somebody published under Settings.'}
                </p>
                {found.faults.map((fault) => (
                    <p key={fault} className="small">
                        {fault}
                    </p>
                ))}
            </Section>
        );
    }
    return <Owed {...{ status, index, owner, decimals, state, leaves: found.leaves }} />;
}

type Claimable = Readonly<{ position: FullProof; share: bigint; paid: bigint }>;

function Owed({
    status,
    index,
    owner,
    decimals,
    state,
    leaves,
}: {
    status: DomainStatus;
    index: number;
    owner: Address;
    decimals: number | undefined;
    state: NonNullable<ReturnType<typeof stateOf>>;
    leaves: Leaves;
}) {
    const { session, rpc, begin, readAt, place } = useDesk();
    const now = useNow(status.at.now, readAt);
    const [claims, setClaims] = useState<readonly Claimable[]>();
    const [payments, setPayments] = useState<readonly Payment[]>();
    const [error, setError] = useState('');
    const { restoration, snapshot, key } = state;
    const end = restoration && claimsEnd(restoration);
    useEffect(() => {
        let isOver = false;
        const read = async () => {
            const positions = await leaves.ofOwner(owner);
            const proofs = await Promise.all(positions.map((each) => leaves.proof(each.key)));
            const found: Claimable[] = [];
            for (const position of proofs) {
                const share = restoration
                    ? (merkle.payoutFloor(position.amount, restoration.shared, restoration.total) ?? 0n)
                    : 0n;
                let paid = 0n;
                if (restoration !== undefined && session !== undefined) {
                    const { page, at } = merkle.claimPlace(snapshot.shards, position.index);
                    const [account] = await session.chain.accounts([await pdas.claimPage(restoration.book, page)]);
                    paid = (account && paidOn(account, restoration.book, page)?.(at)) ?? 0n;
                }
                found.push({ position, share, paid });
            }
            if (!isOver) setClaims(found);
            if (restoration === undefined || rpc === undefined) return;
            const { address } = await tokens.associatedToken(owner, restoration.mint, restoration.tokenProgram);
            const history = await paymentsTo(rpc, address, restoration.pool).catch(() => []);
            if (!isOver) setPayments(history);
        };
        read().catch(
            (reason: unknown) => !isOver && setError(reason instanceof Error ? reason.message : String(reason)),
        );
        return () => {
            isOver = true;
        };
    }, [leaves, owner, restoration?.shared, restoration?.paid, session, rpc]);
    const shown = (value: bigint) => words.amount(value, decimals);
    const sum = (of: (claim: Claimable) => bigint) => (claims ?? []).reduce((all, each) => all + of(each), 0n);
    const owed = sum(({ position }) => position.amount);
    const shared = sum(({ share }) => share);
    const due = sum(({ share, paid }) => (share > paid ? share - paid : 0n));
    if (error !== '')
        return (
            <Section title={`Ledger ${index}`}>
                <p className="due" role="alert">
                    {error}
                </p>
            </Section>
        );
    if (claims === undefined)
        return (
            <Section title={`Ledger ${index}`}>
                <p className="quiet">Reading…</p>
            </Section>
        );
    if (claims.length === 0) {
        return (
            <Section title={`Ledger ${index}`}>
                <p className="quiet">
                    This owner has no position in the state that {restoration ? 'was chosen' : 'was read'}.
                </p>
            </Section>
        );
    }
    const claim = () =>
        begin(
            claimAct({
                domain: status.domain,
                ledgerIndex: index,
                incident: snapshot.incident,
                owner,
                given: { proofs: claims.map(({ position }) => position) },
            }),
        );
    return (
        <Section
            title={`Ledger ${index}`}
            aside={
                <span className="aside">
                    {words.count(claims.length, 'position')}, from {leaves.from}
                </span>
            }
        >
            <div className="owed">
                <p className="figure">
                    {shown(owed)} <small>owed</small>
                </p>
                <dl className="pairs">
                    <div>
                        <dt>share so far</dt>
                        <dd>
                            {restoration ? shown(shared) : 'nothing is shared out yet'}
                            {restoration && shared < owed && (
                                <small>
                                    {Number((shared * 1_000n) / owed) / 10} %; the rest follows as the pool is filled
                                </small>
                            )}
                        </dd>
                    </div>
                    <div>
                        <dt>paid</dt>
                        <dd>{shown(sum(({ paid }) => paid))}</dd>
                    </div>
                    <div>
                        <dt>due now</dt>
                        <dd className={due > 0n ? 'strong' : ''}>{shown(due)}</dd>
                    </div>
                    {restoration && (
                        <div>
                            <dt>token</dt>
                            <dd>
                                <Key of={restoration.mint} name="token" />
                            </dd>
                        </div>
                    )}
                </dl>
                {due > 0n && (
                    <button type="button" className="primary" onClick={claim}>
                        Claim {shown(due)}
                    </button>
                )}
                {restoration && due === 0n && <p className="holds">Everything that was shared out so far is paid.</p>}
                {end !== undefined && (
                    <p className="quiet">
                        <Text of={capital(claimsEndWords(end, now))} />
                    </p>
                )}
                {!restoration && (
                    <p className="quiet">Payment begins once the vote has chosen a state and its proposal has run.</p>
                )}
            </div>
            {payments !== undefined && payments.length > 0 && (
                <ul className="payments" aria-label="Payments">
                    {payments.map(({ signature, ts, amount }) => (
                        <li key={signature}>
                            <b>{shown(amount)}</b> {ts === undefined ? '' : <Moment ts={ts} now={now} />}{' '}
                            <Key of={signature} name="transaction" />
                        </li>
                    ))}
                </ul>
            )}
            {claims.map(({ position }) => (
                <ProofPath key={position.key} proof={position} wanted={snapshot} decimals={decimals} />
            ))}
            <p className="small">
                {key !== undefined && (
                    <>
                        Restoration <Key of={key} name="restoration" /> ·{' '}
                    </>
                )}
                domain <Key of={place.domain ?? status.domain} name="domain" />
            </p>
        </Section>
    );
}
