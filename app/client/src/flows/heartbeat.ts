/** A member proves to be active. */
import type { Address } from '@solana/kit';

import { role } from '../constants.ts';
import { getHeartbeatInstruction } from '../generated/bulkhead/public.ts';
import * as pdas from '../pdas.ts';
import { members, membersWith, readScene } from './reading.ts';
import { Work, type Done, type Session } from './session.ts';
import { signer } from './signing.ts';

/** Activity that is younger than this needs no heartbeat. The shortest heartbeat a council can ask for is a day. */
const FRESH_SECONDS = 3_600n;

export type HeartbeatInput = Readonly<{ domain: Address; member: Address }>;

/** A member of any role records activity. Does nothing if the council recorded some in the last hour. */
export async function heartbeat(session: Session, { domain, member }: HeartbeatInput): Promise<Done> {
    const work = new Work(session);
    const { council, at } = await readScene(work, domain);
    const found = members(council).find(({ key }) => key === member);
    const lastActiveTs = found?.lastActiveTs ?? 0n;
    if (found !== undefined && at.now - lastActiveTs < FRESH_SECONDS) {
        work.skip('active within the last hour already');
        return work.done();
    }
    const accounts = { member: signer(member), council: await pdas.council(domain) };
    const next = `members: ${membersWith(council, role.ALL)}`;
    await work.act([getHeartbeatInstruction({ ...accounts, lastActiveTs })], next);
    if (found !== undefined && at.now - lastActiveTs > council.heartbeatSeconds) {
        work.report.note('the member was silent, and is eligible again one day from now');
    }
    return work.done();
}
