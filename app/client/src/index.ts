/**
 * TypeScript client of Bulkhead, on `@solana/kit`.
 *
 * Instructions, accounts and codecs are generated from the IDL: `getPauseInstruction`, `fetchDomain`,
 * `decodePauseBoard`. The functions that decode and fetch accounts reject accounts of another program, kind or version.
 * Written by hand: `pdas` (all addresses), `masks` (what a board closes), `positions` (what a ledger's layout reads), the
 * Merkle-sum tree of snapshots with its proofs, payloads and hashes of proposals, and errors and events by name. It sends
 * nothing by itself: flows do, from `@bulkhead/client/flows`.
 */
export * from './generated/bulkhead/public.ts';
export { AccountError } from './accounts.ts';
export { addressBytes } from './bytes.ts';
export * as constants from './constants.ts';
export * as masks from './masks.ts';
export * as merkle from './merkle.ts';
export * as pdas from './pdas.ts';
export * as positions from './positions.ts';
export * as tokens from './token.ts';
export * as watch from './watch.ts';
export * from './errors.ts';
export * from './events.ts';
export * from './proposals.ts';
export * from './remaining.ts';
export * from './proposal-progress.ts';
