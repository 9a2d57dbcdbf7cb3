/** Moves every vault to its evacuation route, and accounts for every unit. */
import type { Account, Address, MaybeEncodedAccount } from '@solana/kit';

import { addressBytes } from '../bytes.ts';
import { migrationState } from '../constants.ts';
import { decodeMigration, decodeVault, getEvacuateInstruction, type Vault } from '../generated/bulkhead/public.ts';
import * as pdas from '../pdas.ts';
import { readToken } from '../token.ts';
import { parentOffset } from '../watch.ts';
import { inParallel } from './batch.ts';
import { escapeDue, guardiansMissing, NOBODY, ownedOfKind, readScene, type Scene } from './reading.ts';
import { NotYet, Rule, Work, type Done, type Session } from './session.ts';

/** The evacuation of one vault: before = moved + fee + after. Native units. */
export type VaultRow = Readonly<{
    vault: Address;
    mint: Address;
    /** Its evacuation route, if it has one. */
    recoveryAccount: Address | undefined;
    before: bigint;
    /** Arrived in the recovery account. */
    moved: bigint;
    /** Withheld by the token program. */
    fee: bigint;
    after: bigint;
    /** Balance of the recovery account now. Other vaults may share it, and restorations draw from it. */
    recovered: bigint;
    /** Why the vault could not be moved. */
    fault: string | undefined;
}>;

/** The sum of one mint over the vaults. */
export type MintSum = Readonly<{ mint: Address; before: bigint; moved: bigint; fee: bigint; after: bigint }>;

/** What an incident's evacuation has moved so far, by all runs together. */
export type Evacuated = Done & Readonly<{ incident: Address; vaults: readonly VaultRow[]; sums: readonly MintSum[] }>;

/** Refusals by which a vault stays as it is. */
const STAYS = {
    NothingToMove: 'it is empty',
    UnfitEvacuationRoute: 'its evacuation route cannot be paid, or belongs to someone else now',
    WrongEvacuationRoute: 'it has no evacuation route: a proposal registers one',
    EvacuationNotConfirmed: 'the guardians have not confirmed its evacuation',
} as const;

/**
 * Anyone moves every vault whose evacuation the guardians have confirmed to its route. Skips what was moved. Once the escape
 * is due, it stops queues without a confirmation too.
 */
export async function evacuate(session: Session, { domain }: Readonly<{ domain: Address }>): Promise<Evacuated> {
    const work = new Work(session);
    const scene = await readScene(work, domain);
    const incident = await requireConfirmed(work, scene);
    const vaults = await vaultsOf(work, domain);
    const balances = await balancesOf(work, vaults);
    const faults = new Map<Address, string>();
    const refused: unknown[] = [];
    let moved = 0;
    await inParallel(work.parallel, vaults, async ({ address, data }) => {
        const isFirst = data.evacuation.incident !== incident;
        if (isFirst || (balances.get(data.custody) ?? 0n) > 0n) {
            // One vault that a program refuses does not stop the others.
            await move(work, domain, incident, { address, data }, faults).catch((error: unknown) => {
                if (!(error instanceof Rule)) throw error;
                refused.push(error);
            });
        } else {
            work.skip();
        }
        work.report.progress('vaults', ++moved, vaults.length);
    });
    if (refused.length > 0) throw refused[0];
    const after = await vaultsOf(work, domain);
    const held = await balancesOf(work, after);
    const rows = after.map(({ address, data }) => rowOf(incident, address, data, held, faults.get(address)));
    return { ...work.done(), incident, vaults: rows, sums: sumsOf(rows) };
}

/** The open incident, whose evacuation is confirmed, or whose escape is due. */
async function requireConfirmed(work: Work, { domain, council, at }: Scene): Promise<Address> {
    const incident = domain.openIncident;
    if (incident === NOBODY) {
        throw new Rule('IncidentNotOpen', 'guardians confirm an incident and its evacuation first');
    }
    const migration = await work.find(await pdas.migration(incident), decodeMigration);
    if (migration?.state === migrationState.ACTIVE) return incident;
    const due = escapeDue(domain);
    if (due !== undefined && at.now >= due) return incident;
    const { confirmations = 0, configEpoch = council.configEpoch } = migration ?? {};
    const missing = guardiansMissing(council, confirmations, configEpoch);
    throw new NotYet(
        `the guardians have not confirmed the evacuation of the incident ${incident}`,
        `more of these confirm it: ${missing.join(', ')}`,
    );
}

/** The vaults of a domain. */
export async function vaultsOf(work: Work, domain: Address): Promise<Account<Vault>[]> {
    const own = { offset: parentOffset('Vault'), bytes: addressBytes(domain) };
    const found = (await ownedOfKind(work, 'Vault', own)).map((account) => decodeVault(account));
    return found.sort((a, b) => (a.address < b.address ? -1 : 1));
}

/** The balances of all custody and recovery accounts. */
async function balancesOf(work: Work, vaults: readonly Account<Vault>[]): Promise<Map<Address, bigint>> {
    const keys = [...new Set(vaults.flatMap(({ data }) => [data.custody, data.route]))];
    const accounts = await work.chain.accounts(keys);
    return new Map(accounts.map((account) => [account.address, balanceOf(account)] as const));
}

export function balanceOf(account: MaybeEncodedAccount | undefined): bigint {
    return account?.exists ? (readToken(account.data)?.amount ?? 0n) : 0n;
}

type Keyed = Readonly<{ address: Address; data: Vault }>;

async function move(
    work: Work,
    domain: Address,
    incident: Address,
    { address: vault, data }: Keyed,
    faults: Map<Address, string>,
): Promise<void> {
    const { custody, mint, tokenProgram } = data;
    // A vault without a route is closed, and its queue stopped; nothing is paid to the account that is passed.
    const destination = data.route === NOBODY ? custody : data.route;
    const migration = await pdas.migration(incident);
    const queueLedger = await pdas.queueLedger(data);
    const queue = queueLedger === undefined ? {} : { queueLedger };
    const accounts = { domain, migration, incident, vault, custody, destination, mint, tokenProgram, ...queue };
    try {
        await work.act([getEvacuateInstruction(accounts)], "read the domain's status");
    } catch (error) {
        const fault = error instanceof Rule ? STAYS[error.rule as keyof typeof STAYS] : undefined;
        if (fault === undefined) throw error;
        faults.set(vault, fault);
        work.skip(`vault ${vault} was not moved: ${fault}`);
    }
}

function rowOf(
    incident: Address,
    vault: Address,
    data: Vault,
    balances: ReadonlyMap<Address, bigint>,
    fault: string | undefined,
): VaultRow {
    const isOwn = data.evacuation.incident === incident;
    const { before, moved, fee, after } = isOwn ? data.evacuation : { before: 0n, moved: 0n, fee: 0n, after: 0n };
    const balance = balances.get(data.custody) ?? 0n;
    // A move that could not happen left the balance where it was, and recorded nothing.
    const unmoved = balance > after ? balance - after : 0n;
    const hasRoute = data.route !== NOBODY;
    return {
        vault,
        mint: data.mint,
        recoveryAccount: hasRoute ? data.route : undefined,
        before: before + unmoved,
        moved,
        fee,
        after: after + unmoved,
        recovered: hasRoute ? (balances.get(data.route) ?? 0n) : 0n,
        fault: fault ?? (unmoved > 0n && !hasRoute ? STAYS.WrongEvacuationRoute : undefined),
    };
}

function sumsOf(rows: readonly VaultRow[]): MintSum[] {
    const sums = new Map<Address, MintSum>();
    for (const { mint, ...row } of rows) {
        const sum = sums.get(mint) ?? { mint, before: 0n, moved: 0n, fee: 0n, after: 0n };
        sums.set(mint, {
            mint,
            before: sum.before + row.before,
            moved: sum.moved + row.moved,
            fee: sum.fee + row.fee,
            after: sum.after + row.after,
        });
    }
    return [...sums.values()];
}
