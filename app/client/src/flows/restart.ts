/** Reads every restored ledger again before a domain reopens. */
import type { Address } from '@solana/kit';

import { addressBytes, compareBytes, numbersOf } from '../bytes.ts';
import {
    decodeAuthorityWatch,
    decodeDomain,
    decodeIncident,
    decodeLedger,
    decodeProofRules,
    getRecordRestartCheckInstruction,
    type Domain,
} from '../generated/bulkhead/public.ts';
import * as pdas from '../pdas.ts';
import { factorFields } from '../positions.ts';
import { withLedgers } from '../remaining.ts';
import { parentOffset } from '../watch.ts';
import { vaultsOf } from './evacuate.ts';
import { NOBODY, ownedOfKind } from './reading.ts';
import { NotYet, Work, type Done, type Session } from './session.ts';

/** The ledgers that were restored in an incident, by its bitmap. */
export function restoredLedgers({ restored }: Readonly<{ restored: ArrayLike<number> }>): number[] {
    return numbersOf(restored);
}

/** The checks that a reopening after `incident` must pass, by the domain's rules: restart checks, then proofs with plans. */
export async function restartChecks(
    work: Work,
    { key, domain }: Readonly<{ key: Address; domain: Domain }>,
    incident: Address,
): Promise<Address[]> {
    const isNamed = domain.openIncident === incident && incident !== NOBODY;
    const restored = isNamed
        ? restoredLedgers(await work.load('incident', incident, decodeIncident, 'is the cluster right?'))
        : [];
    const covered = isNamed && domain.restartCheckSeconds !== 0n ? restored : [];
    const checks = await Promise.all(covered.map((index) => pdas.restartCheck(incident, index)));
    const rules = await work.find(await pdas.proofRules(key), decodeProofRules);
    if (rules === undefined) return checks;
    // A ramp is asked again for what the domain last reopened after.
    const [of, required] = isNamed ? [incident, restored] : [rules.reopened, numbersOf(rules.reopenedLedgers)];
    const needed = new Set(numbersOf(rules.ledgers));
    const proved = required
        .filter((index) => needed.has(index))
        .map(async (index) => {
            const check = await pdas.proofCheck(of, index);
            return of === incident ? [check, await pdas.restoration(of, index)] : [check];
        });
    return [...checks, ...(await Promise.all(proved)).flat()];
}

/** What the check of a ledger reads: its factors, vaults with their custody, then watches with what they watch, ascending. */
export async function restartReading(work: Work, domain: Address, ledgerIndex: number) {
    const ledger = await pdas.ledger(domain, ledgerIndex);
    const state = await work.load('ledger', ledger, decodeLedger, 'is the number right?');
    const { mint, totalAccount } = state;
    const byAddress = (a: Address, b: Address) => compareBytes(addressBytes(a), addressBytes(b));
    const backing = (await vaultsOf(work, domain))
        .filter(({ data }) => data.ledger === ledgerIndex && data.mint === mint)
        .sort((a, b) => byAddress(a.address, b.address));
    const own = { offset: parentOffset('AuthorityWatch'), bytes: addressBytes(domain) };
    const watches = (await ownedOfKind(work, 'AuthorityWatch', own))
        .map((account) => decodeAuthorityWatch(account))
        .sort((a, b) => byAddress(a.address, b.address));
    const accounts = [
        ...factorFields(state).map(({ account }) => account),
        ...backing.flatMap(({ address, data }) => [address, data.custody]),
        ...watches.flatMap(({ address, data }) => [address, data.account]),
    ];
    return { ledger, totalAccount, accounts };
}

/** Anyone records, for every ledger that was restored in the open incident, that it is covered now. */
export async function checkRestart(session: Session, { domain }: Readonly<{ domain: Address }>): Promise<Done> {
    const work = new Work(session);
    const { openIncident: incident } = await work.load('domain', domain, decodeDomain, 'is the cluster right?');
    if (incident === NOBODY) throw new NotYet('the domain has no open incident', 'there is nothing to reopen');
    const found = await work.load('incident', incident, decodeIncident, 'is the cluster right?');
    for (const index of restoredLedgers(found)) {
        const { ledger, totalAccount, accounts: read } = await restartReading(work, domain, index);
        const check = await pdas.restartCheck(incident, index);
        const accounts = { payer: work.payer, domain, incident, ledger, totalAccount, check };
        const look = withLedgers(getRecordRestartCheckInstruction(accounts), read);
        await work.act([look], 'refund custody or write the ledger down, or propose to accept the difference');
    }
    return work.done();
}
