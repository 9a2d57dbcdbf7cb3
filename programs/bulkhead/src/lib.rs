//! Bulkhead: disaster recovery that a protocol plugs in.
//!
//! Tightening is instant for anyone trusted with it; loosening is never instant for anyone.
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::integer_division,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

use anchor_lang::prelude::*;

pub mod authority;
pub mod call;
pub mod current;
mod curve;
pub mod decision;
pub mod detector;
#[cfg(feature = "entrypoint")]
pub mod entry;
pub mod error;
pub mod events;
pub mod gate;
pub mod instructions;
pub mod pda;
// Excluded from the registry-only build, whose binary is never deployed.
#[cfg(all(feature = "entrypoint", not(target_arch = "bpf")))]
mod security;
pub mod token;

pub use bulkhead_interface as interface;
use decision::EncodedDecision;
use instructions::*;

declare_id!("4bxSc1tT6ZULobp3Ldu7B786s9u8rdxdEYjwiNmkRQTH");

// The guard stores the id as bytes, Anchor as text: they must be the same program.
const _: () = {
    let (text, bytes) = (ID.to_bytes(), bulkhead_guard::BULKHEAD_ID);
    let mut i = 0;
    while i < 32 {
        #[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
        // SECURITY: runs in the compiler, never on chain.
        {
            assert!(text[i] == bytes[i]);
            i += 1;
        }
    }
};

#[program]
pub mod bulkhead {
    use super::*;

    // Hot paths first: the dispatch compares discriminators in this order.

    pub fn release<'info>(ctx: Context<'info, Release<'info>>, amount: u64, index: u64) -> Result<u8> {
        handle_release(ctx, amount, index)
    }

    pub fn meter_outflow(ctx: Context<MeterOutflow>, amount: u64) -> Result<u8> {
        handle_meter_outflow(ctx, amount)
    }

    pub fn pause(ctx: Context<Pause>, scope: u8, mask: u32) -> Result<()> {
        handle_pause(ctx, scope, mask)
    }

    pub fn ingest_positions<'info>(ctx: Context<'info, IngestPositions<'info>>) -> Result<()> {
        handle_ingest_positions(ctx)
    }

    pub fn claim<'info>(ctx: Context<'info, Claim<'info>>, args: ClaimArgs) -> Result<()> {
        handle_claim(ctx, args)
    }

    pub fn evacuate(ctx: Context<Evacuate>) -> Result<()> {
        handle_evacuate(ctx)
    }

    pub fn approve(ctx: Context<Approve>, payload_hash: [u8; 32], created_slot: u64) -> Result<()> {
        handle_approve(ctx, payload_hash, created_slot)
    }

    pub fn cast_vote(ctx: Context<CastVote>, choice: u8) -> Result<()> {
        handle_cast_vote(ctx, choice)
    }

    pub fn propose(ctx: Context<Propose>, index: u64, decision: EncodedDecision) -> Result<()> {
        handle_propose(ctx, index, decision)
    }

    // Domain.

    pub fn open_domain(ctx: Context<OpenDomain>, args: OpenDomainArgs) -> Result<()> {
        handle_open_domain(ctx, args)
    }

    pub fn activate_domain(ctx: Context<ActivateDomain>) -> Result<()> {
        handle_activate_domain(ctx)
    }

    pub fn change_council(ctx: Context<ChangeCouncil>, args: CouncilConfig) -> Result<()> {
        handle_change_council(ctx, args)
    }

    pub fn heartbeat(ctx: Context<Heartbeat>, last_active_ts: i64) -> Result<()> {
        handle_heartbeat(ctx, last_active_ts)
    }

    pub fn grant_rights(ctx: Context<GrantRights>, args: GrantRightsArgs) -> Result<()> {
        handle_grant_rights(ctx, args)
    }

    // Pause.

    pub fn open_incident(ctx: Context<OpenIncident>) -> Result<()> {
        handle_open_incident(ctx)
    }

    pub fn confirm_incident(ctx: Context<ConfirmIncident>) -> Result<()> {
        handle_confirm_incident(ctx)
    }

    pub fn close_lapsed_incident(ctx: Context<CloseLapsedIncident>) -> Result<()> {
        handle_close_lapsed_incident(ctx)
    }

    pub fn resume(ctx: Context<Resume>, args: ResumeArgs) -> Result<()> {
        handle_resume(ctx, args)
    }

    pub fn reopen<'info>(ctx: Context<'info, Reopen<'info>>, args: ReopenArgs) -> Result<()> {
        handle_reopen(ctx, args)
    }

    pub fn view_mask(ctx: Context<ViewMask>, compartment: u8) -> Result<MaskView> {
        handle_view_mask(ctx, compartment)
    }

    // Contagion.

    pub fn set_link(ctx: Context<SetLink>, args: SetLinkArgs) -> Result<()> {
        handle_set_link(ctx, args)
    }

    pub fn propagate_contagion(ctx: Context<PropagateContagion>) -> Result<()> {
        handle_propagate_contagion(ctx)
    }

    // Messages between chains.

    pub fn register_peer(ctx: Context<RegisterPeer>, args: RegisterPeerArgs) -> Result<()> {
        handle_register_peer(ctx, args)
    }

    pub fn accept_attested(ctx: Context<AcceptAttested>, message: Vec<u8>, signatures: Vec<u8>) -> Result<()> {
        handle_accept_attested(ctx, message, signatures)
    }

    pub fn accept_posted(ctx: Context<AcceptPosted>) -> Result<()> {
        handle_accept_posted(ctx)
    }

    pub fn announce_rotation(
        ctx: Context<AnnounceRotation>,
        threshold: u8,
        attesters: Vec<[u8; 20]>,
        signatures: Vec<u8>,
    ) -> Result<()> {
        handle_announce_rotation(ctx, threshold, attesters, signatures)
    }

    pub fn stop_rotation(ctx: Context<StopRotation>) -> Result<()> {
        handle_stop_rotation(ctx)
    }

    // Proposals.

    pub fn edit_proposal(ctx: Context<EditProposal>, decision: EncodedDecision) -> Result<()> {
        handle_edit_proposal(ctx, decision)
    }

    pub fn withdraw_approval(ctx: Context<WithdrawApproval>) -> Result<()> {
        handle_withdraw_approval(ctx)
    }

    pub fn veto(ctx: Context<Veto>) -> Result<()> {
        handle_veto(ctx)
    }

    pub fn close_proposal(ctx: Context<CloseProposal>) -> Result<()> {
        handle_close_proposal(ctx)
    }

    // Host.

    pub fn run_instruction<'info>(ctx: Context<'info, RunInstruction<'info>>) -> Result<()> {
        handle_run_instruction(ctx)
    }

    pub fn register_emergency_action(
        ctx: Context<RegisterEmergencyAction>,
        args: RegisterEmergencyActionArgs,
    ) -> Result<()> {
        handle_register_emergency_action(ctx, args)
    }

    pub fn run_emergency_action<'info>(ctx: Context<'info, RunEmergencyAction<'info>>) -> Result<()> {
        handle_run_emergency_action(ctx)
    }

    // Snapshots.

    pub fn register_ledger<'info>(ctx: Context<'info, RegisterLedger<'info>>, args: RegisterLedgerArgs) -> Result<()> {
        handle_register_ledger(ctx, args)
    }

    pub fn open_snapshot<'info>(ctx: Context<'info, OpenSnapshot<'info>>) -> Result<()> {
        handle_open_snapshot(ctx)
    }

    pub fn open_shard(ctx: Context<OpenShard>, number: u8) -> Result<()> {
        handle_open_shard(ctx, number)
    }

    pub fn close_shard(ctx: Context<CloseShard>) -> Result<()> {
        handle_close_shard(ctx)
    }

    pub fn seal_snapshot<'info>(ctx: Context<'info, SealSnapshot<'info>>) -> Result<()> {
        handle_seal_snapshot(ctx)
    }

    // Checkpoints.

    pub fn open_checkpoint_log(ctx: Context<OpenCheckpointLog>, args: OpenCheckpointLogArgs) -> Result<()> {
        handle_open_checkpoint_log(ctx, args)
    }

    pub fn post_checkpoint<'info>(ctx: Context<'info, PostCheckpoint<'info>>, args: PostCheckpointArgs) -> Result<()> {
        handle_post_checkpoint(ctx, args)
    }

    pub fn attest_checkpoint(ctx: Context<AttestCheckpoint>, slot: u64, hash: [u8; 32]) -> Result<()> {
        handle_attest_checkpoint(ctx, slot, hash)
    }

    pub fn prove_leaf(ctx: Context<ProveLeaf>, args: ProveLeafArgs) -> Result<()> {
        handle_prove_leaf(ctx, args)
    }

    pub fn close_evidence(ctx: Context<CloseEvidence>) -> Result<()> {
        handle_close_evidence(ctx)
    }

    pub fn contest_checkpoint(ctx: Context<ContestCheckpoint>, shards: Option<Vec<ShardSummary>>) -> Result<()> {
        handle_contest_checkpoint(ctx, shards)
    }

    pub fn contest_node(ctx: Context<ContestNode>, args: ContestNodeArgs) -> Result<()> {
        handle_contest_node(ctx, args)
    }

    pub fn dispute_checkpoint(ctx: Context<DisputeCheckpoint>) -> Result<()> {
        handle_dispute_checkpoint(ctx)
    }

    pub fn open_checkpoint_snapshot(
        ctx: Context<OpenCheckpointSnapshot>,
        slot: u64,
        shards: Vec<ShardSummary>,
    ) -> Result<()> {
        handle_open_checkpoint_snapshot(ctx, slot, shards)
    }

    pub fn open_checkpoint_shard(ctx: Context<OpenCheckpointShard>, number: u8, canopy: Vec<u8>) -> Result<()> {
        handle_open_checkpoint_shard(ctx, number, canopy)
    }

    pub fn publish_leaves(ctx: Context<PublishLeaves>, slot: u64, number: u8, leaves: Vec<u8>) -> Result<()> {
        handle_publish_leaves(ctx, slot, number, leaves)
    }

    pub fn finish_publication(
        ctx: Context<FinishPublication>,
        slot: u64,
        number: u8,
        shards: Vec<ShardSummary>,
    ) -> Result<()> {
        handle_finish_publication(ctx, slot, number, shards)
    }

    pub fn sample_position(ctx: Context<SamplePosition>, slot: u64) -> Result<()> {
        handle_sample_position(ctx, slot)
    }

    pub fn compare_sample(ctx: Context<CompareSample>, shards: Option<Vec<ShardSummary>>) -> Result<()> {
        handle_compare_sample(ctx, shards)
    }

    pub fn close_sample(ctx: Context<CloseSample>) -> Result<()> {
        handle_close_sample(ctx)
    }

    pub fn void_checkpoint_snapshot(ctx: Context<VoidCheckpointSnapshot>) -> Result<()> {
        handle_void_checkpoint_snapshot(ctx)
    }

    pub fn ingest_export<'info>(ctx: Context<'info, IngestExport<'info>>) -> Result<()> {
        handle_ingest_export(ctx)
    }

    pub fn override_seal<'info>(ctx: Context<'info, OverrideSeal<'info>>, args: OverrideSealArgs) -> Result<()> {
        handle_override_seal(ctx, args)
    }

    // Ballots.

    pub fn open_vote_custody(ctx: Context<OpenVoteCustody>) -> Result<()> {
        handle_open_vote_custody(ctx)
    }

    pub fn open_escrow(ctx: Context<OpenEscrow>) -> Result<()> {
        handle_open_escrow(ctx)
    }

    pub fn deposit_votes(ctx: Context<DepositVotes>, amount: u64) -> Result<()> {
        handle_deposit_votes(ctx, amount)
    }

    pub fn withdraw_votes(ctx: Context<WithdrawVotes>, amount: u64) -> Result<()> {
        handle_withdraw_votes(ctx, amount)
    }

    pub fn open_ballot(ctx: Context<OpenBallot>, ledger_index: u8) -> Result<()> {
        handle_open_ballot(ctx, ledger_index)
    }

    pub fn add_candidate(ctx: Context<AddCandidate>) -> Result<()> {
        handle_add_candidate(ctx)
    }

    pub fn start_voting(ctx: Context<StartVoting>) -> Result<()> {
        handle_start_voting(ctx)
    }

    pub fn renew_ballot(ctx: Context<RenewBallot>, veto: bool) -> Result<()> {
        handle_renew_ballot(ctx, veto)
    }

    pub fn set_ballot_rules(ctx: Context<SetBallotRules>, args: SetBallotRulesArgs) -> Result<()> {
        handle_set_ballot_rules(ctx, args)
    }

    pub fn close_vote_record(ctx: Context<CloseVoteRecord>) -> Result<()> {
        handle_close_vote_record(ctx)
    }

    // Restoration.

    pub fn choose_restoration(ctx: Context<ChooseRestoration>, args: ChooseRestorationArgs) -> Result<()> {
        handle_choose_restoration(ctx, args)
    }

    pub fn fund_restoration(ctx: Context<FundRestoration>, amount: u64) -> Result<()> {
        handle_fund_restoration(ctx, amount)
    }

    pub fn fund_from_recovery_account(ctx: Context<FundFromRecoveryAccount>) -> Result<()> {
        handle_fund_from_recovery_account(ctx)
    }

    pub fn share_out(ctx: Context<ShareOut>) -> Result<()> {
        handle_share_out(ctx)
    }

    pub fn return_surplus(ctx: Context<ReturnSurplus>) -> Result<()> {
        handle_return_surplus(ctx)
    }

    pub fn open_claim_page(ctx: Context<OpenClaimPage>, page: u16) -> Result<()> {
        handle_open_claim_page(ctx, page)
    }

    pub fn close_claim_page(ctx: Context<CloseClaimPage>) -> Result<()> {
        handle_close_claim_page(ctx)
    }

    pub fn redirect_claims(ctx: Context<RedirectClaims>, args: RedirectClaimsArgs) -> Result<()> {
        handle_redirect_claims(ctx, args)
    }

    pub fn claim_batch<'info>(ctx: Context<'info, Claim<'info>>, args: ClaimBatchArgs) -> Result<()> {
        handle_claim_batch(ctx, args)
    }

    pub fn wish_claims(ctx: Context<WishClaims>, kind: u8, to: Pubkey) -> Result<()> {
        handle_wish_claims(ctx, kind, to)
    }

    pub fn consume_claim<'info>(ctx: Context<'info, ConsumeClaim<'info>>, args: ClaimArgs) -> Result<ConsumedClaim> {
        handle_consume_claim(ctx, args)
    }

    pub fn claim_elsewhere<'info>(ctx: Context<'info, ClaimElsewhere<'info>>, args: ClaimArgs) -> Result<()> {
        handle_claim_elsewhere(ctx, args)
    }

    // Breakers.

    pub fn open_breaker(ctx: Context<OpenBreaker>, args: OpenBreakerArgs) -> Result<()> {
        handle_open_breaker(ctx, args)
    }

    pub fn set_limit(ctx: Context<SetLimit>, args: SetLimitArgs) -> Result<()> {
        handle_set_limit(ctx, args)
    }

    pub fn lower_limit(ctx: Context<LowerLimit>, args: LowerLimitArgs) -> Result<()> {
        handle_lower_limit(ctx, args)
    }

    pub fn record_inflow(ctx: Context<RecordInflow>, amount: u64) -> Result<()> {
        handle_record_inflow(ctx, amount)
    }

    pub fn observe_reference(ctx: Context<ObserveReference>) -> Result<()> {
        handle_observe_reference(ctx)
    }

    pub fn view_outflow(ctx: Context<ViewOutflow>) -> Result<OutflowView> {
        handle_view_outflow(ctx)
    }

    pub fn propagate_trip(ctx: Context<PropagateTrip>) -> Result<()> {
        handle_propagate_trip(ctx)
    }

    // Detectors.

    pub fn open_price_breaker(ctx: Context<OpenPriceBreaker>, args: OpenPriceBreakerArgs) -> Result<()> {
        handle_open_price_breaker(ctx, args)
    }

    pub fn observe_price(ctx: Context<ObservePrice>) -> Result<()> {
        handle_observe_price(ctx)
    }

    pub fn open_solvency_breaker<'info>(
        ctx: Context<'info, OpenSolvencyBreaker<'info>>,
        args: OpenSolvencyBreakerArgs,
    ) -> Result<()> {
        handle_open_solvency_breaker(ctx, args)
    }

    pub fn observe_solvency<'info>(ctx: Context<'info, ObserveSolvency<'info>>) -> Result<()> {
        handle_observe_solvency(ctx)
    }

    pub fn open_authority_watch(ctx: Context<OpenAuthorityWatch>, args: OpenAuthorityWatchArgs) -> Result<()> {
        handle_open_authority_watch(ctx, args)
    }

    pub fn observe_authority(ctx: Context<ObserveAuthority>) -> Result<()> {
        handle_observe_authority(ctx)
    }

    pub fn close_detector(ctx: Context<CloseDetector>, args: CloseDetectorArgs) -> Result<()> {
        handle_close_detector(ctx, args)
    }

    // Custody.

    pub fn open_vault(ctx: Context<OpenVault>, args: OpenVaultArgs) -> Result<()> {
        handle_open_vault(ctx, args)
    }

    pub fn receive_deposit(ctx: Context<ReceiveDeposit>, amount: u64) -> Result<u64> {
        handle_receive_deposit(ctx, amount)
    }

    pub fn close_deposit_note(ctx: Context<CloseDepositNote>) -> Result<()> {
        handle_close_deposit_note(ctx)
    }

    pub fn register_evacuation_route(
        ctx: Context<RegisterEvacuationRoute>,
        args: RegisterEvacuationRouteArgs,
    ) -> Result<()> {
        handle_register_evacuation_route(ctx, args)
    }

    pub fn observe_evacuation_route(ctx: Context<ObserveEvacuationRoute>) -> Result<()> {
        handle_observe_evacuation_route(ctx)
    }

    pub fn redirect_release(ctx: Context<RedirectRelease>) -> Result<()> {
        handle_redirect_release(ctx)
    }

    pub fn settle_release<'info>(ctx: Context<'info, SettleRelease<'info>>) -> Result<()> {
        handle_settle_release(ctx)
    }

    pub fn cancel_release(ctx: Context<CancelRelease>) -> Result<()> {
        handle_cancel_release(ctx)
    }

    pub fn cancel_releases(ctx: Context<CancelReleases>, args: CancelReleasesArgs) -> Result<()> {
        handle_cancel_releases(ctx, args)
    }

    pub fn cancel_listed_release(ctx: Context<CancelListedRelease>, proof: Vec<[u8; 32]>) -> Result<()> {
        handle_cancel_listed_release(ctx, proof)
    }

    pub fn close_release(ctx: Context<CloseRelease>) -> Result<()> {
        handle_close_release(ctx)
    }

    pub fn confirm_evacuation(ctx: Context<ConfirmEvacuation>) -> Result<()> {
        handle_confirm_evacuation(ctx)
    }

    pub fn set_cancel_list(ctx: Context<SetCancelList>, root: [u8; 32]) -> Result<()> {
        handle_set_cancel_list(ctx, root)
    }

    pub fn take_back_release(ctx: Context<TakeBackRelease>) -> Result<u64> {
        handle_take_back_release(ctx)
    }

    pub fn requeue_release(ctx: Context<RequeueRelease>) -> Result<()> {
        handle_requeue_release(ctx)
    }

    // Emergency actions of several steps.

    pub fn register_emergency_steps(
        ctx: Context<RegisterEmergencySteps>,
        args: RegisterEmergencyStepsArgs,
    ) -> Result<()> {
        handle_register_emergency_steps(ctx, args)
    }

    pub fn start_emergency_run(ctx: Context<StartEmergencyRun>, instruction_hash: [u8; 32]) -> Result<()> {
        handle_start_emergency_run(ctx, instruction_hash)
    }

    pub fn run_emergency_step<'info>(ctx: Context<'info, RunEmergencyStep<'info>>, step: u8) -> Result<()> {
        handle_run_emergency_step(ctx, step)
    }

    // Tokens that the host keeps itself.

    pub fn register_direct_vault(ctx: Context<RegisterDirectVault>, args: RegisterDirectVaultArgs) -> Result<()> {
        handle_register_direct_vault(ctx, args)
    }

    pub fn evacuate_direct<'info>(ctx: Context<'info, EvacuateDirect<'info>>) -> Result<()> {
        handle_evacuate_direct(ctx)
    }

    // Upgrades of the host.

    pub fn upgrade_host(ctx: Context<UpgradeHost>, args: UpgradeHostArgs) -> Result<()> {
        handle_upgrade_host(ctx, args)
    }

    pub fn register_emergency_build(
        ctx: Context<RegisterEmergencyBuild>,
        args: RegisterEmergencyBuildArgs,
    ) -> Result<()> {
        handle_register_emergency_build(ctx, args)
    }

    pub fn confirm_emergency_build(ctx: Context<ConfirmEmergencyBuild>, build_hash: [u8; 32]) -> Result<()> {
        handle_confirm_emergency_build(ctx, build_hash)
    }

    pub fn deploy_emergency_build(ctx: Context<DeployEmergencyBuild>) -> Result<()> {
        handle_deploy_emergency_build(ctx)
    }

    // Interim claims.

    pub fn set_interim_rule(ctx: Context<SetInterimRule>, args: SetInterimRuleArgs) -> Result<()> {
        handle_set_interim_rule(ctx, args)
    }

    pub fn open_interim(ctx: Context<OpenInterim>) -> Result<()> {
        handle_open_interim(ctx)
    }

    pub fn fund_interim(ctx: Context<FundInterim>) -> Result<()> {
        handle_fund_interim(ctx)
    }

    pub fn open_interim_page(ctx: Context<OpenInterimPage>, of: u8, page: u16) -> Result<()> {
        handle_open_interim_page(ctx, of, page)
    }

    pub fn prove_interim_leaf(ctx: Context<ProveInterimLeaf>, args: ProveInterimLeafArgs) -> Result<()> {
        handle_prove_interim_leaf(ctx, args)
    }

    pub fn claim_interim(ctx: Context<ClaimInterim>, args: ClaimArgs) -> Result<()> {
        handle_claim_interim(ctx, args)
    }

    pub fn stop_interim_claim(ctx: Context<StopInterimClaim>, position: Pubkey) -> Result<()> {
        handle_stop_interim_claim(ctx, position)
    }

    pub fn return_interim(ctx: Context<ReturnInterim>) -> Result<()> {
        handle_return_interim(ctx)
    }

    pub fn close_interim_proof(ctx: Context<CloseInterimProof>) -> Result<()> {
        handle_close_interim_proof(ctx)
    }

    // Escape.

    pub fn set_recovery_rules(ctx: Context<SetRecoveryRules>, args: SetRecoveryRulesArgs) -> Result<()> {
        handle_set_recovery_rules(ctx, args)
    }

    pub fn open_escape(ctx: Context<OpenEscape>) -> Result<()> {
        handle_open_escape(ctx)
    }

    pub fn fund_from_custody(ctx: Context<FundFromCustody>) -> Result<()> {
        handle_fund_from_custody(ctx)
    }

    // Terms of claims.

    pub fn set_claim_terms(ctx: Context<SetClaimTerms>, args: SetClaimTermsArgs) -> Result<()> {
        handle_set_claim_terms(ctx, args)
    }

    pub fn extend_claims(ctx: Context<ExtendClaims>, args: ExtendClaimsArgs) -> Result<()> {
        handle_extend_claims(ctx, args)
    }

    pub fn sweep_unclaimed(ctx: Context<SweepUnclaimed>) -> Result<()> {
        handle_sweep_unclaimed(ctx)
    }

    pub fn close_restoration(ctx: Context<CloseRestoration>) -> Result<()> {
        handle_close_restoration(ctx)
    }

    // Restart gate.

    pub fn record_restart_check<'info>(ctx: Context<'info, RecordRestartCheck<'info>>) -> Result<()> {
        handle_record_restart_check(ctx)
    }

    pub fn override_restart_check<'info>(
        ctx: Context<'info, OverrideRestartCheck<'info>>,
        args: OverrideRestartCheckArgs,
    ) -> Result<()> {
        handle_override_restart_check(ctx, args)
    }

    // Proofs of state.

    pub fn register_verifying_key(
        ctx: Context<RegisterVerifyingKey>,
        args: RegisterVerifyingKeyArgs,
        key: VerifyingKey,
    ) -> Result<()> {
        handle_register_verifying_key(ctx, args, key)
    }

    pub fn require_proofs(ctx: Context<RequireProofs>, args: RequireProofsArgs) -> Result<()> {
        handle_require_proofs(ctx, args)
    }

    pub fn open_successor<'info>(ctx: Context<'info, OpenSuccessor<'info>>, number: u16) -> Result<()> {
        handle_open_successor(ctx, number)
    }

    pub fn seal_successor<'info>(ctx: Context<'info, SealSuccessor<'info>>) -> Result<()> {
        handle_seal_successor(ctx)
    }

    pub fn fix_ledger<'info>(ctx: Context<'info, FixLedger<'info>>) -> Result<()> {
        handle_fix_ledger(ctx)
    }

    pub fn open_proof(ctx: Context<OpenProof>) -> Result<()> {
        handle_open_proof(ctx)
    }

    pub fn open_run(ctx: Context<OpenRun>, role: u8, shard: u8) -> Result<()> {
        handle_open_run(ctx, role, shard)
    }

    pub fn prove_page(ctx: Context<ProvePage>, args: ProvePageArgs) -> Result<()> {
        handle_prove_page(ctx, args)
    }

    pub fn finish_run(ctx: Context<FinishRun>) -> Result<()> {
        handle_finish_run(ctx)
    }

    pub fn record_proof(ctx: Context<RecordProof>) -> Result<()> {
        handle_record_proof(ctx)
    }

    pub fn override_proof(ctx: Context<OverrideProof>, args: OverrideProofArgs) -> Result<()> {
        handle_override_proof(ctx, args)
    }

    pub fn close_run(ctx: Context<CloseRun>) -> Result<()> {
        handle_close_run(ctx)
    }

    pub fn close_proof(ctx: Context<CloseProof>) -> Result<()> {
        handle_close_proof(ctx)
    }

    pub fn close_fixed_ledger(ctx: Context<CloseFixedLedger>) -> Result<()> {
        handle_close_fixed_ledger(ctx)
    }

    // Insurance.

    pub fn open_insurance(ctx: Context<OpenInsurance>, args: OpenInsuranceArgs) -> Result<()> {
        handle_open_insurance(ctx, args)
    }

    pub fn stake<'info>(ctx: Context<'info, Stake<'info>>, amount: u64) -> Result<()> {
        handle_stake(ctx, amount)
    }

    pub fn start_cooldown(ctx: Context<StartCooldown>, shares: u64) -> Result<()> {
        handle_start_cooldown(ctx, shares)
    }

    pub fn unstake<'info>(ctx: Context<'info, Unstake<'info>>, shares: u64) -> Result<()> {
        handle_unstake(ctx, shares)
    }

    pub fn pay_premium(ctx: Context<PayPremium>, amount: u64) -> Result<()> {
        handle_pay_premium(ctx, amount)
    }

    pub fn note_incident(ctx: Context<NoteIncident>) -> Result<()> {
        handle_note_incident(ctx)
    }

    pub fn state_shortfall<'info>(ctx: Context<'info, StateShortfall<'info>>) -> Result<()> {
        handle_state_shortfall(ctx)
    }

    pub fn slash<'info>(ctx: Context<'info, Slash<'info>>) -> Result<()> {
        handle_slash(ctx)
    }

    pub fn return_recovered(ctx: Context<ReturnRecovered>) -> Result<()> {
        handle_return_recovered(ctx)
    }
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
