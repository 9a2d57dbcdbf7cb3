/** A proposal in words, with its clocks and what a member can do about it. */
import type { DomainStatus, ProposalStanding } from '@bulkhead/client/status';
import { words } from '@bulkhead/client/status';

import { approveAct, executeAct, vetoAct, withdrawAct } from '../acts.ts';
import { keyOf } from '../chain/session.ts';
import { useDesk } from '../desk.tsx';
import { decisionWords } from '../words/decision.ts';
import { hex } from '../sources/published.ts';
import { Facts, Key, Moment } from './small.tsx';

export function Proposal({ proposal, status, now }: { proposal: ProposalStanding; status: DomainStatus; now: bigint }) {
    const { actor, begin } = useDesk();
    const { title, facts } = decisionWords(proposal.decision);
    const { progress, approvals, missing, expiresTs, createdTs } = proposal;
    const own = actor && status.members.find(({ key }) => key === keyOf(actor));
    const hasApproved = own !== undefined && approvals.includes(own.key);
    const isRunning = progress.status === 'waiting' && progress.eta !== undefined;
    return (
        <article className={`proposal ${progress.status}`}>
            <header>
                <h3>{title}</h3>
                <span className="tag">{words.PROPOSAL_STATES[progress.status]}</span>
            </header>
            {isRunning && <Clock from={createdTs} to={progress.eta ?? 0n} now={now} />}
            <dl className="pairs">
                <div>
                    <dt>approvals</dt>
                    <dd>
                        {approvals.length} of {progress.needed}
                    </dd>
                </div>
                <div>
                    <dt>{isRunning ? 'can run' : 'expires'}</dt>
                    <dd>
                        <Moment ts={isRunning ? (progress.eta ?? 0n) : expiresTs} now={now} />
                    </dd>
                </div>
                <div>
                    <dt>proposed by</dt>
                    <dd>
                        <Key of={proposal.proposer} name="proposer" />
                    </dd>
                </div>
                {missing.count > 0 && (
                    <div>
                        <dt>{words.count(missing.count, 'more approver')} of</dt>
                        <dd>
                            {missing.from.map((key) => (
                                <Key key={key} of={key} name="approver" />
                            ))}
                        </dd>
                    </div>
                )}
            </dl>
            <details>
                <summary>Exactly what it says</summary>
                <Facts
                    of={[
                        ...facts,
                        { label: 'proposal', value: proposal.key, isKey: true },
                        { label: 'hash that approvals sign', value: hex(proposal.payloadHash) },
                    ]}
                />
            </details>
            <div className="acts">
                {own?.roles.includes('approver') && progress.status === 'collecting' && !hasApproved && (
                    <button type="button" className="primary" onClick={() => begin(approveAct(proposal))}>
                        Approve
                    </button>
                )}
                {progress.status === 'ready' && (
                    <button type="button" className="primary" onClick={() => begin(executeAct(proposal))}>
                        Execute
                    </button>
                )}
                {own?.roles.includes('vetoer') && (
                    <button type="button" className="plain" onClick={() => begin(vetoAct(proposal))}>
                        Veto
                    </button>
                )}
                {hasApproved && (
                    <button type="button" className="plain" onClick={() => begin(withdrawAct(proposal))}>
                        Withdraw your approval
                    </button>
                )}
            </div>
        </article>
    );
}

/** The delay, as it runs. */
function Clock({ from, to, now }: { from: bigint; to: bigint; now: bigint }) {
    const whole = Number(to - from);
    const passed = whole <= 0 ? 1 : Math.min(1, Math.max(0, Number(now - from) / whole));
    return (
        <svg className="clock" viewBox="0 0 600 6" preserveAspectRatio="none" aria-hidden="true">
            <rect className="track" width="600" height="6" rx="3" />
            <rect className="fill" width={passed * 600} height="6" rx="3" />
        </svg>
    );
}
