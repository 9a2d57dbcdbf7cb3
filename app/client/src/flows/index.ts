/**
 * Acts of more than one transaction, each from its goal: read where things stand, skip what is done, do the rest.
 *
 * `createRpcChain` connects a node and signers; each flow takes a {@link Session} with it. Every flow can be run again
 * after a kill and goes on where the accounts say that it stopped. The names are those of the Rust client.
 */
export {
    ChainError,
    meets,
    MissingSigner,
    NetworkError,
    ProgramError,
    RpcRefused,
    RpcUnreachable,
    RpcUnreadable,
    TransactionExpired,
    type Chain,
    type Filter,
    type OwnedAt,
    type Receipt,
    type Simulated,
} from './chain.ts';
export { createRpcChain, type RpcChainConfig } from './rpc/create-rpc-chain.ts';
export type { Fees } from './rpc/fees.ts';
export type { NodeRpc } from './rpc/accounts.ts';
export type { Pace } from './rpc/node.ts';
export {
    FlowError,
    NotFound,
    NotPossible,
    NotYet,
    quiet,
    Rule,
    type Done,
    type Report,
    type Session,
} from './session.ts';
export { signer } from './signing.ts';
export * from './ballot.ts';
export * from './checkpoint.ts';
export { claim, claimAll, readPositions, type Claimed, type ClaimInput } from './claim/claim.ts';
export { paidOn } from './claim/pages.ts';
export { chosenBy, type NoWinner, type Winner } from './ballot-result.ts';
export type { Books } from './claim/books.ts';
export type { Unpaid } from './claim/pay.ts';
export { confirm, confirmEvacuation, type Confirmed, type ConfirmInput } from './confirm.ts';
export {
    planEmergencyRun,
    runEmergencyAction,
    tryEmergencySteps,
    type Action,
    type EmergencyInput,
    type EmergencyPlan,
    type StepTrial,
} from './emergency.ts';
export { escape, type EscapeInput } from './escape.ts';
export { escapeDue } from './reading.ts';
export { evacuate, type Evacuated, type MintSum, type VaultRow } from './evacuate.ts';
export { execute, type ExecuteInput } from './execute.ts';
export * from './heartbeat.ts';
export { closeLeftovers, type Leftovers, type LeftoversInput } from './leftovers.ts';
export { crankInsurance, stake, unstake, type StakeInput, type UnstakeInput } from './insurance.ts';
export { interim, type InterimInput, type SharedOut } from './interim.ts';
export { claimInterim, type ClaimInterimInput, type InterimClaimed, type InterimLeaves } from './interim-claims.ts';
export { settleClaim, type SettleClaimInput } from './interim-settle.ts';
export { lapse, pause, type PauseInput } from './pause.ts';
export { propagate } from './propagate.ts';
export {
    approve,
    parseProposal,
    propose,
    veto,
    withdraw,
    type ApproveInput,
    type FoundProposal,
    type Proposed,
    type ProposeInput,
} from './proposals.ts';
export { NOBODY, type Scene } from './reading.ts';
export { settleReleases } from './releases.ts';
export { checkRestart, restoredLedgers } from './restart.ts';
export { restore, type Restored, type RestoreInput } from './restore.ts';
export { snapshotCost, type Cost, type CrankPace } from './snapshot/cost.ts';
export { snapshot, type Snapshotted, type SnapshotInput } from './snapshot/snapshot.ts';
export * from './unpause.ts';
export { confirmEmergencyBuild, deployEmergencyBuild, type BuildInput } from './upgrade.ts';
export * from './vote.ts';
