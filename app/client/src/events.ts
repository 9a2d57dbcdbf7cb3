/**
 * Events, from a transaction's logs and its inner instructions. Hot paths log theirs, slow paths hand theirs to the program
 * itself in an inner instruction, which no log limit can cut off.
 */
import { getBase16Decoder, getBase64Encoder, type Address, type ReadonlyUint8Array } from '@solana/kit';

import { bytesEqual } from './bytes.ts';
import { BULKHEAD_PROGRAM_ADDRESS } from './generated/bulkhead/index.ts';
import { EVENT_DECODERS, type ProgramEvent } from './generated/bulkhead/tables.ts';

export type { ProgramEvent };
export type EventName = ProgramEvent['name'];

/** An inner instruction of a transaction, with its program. */
export type InnerInstruction = Readonly<{ programAddress: Address; data: ReadonlyUint8Array }>;

const DISCRIMINATOR_BYTES = 8;
/** First bytes of an inner instruction that carries an event: Anchor's tag, little endian. */
const EVENT_INSTRUCTION = Uint8Array.of(0xe4, 0x45, 0xa5, 0x2e, 0x51, 0xcb, 0x9a, 0x1d);
const LOGGED_DATA = 'Program data: ';
const INVOKED = /^Program (\S+) invoke \[\d+\]$/;
const ENDED = /^Program (\S+) (success|failed)/;

const base16 = getBase16Decoder();
const base64 = getBase64Encoder();

/** The event these bytes are, or `undefined` for bytes that are none. */
export function decodeEvent(data: ReadonlyUint8Array): ProgramEvent | undefined {
    const discriminator = base16.decode(data.slice(0, DISCRIMINATOR_BYTES));
    const known = EVENT_DECODERS[discriminator as keyof typeof EVENT_DECODERS];
    if (known === undefined) return undefined;
    return { name: known.name, data: known.decoder.decode(data, DISCRIMINATOR_BYTES) } as ProgramEvent;
}

/** The events Bulkhead logged. What other programs log as data is none of ours, whatever it looks like. */
export function loggedEvents(logs: readonly string[]): ProgramEvent[] {
    const running: string[] = [];
    const events: ProgramEvent[] = [];
    for (const line of logs) {
        const invoked = INVOKED.exec(line)?.[1];
        if (invoked !== undefined) running.push(invoked);
        else if (ENDED.test(line)) running.pop();
        else if (line.startsWith(LOGGED_DATA) && running.at(-1) === BULKHEAD_PROGRAM_ADDRESS) {
            const event = decodeEvent(base64.encode(line.slice(LOGGED_DATA.length)));
            if (event !== undefined) events.push(event);
        }
    }
    return events;
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
