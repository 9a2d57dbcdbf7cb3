/** An act, step by step: what will be sent and what it changes, then the wallet, then whether it holds. */
import type { Receipt } from '@bulkhead/client/flows';
import { words } from '@bulkhead/client/status';
import { useEffect, useRef, useState } from 'react';

import type { Act } from '../acts.ts';
import { actingSession, keyOf, messageOf, type Message } from '../chain/session.ts';
import type { Answer, Outcome, Review } from '../chain/review-chain.ts';
import { useDesk } from '../desk.tsx';
import { fieldWords, valueWords } from '../words/changes.ts';
import { sentence, short } from '../words/facts.ts';
import { refusalOf, type Refusal } from '../words/refusal.ts';
import { Actors } from './actors.tsx';
import { CopyButton, Facts, Key, Text } from './small.tsx';

type State =
    | Readonly<{ kind: 'idle' }>
    | Readonly<{ kind: 'working'; note: string }>
    | Readonly<{ kind: 'review'; number: number; review: Review; answer: (answer: Answer) => void }>
    | Readonly<{ kind: 'done'; sent: readonly Receipt[]; skipped: number; next: string | undefined }>
    | Readonly<{ kind: 'stopped'; refusal: Refusal }>;

export function ActPanel({ act, close }: { act: Act; close: () => void }) {
    const { actor, rpc, refresh, status } = useDesk();
    const [state, setState] = useState<State>({ kind: 'idle' });
    const [outcomes, setOutcomes] = useState<readonly Outcome[]>([]);
    const dialog = useRef<HTMLDialogElement>(null);
    /** The instructions that were agreed to for the whole act. */
    const alike = useRef<string | undefined>(undefined);
    /** How many transactions were shown. */
    const asked = useRef(0);
    const pending = useRef<((answer: Answer) => void) | undefined>(undefined);

    useEffect(() => {
        const shown = dialog.current;
        if (shown !== null && !shown.open) shown.showModal();
        return () => pending.current?.('decline');
    }, []);

    const start = async () => {
        if (actor === undefined || rpc === undefined) return;
        const ask = (review: Review): Promise<Answer> => {
            if (actor.kind === 'wallet' && alike.current === namesOf(review)) {
                setState({ kind: 'working', note: `${titleOf(review)}: your wallet asks you` });
                return Promise.resolve('send');
            }
            return new Promise((resolve) => {
                const answer = (given: Answer) => {
                    pending.current = undefined;
                    setState({ kind: 'working', note: given === 'send' ? 'your wallet asks you' : 'stopping' });
                    resolve(given);
                };
                pending.current = answer;
                asked.current += 1;
                setState({ kind: 'review', number: asked.current, review, answer });
            });
        };
        const report = {
            progress: (what: string, done: number, total: number) =>
                setState((now) =>
                    now.kind === 'review' ? now : { kind: 'working', note: `${done} of ${total} ${what}` },
                ),
            note: (text: string) => setState((now) => (now.kind === 'review' ? now : { kind: 'working', note: text })),
        };
        setState({ kind: 'working', note: 'simulating' });
        setOutcomes([]);
        alike.current = undefined;
        try {
            const session = actingSession(
                rpc,
                actor,
                ask,
                (outcome) => setOutcomes((all) => [...all, outcome]),
                report,
            );
            const done = await act.run(session, keyOf(actor));
            setState({ kind: 'done', sent: done.receipts, skipped: done.skipped, next: done.next });
        } catch (error) {
            setState({ kind: 'stopped', refusal: refusalOf(error) });
        } finally {
            await refresh();
        }
    };

    const isBusy = state.kind === 'working';
    return (
        <dialog
            ref={dialog}
            className="panel"
            aria-labelledby="act-title"
            onClose={close}
            onCancel={(event) => isBusy && event.preventDefault()}
        >
            <header>
                <h2 id="act-title">{act.title}</h2>
                <button type="button" className="plain" onClick={close} disabled={isBusy} aria-label="Close">
                    ✕
                </button>
            </header>
            <p className="about">{act.about}</p>
            <div aria-live="polite">
                {state.kind === 'idle' && (
                    <>
                        <Actors />
                        <div className="acts">
                            <button
                                type="button"
                                className="primary"
                                disabled={actor === undefined}
                                onClick={() => void start()}
                            >
                                Show what it would do
                            </button>
                        </div>
                    </>
                )}
                {state.kind === 'working' && <p className="working">{sentence(state.note)}…</p>}
                {state.kind === 'review' && (
                    <ReviewOf
                        key={state.number}
                        number={state.number}
                        review={state.review}
                        isElsewhere={actor?.kind === 'elsewhere'}
                        answer={(answer, isForAll) => {
                            if (isForAll) alike.current = namesOf(state.review);
                            state.answer(answer);
                        }}
                    />
                )}
                {state.kind === 'stopped' && (
                    <div className="stopped" role={state.refusal.isCalm ? undefined : 'alert'}>
                        <p className={state.refusal.isCalm ? undefined : 'due'}>
                            <Text of={state.refusal.why} />
                        </p>
                        {state.refusal.help !== '' && <p>{state.refusal.help}</p>}
                        <div className="acts">
                            <button type="button" className="plain" onClick={() => setState({ kind: 'idle' })}>
                                Try again
                            </button>
                        </div>
                    </div>
                )}
                {state.kind === 'done' && (
                    <div className="done">
                        <p className="verdict">
                            {state.sent.length === 0 ? 'Nothing was left to do: it is done already.' : 'It landed.'}
                            {state.next !== undefined && state.next !== '' && ` Next: ${state.next}.`}
                        </p>
                        {status && <p>The domain is {status.phase}.</p>}
                        <div className="acts">
                            <button type="button" className="primary" onClick={close}>
                                Back to the board
                            </button>
                        </div>
                    </div>
                )}
                <Outcomes of={outcomes} />
            </div>
        </dialog>
    );
}

const namesOf = ({ described }: Review) => [...new Set(described.map(({ title }) => title))].sort().join(' ');
const titleOf = ({ described }: Review) => described[0]?.title ?? 'a transaction';

function ReviewOf({
    number,
    review,
    isElsewhere,
    answer,
}: {
    number: number;
    review: Review;
    isElsewhere: boolean;
    answer: (answer: Answer, isForAll: boolean) => void;
}) {
    const { rpc, actor, status } = useDesk();
    const [isForAll, setForAll] = useState(false);
    const [message, setMessage] = useState<Message>();
    const decimals = (mint: string) => status?.vaults.find((vault) => vault.mint === mint)?.decimals;
    const isKnown = review.described.every(({ isKnown }) => isKnown);
    const make = async () => {
        if (rpc !== undefined && actor !== undefined)
            setMessage(await messageOf(rpc, keyOf(actor), review.instructions));
    };
    return (
        <div className="review" data-number={number}>
            <h3>What changes</h3>
            <ul className="changes">
                {review.changes.map((change, i) => (
                    <li key={i} className={change.matters && change.event !== 'Changed' ? 'matters' : ''}>
                        <b>{sentence(change.event)}</b>{' '}
                        <small>
                            {sentence(change.kind).toLowerCase()} {short(change.account)}
                        </small>
                        {change.details.map(({ field, before, after }) => (
                            <span key={field} className="diff">
                                {fieldWords(field)}: {before !== '' && <del>{valueWords(field, before)}</del>}{' '}
                                <ins>{valueWords(field, after)}</ins>
                            </span>
                        ))}
                    </li>
                ))}
                {review.tokens.map(({ account, holder, mint, before, after }) => (
                    <li key={account} className="matters">
                        <b>
                            {after > before ? '+' : '−'}
                            {words.amount(after > before ? after - before : before - after, decimals(mint))} tokens
                        </b>{' '}
                        <small>
                            for {short(holder)}, in {short(account)}
                        </small>
                    </li>
                ))}
                {review.changes.length === 0 && review.tokens.length === 0 && <li>No account of Bulkhead changes.</li>}
            </ul>
            <h3>What is sent</h3>
            <ol className="instructions">
                {review.described.map((each, i) => (
                    <li key={i}>
                        <b>{each.title}</b>
                        <Facts of={each.args} />
                        <details>
                            <summary>{words.count(each.accounts.length, 'account')}</summary>
                            <Facts of={each.accounts} />
                        </details>
                    </li>
                ))}
            </ol>
            {!isKnown && <p className="due">One of the instructions is unknown. Do not sign it.</p>}
            <p className="small">
                Signed by{' '}
                {review.signers.map((key) => (
                    <Key key={key} of={key} name="signer" />
                ))}
                {review.units !== undefined && <> · {review.units.toLocaleString('en')} compute units</>}
                {review.rent > 0n && <> · {words.amount(review.rent, 9)} SOL for rent and fees</>}
            </p>
            {isElsewhere ? (
                <div className="handover">
                    <p>
                        {actor && <Key of={keyOf(actor)} name="vault" />} does not sign here. Propose this message in
                        your multisig; it pays for itself, and its tools put their own blockhash in place.
                    </p>
                    {message === undefined ? (
                        <button type="button" className="primary" onClick={() => void make()}>
                            Show the message
                        </button>
                    ) : (
                        <>
                            <label>
                                Message, base58
                                <textarea readOnly rows={3} value={message.base58} />
                            </label>
                            <label>
                                Message, base64
                                <textarea readOnly rows={3} value={message.base64} />
                            </label>
                            <div className="acts">
                                <CopyButton text={message.base58}>Copy base58</CopyButton>
                                <CopyButton text={message.base64}>Copy base64</CopyButton>
                                <button type="button" className="primary" onClick={() => answer('handed over', false)}>
                                    I have proposed it
                                </button>
                            </div>
                        </>
                    )}
                </div>
            ) : (
                <>
                    {number > 1 && (
                        <label className="check">
                            <input
                                type="checkbox"
                                checked={isForAll}
                                onChange={(event) => setForAll(event.target.checked)}
                            />
                            Do not show me more transactions of this act that have only these instructions
                        </label>
                    )}
                    <div className="acts">
                        <button
                            type="button"
                            className="primary"
                            disabled={!isKnown}
                            onClick={() => answer('send', isForAll)}
                        >
                            Sign and send
                        </button>
                        <button type="button" className="plain" onClick={() => answer('decline', false)}>
                            Decline
                        </button>
                    </div>
                </>
            )}
        </div>
    );
}

function Outcomes({ of }: { of: readonly Outcome[] }) {
    if (of.length === 0) return null;
    const broken = of.filter(({ holds }) => !holds);
    return (
        <div className="outcomes">
            <p className={broken.length === 0 ? 'holds' : 'due'}>
                {broken.length === 0
                    ? `It holds: ${words.count(of.length, 'transaction')} changed exactly what the simulation said.`
                    : `${broken.length} of ${words.count(of.length, 'transaction')} changed something else than the simulation said.`}
            </p>
            {broken.map(({ receipt, differs }) => (
                <ul key={receipt.signature}>
                    {differs.map((each) => (
                        <li key={each}>{each}</li>
                    ))}
                </ul>
            ))}
            <details>
                <summary>Signatures</summary>
                <ul>
                    {of.map(({ receipt, review }) => (
                        <li key={receipt.signature}>
                            {titleOf(review)} <Key of={receipt.signature} name="signature" />
                        </li>
                    ))}
                </ul>
            </details>
        </div>
    );
}
