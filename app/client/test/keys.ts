/** Key pairs whose secret a test can write into a file. */
import { generateKeyPairSync } from 'node:crypto';
import { createKeyPairSignerFromBytes, type Address, type KeyPairSigner } from '@solana/kit';

const secrets = new Map<Address, Uint8Array>();

export async function makeSigner(): Promise<KeyPairSigner> {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const secret = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32);
    const bytes = Uint8Array.from([...secret, ...publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)]);
    const signer = await createKeyPairSignerFromBytes(bytes);
    secrets.set(signer.address, bytes);
    return signer;
}

/** The 64 bytes of a key file, as `solana-keygen` writes them. */
export function keyFileOf({ address }: KeyPairSigner): string {
    return JSON.stringify([...(secrets.get(address) ?? [])]);
}
