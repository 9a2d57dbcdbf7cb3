/** Errors by the names that the program defines. */
import { ERROR_NAMES } from './generated/bulkhead/tables.ts';

/** Maximum depth of nested causes that is searched. */
const MAX_CAUSES = 32;

export type BulkheadErrorName = (typeof ERROR_NAMES)[keyof typeof ERROR_NAMES];

/** The name of a custom error code, if it is one of Bulkhead's. */
export function errorName(code: number): BulkheadErrorName | undefined {
    return (ERROR_NAMES as Readonly<Record<number, BulkheadErrorName>>)[code];
}

/** The code of a named error. */
export function errorCode(name: BulkheadErrorName): number {
    const code = Object.entries(ERROR_NAMES).find(([, named]) => named === name)?.[0];
    if (code === undefined) throw new RangeError(`${name} is not an error of Bulkhead`);
    return Number(code);
}

/** The custom error code in an error of a client or node, at any nesting depth. */
export function customErrorCode(error: unknown): number | undefined {
    // Errors may form a cycle of causes.
    for (let at = error, depth = 0; typeof at === 'object' && at !== null && depth < MAX_CAUSES; depth++) {
        const { context, cause } = at as { context?: { code?: unknown } | null; cause?: unknown };
        const code = context?.code;
        if (typeof code === 'bigint' || typeof code === 'number') {
            if (Number.isSafeInteger(Number(code))) return Number(code);
        }
        at = cause;
    }
    return undefined;
}
