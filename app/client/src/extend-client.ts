import { extendClient as extend } from '@solana/kit';

/** Kit's `extendClient`, under the type that generated plugins declare for it. */
export function extendClient<TClient extends object, TAdditions extends object>(
    client: TClient,
    additions: TAdditions,
): Omit<TClient, keyof TAdditions> & TAdditions {
    return extend(client, additions) as unknown as Omit<TClient, keyof TAdditions> & TAdditions;
}
