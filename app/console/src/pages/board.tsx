/** The board at 3 a.m.: what is closed and until when, what leaves, what comes next and whose it is. */
import { constants } from '@bulkhead/client';
import { words, type Closed, type DomainStatus } from '@bulkhead/client/status';

import { confirmAct, heartbeatAct, pauseAct, propagateAct } from '../acts.ts';
import { keyOf } from '../chain/session.ts';
import { useDesk } from '../desk.tsx';
import { CouncilTable } from '../parts/council.tsx';
import { Proposal } from '../parts/proposal.tsx';
import { Moment, Section, useNow } from '../parts/small.tsx';
import { Timeline } from '../parts/timeline.tsx';
import { OutflowWindow } from '../parts/window.tsx';

const { SCOPE_DOMAIN, phase } = constants;

export function Board({ status }: { status: DomainStatus }) {
    const { readAt, begin, actor } = useDesk();
    const now = useNow(status.at.now, readAt);
    const own = actor && status.members.find(({ key }) => key === keyOf(actor));
    const isGuardian = own === undefined || own.roles.includes('guardian');
    const isHeld = status.scene.domain.state === phase.FROZEN || status.scene.domain.state === phase.RECOVERING;
    const isTripped = status.incident === undefined && status.unpropagated.length > 0;
    const emergency = !isHeld && (isGuardian || isTripped) && (
        <div className="emergency">
            {isTripped && (
                <button type="button" className="primary" onClick={() => begin(propagateAct(status.domain))}>
                    Bring the trips to the board
                </button>
            )}
            {isGuardian && (
                <button type="button" className="danger" onClick={() => begin(pauseAct(status.domain, SCOPE_DOMAIN))}>
                    Pause everything
                </button>
            )}
            {isGuardian && status.incident === undefined && (
                <button type="button" className="plain" onClick={() => begin(confirmAct(status.domain))}>
                    Raise the alarm
                </button>
            )}
            <p>{isTripped ? 'Anyone closes what tripped.' : 'One guardian, one transaction. It lapses by itself.'}</p>
        </div>
    );
    return (
        <>
            <div className="now">
                <Headline status={status} now={now} />
                {status.warnings.length > 0 && (
                    <ul className="warnings" aria-label="What is wrong">
                        {status.warnings.map((warning) => (
                            <li key={warning}>{warning}</li>
                        ))}
                    </ul>
                )}
                {status.incident === undefined && emergency}
            </div>
            {status.incident !== undefined && (
                <Section
                    title={`Incident ${status.incident.index}`}
                    aside={
                        <span className="aside">
                            opened by {status.incident.cause}
                            {status.incident.evacuated > 0n && <> · {evacuatedOf(status)} evacuated</>}
                        </span>
                    }
                >
                    <Timeline status={status} now={now} />
                </Section>
            )}
            {status.incident !== undefined && emergency}
            <Section title="What leaves">
                <div className="windows">
                    {status.breakers.map((breaker) => (
                        <OutflowWindow
                            key={breaker.key}
                            breaker={breaker}
                            vault={status.vaults.find(
                                (vault) => vault.compartment === breaker.compartment && vault.mint === breaker.mint,
                            )}
                            now={now}
                        />
                    ))}
                    {status.breakers.length === 0 && <p>No outflow breaker meters this domain.</p>}
                </div>
            </Section>
            <Section title="Proposals">
                {status.proposals.length === 0 && <p className="quiet">Nothing is proposed.</p>}
                {status.proposals.map((proposal) => (
                    <Proposal key={proposal.key} proposal={proposal} status={status} now={now} />
                ))}
            </Section>
            <Section
                title="Council"
                aside={
                    own !== undefined && (
                        <button type="button" className="plain" onClick={() => begin(heartbeatAct(status.domain))}>
                            Send a heartbeat
                        </button>
                    )
                }
            >
                <CouncilTable status={status} now={now} />
            </Section>
        </>
    );
}

const evacuatedOf = ({ incident, vaults }: DomainStatus) =>
    words.amount(incident?.evacuated ?? 0n, vaults[0]?.decimals);

function Headline({ status, now }: { status: DomainStatus; now: bigint }) {
    const { closed, phase: name, rampBps } = status;
    const own = closed.filter(({ scope }) => scope === SCOPE_DOMAIN);
    const rest = closed.filter(({ scope }) => scope !== SCOPE_DOMAIN);
    const isDue = status.nextSteps.some(
        ({ from, isAlternative }) => !isAlternative && (from === undefined || from <= now),
    );
    const isTripped = status.incident === undefined && status.unpropagated.length > 0;
    return (
        <div className={`headline ${isDue || isTripped ? 'due' : closed.length === 0 ? 'calm' : 'shut'}`}>
            <p className="eyebrow">The domain is</p>
            <h1>{name}</h1>
            <ul className="closed">
                {closed.length === 0 && (
                    <li>{isTripped ? 'Something has tripped, and everything is open.' : 'Everything is open.'}</li>
                )}
                {merged(own).map((each) => (
                    <ClosedLine key={`${each.why}${each.scope}`} closed={each} now={now} />
                ))}
                {rest.map((each) => (
                    <ClosedLine key={`${each.why}${each.scope}`} closed={each} now={now} />
                ))}
                {rampBps < constants.BPS && rampBps > 0 && (
                    <li>Limits stand at {rampBps / 100} % after the reopening.</li>
                )}
            </ul>
        </div>
    );
}

/** Of two reasons that close the same, the one that lasts longer is enough. */
export function merged(closed: readonly Closed[]): Closed[] {
    return closed.filter(
        (each) =>
            !closed.some(
                (other) =>
                    other !== each &&
                    other.scope === each.scope &&
                    (each.mask & ~other.mask) === 0 &&
                    (other.until === undefined || (each.until !== undefined && each.until < other.until)),
            ),
    );
}

const WHY: Readonly<Record<Closed['why'], string>> = {
    freeze: 'frozen by the guardians',
    'guardian pause': 'paused by a guardian',
    trip: 'tripped by a detector',
    link: 'closed with a linked protocol',
    grace: 'grace period after the reopening',
};

function ClosedLine({ closed, now }: { closed: Closed; now: bigint }) {
    const { scope, mask, why, until } = closed;
    const where = scope === SCOPE_DOMAIN ? '' : `, in ${words.scopeName(scope)}`;
    const what = words.closedActions(mask);
    return (
        <li>
            <b>{what.charAt(0).toUpperCase() + what.slice(1)}</b> is closed{where}: {WHY[why]},{' '}
            {until === undefined ? (
                'until a proposal opens it'
            ) : (
                <>
                    opens <Moment ts={until} now={now} /> <small>{words.utc(until)}</small>
                </>
            )}
            .
        </li>
    );
}
