//! Every kind of proposal as a word of the command line.

use bulkhead_interface::ProposalKind;
use clap::Subcommand;

use super::{
    Given,
    shorthand::{CancelReleases, ChangeCouncil, RegisterLedger, Reopen, Resume, SetLimit},
};

/// How the kinds without flags of their own are proposed.
const EXAMPLE: &str = "Example, with this kind for KIND:
  bulkhead propose KIND --example > arguments.json
  bulkhead propose KIND --args arguments.json -k approver.json";

/// Every kind. A test compares it with the program's list.
#[derive(Subcommand, Clone, Debug)]
pub(super) enum Kind {
    /// Unpause an incident that needs no restoration
    Resume(Resume),
    /// Reopen after a restoration, raise the ramp of a reopening, or end a guardian's pause in peace
    Reopen(Reopen),
    /// Set a breaker's limits
    #[command(alias = "set_limit")]
    SetLimit(SetLimit),
    /// Replace the council, its thresholds and its delays
    #[command(alias = "change_council")]
    ChangeCouncil(ChangeCouncil),
    /// Cancel a list of queued releases
    #[command(alias = "cancel_releases")]
    CancelReleases(CancelReleases),
    /// Set the only destination a vault can be evacuated to
    #[command(alias = "register_evacuation_route", after_help = EXAMPLE)]
    RegisterEvacuationRoute(Given),
    /// Restart from the state the ballot chose
    #[command(alias = "choose_restoration", after_help = EXAMPLE)]
    ChooseRestoration(Given),
    /// Create an outflow breaker
    #[command(alias = "open_breaker", after_help = EXAMPLE)]
    OpenBreaker(Given),
    /// Create a custody vault
    #[command(alias = "open_vault", after_help = EXAMPLE)]
    OpenVault(Given),
    /// Register where the host's accounts store a ledger's positions
    #[command(alias = "register_ledger")]
    RegisterLedger(RegisterLedger),
    /// Create a price breaker
    #[command(alias = "open_price_breaker", after_help = EXAMPLE)]
    OpenPriceBreaker(Given),
    /// Create a solvency breaker
    #[command(alias = "open_solvency_breaker", after_help = EXAMPLE)]
    OpenSolvencyBreaker(Given),
    /// Register who may hold an authority
    #[command(alias = "open_authority_watch", after_help = EXAMPLE)]
    OpenAuthorityWatch(Given),
    /// Close a breaker or an authority watch
    #[command(alias = "close_detector", after_help = EXAMPLE)]
    CloseDetector(Given),
    /// Set which compartments an upstream domain's pause closes
    #[command(alias = "set_link", after_help = EXAMPLE)]
    SetLink(Given),
    /// Restore pause rights of a guardian
    #[command(alias = "grant_rights", after_help = EXAMPLE)]
    GrantRights(Given),
    /// Register an instruction that only tightens the host, for guardians to run at once
    #[command(alias = "register_emergency_action", after_help = EXAMPLE)]
    RegisterEmergencyAction(Given),
    /// Run an instruction as the domain's PDA
    #[command(alias = "run_instruction", after_help = EXAMPLE)]
    RunInstruction(Given),
    /// Seal a snapshot whose sum differs from the host's total, by the difference the proposal states
    #[command(alias = "override_seal", after_help = EXAMPLE)]
    OverrideSeal(Given),
    /// Open a ledger's checkpoint log, or change its rules
    #[command(alias = "open_checkpoint_log", after_help = EXAMPLE)]
    OpenCheckpointLog(Given),
    /// Set a token account that receives the claims of an owner who cannot be paid
    #[command(alias = "redirect_claims", after_help = EXAMPLE)]
    RedirectClaims(Given),
    /// Register steps of an emergency action of several steps; `emergency pieces` writes the arguments
    #[command(alias = "register_emergency_steps", after_help = EXAMPLE)]
    RegisterEmergencySteps(Given),
    /// Register the instruction of the host that evacuates tokens which the host keeps itself
    #[command(alias = "register_direct_vault", after_help = EXAMPLE)]
    RegisterDirectVault(Given),
    /// Upgrade a program of the host to the build with a hash
    #[command(alias = "upgrade_host", after_help = EXAMPLE)]
    UpgradeHost(Given),
    /// Register the build of a program that the guardians' threshold can deploy in a freeze
    #[command(alias = "register_emergency_build", after_help = EXAMPLE)]
    RegisterEmergencyBuild(Given),
    /// Set the share of a ledger's claims that is paid before a vote
    #[command(alias = "set_interim_rule", after_help = EXAMPLE)]
    SetInterimRule(Given),
    /// Set when the escape opens, and whether reopening requires a check of the restored ledgers
    #[command(alias = "set_recovery_rules", after_help = EXAMPLE)]
    SetRecoveryRules(Given),
    /// Set how long the claims of a ledger's restorations run, and who receives the rest
    #[command(alias = "set_claim_terms", after_help = EXAMPLE)]
    SetClaimTerms(Given),
    /// Let the claims of one restoration run longer
    #[command(alias = "extend_claims", after_help = EXAMPLE)]
    ExtendClaims(Given),
    /// Reopen although a restored ledger is not covered, by the difference the proposal states
    #[command(alias = "override_restart_check", after_help = EXAMPLE)]
    OverrideRestartCheck(Given),
    /// Open an insurance pool of a ledger, or announce new terms of an existing pool
    #[command(alias = "open_insurance", after_help = EXAMPLE)]
    OpenInsurance(Given),
    /// Set how ballots are held: whose weights count, how votes cool off, and how long results can be vetoed
    #[command(alias = "set_ballot_rules", after_help = EXAMPLE)]
    SetBallotRules(Given),
    /// Set which domain on another chain is heard, and what its pauses close
    #[command(alias = "register_peer", after_help = EXAMPLE)]
    RegisterPeer(Given),
    /// Set which verifying key counts for proofs of state
    #[command(alias = "register_verifying_key", after_help = EXAMPLE)]
    RegisterVerifyingKey(Given),
    /// Set which ledgers need a proof of state before the domain reopens after their restoration
    #[command(alias = "require_proofs", after_help = EXAMPLE)]
    RequireProofs(Given),
    /// Accept a restored ledger without a proof of state
    #[command(alias = "override_proof", after_help = EXAMPLE)]
    OverrideProof(Given),
}

impl Kind {
    /// The program's kind.
    pub(super) const fn number(&self) -> ProposalKind {
        match self {
            Self::Resume(_) => ProposalKind::Resume,
            Self::Reopen(_) => ProposalKind::Reopen,
            Self::SetLimit(_) => ProposalKind::SetLimit,
            Self::ChangeCouncil(_) => ProposalKind::ChangeCouncil,
            Self::CancelReleases(_) => ProposalKind::CancelReleases,
            Self::RegisterEvacuationRoute(_) => ProposalKind::RegisterEvacuationRoute,
            Self::ChooseRestoration(_) => ProposalKind::ChooseRestoration,
            Self::OpenBreaker(_) => ProposalKind::OpenBreaker,
            Self::OpenVault(_) => ProposalKind::OpenVault,
            Self::RegisterLedger(_) => ProposalKind::RegisterLedger,
            Self::OpenPriceBreaker(_) => ProposalKind::OpenPriceBreaker,
            Self::OpenSolvencyBreaker(_) => ProposalKind::OpenSolvencyBreaker,
            Self::OpenAuthorityWatch(_) => ProposalKind::OpenAuthorityWatch,
            Self::CloseDetector(_) => ProposalKind::CloseDetector,
            Self::SetLink(_) => ProposalKind::SetLink,
            Self::GrantRights(_) => ProposalKind::GrantRights,
            Self::RegisterEmergencyAction(_) => ProposalKind::RegisterEmergencyAction,
            Self::RunInstruction(_) => ProposalKind::RunInstruction,
            Self::OverrideSeal(_) => ProposalKind::OverrideSeal,
            Self::OpenCheckpointLog(_) => ProposalKind::OpenCheckpointLog,
            Self::RedirectClaims(_) => ProposalKind::RedirectClaims,
            Self::RegisterEmergencySteps(_) => ProposalKind::RegisterEmergencySteps,
            Self::RegisterDirectVault(_) => ProposalKind::RegisterDirectVault,
            Self::UpgradeHost(_) => ProposalKind::UpgradeHost,
            Self::RegisterEmergencyBuild(_) => ProposalKind::RegisterEmergencyBuild,
            Self::SetInterimRule(_) => ProposalKind::SetInterimRule,
            Self::SetRecoveryRules(_) => ProposalKind::SetRecoveryRules,
            Self::SetClaimTerms(_) => ProposalKind::SetClaimTerms,
            Self::ExtendClaims(_) => ProposalKind::ExtendClaims,
            Self::OverrideRestartCheck(_) => ProposalKind::OverrideRestartCheck,
            Self::OpenInsurance(_) => ProposalKind::OpenInsurance,
            Self::SetBallotRules(_) => ProposalKind::SetBallotRules,
            Self::RegisterPeer(_) => ProposalKind::RegisterPeer,
            Self::RegisterVerifyingKey(_) => ProposalKind::RegisterVerifyingKey,
            Self::RequireProofs(_) => ProposalKind::RequireProofs,
            Self::OverrideProof(_) => ProposalKind::OverrideProof,
        }
    }

    /// Whether its flags name a breaker.
    pub(super) const fn names_breaker(&self) -> bool {
        match self {
            Self::SetLimit(limit) => limit.names_breaker(),
            _ => false,
        }
    }

    /// The arguments as JSON, if they are given so.
    pub(super) const fn given(&self) -> &Given {
        match self {
            Self::Resume(resume) => &resume.given,
            Self::Reopen(reopen) => &reopen.given,
            Self::SetLimit(limit) => &limit.given,
            Self::ChangeCouncil(change) => &change.given,
            Self::CancelReleases(cancel) => &cancel.given,
            Self::RegisterLedger(ledger) => &ledger.given,
            Self::RegisterEvacuationRoute(given)
            | Self::ChooseRestoration(given)
            | Self::OpenBreaker(given)
            | Self::OpenVault(given)
            | Self::OpenPriceBreaker(given)
            | Self::OpenSolvencyBreaker(given)
            | Self::OpenAuthorityWatch(given)
            | Self::CloseDetector(given)
            | Self::SetLink(given)
            | Self::GrantRights(given)
            | Self::RegisterEmergencyAction(given)
            | Self::RunInstruction(given)
            | Self::OverrideSeal(given)
            | Self::OpenCheckpointLog(given)
            | Self::RedirectClaims(given)
            | Self::OpenInsurance(given)
            | Self::SetBallotRules(given)
            | Self::RegisterPeer(given)
            | Self::RegisterVerifyingKey(given)
            | Self::RequireProofs(given)
            | Self::OverrideProof(given)
            | Self::RegisterEmergencySteps(given)
            | Self::RegisterDirectVault(given)
            | Self::UpgradeHost(given)
            | Self::RegisterEmergencyBuild(given)
            | Self::SetInterimRule(given)
            | Self::SetRecoveryRules(given)
            | Self::SetClaimTerms(given)
            | Self::ExtendClaims(given)
            | Self::OverrideRestartCheck(given) => given,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::{Command, Subcommand};

    use super::*;

    #[test]
    fn every_kind_of_the_program_is_a_word() {
        let command = Kind::augment_subcommands(Command::new("propose"));
        let words: BTreeSet<_> = command
            .get_subcommands()
            .map(|word| word.get_name().replace('-', "_"))
            .collect();
        let kinds: BTreeSet<_> = ProposalKind::all().map(|kind| kind.name().to_owned()).collect();
        assert_eq!(words, kinds);
    }
}
