/** The fields of a change, before and after, to read: the unit follows from the field's name. */
import { words } from '@bulkhead/client/status';
import { isAddress } from '@solana/kit';

import { fact, sentence, short } from './facts.ts';

/** `domain.guardianPause`: `domain: guardian pause`. Keys in it are short, and stay as they are written. */
export function fieldWords(field: string): string {
    return field
        .split('.')
        .map((part) =>
            part
                .split(' ')
                .map((word) => (isAddress(word) ? short(word) : sentence(word).toLowerCase()))
                .join(' '),
        )
        .join(': ');
}

/** A value: masks by what they close, times as times, keys short. */
export function valueWords(field: string, text: string): string {
    const masked = /^0x([0-9a-f]{8})(?: until (\d+))?$/.exec(text);
    if (masked !== null) {
        const mask = Number.parseInt(masked[1] as string, 16);
        const what = mask === 0 ? 'nothing' : words.closedActions(mask);
        return masked[2] === undefined ? what : `${what}, until ${words.utc(BigInt(masked[2]))}`;
    }
    if (/^-?\d+$/.test(text)) {
        const [name = field] = field.split(/[. ]/).slice(-1);
        return fact(name, BigInt(text))[0]?.value ?? text;
    }
    return text
        .split(' ')
        .map((word) => (word.length > 44 || isAddress(word) ? short(word) : word))
        .join(' ');
}
