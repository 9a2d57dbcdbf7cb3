/** What happened in the incident, in the order of time, and what comes next and whose it is. */
import type { DomainStatus, NextStep } from '@bulkhead/client/status';
import { words } from '@bulkhead/client/status';

import { actOf } from '../acts.ts';
import { useDesk } from '../desk.tsx';
import { keyOf } from '../chain/session.ts';
import { capital } from '../words/facts.ts';
import { Key, Moment, Text } from './small.tsx';

export function Timeline({ status, now }: { status: DomainStatus; now: bigint }) {
    const { incident, nextSteps } = status;
    if (incident === undefined) return null;
    const isDue = ({ from }: NextStep) => from === undefined || from <= now;
    const first = nextSteps.findIndex((step) => !step.isAlternative);
    return (
        <ol className="timeline">
            {incident.timeline.map(({ step, ts, number }) => (
                <li key={number} className="done">
                    <span className="what">{step}</span>
                    <span className="when">
                        <Moment ts={ts} now={now} /> <small>{words.utc(ts).slice(11)}</small>
                    </span>
                </li>
            ))}
            {nextSteps.map((step, i) => (
                <li
                    key={`${step.step}-${step.ledger ?? ''}-${i}`}
                    className={
                        i === first ? (isDue(step) ? 'next due' : 'next') : step.isAlternative ? 'other' : 'later'
                    }
                >
                    <span className="what">
                        <Text of={capital(step.words)} />
                    </span>
                    <Whose step={step} now={now} />
                    {isDue(step) ? (
                        <StepButton step={step} status={status} isMain={i === first} />
                    ) : (
                        <StepLink step={step} />
                    )}
                </li>
            ))}
        </ol>
    );
}

function Whose({ step, now }: { step: NextStep; now: bigint }) {
    const { actor } = useDesk();
    const isYours = actor !== undefined && step.who.includes(keyOf(actor));
    const isDue = step.from === undefined || step.from <= now;
    return (
        <span className="whose">
            {isYours ? <b>{isDue && step.isAlternative !== true ? 'your turn' : 'yours'}</b> : step.by}
            {step.from !== undefined && step.from > now && (
                <>
                    {' '}
                    · <Moment ts={step.from} now={now} />
                </>
            )}
            {!isYours && step.who.length > 0 && step.who.length <= 5 && (
                <>
                    {': '}
                    {step.who.map((key) => (
                        <Key key={key} of={key} name="member" />
                    ))}
                </>
            )}
        </span>
    );
}

/** Where a step is taken that is somebody's own: a vote, a deposit before it, a claim. */
function StepLink({ step, isMain = false }: { step: NextStep; isMain?: boolean }) {
    const { go } = useDesk();
    const page = PAGES_OF[step.step];
    if (page === undefined) return null;
    return (
        <button type="button" className={isMain ? 'primary' : 'plain'} onClick={() => go({ page })}>
            {page === 'owner' ? 'Look up a claim' : 'See the ballot'}
        </button>
    );
}

const PAGES_OF: Partial<Record<NextStep['step'], 'owner' | 'ballot'>> = {
    claim: 'owner',
    vote: 'ballot',
    startVote: 'ballot',
};

export function StepButton({ step, status, isMain }: { step: NextStep; status: DomainStatus; isMain: boolean }) {
    const { actor, begin } = useDesk();
    const act = actOf(step, status);
    if (act === undefined) return <StepLink step={step} isMain={isMain} />;
    const isYours = actor !== undefined && (step.who.length === 0 || step.who.includes(keyOf(actor)));
    return (
        <button type="button" className={isMain && isYours ? 'primary' : 'plain'} onClick={() => begin(act)}>
            {act.title}
        </button>
    );
}
