/** What exists in Rust and here is the same: constants, seeds, actions. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import * as constants from '../src/constants.ts';
import { action, ALL_ACTIONS, DEFAULT_EMERGENCY, HELD } from '../src/masks.ts';

const rust = (path: string) => readFileSync(new URL(`../../../crates/${path}`, import.meta.url), 'utf8');

/** Every `pub const` with its module: `phase.SETUP` → the expression behind the equals sign. */
function rustConstants(source: string): Map<string, string> {
    const found = new Map<string, string>();
    let module = '';
    for (const line of source.split('\n')) {
        const opened = /^pub mod (\w+) \{/.exec(line)?.[1];
        if (opened !== undefined) module = `${opened}.`;
        if (line === '}') module = '';
        const constant = /pub const (\w+): [^=]+ = (.+);/.exec(line);
        if (constant !== null) found.set(`${module}${constant[1]}`, constant[2] as string);
    }
    return found;
}

/** Products, shifts and sums of numbers and of constants known already. */
function evaluate(expression: string, known: ReadonlyMap<string, number>, module: string): number {
    const number = /^(?:0x[0-9a-f_]+|\d[\d_]*)$/i;
    const term = (text: string): number => {
        const name = text.trim();
        if (number.test(name)) return Number(name.replaceAll('_', ''));
        const value = known.get(`${module}${name}`) ?? known.get(name);
        if (value === undefined) throw new Error(`${name} in ${expression}`);
        return value;
    };
    for (const [operator, apply] of [
        ['|', (a: number, b: number) => a | b],
        ['<<', (a: number, b: number) => a << b],
        ['+', (a: number, b: number) => a + b],
        ['*', (a: number, b: number) => a * b],
    ] as const) {
        if (expression.includes(operator)) return expression.split(operator).map(term).reduce(apply);
    }
    return term(expression);
}

test('every constant of the interface has the same value here', () => {
    const guard = rustConstants(rust('guard/src/board.rs'));
    const known = new Map([
        ['bulkhead_guard::board::VERSION', Number(guard.get('VERSION'))],
        ['MAX_COMPARTMENTS', Number(guard.get('MAX_COMPARTMENTS'))],
        ['SCOPE_DOMAIN', Number(guard.get('SCOPE_DOMAIN'))],
    ]);
    const modules: Record<string, string> = {
        class: 'proposalClass',
        proposal_state: 'proposalState',
        proposal_flag: 'proposalFlag',
        latch_state: 'latchState',
        price_source: 'priceSource',
        price_flag: 'priceFlag',
        price_rule: 'priceRule',
        watch_kind: 'watchKind',
        watch_flag: 'watchFlag',
        vault_state: 'vaultState',
        release_state: 'releaseState',
        incident_state: 'incidentState',
        migration_state: 'migrationState',
        snapshot_state: 'snapshotState',
        snapshot_flag: 'snapshotFlag',
        snapshot_source: 'snapshotSource',
        checkpoint_state: 'checkpointState',
        evidence_state: 'evidenceState',
        ledger_mode: 'ledgerMode',
        length_rule: 'lengthRule',
        amount_flag: 'amountFlag',
        total_unit: 'totalUnit',
        ballot_state: 'ballotState',
        sample_state: 'sampleState',
        log_flag: 'logFlag',
        route_fault: 'routeFault',
        domain_flag: 'domainFlag',
    };
    const ours: Record<string, unknown> = constants;
    for (const [path, expression] of rustConstants(rust('interface/src/constants.rs'))) {
        const [name, module] = path.split('.').reverse() as [string, string?];
        const value = evaluate(expression, known, module === undefined ? '' : `${module}.`);
        known.set(path, value);
        if (path === 'BUCKETS') continue; // the layout's length says it
        const group =
            module === undefined ? ours : (ours[modules[module] ?? module] as Record<string, unknown> | undefined);
        expect(group?.[name], path).toBe(value);
    }
    for (const name of ['MAX_COMPARTMENTS', 'SCOPE_DOMAIN']) expect(ours[name]).toBe(known.get(name));
});

test('every seed of the interface is used here, and no other', () => {
    const seeds = [...rust('interface/src/seeds.rs').matchAll(/= b"(\w+)";/g)].map(([, seed]) => seed);
    const source = readFileSync(new URL('../src/pdas.ts', import.meta.url), 'utf8');
    const ours = [...source.matchAll(/find\('(\w+)'/g)].map(([, seed]) => seed);
    expect(new Set(ours)).toEqual(new Set([...seeds, '__event_authority']));
});

test('actions have the guard’s bits', () => {
    const bits = rustConstants(rust('guard/src/action.rs'));
    for (const [name, bit] of Object.entries(action)) {
        expect(bits.get(name), name).toBe(`1 << ${Math.log2(bit)}`);
    }
    expect(Object.keys(action)).toEqual(
        [...bits.keys()].filter((name) => !['ALL', 'DEFAULT_EMERGENCY', 'HELD'].includes(name)),
    );
    const open = action.REPAY | action.CANCEL | action.DEPOSIT | action.CLAIM;
    expect(bits.get('DEFAULT_EMERGENCY')).toBe('ALL & !(REPAY | CANCEL | DEPOSIT | CLAIM)');
    expect(DEFAULT_EMERGENCY).toBe((ALL_ACTIONS & ~open) >>> 0);
    expect(bits.get('HELD')).toBe('ALL & !CLAIM');
    expect(HELD).toBe((ALL_ACTIONS & ~action.CLAIM) >>> 0);
});
