/** Requests to a node: repeated when the network fails, and with errors that say which of both failed. */
import {
    isSolanaError,
    SOLANA_ERROR__JSON_RPC__INTERNAL_ERROR,
    SOLANA_ERROR__JSON_RPC__SERVER_ERROR_BLOCK_NOT_AVAILABLE,
    SOLANA_ERROR__JSON_RPC__SERVER_ERROR_MIN_CONTEXT_SLOT_NOT_REACHED,
    SOLANA_ERROR__JSON_RPC__SERVER_ERROR_NODE_UNHEALTHY,
    SOLANA_ERROR__MALFORMED_JSON_RPC_ERROR,
    SOLANA_ERROR__RPC__TRANSPORT_HTTP_ERROR,
} from '@solana/kit';

import { ChainError, NetworkError, RpcRefused, RpcUnreachable, RpcUnreadable } from '../chain.ts';

/** Intervals in milliseconds, and numbers of attempts. */
export type Pace = Readonly<{
    /** Between two questions whether a transaction has landed. */
    poll: number;
    /** Between two broadcasts of a transaction. */
    rebroadcast: number;
    /** Between two notes about a transaction that has not landed. */
    report: number;
    /** Before the first repetition of a request that failed; each further wait is twice as long. */
    retry: number;
    /** How long a request may take. */
    timeout: number;
    /** How often a request is sent before it fails. */
    attempts: number;
    /** Number of blockhashes that a transaction is tried under. */
    rounds: number;
}>;

export const PACE: Pace = {
    poll: 400,
    rebroadcast: 2_000,
    report: 5_000,
    retry: 250,
    timeout: 60_000,
    attempts: 5,
    rounds: 4,
};

/** Errors by which a node says that it is not ready. */
const NOT_READY = [
    SOLANA_ERROR__JSON_RPC__INTERNAL_ERROR,
    SOLANA_ERROR__JSON_RPC__SERVER_ERROR_BLOCK_NOT_AVAILABLE,
    SOLANA_ERROR__JSON_RPC__SERVER_ERROR_MIN_CONTEXT_SLOT_NOT_REACHED,
    SOLANA_ERROR__JSON_RPC__SERVER_ERROR_NODE_UNHEALTHY,
] as const;

/** The host of a node's URL without possible secrets: keys occur in paths and queries, and before an `@`. */
export function hostOf(url: string): string {
    const after = url.includes('://') ? url.slice(url.indexOf('://') + 3) : url;
    const authority = after.split(/[/?#\\]/)[0] ?? '';
    return authority.slice(authority.lastIndexOf('@') + 1) || 'the node';
}

export const pause = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A pending request of kit's. */
type Request<T> = Readonly<{ send: (options: { abortSignal: AbortSignal }) => Promise<T> }>;

/** Sends requests to one node. */
export class Node {
    constructor(
        /** The node's URL, if it is known. It may contain a key, so no error contains it. */
        readonly url: string | undefined,
        readonly pace: Pace,
    ) {}

    get host(): string {
        return this.url === undefined ? 'the node' : hostOf(this.url);
    }

    /** The response to a request, through `read`. Throws {@link ChainError}. */
    async ask<T, U>(method: string, request: () => Request<T>, read: (response: T) => U): Promise<U> {
        for (let attempt = 1; ; attempt++) {
            try {
                return this.#read(method, await this.#sent(method, request), read);
            } catch (error) {
                if (!(error instanceof NetworkError) || attempt >= this.pace.attempts) throw error;
                await pause(this.pace.retry * 2 ** (attempt - 1));
            }
        }
    }

    async #sent<T>(method: string, request: () => Request<T>): Promise<T> {
        try {
            return await request().send({ abortSignal: AbortSignal.timeout(this.pace.timeout) });
        } catch (error) {
            throw this.failure(method, error);
        }
    }

    #read<T, U>(method: string, response: T, read: (response: T) => U): U {
        try {
            return read(response);
        } catch (error) {
            throw error instanceof ChainError
                ? error
                : new RpcUnreadable(this.host, method, 'the response is incomplete');
        }
    }

    /** What an error of kit or of the platform means. */
    failure(method: string, error: unknown): ChainError {
        if (error instanceof ChainError) return error;
        if (isSolanaError(error, SOLANA_ERROR__RPC__TRANSPORT_HTTP_ERROR)) {
            return new RpcUnreachable(this.host, `HTTP ${error.context.statusCode} ${error.context.message}`.trim());
        }
        if (error instanceof SyntaxError || isSolanaError(error, SOLANA_ERROR__MALFORMED_JSON_RPC_ERROR)) {
            return new RpcUnreadable(this.host, method, 'the response is not JSON-RPC');
        }
        if (NOT_READY.some((code) => isSolanaError(error, code))) {
            return new RpcUnreachable(this.host, this.#hidden(error));
        }
        if (isSolanaError(error)) return new RpcRefused(`${method}: ${this.#hidden(error)}`);
        if (error instanceof Error && error.name === 'TimeoutError') {
            return new RpcUnreachable(this.host, `no answer for ${this.pace.timeout / 1_000} seconds`);
        }
        const reason = error instanceof Error ? (codeOf(error.cause) ?? this.#hidden(error)) : this.#hidden(error);
        return new RpcUnreachable(this.host, reason);
    }

    #hidden(error: unknown): string {
        const message = error instanceof Error ? error.message : String(error);
        return this.url === undefined ? message : message.replaceAll(this.url, this.host);
    }
}

/** `ECONNREFUSED` and the like, which Node puts into the cause. */
function codeOf(cause: unknown): string | undefined {
    if (typeof cause !== 'object' || cause === null) return undefined;
    const { code } = cause as { code?: unknown };
    return typeof code === 'string' ? code : undefined;
}
