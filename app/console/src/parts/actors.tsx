/** Who acts: an account of a wallet in this browser, or an address that signs elsewhere. */
import { isAddress } from '@solana/kit';
import { useState } from 'react';

import { keyOf } from '../chain/session.ts';
import { useDesk } from '../desk.tsx';
import { connect, useWallets } from '../use-wallets.ts';
import { Key } from './small.tsx';

export function Actors() {
    const { actor, setActor } = useDesk();
    const wallets = useWallets();
    const [error, setError] = useState('');
    const [vault, setVault] = useState('');
    const isFit = isAddress(vault.trim());
    if (actor !== undefined) {
        return (
            <p className="actor">
                Acting as <Key of={keyOf(actor)} name="you" />{' '}
                <small>{actor.kind === 'wallet' ? actor.wallet.name : 'signs elsewhere'}</small>
                <button type="button" className="plain" onClick={() => setActor(undefined)}>
                    Change
                </button>
            </p>
        );
    }
    return (
        <div className="actors">
            <p>Who acts?</p>
            <ul>
                {wallets.map((wallet) => (
                    <li key={wallet.name}>
                        <button
                            type="button"
                            className="plain"
                            onClick={() => {
                                setError('');
                                connect(wallet).then(
                                    ([account]) => account && setActor({ kind: 'wallet', wallet, account }),
                                    (reason: unknown) =>
                                        setError(reason instanceof Error ? reason.message : String(reason)),
                                );
                            }}
                        >
                            {wallet.name}
                        </button>
                    </li>
                ))}
                {wallets.length === 0 && (
                    <li className="small">No wallet of the wallet standard is in this browser.</li>
                )}
            </ul>
            {error !== '' && (
                <p className="due" role="alert">
                    {error}
                </p>
            )}
            <form
                onSubmit={(event) => {
                    event.preventDefault();
                    const key = vault.trim();
                    if (isAddress(key)) setActor({ kind: 'elsewhere', key });
                }}
            >
                <label>
                    Or a multisig's vault, which signs elsewhere
                    <input
                        value={vault}
                        onChange={(event) => setVault(event.target.value)}
                        spellCheck={false}
                        autoComplete="off"
                        placeholder="Address of the vault"
                    />
                </label>
                <button type="submit" className="plain" disabled={!isFit}>
                    Act as it
                </button>
            </form>
        </div>
    );
}
