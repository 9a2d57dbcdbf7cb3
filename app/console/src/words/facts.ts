/** Fields of accounts, arguments and decisions, to read. The unit follows from the name. */
import { constants } from '@bulkhead/client';
import { words } from '@bulkhead/client/status';
import { getBase16Decoder, isAddress } from '@solana/kit';

export type Fact = Readonly<{ label: string; value: string; isKey?: boolean }>;

/** `confirmIncident` and `ConfirmIncident`: `Confirm incident`. */
export function sentence(name: string): string {
    return capital(name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase());
}

/** The text with a capital letter in front. */
export function capital(text: string): string {
    return text.charAt(0).toUpperCase() + text.slice(1);
}

const NOBODY = '11111111111111111111111111111111';
/** More entries of a list than this are counted, not shown. */
const SHOWN = 6;

/** A field as facts: one, or those of its parts. */
export function fact(name: string, value: unknown): Fact[] {
    const label = sentence(name).toLowerCase();
    if (value === null || value === undefined || name === '__kind' || name.startsWith('padding')) return [];
    if (typeof value === 'string') {
        const isKey = isAddress(value);
        return [{ label, value: value === NOBODY ? 'none' : value, ...(isKey && value !== NOBODY ? { isKey } : {}) }];
    }
    if (typeof value === 'number' || typeof value === 'bigint') return [{ label, value: numberOf(name, value) }];
    if (typeof value === 'boolean') return [{ label, value: value ? 'yes' : 'no' }];
    if (value instanceof Uint8Array) {
        const isText = value.length > 64;
        return [{ label, value: isText ? `${value.length} bytes` : getBase16Decoder().decode(value) }];
    }
    if (Array.isArray(value)) return listOf(label, value);
    return Object.entries(value as object).flatMap(([part, each]) =>
        fact(part, each).map((found) => ({
            ...found,
            label: name === 'fields' || name === 'args' ? found.label : `${label}: ${found.label}`,
        })),
    );
}

function listOf(label: string, value: readonly unknown[]): Fact[] {
    if (value.length === 0) return [{ label, value: 'none' }];
    const shown = value.slice(0, SHOWN).flatMap((each, i) => fact(`${label} ${i + 1}`, each));
    return value.length > SHOWN ? [...shown, { label, value: `and ${value.length - SHOWN} more` }] : shown;
}

function numberOf(name: string, value: number | bigint): string {
    const number = BigInt(value);
    if (/bps$/i.test(name)) return `${Number(number) / 100} %`;
    if (/seconds$/i.test(name)) return number === 0n ? 'none' : words.span(number);
    if (/(ts|until)$/i.test(name) && number > 1_000_000_000n) return words.utc(number);
    if (/mask$/i.test(name) || name === 'actions')
        return number === 0n ? "the council's default" : words.closedActions(Number(value));
    if (name === 'scope') return words.scopeName(Number(value));
    if (name === 'choice' && Number(value) === constants.CHOICE_NONE) return 'none of the candidates';
    return number.toString().replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `9xQe…3VQ5`. */
export function short(key: string): string {
    return key.length <= 12 ? key : `${key.slice(0, 4)}…${key.slice(-4)}`;
}
