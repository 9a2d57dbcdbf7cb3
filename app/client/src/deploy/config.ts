/**
 * The configuration of a domain: TOML or JSON. The format is `domain.schema.json`, generated from the types with which
 * `bulkhead init` reads the same file. No key is described here again.
 */
import { address, isAddress, type Address } from '@solana/kit';
import { Ajv2019, type ErrorObject } from 'ajv/dist/2019.js';
import { parse as parseToml } from 'smol-toml';

import { lengthRule, linkFlag, role, SCOPE_DOMAIN } from '../constants.ts';
import type {
    OpenBreakerArgsArgs,
    OpenDomainArgsArgs,
    OpenVaultArgsArgs,
    RegisterLedgerArgsArgs,
} from '../generated/bulkhead/index.ts';
import { action } from '../masks.ts';
import schema from './domain.schema.json' with { type: 'json' };

export type DomainConfig = Readonly<OpenDomainArgsArgs> &
    Readonly<{
        governanceMint: Address;
        breakers: readonly BreakerConfig[];
        vaults: readonly VaultConfig[];
        ledgers: readonly LedgerConfig[];
        /** End set-up after the last step. Never the default: afterwards every change needs a proposal. */
        activate: boolean;
    }>;

export type BreakerConfig = Readonly<OpenBreakerArgsArgs>;

/** A vault and the breaker that meters it. */
export type VaultConfig = Readonly<Omit<OpenVaultArgsArgs, 'breaker'>> &
    Readonly<{
        breaker: Omit<BreakerConfig, 'authority' | 'mint' | 'compartment'>;
        /** The only token account that the vault can be evacuated to. */
        route: Address | undefined;
    }>;

export type LedgerConfig = Readonly<RegisterLedgerArgsArgs>;

/** The configuration is invalid. */
export class ConfigError extends Error {}

/** The placeholder for no account. */
export const NOBODY = address('11111111111111111111111111111111');

/** The actions without a name of their own: the host's, and those that are not defined yet. */
const OTHER_ACTIONS = ~Object.values(action).reduce((all, bit) => all | bit, 0) >>> 0;

/** In the order of the program's proposal classes. */
const CLASSES = ['loosen', 'constitution', 'custody', 'restoration'];

/** The values that the schema's formats stand for. */
const WANTED: Readonly<Record<string, string>> = {
    actions: 'a list of names',
    address: 'an address',
    amount: 'an amount in native units',
    hex: 'bytes in hex',
    roles: 'a list of names',
    scope: '"domain" or the number of a compartment',
    seconds: 'a number of seconds',
};

type Table = Readonly<Record<string, unknown>>;

/** The part of a JSON schema that is used here. */
type Schema = Readonly<{
    $ref?: string;
    anyOf?: readonly Schema[];
    default?: unknown;
    format?: string;
    items?: Schema;
    properties?: Readonly<Record<string, Schema>>;
    type?: string | readonly string[];
}>;

const validator = new Ajv2019({
    strict: false,
    verbose: true,
    formats: {
        ...Object.fromEntries(Object.keys(WANTED).map((name) => [name, true])),
        address: isAddress,
        int32: true,
    },
});
const isDomainFile = validator.compile(schema);

/** Reads a file's text. The extension of `name` selects the format. */
export function parseConfig(text: string, name: string): DomainConfig {
    let value: unknown;
    try {
        value = name.endsWith('.json') ? JSON.parse(text) : parseToml(text, { integersAsBigInt: 'asNeeded' });
    } catch (error) {
        throw new ConfigError(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
    const plain = withoutBigInts(value);
    if (!isDomainFile(plain)) throw new ConfigError(describeErrors(isDomainFile.errors ?? []));
    return assemble(convert(plain, schema as Schema) as Table);
}

/** Converts numbers beyond 53 bits to strings, which the schema accepts for large numbers. */
function withoutBigInts(value: unknown): unknown {
    if (typeof value === 'bigint') return String(value);
    if (Array.isArray(value)) return value.map(withoutBigInts);
    return isTable(value) ? mapValues(value, withoutBigInts) : value;
}

/** Converts a value to the client's types, by its schema. An absent value gets the schema's default. */
function convert(value: unknown, given: Schema): unknown {
    const { format, items, properties } = resolve(given);
    switch (format) {
        case 'amount':
        case 'seconds':
            return BigInt(value as number | string);
        case 'hex':
            return bytesOf(value as string);
        case 'scope':
            return value === 'domain' ? SCOPE_DOMAIN : value;
        case 'roles':
            return maskOf(value as string[], role);
        case 'actions':
            return maskOf(value as string[], { ...action, OTHER: OTHER_ACTIONS });
    }
    if (Array.isArray(value)) return value.map((item) => convert(item, items ?? {}));
    if (!isTable(value) || properties === undefined) return value;
    const entries = Object.entries(properties).flatMap(([key, part]) => {
        const found = value[key] ?? part.default ?? undefined;
        return found === undefined ? [] : [[camelCase(key), convert(found, part)]];
    });
    return Object.fromEntries(entries);
}

/** The schema of a value, without the `null` of an optional one. */
function resolve(given: Schema): Schema {
    if (given.$ref !== undefined) {
        const name = given.$ref.split('/').at(-1) ?? '';
        return resolve((schema.definitions as Readonly<Record<string, Schema>>)[name] ?? {});
    }
    const [some, ...others] = given.anyOf?.filter(({ type }) => type !== 'null') ?? [];
    return some !== undefined && others.length === 0 ? resolve(some) : given;
}

/** Converts from the file's shape to the program's arguments, where they differ. */
function assemble(file: Table): DomainConfig {
    const list = (key: string) => (file[key] ?? []) as Table[];
    if (list('priceBreakers').length > 0) {
        throw new ConfigError('price_breakers: not supported here; use `bulkhead init`');
    }
    const council = file['council'] as Table;
    const policies = council['policies'] as Table;
    return {
        ...file,
        council: {
            ...council,
            policies: CLASSES.map((name) => policies[name]),
        },
        breakers: list('breakers').map(withReference),
        vaults: list('vaults').map((vault) => ({
            route: undefined,
            ...vault,
            breaker: withReference(vault['breaker'] as Table),
        })),
        ledgers: list('ledgers').map(assembleLedger),
        activate: file['activate'] ?? false,
    } as unknown as DomainConfig;
}

function withReference(breaker: Table): Table {
    return { reference: NOBODY, ...breaker };
}

function assembleLedger(ledger: Table): Table {
    const { offset, width = 8 } = part(ledger, 'amount');
    const slots = ledger['slots'] as Table | undefined;
    const exported = ledger['export'] as Table | undefined;
    return {
        lengthRule: ledger['dataLen'] === 0 ? lengthRule.AT_LEAST : lengthRule.EXACT,
        ownerOffset: 0,
        scale: { multiplier: 1n, divisor: 1n, shift: 0 },
        amounts: offset === undefined ? [] : [{ offset, width, flags: 0 }],
        ...ledger,
        total: { program: ledger['program'], ...part(ledger, 'total') },
        filters: ((ledger['filters'] ?? []) as Table[]).map(assembleFilter),
        slots: slots ? { ...slots, filter: slots['filter'] ? assembleFilter(slots['filter'] as Table) : null } : null,
        export: exported
            ? {
                  program: exported['program'],
                  data: exported['hex'],
                  accounts: ((exported['accounts'] ?? []) as Table[]).map((account) => account['address']),
                  positionAccounts: exported['positionAccounts'] ?? 0,
              }
            : null,
        link: assembleLink(ledger),
    };
}

function assembleLink(ledger: Table): Table | null {
    const factors = ((ledger['factors'] ?? []) as Table[]).map((factor) => ({ width: 8, flags: 0, ...factor }));
    const flags = (ledger['ownerIsToken'] ? linkFlag.OWNER_IS_TOKEN : 0) | (ledger['records'] ? linkFlag.RECORDS : 0);
    if (flags === 0 && factors.length === 0) return null;
    const program = factors.length === 0 ? NOBODY : (ledger['factorProgram'] ?? ledger['program']);
    return { flags, program, factors };
}

function assembleFilter({ offset, hex }: Table): Table {
    return { offset, bytes: hex };
}

/** The keys with this prefix, without it: `totalOffset` is the `offset` of `total`. */
function part(table: Table, word: string): Table {
    const own = Object.entries(table).filter(([key]) => new RegExp(`^${word}[A-Z]`).test(key));
    return Object.fromEntries(
        own.map(([key, value]) => [key.charAt(word.length).toLowerCase() + key.slice(word.length + 1), value]),
    );
}

/** The error, with its key. */
function describeErrors(errors: readonly ErrorObject[]): string {
    // For alternatives, the last error says that none matches.
    const error = errors.at(-1);
    if (error === undefined) return 'the file does not match the schema';
    const { instancePath, keyword, message = 'is wrong' } = error;
    const params = error.params as Readonly<Record<string, unknown>>;
    const path = instancePath
        .slice(1)
        .replaceAll(/\/(\d+)/g, '[$1]')
        .replaceAll('/', '.');
    const at = (key: unknown) => (path ? `${path}.${String(key)}` : String(key));
    switch (keyword) {
        case 'required':
            return `${at(params['missingProperty'])}: is missing`;
        case 'additionalProperties':
            return `unknown: ${at(params['additionalProperty'])}`;
        case 'enum':
            return `${path}: ${String(error.data)} is none of ${(params['allowedValues'] as string[]).join(', ')}`;
        case 'maxItems':
        case 'minItems':
            return `${path}: ${keyword === 'maxItems' ? 'at most' : 'at least'} ${String(params['limit'])}`;
    }
    const { format, minimum, maximum } = (error.parentSchema ?? {}) as Readonly<Record<string, unknown>>;
    const wanted = typeof format === 'string' ? WANTED[format] : undefined;
    if (wanted !== undefined) return `${path}: must be ${wanted}`;
    if (minimum !== undefined) return `${path}: must be a whole number from ${String(minimum)} to ${String(maximum)}`;
    return `${path || 'the file'}: ${message}`;
}

function bytesOf(hex: string): Uint8Array {
    const pairs = hex.replace(/^0x/, '').match(/../g) ?? [];
    return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
}

/** The bits of a list of names. */
function maskOf(names: readonly string[], bits: Readonly<Record<string, number>>): number {
    return names.reduce((mask, name) => (mask | (bits[name.toUpperCase()] ?? 0)) >>> 0, 0);
}

function camelCase(key: string): string {
    return key.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}

function isTable(value: unknown): value is Table {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mapValues(table: Table, change: (value: unknown) => unknown): Table {
    return Object.fromEntries(Object.entries(table).map(([key, value]) => [key, change(value)]));
}
