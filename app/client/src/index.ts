/**
 * TypeScript client of Bulkhead, on `@solana/kit`.
 *
 * Instructions, accounts and codecs are generated from the IDL and exported as they are: `getPauseInstruction`,
 * `fetchDomain`, `decodePauseBoard`. By hand: `pdas` (every address), `masks` (what a board closes), the Merkle-sum tree of
 * snapshots with its proofs, payloads and hashes of proposals, errors and events by name. It sends nothing by itself.
 */
export * from './generated/bulkhead/index.ts';
export * as constants from './constants.ts';
export * as masks from './masks.ts';
export * as merkle from './merkle.ts';
export * as pdas from './pdas.ts';
export * from './errors.ts';
export * from './events.ts';
export * from './proposals.ts';
export * from './remaining.ts';
