/** The closed sets of numbers, limits and seeds of `crates/interface`, under the same names. */
export * from './generated/bulkhead/constants.ts';
