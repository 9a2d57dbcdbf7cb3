/**
 * Events, from a transaction's logs and its inner instructions.
 *
 * Logs are a convenience: the runtime keeps 10 KB of them, and whoever sends the transaction can fill these with text of
 * its own before Bulkhead says anything. Whoever has to see an act watches the accounts: `watch`.
 */
import { getBase16Decoder, getBase64Encoder, type Address, type ReadonlyUint8Array } from '@solana/kit';

import { bytesEqual } from './bytes.ts';
import { BULKHEAD_PROGRAM_ADDRESS } from './generated/bulkhead/index.ts';
import { EVENT_DECODERS, type ProgramEvent } from './generated/bulkhead/tables.ts';

export type { ProgramEvent };
export type EventName = ProgramEvent['name'];

/** An inner instruction of a transaction, with its program. */
export type InnerInstruction = Readonly<{ programAddress: Address; data: ReadonlyUint8Array }>;

/** What a transaction's logs say. */
export type LoggedEvents = Readonly<{
    events: readonly ProgramEvent[];
    /** Are there lines missing? Then there may be events that are not among these. */
    truncated: boolean;
    /** Did the transaction fail? Then nothing of what it logged has happened, and there are no events. */
    failed: boolean;
}>;

const DISCRIMINATOR_BYTES = 8;
/** First bytes of an inner instruction that carries an event: Anchor's tag, little endian. */
const EVENT_INSTRUCTION = Uint8Array.of(0xe4, 0x45, 0xa5, 0x2e, 0x51, 0xcb, 0x9a, 0x1d);
const LOGGED_DATA = 'Program data: ';
/** What the runtime writes in place of everything behind it. */
const TRUNCATED = 'Log truncated';
// The runtime's own lines name a program, in base58. Programs' lines begin `Program log: `, `Program data: ` or
// `Program return: `, and a colon is no base58, so none of them is taken for one of these.
const PROGRAM = '[1-9A-HJ-NP-Za-km-z]{32,44}';
const INVOKED = new RegExp(`^Program (${PROGRAM}) invoke \\[(\\d+)\\]$`);
const SUCCEEDED = new RegExp(`^Program (${PROGRAM}) success$`);
const FAILED = new RegExp(`^Program (${PROGRAM}) failed(: |$)`);
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const base16 = getBase16Decoder();
const base64 = getBase64Encoder();

/** The event these bytes are, all of them, or `undefined` for bytes that are none. */
export function decodeEvent(data: ReadonlyUint8Array): ProgramEvent | undefined {
    const discriminator = base16.decode(data.slice(0, DISCRIMINATOR_BYTES));
    if (!Object.hasOwn(EVENT_DECODERS, discriminator)) return undefined;
    const { name, decoder } = EVENT_DECODERS[discriminator as keyof typeof EVENT_DECODERS];
    try {
        const [event, end] = decoder.read(data, DISCRIMINATOR_BYTES);
        return end === data.length ? ({ name, data: event } as ProgramEvent) : undefined;
    } catch {
        // Too short for the event it begins like.
        return undefined;
    }
}

/**
 * The events Bulkhead logged. What other programs log is none of ours, whatever it looks like: the programs that run are
 * followed from line to line, and where these lines do not fit each other nothing further is believed.
 */
export function readLogs(logs: readonly string[]): LoggedEvents {
    const running: string[] = [];
    const events: ProgramEvent[] = [];
    for (const line of logs) {
        if (line === TRUNCATED) return { events, truncated: true, failed: false };
        const [, invoked, depth] = INVOKED.exec(line) ?? [];
        const ended = SUCCEEDED.exec(line)?.[1];
        if (invoked !== undefined) {
            if (Number(depth) !== running.length + 1) return { events, truncated: true, failed: false };
            running.push(invoked);
        } else if (ended !== undefined) {
            if (running.pop() !== ended) return { events, truncated: true, failed: false };
        } else if (FAILED.test(line)) {
            // A call that fails takes the whole transaction with it.
            return { events: [], truncated: false, failed: true };
        } else if (line.startsWith(LOGGED_DATA) && running.at(-1) === BULKHEAD_PROGRAM_ADDRESS) {
            const data = line.slice(LOGGED_DATA.length);
            const event = BASE64.test(data) ? decodeEvent(base64.encode(data)) : undefined;
            if (event !== undefined) events.push(event);
        }
    }
    // A program that never ended: the end is missing.
    return { events, truncated: running.length > 0, failed: false };
}

/** The events of {@link readLogs}, for whom it is enough that there may be more. */
export function loggedEvents(logs: readonly string[]): ProgramEvent[] {
    return [...readLogs(logs).events];
}

/** The events Bulkhead handed to itself. */
export function innerEvents(instructions: readonly InnerInstruction[]): ProgramEvent[] {
    return instructions
        .filter(({ programAddress, data }) => {
            const tag = data.slice(0, EVENT_INSTRUCTION.length);
            return programAddress === BULKHEAD_PROGRAM_ADDRESS && bytesEqual(tag, EVENT_INSTRUCTION);
        })
        .flatMap(({ data }) => decodeEvent(data.slice(EVENT_INSTRUCTION.length)) ?? []);
}
