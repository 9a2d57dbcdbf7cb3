/** Who is active: each member, what it may do, and until when it counts without a sign of life. */
import type { DomainStatus, MemberStatus } from '@bulkhead/client/status';
import { words } from '@bulkhead/client/status';

import { keyOf } from '../chain/session.ts';
import { useDesk } from '../desk.tsx';
import { Key, Moment } from './small.tsx';

export function CouncilTable({ status, now }: { status: DomainStatus; now: bigint }) {
    const { actor } = useDesk();
    const own = actor && keyOf(actor);
    return (
        <ul className="council">
            {status.members.map((member) => (
                <li key={member.key} className={member.isEligible ? 'counts' : 'silent'}>
                    <span className="dot" aria-hidden="true" />
                    <span className="who">
                        <Key of={member.key} name="member" />
                        {member.key === own && <b> you</b>}
                        <small>{member.roles.join(', ')}</small>
                    </span>
                    <span className="state">
                        <Standing member={member} now={now} />
                        <small>{rightsOf(member)}</small>
                    </span>
                </li>
            ))}
        </ul>
    );
}

function Standing({ member, now }: { member: MemberStatus; now: bigint }) {
    if (member.silentFrom === undefined) return <b className="due">silent: does not count</b>;
    if (member.eligibleFrom !== undefined) return <Moment ts={member.eligibleFrom} now={now} prefix="counts again " />;
    return (
        <>
            active, seen <Moment ts={member.lastActiveTs} now={now} />
        </>
    );
}

function rightsOf({ roles, pausesLeft, pauseRights, vetoesLeft }: MemberStatus): string {
    const parts = [];
    if (roles.includes('guardian')) parts.push(`${words.count(pausesLeft, 'pause')} today, ${pauseRights} in all`);
    if (roles.includes('vetoer')) parts.push(words.count(vetoesLeft, 'veto').replace('vetos', 'vetoes'));
    return parts.join(' · ');
}
