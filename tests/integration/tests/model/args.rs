//! What a proposal can hold, with the instruction it runs as.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::decision::{Decision, EncodedDecision};
use bulkhead_client::instructions as ix;
use bulkhead_interface::ProposalKind;
use solana_instruction::Instruction;

/// What configures or loosens.
#[derive(Clone)]
pub struct Args {
    pub decision: Decision,
    /// For `override_seal` alone.
    pub seal: Option<Seal>,
}

impl From<Decision> for Args {
    fn from(decision: Decision) -> Self {
        Self { decision, seal: None }
    }
}

/// What `override_seal` needs beside its arguments.
#[derive(Clone, Copy)]
pub struct Seal {
    pub incident: Pubkey,
    pub snapshot: Pubkey,
    pub ledger: u8,
    pub total_account: Pubkey,
    pub shard: Pubkey,
}

impl Args {
    pub fn override_seal(decision: impl Into<Decision>, seal: Seal) -> Self {
        Self {
            decision: decision.into(),
            seal: Some(seal),
        }
    }

    pub fn kind(&self) -> ProposalKind {
        self.decision.kind()
    }

    pub fn name(&self) -> &'static str {
        self.kind().name()
    }

    pub fn encoded(&self) -> EncodedDecision {
        (&self.decision).into()
    }

    pub fn instruction(&self, authority: ix::Authority, payer: Pubkey, mint: Pubkey) -> Instruction {
        let seal = self.seal;
        match self.decision.clone() {
            Decision::Resume(args) => ix::resume(authority, args),
            Decision::ChangeCouncil(args) => ix::change_council(authority, args),
            Decision::RegisterEvacuationRoute(args) => ix::register_evacuation_route(authority, args),
            Decision::ChooseRestoration(args) => ix::choose_restoration(authority, payer, mint, TOKEN_PROGRAM, args),
            Decision::Reopen(args) => ix::reopen(authority, args),
            Decision::OpenBreaker(args) => ix::open_breaker(authority, payer, args),
            Decision::OpenVault(args) => ix::open_vault(authority, payer, TOKEN_PROGRAM, args),
            Decision::RegisterLedger(args) => {
                let others: Vec<_> = (0..args.index).collect();
                ix::register_ledger(authority, payer, args, &others)
            }
            Decision::SetLimit(args) => ix::set_limit(authority, args),
            Decision::RegisterPeer(args) => ix::register_peer(authority, payer, args),
            Decision::RegisterVerifyingKey(args) => {
                let key = bulkhead_tests::proving::Answer::read().key;
                ix::register_verifying_key(authority, payer, args, key)
            }
            Decision::RequireProofs(args) => ix::require_proofs(authority, payer, args),
            // The model proposes none: its ledgers need no proof.
            Decision::OverrideProof(args) => ix::override_proof(authority, payer, Default::default(), args),
            Decision::SetLink(args) => ix::set_link(authority, payer, args),
            Decision::CloseDetector(args) => ix::close_detector(authority, args),
            Decision::OpenAuthorityWatch(args) => ix::open_authority_watch(authority, payer, args),
            Decision::OpenSolvencyBreaker(args) => ix::open_solvency_breaker(authority, payer, args),
            Decision::OpenPriceBreaker(args) => ix::open_price_breaker(authority, payer, args),
            Decision::GrantRights(args) => ix::grant_rights(authority, args),
            Decision::RegisterEmergencyAction(args) => ix::register_emergency_action(authority, payer, args),
            Decision::OpenCheckpointLog(args) => ix::open_checkpoint_log(authority, payer, args),
            Decision::OverrideSeal(args) => {
                let seal = seal.expect("given with it");
                ix::override_seal(
                    authority,
                    seal.incident,
                    seal.ledger,
                    seal.total_account,
                    &[seal.shard],
                    args,
                )
            }
            Decision::OpenInsurance(args) => ix::open_insurance(authority, payer, mint, TOKEN_PROGRAM, args),
            Decision::RedirectClaims(args) => ix::redirect_claims(authority, payer, args),
            Decision::CancelReleases(args) => ix::cancel_releases(authority, args),
            Decision::RegisterDirectVault(args) => ix::register_direct_vault(authority, payer, mint, args),
            // The model has no buffer: what it proposes of these is refused before that matters.
            Decision::UpgradeHost(args) => ix::upgrade_host(authority, payer, Pubkey::default(), args),
            Decision::RegisterEmergencyBuild(args) => ix::register_emergency_build(authority, payer, args),
            Decision::RegisterEmergencySteps(args) => ix::register_emergency_steps(authority, payer, args),
            Decision::SetInterimRule(args) => ix::set_interim_rule(authority, args),
            Decision::SetRecoveryRules(args) => ix::set_recovery_rules(authority, args),
            Decision::SetBallotRules(args) => ix::set_ballot_rules(authority, payer, args),
            Decision::SetClaimTerms(args) => ix::set_claim_terms(authority, payer, (mint, TOKEN_PROGRAM), args),
            Decision::ExtendClaims(args) => ix::extend_claims(authority, args),
            Decision::OverrideRestartCheck(args) => {
                let reading = ix::RestartReading {
                    total_account: seal.map_or_else(Pubkey::default, |seal| seal.total_account),
                    factors: &[],
                    vaults: &[],
                    watches: &[],
                };
                ix::override_restart_check(authority, payer, reading, args)
            }
            Decision::RunInstruction(stored) => ix::run_instruction(authority, &stored),
        }
    }
}
