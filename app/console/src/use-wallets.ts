/** The wallets of this browser that follow the wallet standard and sign for Solana. */
import { getWallets } from '@wallet-standard/app';
import type { Wallet, WalletAccount } from '@wallet-standard/base';
import { StandardConnect, type StandardConnectFeature } from '@wallet-standard/features';
import { useEffect, useState } from 'react';

import { canSign } from './chain/wallet-signer.ts';

export function useWallets(): readonly Wallet[] {
    const [found, setFound] = useState<readonly Wallet[]>([]);
    useEffect(() => {
        const wallets = getWallets();
        const look = () => setFound(wallets.get().filter(canSign));
        look();
        const stops = [wallets.on('register', look), wallets.on('unregister', look)];
        return () => stops.forEach((stop) => stop());
    }, []);
    return found;
}

/** Asks the wallet for its accounts. */
export async function connect(wallet: Wallet): Promise<readonly WalletAccount[]> {
    const feature = (wallet.features as Partial<StandardConnectFeature>)[StandardConnect];
    if (feature === undefined) return wallet.accounts;
    const { accounts } = await feature.connect();
    return accounts.filter(({ chains }) => chains.some((chain) => chain.startsWith('solana:')));
}
