/**
 * Reads events from a transaction's logs and its inner instructions.
 *
 * Logs are a convenience only: the runtime keeps 10 KB of logs, and a sender can fill them with other text before
 * Bulkhead logs anything. A client that must see every act watches the accounts: `watch`.
 */
import { getBase16Decoder, getBase64Encoder, type Address, type ReadonlyUint8Array } from '@solana/kit';

import { bytesEqual } from './bytes.ts';
import { BULKHEAD_PROGRAM_ADDRESS } from './generated/bulkhead/index.ts';
import { EVENT_DECODERS, type ProgramEvent } from './generated/bulkhead/tables.ts';

export type { ProgramEvent };
export type EventName = ProgramEvent['name'];

/** An inner instruction of a transaction, with its program. */
export type InnerInstruction = Readonly<{ programAddress: Address; data: ReadonlyUint8Array }>;

/** The content of a transaction's logs. */
export type LoggedEvents = Readonly<{
    events: readonly ProgramEvent[];
    /** Are lines missing? If so, there may be further events. */
    truncated: boolean;
    /** Did the transaction fail? If so, nothing that it logged took effect, and there are no events. */
    failed: boolean;
}>;

const DISCRIMINATOR_BYTES = 8;
/** Prefix of an inner instruction that carries an event: Anchor's tag, little endian. */
const EVENT_INSTRUCTION = Uint8Array.of(0xe4, 0x45, 0xa5, 0x2e, 0x51, 0xcb, 0x9a, 0x1d);
const LOGGED_DATA = 'Program data: ';
/** The runtime writes this in place of all further logs. */
const TRUNCATED = 'Log truncated';
// The runtime's own lines contain a program id in base58. Lines of programs begin with `Program log: `, `Program data:
// ` or `Program return: `. A colon is not base58, so these lines cannot be mistaken for the runtime's.
const PROGRAM = '[1-9A-HJ-NP-Za-km-z]{32,44}';
const INVOKED = new RegExp(`^Program (${PROGRAM}) invoke \\[(\\d+)\\]$`);
const SUCCEEDED = new RegExp(`^Program (${PROGRAM}) success$`);
const FAILED = new RegExp(`^Program (${PROGRAM}) failed(: |$)`);
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const base16 = getBase16Decoder();
const base64 = getBase64Encoder();

/** Decodes an event from exactly these bytes, or returns `undefined` if they are not an event. */
export function decodeEvent(data: ReadonlyUint8Array): ProgramEvent | undefined {
    const discriminator = base16.decode(data.slice(0, DISCRIMINATOR_BYTES));
    if (!Object.hasOwn(EVENT_DECODERS, discriminator)) return undefined;
    const { name, decoder } = EVENT_DECODERS[discriminator as keyof typeof EVENT_DECODERS];
    try {
        const [event, end] = decoder.read(data, DISCRIMINATOR_BYTES);
        return end === data.length ? ({ name, data: event } as ProgramEvent) : undefined;
    } catch {
        // Too short for the event that the discriminator names.
        return undefined;
    }
}

/**
 * The events that Bulkhead logged. Logs of other programs are ignored, whatever they look like: the call stack is
 * followed line by line, and where lines contradict each other all further lines are ignored.
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
            // A failing call fails the whole transaction.
            return { events: [], truncated: false, failed: true };
        } else if (line.startsWith(LOGGED_DATA) && running.at(-1) === BULKHEAD_PROGRAM_ADDRESS) {
            const data = line.slice(LOGGED_DATA.length);
            const event = BASE64.test(data) ? decodeEvent(base64.encode(data)) : undefined;
            if (event !== undefined) events.push(event);
        }
    }
    // A program call without an end: the end of the logs is missing.
    return { events, truncated: running.length > 0, failed: false };
}

/** The events of {@link readLogs}, for callers that accept that events may be missing. */
export function loggedEvents(logs: readonly string[]): ProgramEvent[] {
    return [...readLogs(logs).events];
}

/** The events that Bulkhead emitted by self-CPI. */
export function innerEvents(instructions: readonly InnerInstruction[]): ProgramEvent[] {
    return instructions
        .filter(({ programAddress, data }) => {
            const tag = data.slice(0, EVENT_INSTRUCTION.length);
            return programAddress === BULKHEAD_PROGRAM_ADDRESS && bytesEqual(tag, EVENT_INSTRUCTION);
        })
        .flatMap(({ data }) => decodeEvent(data.slice(EVENT_INSTRUCTION.length)) ?? []);
}
