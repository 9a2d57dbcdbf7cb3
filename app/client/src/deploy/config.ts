/**
 * What a domain is opened with: TOML or JSON, in the names of the program's own arguments. Every key is checked by name, so
 * a typing error stops a deployment instead of being ignored by it.
 */
import { address, isAddress, type Address } from '@solana/kit';
import { parse as parseToml } from 'smol-toml';

import {
    BPS,
    lengthRule,
    MAX_AMOUNTS,
    MAX_COMPARTMENTS,
    MAX_EXPORT_ACCOUNTS,
    MAX_EXPORT_DATA,
    MAX_FILTERS,
    MAX_MEMBERS,
    role,
    SCOPE_DOMAIN,
} from '../constants.ts';
import type {
    ByteFilterConfigArgs,
    CouncilConfigArgs,
    ExportConfigArgs,
    PolicyConfigArgs,
    RegisterLedgerArgsArgs,
    ScaleConfigArgs,
    SlotTableConfigArgs,
} from '../generated/bulkhead/index.ts';
import { action, DEFAULT_EMERGENCY, type ActionName } from '../masks.ts';

export type DomainConfig = Readonly<{
    hostProgram: Address;
    governanceMint: Address;
    voteSeconds: bigint;
    quorumBps: number;
    council: CouncilConfigArgs;
    breakers: readonly BreakerConfig[];
    vaults: readonly VaultConfig[];
    ledgers: readonly LedgerConfig[];
    /** End set-up when all is there. Never by default: afterwards every change takes a proposal. */
    activate: boolean;
}>;

export type BreakerConfig = Readonly<{
    compartment: number;
    shard: number;
    mint: Address;
    authority: Address;
    subWindows: number;
    tripScope: number;
    windowSeconds: bigint;
    limit: bigint;
    slotLimit: bigint;
    latchSeconds: bigint;
    /** How many breakers share these limits. */
    shards: number;
    /** The limits as shares of the reference's lowest balance in the window; 0 is none. */
    limitBps: number;
    slotBps: number;
    /** Token account whose balance the shares are of; the default key is none. */
    reference: Address;
    /** What inflow can add to a window, at most. */
    inflowCredit: bigint;
    /** What is asked for in a window and has to wait, above which it latches; 0 is twice the limit. */
    tripLimit: bigint;
    tripBps: number;
}>;

/** A vault comes with the breaker that meters it. */
export type VaultConfig = Readonly<{
    mint: Address;
    index: number;
    compartment: number;
    operator: Address;
    queueSeconds: bigint;
    /** Number of the one ledger whose claims its tokens pay after an evacuation; 255 for none. */
    ledger: number;
    breaker: Omit<BreakerConfig, 'authority' | 'mint' | 'compartment'>;
    /** The one token account it can be evacuated to. */
    route: Address | undefined;
}>;

export type LedgerConfig = Readonly<RegisterLedgerArgsArgs>;

/** The configuration cannot be used as it is. */
export class ConfigError extends Error {}

const MAX_U32 = 0xffff_ffff;
const MAX_U64 = (1n << 64n) - 1n;
const MAX_I64 = (1n << 63n) - 1n;
/** Stands for no account. */
export const NOBODY = address('11111111111111111111111111111111');

/** Reads a file's text; the extension of `name` says which format it is in. */
export function parseConfig(text: string, name: string): DomainConfig {
    let value: unknown;
    try {
        value = name.endsWith('.json') ? JSON.parse(text) : parseToml(text, { integersAsBigInt: 'asNeeded' });
    } catch (error) {
        throw new ConfigError(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
    return readDomain(new Section('', value));
}

function readDomain(domain: Section): DomainConfig {
    return domain.read({
        hostProgram: domain.address('host_program'),
        governanceMint: domain.address('governance_mint'),
        voteSeconds: domain.seconds('vote_seconds'),
        quorumBps: domain.integer('quorum_bps', 1, BPS),
        council: readCouncil(domain.section('council')),
        breakers: domain.list('breakers').map(readBreaker),
        vaults: domain.list('vaults').map(readVault),
        ledgers: domain.list('ledgers').map(readLedger),
        activate: domain.flag('activate'),
    });
}

function readCouncil(council: Section): CouncilConfigArgs {
    const members = council.list('members').map((member) =>
        member.read({
            key: member.address('key'),
            roles: member.names('roles', (name) => role[name.toUpperCase() as keyof typeof role]),
        }),
    );
    if (members.length < 1 || members.length > MAX_MEMBERS) {
        throw new ConfigError(`council.members: 1 to ${MAX_MEMBERS}, not ${members.length}`);
    }
    const policies = council.section('policies');
    return council.read({
        members,
        holdThreshold: council.integer('hold_threshold', 1, MAX_MEMBERS),
        pauseRights: council.integer('pause_rights', 1, 255),
        vetoRights: council.integer('veto_rights', 0, 255),
        containSeconds: council.seconds('contain_seconds'),
        tripSeconds: council.seconds('trip_seconds'),
        defaultMask: council.has('default_mask')
            ? council.names('default_mask', (name) => action[name.toUpperCase() as ActionName])
            : DEFAULT_EMERGENCY,
        heartbeatSeconds: council.seconds('heartbeat_seconds'),
        containsPerDay: council.integer('contains_per_day', 1, 255),
        containsInARow: council.integer('contains_in_a_row', 1, 255),
        fallback: council.address('fallback'),
        fallbackSeconds: council.seconds('fallback_seconds'),
        policies: policies.read(
            ['loosen', 'constitution', 'custody', 'restoration'].map((name) => readPolicy(policies.section(name))),
        ),
    });
}

function readPolicy(policy: Section): PolicyConfigArgs {
    return policy.read({
        threshold: policy.integer('threshold', 1, MAX_MEMBERS),
        delaySeconds: policy.seconds('delay_seconds'),
        expirySeconds: policy.seconds('expiry_seconds'),
    });
}

function readBreaker(breaker: Section): BreakerConfig {
    return breaker.read({
        ...readLimits(breaker),
        compartment: breaker.integer('compartment', 0, MAX_COMPARTMENTS - 1),
        mint: breaker.address('mint'),
        authority: breaker.address('authority'),
    });
}

function readLimits(breaker: Section): VaultConfig['breaker'] {
    const tripsDomain = breaker.has('trip_scope') && breaker.text('trip_scope') === 'domain';
    return {
        shard: breaker.integer('shard', 0, 255, 0),
        subWindows: breaker.integer('sub_windows', 1, 255),
        tripScope: tripsDomain ? SCOPE_DOMAIN : breaker.integer('trip_scope', 0, SCOPE_DOMAIN, SCOPE_DOMAIN),
        windowSeconds: breaker.seconds('window_seconds'),
        limit: breaker.amount('limit'),
        slotLimit: breaker.amount('slot_limit'),
        latchSeconds: breaker.seconds('latch_seconds'),
        shards: breaker.integer('shards', 1, 255, 1),
        limitBps: breaker.integer('limit_bps', 0, BPS, 0),
        slotBps: breaker.integer('slot_bps', 0, BPS, 0),
        reference: breaker.has('reference') ? breaker.address('reference') : NOBODY,
        inflowCredit: breaker.has('inflow_credit') ? breaker.amount('inflow_credit') : 0n,
        tripLimit: breaker.has('trip_limit') ? breaker.amount('trip_limit') : 0n,
        tripBps: breaker.integer('trip_bps', 0, 65_535, 0),
    };
}

function readVault(vault: Section): VaultConfig {
    const breaker = vault.section('breaker');
    return vault.read({
        mint: vault.address('mint'),
        index: vault.integer('index', 0, 255, 0),
        compartment: vault.integer('compartment', 0, MAX_COMPARTMENTS - 1),
        operator: vault.address('operator'),
        queueSeconds: vault.seconds('queue_seconds'),
        ledger: vault.integer('ledger', 0, 255),
        breaker: breaker.read(readLimits(breaker)),
        route: vault.has('route') ? vault.address('route') : undefined,
    });
}

function readLedger(ledger: Section): LedgerConfig {
    const program = ledger.address('program');
    const dataLen = ledger.integer('data_len', 0, MAX_U32, 0);
    const isExported = ledger.has('export');
    return ledger.read({
        index: ledger.integer('index', 0, 255),
        program,
        mint: ledger.address('mint'),
        total: {
            account: ledger.address('total_account'),
            program: ledger.has('total_program') ? ledger.address('total_program') : program,
            offset: ledger.integer('total_offset', 0, MAX_U32),
            width: ledger.integer('total_width', 8, 16, 8),
            unit: ledger.integer('total_unit', 0, 1, 0),
            shortfallBps: ledger.integer('total_shortfall_bps', 0, 100, 0),
            excessBps: ledger.integer('total_excess_bps', 0, 100, 0),
        },
        lengthRule: ledger.integer(
            'length_rule',
            lengthRule.EXACT,
            lengthRule.TOKEN_ACCOUNT,
            dataLen > 0 ? lengthRule.EXACT : lengthRule.AT_LEAST,
        ),
        dataLen,
        filters: atMost(MAX_FILTERS, ledger, 'filters').map(readFilter),
        ownerOffset: ledger.integer('owner_offset', 0, MAX_U32, isExported ? 0 : undefined),
        amounts: isExported ? [] : readAmounts(ledger),
        scale: ledger.has('scale') ? readScale(ledger.section('scale')) : { multiplier: 1n, divisor: 1n, shift: 0 },
        slots: ledger.has('slots') ? readSlots(ledger.section('slots')) : null,
        export: isExported ? readExport(ledger.section('export')) : null,
    });
}

/** One number at `amount_offset`, or a list of numbers that are added up. */
function readAmounts(ledger: Section): LedgerConfig['amounts'] {
    if (ledger.has('amount_offset')) {
        const offset = ledger.integer('amount_offset', 0, MAX_U32);
        return [{ offset, width: ledger.integer('amount_width', 1, 16, 8), flags: 0 }];
    }
    return atMost(MAX_AMOUNTS, ledger, 'amounts').map((amount) =>
        amount.read({
            offset: amount.integer('offset', 0, MAX_U32),
            width: amount.integer('width', 1, 16, 8),
            flags: amount.integer('flags', 0, 7, 0),
        }),
    );
}

function readScale(scale: Section): ScaleConfigArgs {
    return scale.read({
        multiplier: scale.has('multiplier') ? scale.amount('multiplier') : 1n,
        divisor: scale.has('divisor') ? scale.amount('divisor') : 1n,
        shift: scale.integer('shift', 0, 127, 0),
    });
}

function readSlots(slots: Section): SlotTableConfigArgs {
    return slots.read({
        offset: slots.integer('offset', 0, MAX_U32),
        stride: slots.integer('stride', 1, MAX_U32),
        count: slots.integer('count', 1, 0xffff),
        usedOffset: slots.integer('used_offset', 0, MAX_U32, 0),
        usedWidth: slots.integer('used_width', 0, 8, 0),
        filter: slots.has('filter') ? readFilter(slots.section('filter')) : null,
    });
}

function readExport(given: Section): ExportConfigArgs {
    const accounts = atMost(MAX_EXPORT_ACCOUNTS, given, 'accounts');
    return given.read({
        program: given.address('program'),
        data: readHex(given, MAX_EXPORT_DATA),
        accounts: accounts.map((account) => account.read(account.address('address'))),
    });
}

function readFilter(filter: Section): ByteFilterConfigArgs {
    return filter.read({ offset: filter.integer('offset', 0, MAX_U32), bytes: readHex(filter, 32) });
}

function readHex(section: Section, most: number): Uint8Array {
    const hex = section.text('hex');
    if (!/^([0-9a-f]{2})+$/i.test(hex) || hex.length > 2 * most) {
        throw new ConfigError(`${section.path}.hex: 1 to ${most} bytes in hex`);
    }
    return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

function atMost(most: number, section: Section, key: string): Section[] {
    const list = section.list(key);
    if (list.length > most) throw new ConfigError(`${section.path}.${key}: at most ${most}`);
    return list;
}

/** One table of the file. Remembers what was read, so that what nobody reads is an error. */
class Section {
    readonly #values: Readonly<Record<string, unknown>>;
    readonly #known = new Set<string>();

    constructor(
        readonly path: string,
        value: unknown,
    ) {
        if (typeof value !== 'object' || value === null || Array.isArray(value)) {
            throw new ConfigError(`${path || 'the file'}: a table is missing`);
        }
        this.#values = value as Record<string, unknown>;
    }

    /** `value`, once every key of the table has been asked for. */
    read<T>(value: T): T {
        const unknown = Object.keys(this.#values).filter((key) => !this.#known.has(key));
        if (unknown.length > 0) throw new ConfigError(`unknown: ${unknown.map((key) => this.#at(key)).join(', ')}`);
        return value;
    }

    has(key: string): boolean {
        return this.#values[key] !== undefined;
    }

    section(key: string): Section {
        return new Section(this.#at(key), this.#get(key));
    }

    list(key: string): Section[] {
        const value = this.#get(key) ?? [];
        if (!Array.isArray(value)) throw this.#wrong(key, 'a list of tables');
        return value.map((item, i) => new Section(`${this.#at(key)}[${i}]`, item));
    }

    text(key: string): string {
        const value = this.#get(key);
        if (typeof value === 'string') return value;
        throw this.#wrong(key, 'a string');
    }

    flag(key: string): boolean {
        const value = this.#get(key) ?? false;
        if (typeof value === 'boolean') return value;
        throw this.#wrong(key, 'true or false');
    }

    address(key: string): Address {
        const value = this.#get(key);
        if (typeof value === 'string' && isAddress(value)) return value;
        throw this.#wrong(key, 'an address');
    }

    integer(key: string, min: number, max: number, otherwise?: number): number {
        const value = this.#get(key) ?? otherwise;
        if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
        throw this.#wrong(key, `a whole number from ${min} to ${max}`);
    }

    seconds(key: string): bigint {
        return this.#big(key, 'seconds', MAX_I64);
    }

    /** Native units. A string where the format's numbers are too small. */
    amount(key: string): bigint {
        return this.#big(key, 'an amount in native units', MAX_U64);
    }

    /** The bits of a list of names. */
    names(key: string, bit: (name: string) => number | undefined): number {
        const value = this.#get(key);
        if (!Array.isArray(value)) throw this.#wrong(key, 'a list of names');
        return value.reduce((mask: number, name: unknown) => {
            const found = typeof name === 'string' ? bit(name) : undefined;
            if (found === undefined) throw this.#wrong(key, `known names; ${String(name)} is none`);
            return (mask | found) >>> 0;
        }, 0);
    }

    #big(key: string, what: string, max: bigint): bigint {
        const value = this.#get(key);
        const isWhole =
            typeof value === 'bigint' ||
            (typeof value === 'number' && Number.isSafeInteger(value)) ||
            (typeof value === 'string' && /^\d+$/.test(value));
        if (isWhole && BigInt(value) >= 0n && BigInt(value) <= max) return BigInt(value);
        throw this.#wrong(key, what);
    }

    #get(key: string): unknown {
        this.#known.add(key);
        return this.#values[key];
    }

    #at(key: string): string {
        return this.path ? `${this.path}.${key}` : key;
    }

    #wrong(key: string, wanted: string): ConfigError {
        return new ConfigError(`${this.#at(key)}: ${this.has(key) ? 'has to be' : 'is missing:'} ${wanted}`);
    }
}
