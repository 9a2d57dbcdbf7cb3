/** What the clients take from Rust: every seed has a function, every action a name. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import { seed } from '../src/constants.ts';
import { action, ALL_ACTIONS } from '../src/masks.ts';

test('every seed of the interface has its function in pdas', () => {
    const source = readFileSync(new URL('../src/pdas.ts', import.meta.url), 'utf8');
    const used = [...source.matchAll(/find\(seed\.(\w+)/g)].map(([, name]) => name);
    expect(new Set(used)).toEqual(new Set(Object.keys(seed)));
});

test('every action is one bit of its own, below those of the host', () => {
    const bits = Object.values(action);
    expect(bits.reduce((all, bit) => all | bit, 0)).toBe(2 ** bits.length - 1);
    expect(bits.every((bit) => Number.isInteger(Math.log2(bit)) && bit < 1 << 16)).toBe(true);
    expect(ALL_ACTIONS).toBe(2 ** 32 - 1);
});
