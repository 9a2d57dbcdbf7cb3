/** Errors by the names the program gives them. */
import { ERROR_NAMES } from './generated/bulkhead/tables.ts';

export type BulkheadErrorName = (typeof ERROR_NAMES)[keyof typeof ERROR_NAMES];

/** The name of a custom error code, if it is one of Bulkhead's. */
export function errorName(code: number): BulkheadErrorName | undefined {
    return (ERROR_NAMES as Readonly<Record<number, BulkheadErrorName>>)[code];
}

/** The code of a named error. */
export function errorCode(name: BulkheadErrorName): number {
    const code = Object.entries(ERROR_NAMES).find(([, named]) => named === name)?.[0];
    if (code === undefined) throw new RangeError(`${name} is no error of Bulkhead`);
    return Number(code);
}

/** The custom error code in what a client or node threw, wherever it is nested. */
export function customErrorCode(error: unknown): number | undefined {
    if (typeof error !== 'object' || error === null) return undefined;
    const { context, cause } = error as { context?: { code?: unknown }; cause?: unknown };
    const code = Number(context?.code);
    return context?.code !== undefined && Number.isInteger(code) ? code : customErrorCode(cause);
}
