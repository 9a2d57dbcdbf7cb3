import { constants, decision, type Decision } from '@bulkhead/client';
import { words, type Closed } from '@bulkhead/client/status';
import { RpcRefused, RpcUnreachable, Rule } from '@bulkhead/client/flows';
import { expect, test } from 'vitest';

import { Declined } from '../src/chain/review-chain.ts';
import { merged } from '../src/pages/board.tsx';
import { fieldWords, valueWords } from '../src/words/changes.ts';
import { decisionWords } from '../src/words/decision.ts';
import { fact, sentence, short } from '../src/words/facts.ts';
import { refusalOf } from '../src/words/refusal.ts';

const KEY = 'So11111111111111111111111111111111111111112';

test('numbers have the unit that their names say', () => {
    const value = (name: string, of: unknown) =>
        fact(name, of)
            .map(({ value }) => value)
            .join(' ');
    expect(value('rampBps', 2_500)).toBe('25 %');
    expect(value('graceSeconds', 3_600n)).toBe('1 h');
    expect(value('scope', 255)).toBe('the whole domain');
    expect(value('choice', constants.CHOICE_NONE)).toBe('none of the candidates');
    expect(value('amount', 1_234_567n)).toBe('1,234,567');
    expect(value('expiresTs', 1_775_001_600n)).toBe('2026-04-01 00:00:00 UTC');
    expect(fact('mint', KEY)).toEqual([{ label: 'mint', value: KEY, isKey: true }]);
    expect(
        value(
            'positions',
            Array.from({ length: 9 }, (_, i) => i),
        ),
    ).toMatch(/and 3 more$/);
});

test('names are sentences, and keys are short', () => {
    expect(sentence('confirmIncident')).toBe('Confirm incident');
    expect(short(KEY)).toBe('So11…1112');
});

test('a decision is said in words, and every field of it is shown', () => {
    const reopen = decision('Reopen', [{ incident: KEY as never, rampBps: 2_500, graceSeconds: 3_600n }]) as Decision;
    const { title, facts, isLoosening } = decisionWords(reopen);
    expect(title).toBe('Reopen with 25 % of the limits, liquidations closed for 1 h');
    expect(facts.map(({ label }) => label)).toEqual(['incident', 'ramp bps', 'grace seconds']);
    expect(isLoosening).toBe(true);
});

test('amounts and spans read as on the command line', () => {
    expect(words.amount(1_234_500_000n, 6)).toBe('1,234.5');
    expect(words.amount(7n, 6)).toBe('0.000007');
    expect(words.amount(123_456n, undefined)).toBe('123,456 units');
    expect([words.span(8_077n), words.span(86_401n), words.span(0n)]).toEqual(['2 h 14 min', '1 d', '0 s']);
    expect(words.closedActions(0xffff_ffff)).toBe('everything');
});

test('of two reasons that close the same, the longer is enough', () => {
    const closed = (why: Closed['why'], mask: number, until: bigint | undefined): Closed => ({
        scope: 255,
        mask,
        why,
        until,
    });
    const freeze = closed('freeze', 0b111, undefined);
    const pause = closed('guardian pause', 0b011, 100n);
    const other = closed('trip', 0b1000, 50n);
    expect(merged([freeze, pause, other])).toEqual([freeze, other]);
    expect(merged([pause, closed('trip', 0b011, 200n)])).toEqual([closed('trip', 0b011, 200n)]);
});

test('what changes is read as what it means', () => {
    expect(fieldWords('domain.guardianPause')).toBe('domain: guardian pause');
    expect(fieldWords(`${KEY} pauseRights`)).toBe('So11…1112 pause rights');
    expect(valueWords('domain.guardianPause', '0x00000000')).toBe('nothing');
    expect(valueWords('domain.trip', '0xffffffff until 1775001600')).toBe('everything, until 2026-04-01 00:00:00 UTC');
    expect(valueWords('domain.rampBps', '2500')).toBe('25 %');
    expect(valueWords('endsTs', '1775001600')).toBe('2026-04-01 00:00:00 UTC');
    expect(valueWords('mint', KEY)).toBe('So11…1112');
});

test('a refusal says what helps', () => {
    const rule = refusalOf(new Rule('NotAMember', 'guardians: nobody'));
    expect(rule.why).toMatch(/^NotAMember: .*; guardians: nobody$/);
    expect(rule.help).toMatch(/Change who acts/);
    expect(refusalOf(new RpcUnreachable('node', 'down')).help).toMatch(/another node/);
    expect(refusalOf(new RpcRefused('AccountNotFound')).help).toMatch(/SOL/);
    expect(refusalOf(new Declined())).toMatchObject({ isCalm: true });
    expect(refusalOf(new Error('of something else')).help).toMatch(/what is next/);
});
