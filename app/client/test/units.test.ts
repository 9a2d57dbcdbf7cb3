/** Addresses, masks, events and errors, without a chain. */
import { getBase64Decoder, lamports, type Address, type EncodedAccount } from '@solana/kit';
import { describe, expect, test } from 'vitest';

import { concat, toAddress } from '../src/bytes.ts';
import {
    BULKHEAD_PROGRAM_ADDRESS,
    constants,
    decision,
    encodeDecision,
    customErrorCode,
    decodeEvent,
    errorCode,
    errorName,
    findCustodyPda,
    findDomainPda,
    findEscrowPda,
    findMigrationPda,
    findPoolPda,
    findRecordPda,
    findVotesPda,
    getPausedEncoder,
    getPauseBoardDecoder,
    getPauseBoardSize,
    innerEvents,
    loggedEvents,
    masks,
    pdas,
    ProposalKind,
    readLogs,
    AccountError,
    decodePauseBoard,
    decodeSnapshot,
    getLedgerSize,
    getSnapshotSize,
    LEDGER_DISCRIMINATOR,
    PAUSE_BOARD_DISCRIMINATOR,
    SNAPSHOT_DISCRIMINATOR,
} from '../src/index.ts';
import { EVENT_DECODERS } from '../src/generated/bulkhead/tables.ts';
import { READERS } from '../src/generated/bulkhead/readers.ts';
import * as everything from '../src/index.ts';

const a = toAddress(new Uint8Array(32).fill(1));
const b = toAddress(new Uint8Array(32).fill(2));

test('addresses are those the IDL derives', async () => {
    const pairs: [Promise<Address>, Promise<readonly [Address, number]>][] = [
        [pdas.domain(a), findDomainPda({ setupAuthority: a })],
        [pdas.custody(a), findCustodyPda({ vault: a })],
        [pdas.migration(a), findMigrationPda({ incident: a })],
        [pdas.votes(a), findVotesPda({ domain: a })],
        [pdas.pool(a), findPoolPda({ restoration: a })],
        [pdas.escrow(a, b), findEscrowPda({ domain: a, voter: b })],
        [pdas.voteRecord(a, b), findRecordPda({ ballot: a, voter: b })],
    ];
    for (const [ours, theirs] of pairs) expect(await ours).toBe((await theirs)[0]);
    const numbered = await Promise.all([
        pdas.release(a, 1),
        pdas.release(a, 256n),
        pdas.incident(a, 1),
        pdas.proposal(a, b, 1),
    ]);
    expect(new Set(numbered).size).toBe(4);
    expect(() => pdas.ledger(a, 256)).toThrow('does not fit');
});

describe('masks', () => {
    const ROW = 48;
    const DOMAIN_ROW = 32;
    const compartment = (i: number) => DOMAIN_ROW + ROW * (1 + i);
    /** A board's bytes as the guard reads them. */
    const board = (write: (view: DataView) => void) => {
        const bytes = new Uint8Array(getPauseBoardSize());
        write(new DataView(bytes.buffer));
        return getPauseBoardDecoder().decode(bytes);
    };

    test('timed masks count until their time', () => {
        const decoded = board((view) => {
            view.setUint32(DOMAIN_ROW, masks.action.ADMIN, true);
            view.setUint32(compartment(3) + 4, masks.action.TRADE, true);
            view.setBigInt64(compartment(3) + 24, 100n, true);
            view.setUint32(compartment(3) + 8, masks.action.WITHDRAW | 0x8000_0000, true);
            view.setBigInt64(compartment(3) + 32, 200n, true);
            view.setUint32(compartment(3) + 12, masks.action.BORROW, true);
            view.setBigInt64(compartment(3) + 40, 300n, true);
        });
        const at = (now: bigint, i = 3) => masks.actionNames(masks.effectiveMask(decoded, i, now));
        expect(at(99n)).toEqual(['WITHDRAW', 'BORROW', 'TRADE', 'ADMIN', 'HOST_31']);
        expect(at(100n)).toEqual(['WITHDRAW', 'BORROW', 'ADMIN', 'HOST_31']);
        expect(at(200n)).toEqual(['BORROW', 'ADMIN']);
        expect(at(300n)).toEqual(['ADMIN']);
        expect(at(0n, 4)).toEqual(['ADMIN']);
        expect(masks.effectiveMask(decoded, 3, 0n)).toBe(0x8000_0000 + 2 + 4 + 16 + 512);
        expect(() => masks.effectiveMask(decoded, constants.MAX_COMPARTMENTS, 0n)).toThrow('0 to 63');
    });

    test('liquidations wait out the grace period', () => {
        const decoded = board((view) => view.setBigInt64(24, 100n, true));
        expect(masks.isOpen(decoded, 0, masks.action.LIQUIDATE, 99n)).toBe(false);
        expect(masks.isOpen(decoded, 0, masks.action.LIQUIDATE, 100n)).toBe(true);
    });

    test('the smaller stage counts', () => {
        const decoded = board((view) => {
            view.setUint16(DOMAIN_ROW + 16, 5_000, true);
            view.setUint16(compartment(1) + 16, 2_500, true);
            view.setUint16(compartment(2) + 16, 10_000, true);
        });
        expect([masks.rampBps(decoded, 1), masks.rampBps(decoded, 2)]).toEqual([2_500, 5_000]);
    });
});

describe('accounts', () => {
    const system = '11111111111111111111111111111111' as Address;
    const encoded = (data: Uint8Array, programAddress: Address = BULKHEAD_PROGRAM_ADDRESS) => ({
        exists: true as const,
        address: a,
        data,
        programAddress,
        executable: false,
        lamports: lamports(1n),
        space: BigInt(data.length),
    });
    const board = concat(PAUSE_BOARD_DISCRIMINATOR, Uint8Array.of(1), new Uint8Array(getPauseBoardSize() - 9));

    test('zeros of somebody else are no board on which everything is open', () => {
        const zeros = new Uint8Array(getPauseBoardSize());
        expect(() => decodePauseBoard(encoded(zeros, system))).toThrow(AccountError);
        expect(() => decodePauseBoard(encoded(zeros))).toThrow('is not a PauseBoard');
        expect(() => decodePauseBoard(encoded(board, system))).toThrow('belongs to 1111');
        expect(() => decodePauseBoard(encoded(board.slice(0, -1)))).toThrow('too short');
        expect(() => decodePauseBoard(encoded(board.with(8, 2)))).toThrow('of version 2');
        expect(() => decodePauseBoard(encoded(board.slice(0, 3)))).toThrow('is not a PauseBoard');
        expect(decodePauseBoard(encoded(board)).data.version).toBe(1);
        expect(decodePauseBoard({ exists: false, address: a })).toEqual({ exists: false, address: a });
    });

    test('a ledger is no snapshot', () => {
        const size = Math.max(getLedgerSize(), getSnapshotSize());
        const ledger = concat(LEDGER_DISCRIMINATOR, Uint8Array.of(1), new Uint8Array(size));
        expect(() => decodeSnapshot(encoded(ledger))).toThrow('is not a Snapshot');
        const snapshot = concat(SNAPSHOT_DISCRIMINATOR, Uint8Array.of(1), new Uint8Array(size));
        expect(decodeSnapshot(encoded(snapshot)).data.version).toBe(1);
    });

    test('every reader that is exported checks', () => {
        for (const [kind, decode] of Object.entries(READERS)) {
            expect(everything[`decode${kind}` as keyof typeof everything], kind).toBe(decode);
            const read = decode as (account: EncodedAccount) => unknown;
            expect(() => read(encoded(new Uint8Array(20_000))), kind).toThrow(AccountError);
        }
        const readers = Object.keys(everything).filter(
            (name) => /^decode[A-Z]/.test(name) && !['decodeEvent', 'decodeDecision'].includes(name),
        );
        expect(readers.length).toBe(Object.keys(READERS).length);
    });
});

test('no action is not an open one', () => {
    const open = getPauseBoardDecoder().decode(new Uint8Array(getPauseBoardSize()));
    expect(masks.isOpen(open, 0, masks.action.WITHDRAW, 0n)).toBe(true);
    expect(masks.isOpen(open, 0, 1 << 31, 0n)).toBe(true);
    for (const none of [0, Number.NaN, 0.5, 2 ** 32]) expect(masks.isOpen(open, 0, none, 0n)).toBe(false);
});

describe('events', () => {
    const paused = { board: a, guardian: b, scope: 255, mask: 7, until: 9n, rightsLeft: 2 };
    const discriminator = Object.entries(EVENT_DECODERS).find(([, { name }]) => name === 'Paused')?.[0] as string;
    const data = concat(Buffer.from(discriminator, 'hex'), getPausedEncoder().encode(paused));
    const event = { name: 'Paused', data: paused };
    const logged = `Program data: ${getBase64Decoder().decode(data)}`;
    const program = BULKHEAD_PROGRAM_ADDRESS;

    test('from the logs, and only Bulkhead’s own', () => {
        const own = [`Program ${program} invoke [1]`, logged, `Program ${program} success`];
        const nested = [
            `Program ${a} invoke [1]`,
            `Program ${program} invoke [2]`,
            logged,
            `Program ${program} success`,
            `Program ${a} success`,
        ];
        const forged = [
            `Program ${a} invoke [1]`,
            logged,
            `Program ${program} invoke [2]`,
            `Program ${program} success`,
            logged,
            `Program ${a} success`,
        ];
        expect(loggedEvents(own)).toEqual([event]);
        expect(loggedEvents(nested)).toEqual([event]);
        expect(loggedEvents(forged)).toEqual([]);
        expect(readLogs(own)).toEqual({ events: [event], truncated: false, failed: false });
    });

    test('no program writes its way into Bulkhead’s place', () => {
        const inside = (...lines: string[]) => [
            `Program ${program} invoke [1]`,
            `Program ${a} invoke [2]`,
            ...lines,
            `Program ${a} success`,
            `Program ${program} success`,
        ];
        // Text that looks like the runtime's own lines, which a program can log.
        const texts = [
            'success',
            'invoke [3]',
            `${program} invoke [3]`,
            `Program ${program} invoke [3]`,
            'failed',
            `\nProgram ${a} success`,
            `x\nProgram ${program} invoke [3]\n${logged}`,
        ];
        for (const text of texts) {
            expect(loggedEvents(inside(`Program log: ${text}`, logged)), text).toEqual([]);
            expect(loggedEvents(inside(logged, `Program return: ${a} ${text}`, logged)), text).toEqual([]);
            // Nor out of it: what Bulkhead says afterwards is still read.
            const after = [
                ...inside(`Program log: ${text}`, logged).slice(0, -1),
                logged,
                `Program ${program} success`,
            ];
            expect(loggedEvents(after), text).toEqual([event]);
        }
        // Lines that do not fit each other: nothing further is believed.
        for (const line of [`Program ${program} success`, `Program ${b} success`, `Program ${program} invoke [2]`]) {
            expect(readLogs(inside(line, logged)), line).toMatchObject({ events: [], truncated: true });
        }
        const shallow = [`Program ${a} invoke [1]`, `Program ${program} invoke [1]`, logged];
        expect(readLogs(shallow)).toMatchObject({ events: [], truncated: true });
    });

    test('logs that are cut say so', () => {
        const whole = [`Program ${program} invoke [1]`, logged, `Program ${program} success`];
        expect(readLogs([...whole, 'Log truncated'])).toEqual({ events: [event], truncated: true, failed: false });
        expect(readLogs(whole.slice(0, 2))).toEqual({ events: [event], truncated: true, failed: false });
        expect(readLogs(['Program log: Log truncated', ...whole]).truncated).toBe(false);
    });

    test('what failed has not happened', () => {
        for (const reason of ['custom program error: 0x1', 'x']) {
            const failed = [`Program ${program} invoke [1]`, logged, `Program ${program} failed: ${reason}`];
            expect(readLogs(failed)).toEqual({ events: [], truncated: false, failed: true });
        }
    });

    test('an event is all of its bytes', () => {
        expect(decodeEvent(data)).toEqual(event);
        expect(decodeEvent(concat(data, Uint8Array.of(0)))).toBeUndefined();
        expect(decodeEvent(data.slice(0, -1))).toBeUndefined();
        const damaged = ['Program data: ', 'Program data: ?', `${logged}=`, `${logged} ${logged}`];
        for (const line of damaged) {
            expect(loggedEvents([`Program ${program} invoke [1]`, line, `Program ${program} success`])).toEqual([]);
        }
    });

    test('from inner instructions, and only Bulkhead’s own', () => {
        const tagged = concat(Uint8Array.of(0xe4, 0x45, 0xa5, 0x2e, 0x51, 0xcb, 0x9a, 0x1d), data);
        expect(innerEvents([{ programAddress: program, data: tagged }])).toEqual([event]);
        expect(
            innerEvents([
                { programAddress: a, data: tagged },
                { programAddress: program, data },
            ]),
        ).toEqual([]);
    });

    test('other bytes are no event', () => {
        expect(decodeEvent(new Uint8Array(8))).toBeUndefined();
        expect(decodeEvent(new Uint8Array(2))).toBeUndefined();
    });
});

test('errors have names', () => {
    expect(errorName(errorCode('AlreadyClaimed'))).toBe('AlreadyClaimed');
    expect(errorName(1)).toBeUndefined();
    expect(customErrorCode({ cause: { context: { code: 6_610 } } })).toBe(6_610);
    expect(customErrorCode(new Error('no'))).toBeUndefined();
    // What is no number is no code, and causes may go round.
    for (const code of [null, '', true, [6_610], '0x1', 1.5, undefined]) {
        expect(customErrorCode({ context: { code } })).toBeUndefined();
    }
    const round: { cause?: unknown } = {};
    round.cause = { cause: round };
    expect(customErrorCode(round)).toBeUndefined();
});

test('a payload too long for a proposal is refused', () => {
    const policy = { threshold: 1, delaySeconds: 1n, expirySeconds: 2n };
    const council = {
        members: Array.from({ length: 30 }, () => ({ key: a, roles: 1 })),
        freezeThreshold: 1,
        pauseRights: 1,
        vetoRights: 1,
        guardianPauseSeconds: 1n,
        tripSeconds: 1n,
        defaultMask: 1,
        policies: [policy, policy, policy, policy],
        heartbeatSeconds: 1n,
        guardianPausesPerDay: 1,
        guardianPausesInARow: 1,
        fallback: a,
        fallbackSeconds: 1n,
    };
    expect(() => encodeDecision(decision('ChangeCouncil', [council]))).toThrow('more than a proposal holds');
    const fits = { ...council, members: council.members.slice(0, 16) };
    expect(encodeDecision(decision('ChangeCouncil', [fits]))[0]).toBe(ProposalKind.ChangeCouncil);
});
