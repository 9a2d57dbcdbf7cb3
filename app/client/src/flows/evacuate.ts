/** Moves every vault to its evacuation route, and accounts for every unit. */
import type { Account, Address, Instruction, MaybeEncodedAccount } from '@solana/kit';

import { addressBytes } from '../bytes.ts';
import { migrationState } from '../constants.ts';
import {
    decodeMigration,
    decodeVault,
    getEvacuateInstruction,
    type Evacuation,
    type Vault,
} from '../generated/bulkhead/public.ts';
import * as pdas from '../pdas.ts';
import { readToken } from '../token.ts';
import { parentOffset } from '../watch.ts';
import { inParallel } from './batch.ts';
import { ProgramError, RpcRefused } from './chain.ts';
import { directVaultsOf, evacuateDirect, type Direct } from './direct-vaults.ts';
import { escapeDue, guardiansMissing, NOBODY, ownedOfKind, readScene, type Scene } from './reading.ts';
import { NotYet, Rule, Work, type Done, type Session } from './session.ts';

/** The evacuation of one vault, or of a direct vault: before = moved + fee + after. Native units. */
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
    NothingToMove: 'it is empty, or holds a refund that came after a state was chosen',
    UnfitEvacuationRoute: 'its evacuation route cannot be paid, or belongs to someone else now',
    WrongEvacuationRoute: 'it has no evacuation route: a proposal registers one',
    EvacuationNotConfirmed: 'the guardians have not confirmed its evacuation',
} as const;

/**
 * Anyone moves every vault whose evacuation the guardians have confirmed to its route, and has the host move every direct
 * vault. Skips what was moved. Once the escape is due, it stops queues without a confirmation too.
 */
export async function evacuate(session: Session, { domain }: Readonly<{ domain: Address }>): Promise<Evacuated> {
    const work = new Work(session);
    const scene = await readScene(work, domain);
    const { incident, isConfirmed } = await requireConfirmed(work, scene);
    const all = await holdersOf(work, domain);
    const balances = await balancesOf(work, all);
    const faults = new Map<Address, string>();
    const refused: unknown[] = [];
    let moved = 0;
    await inParallel(work.parallel, all, async (holder) => {
        const isDirect = holder.direct !== undefined;
        const isFirst = holder.evacuation.incident !== incident;
        const isHolding = (balances.get(holder.tokens) ?? 0n) > 0n;
        // An empty vault is closed. The host is called to move something, and only after the confirmation.
        if (isDirect ? isHolding && isConfirmed : isHolding || isFirst) {
            // One vault that a program refuses does not stop the others. A host's program may refuse without a number.
            await move(work, domain, incident, holder, faults).catch((error: unknown) => {
                const isRefusal = error instanceof ProgramError || error instanceof RpcRefused;
                if (!(error instanceof Rule) && !isRefusal) throw error;
                refused.push(error);
            });
        } else {
            work.skip();
        }
        work.report.progress('vaults', ++moved, all.length);
    });
    if (refused.length > 0) throw refused[0];
    const after = await holdersOf(work, domain);
    const held = await balancesOf(work, after);
    const rows = after.map((holder) => rowOf(incident, holder, held, faults.get(holder.address)));
    return { ...work.done(), incident, vaults: rows, sums: sumsOf(rows) };
}

/** A vault or a direct vault: the account that is emptied, and where it goes. */
type Holder = Readonly<{
    address: Address;
    mint: Address;
    tokens: Address;
    route: Address;
    evacuation: Evacuation;
    vault?: Vault;
    direct?: Direct;
}>;

async function holdersOf(work: Work, domain: Address): Promise<Holder[]> {
    const [vaults, direct] = [await vaultsOf(work, domain), await directVaultsOf(work, domain)];
    return [
        ...vaults.map(({ address, data: vault }) => {
            const { mint, custody, route, evacuation } = vault;
            return { address, mint, tokens: custody, route, evacuation, vault };
        }),
        ...direct.map((each) => {
            const { mint, source, route, evacuation } = each.data;
            return { address: each.address, mint, tokens: source, route, evacuation, direct: each };
        }),
    ];
}

/** The open incident, whose evacuation is confirmed, or whose escape is due. */
async function requireConfirmed(
    work: Work,
    { domain, council, at }: Scene,
): Promise<Readonly<{ incident: Address; isConfirmed: boolean }>> {
    const incident = domain.openIncident;
    if (incident === NOBODY) {
        throw new Rule('IncidentNotOpen', 'guardians confirm an incident and its evacuation first');
    }
    const migration = await work.find(await pdas.migration(incident), decodeMigration);
    if (migration?.state === migrationState.ACTIVE) return { incident, isConfirmed: true };
    const due = escapeDue(domain);
    if (due !== undefined && at.now >= due) return { incident, isConfirmed: false };
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

/** The balances of all accounts that are emptied, and of all recovery accounts. */
async function balancesOf(work: Work, holders: readonly Holder[]): Promise<Map<Address, bigint>> {
    const keys = [...new Set(holders.flatMap(({ tokens, route }) => [tokens, route]))];
    const accounts = await work.chain.accounts(keys);
    return new Map(accounts.map((account) => [account.address, balanceOf(account)] as const));
}

export function balanceOf(account: MaybeEncodedAccount | undefined): bigint {
    return account?.exists ? (readToken(account.data)?.amount ?? 0n) : 0n;
}

async function move(
    work: Work,
    domain: Address,
    incident: Address,
    holder: Holder,
    faults: Map<Address, string>,
): Promise<void> {
    try {
        await work.act([await instructionOf(domain, incident, holder)], "read the domain's status");
    } catch (error) {
        const fault = error instanceof Rule ? STAYS[error.rule as keyof typeof STAYS] : undefined;
        if (fault === undefined) throw error;
        faults.set(holder.address, fault);
        work.skip(`vault ${holder.address} was not moved: ${fault}`);
    }
}

async function instructionOf(
    domain: Address,
    incident: Address,
    { address, vault, direct, route }: Holder,
): Promise<Instruction> {
    if (direct !== undefined) return evacuateDirect(incident, direct);
    const { custody, mint, tokenProgram } = vault as Vault;
    // A vault without a route is closed, and its queue stopped; nothing is paid to the account that is passed.
    const destination = route === NOBODY ? custody : route;
    const migration = await pdas.migration(incident);
    const queueLedger = await pdas.queueLedger(vault as Vault);
    const queue = queueLedger === undefined ? {} : { queueLedger };
    const accounts = { domain, migration, incident, vault: address, custody, destination, mint, tokenProgram };
    return getEvacuateInstruction({ ...accounts, ...queue });
}

function rowOf(
    incident: Address,
    { address: vault, mint, tokens, route, evacuation }: Holder,
    balances: ReadonlyMap<Address, bigint>,
    fault: string | undefined,
): VaultRow {
    const isOwn = evacuation.incident === incident;
    const { before, moved, fee, after } = isOwn ? evacuation : { before: 0n, moved: 0n, fee: 0n, after: 0n };
    const balance = balances.get(tokens) ?? 0n;
    // A move that could not happen left the balance where it was, and recorded nothing.
    const unmoved = balance > after ? balance - after : 0n;
    const hasRoute = route !== NOBODY;
    return {
        vault,
        mint,
        recoveryAccount: hasRoute ? route : undefined,
        before: before + unmoved,
        moved,
        fee,
        after: after + unmoved,
        recovered: hasRoute ? (balances.get(route) ?? 0n) : 0n,
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
