/** A proof, drawn: from the leaf to the root that is on chain, with the sum at each step. */
import { words } from '@bulkhead/client/status';

import { climb, hex, type FullProof, type Wanted } from '../sources/published.ts';
import { short } from '../words/facts.ts';
import { Key } from './small.tsx';

export function ProofPath({
    proof,
    wanted,
    decimals,
}: {
    proof: FullProof;
    wanted: Pick<Wanted, 'root' | 'tag' | 'total'>;
    decimals: number | undefined;
}) {
    const way = climb(proof, wanted);
    const shown = (value: bigint) => words.amount(value, decimals);
    return (
        <details className="proof">
            <summary>
                Position <code>{short(proof.key)}</code>, {shown(proof.amount)}{' '}
                <span className={way ? 'holds' : 'due'}>{way ? 'proved' : 'the proof does not hold'}</span>
            </summary>
            <p className="small">
                position <Key of={proof.key} name="position" />
            </p>
            {way && (
                <ol>
                    {way.map(({ hash, sum }, level) => (
                        <li key={level}>
                            <span>
                                {level === 0
                                    ? 'your position'
                                    : level === way.length - 1
                                      ? 'the root on chain'
                                      : `with its sibling, level ${level}`}
                            </span>
                            <code>{hex(hash).slice(0, 16)}…</code>
                            <b>{shown(sum)}</b>
                        </li>
                    ))}
                </ol>
            )}
        </details>
    );
}
