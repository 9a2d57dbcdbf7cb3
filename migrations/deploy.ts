/**
 * `anchor migrate` requires this file and calls its export. The client does the work: app/client/src/deploy.
 */

/** The part of Anchor's provider that is used. */
type Provider = Readonly<{
    connection: Readonly<{ rpcEndpoint: string }>;
    wallet: Readonly<{ payer?: Readonly<{ secretKey: Uint8Array }> }>;
}>;

module.exports = async (provider: Provider): Promise<void> => {
    const { createKeyPairSignerFromBytes, migrate } = await import("../app/client/src/deploy/index.ts");
    try {
        const secretKey = provider.wallet.payer?.secretKey;
        if (secretKey === undefined) throw new Error("the wallet of the provider has no key pair to sign with");
        const payer = await createKeyPairSignerFromBytes(secretKey);
        await migrate({ url: provider.connection.rpcEndpoint, payer, environment: process.env });
    } catch (error) {
        console.error(error instanceof Error ? error.message : error);
        process.exitCode = 1;
    }
};
