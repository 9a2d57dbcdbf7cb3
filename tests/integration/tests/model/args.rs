//! What a proposal can hold, with the instruction it runs as.

use anchor_lang::{AnchorSerialize, prelude::Pubkey};
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::{call::StoredInstruction, instructions::*};
use bulkhead_client::instructions as ix;
use bulkhead_interface::constants::kind;
use solana_instruction::Instruction;

/// Arguments of everything that configures or loosens.
#[derive(Clone)]
pub enum Args {
    Resume(ResumeArgs),
    ChangeCouncil(CouncilConfig),
    RegisterRoute(RegisterRouteArgs),
    ChooseRestoration(ChooseRestorationArgs),
    Reopen(ReopenArgs),
    OpenBreaker(OpenBreakerArgs),
    OpenVault(OpenVaultArgs),
    RegisterLedger(RegisterLedgerArgs),
    SetLimit(SetLimitArgs),
    SetLink(SetLinkArgs),
    OpenPriceBreaker(OpenPriceBreakerArgs),
    OpenSolvencyBreaker(OpenSolvencyBreakerArgs),
    OpenAuthorityWatch(OpenAuthorityWatchArgs),
    CloseDetector(CloseDetectorArgs),
    GrantRights(GrantRightsArgs),
    RegisterPlaybook(RegisterPlaybookArgs),
    OpenCheckpointLog(OpenCheckpointLogArgs),
    OverrideSeal(OverrideSealArgs, Seal),
    RedirectClaims(RedirectClaimsArgs),
    CancelReleases(CancelReleasesArgs),
    RunInstruction(StoredInstruction),
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
    pub fn kind(&self) -> u8 {
        match self {
            Self::Resume(_) => kind::RESUME,
            Self::ChangeCouncil(_) => kind::CHANGE_COUNCIL,
            Self::RegisterRoute(_) => kind::REGISTER_ROUTE,
            Self::ChooseRestoration(_) => kind::CHOOSE_RESTORATION,
            Self::Reopen(_) => kind::REOPEN,
            Self::OpenBreaker(_) => kind::OPEN_BREAKER,
            Self::OpenVault(_) => kind::OPEN_VAULT,
            Self::RegisterLedger(_) => kind::REGISTER_LEDGER,
            Self::SetLimit(_) => kind::SET_LIMIT,
            Self::SetLink(_) => kind::SET_LINK,
            Self::CloseDetector(_) => kind::CLOSE_DETECTOR,
            Self::OpenAuthorityWatch(_) => kind::OPEN_AUTHORITY_WATCH,
            Self::OpenSolvencyBreaker(_) => kind::OPEN_SOLVENCY_BREAKER,
            Self::OpenPriceBreaker(_) => kind::OPEN_PRICE_BREAKER,
            Self::GrantRights(_) => kind::GRANT_RIGHTS,
            Self::RegisterPlaybook(_) => kind::REGISTER_PLAYBOOK,
            Self::OpenCheckpointLog(_) => kind::OPEN_CHECKPOINT_LOG,
            Self::OverrideSeal(..) => kind::OVERRIDE_SEAL,
            Self::RedirectClaims(_) => kind::REDIRECT_CLAIMS,
            Self::CancelReleases(_) => kind::CANCEL_RELEASES,
            Self::RunInstruction(_) => kind::RUN_INSTRUCTION,
        }
    }

    pub fn name(&self) -> &'static str {
        match self {
            Self::Resume(_) => "resume",
            Self::ChangeCouncil(_) => "change_council",
            Self::RegisterRoute(_) => "register_route",
            Self::ChooseRestoration(_) => "choose_restoration",
            Self::Reopen(_) => "reopen",
            Self::OpenBreaker(_) => "open_breaker",
            Self::OpenVault(_) => "open_vault",
            Self::RegisterLedger(_) => "register_ledger",
            Self::SetLimit(_) => "set_limit",
            Self::SetLink(_) => "set_link",
            Self::CloseDetector(_) => "close_detector",
            Self::OpenAuthorityWatch(_) => "open_authority_watch",
            Self::OpenSolvencyBreaker(_) => "open_solvency_breaker",
            Self::OpenPriceBreaker(_) => "open_price_breaker",
            Self::GrantRights(_) => "grant_rights",
            Self::RegisterPlaybook(_) => "register_playbook",
            Self::OpenCheckpointLog(_) => "open_checkpoint_log",
            Self::OverrideSeal(..) => "override_seal",
            Self::RedirectClaims(_) => "redirect_claims",
            Self::CancelReleases(_) => "cancel_releases",
            Self::RunInstruction(_) => "run_instruction",
        }
    }

    pub fn payload(&self) -> Vec<u8> {
        fn bytes(args: &impl AnchorSerialize) -> Vec<u8> {
            let mut bytes = vec![];
            args.serialize(&mut bytes).expect("memory");
            bytes
        }
        match self {
            Self::Resume(args) => bytes(args),
            Self::ChangeCouncil(args) => bytes(args),
            Self::RegisterRoute(args) => bytes(args),
            Self::ChooseRestoration(args) => bytes(args),
            Self::Reopen(args) => bytes(args),
            Self::OpenBreaker(args) => bytes(args),
            Self::OpenVault(args) => bytes(args),
            Self::RegisterLedger(args) => bytes(args),
            Self::SetLimit(args) => bytes(args),
            Self::SetLink(args) => bytes(args),
            Self::CloseDetector(args) => bytes(args),
            Self::OpenAuthorityWatch(args) => bytes(args),
            Self::OpenSolvencyBreaker(args) => bytes(args),
            Self::OpenPriceBreaker(args) => bytes(args),
            Self::GrantRights(args) => bytes(args),
            Self::RegisterPlaybook(args) => bytes(args),
            Self::OpenCheckpointLog(args) => bytes(args),
            Self::OverrideSeal(args, _) => bytes(args),
            Self::RedirectClaims(args) => bytes(args),
            Self::CancelReleases(args) => bytes(args),
            Self::RunInstruction(stored) => bytes(stored),
        }
    }

    pub fn instruction(&self, authority: ix::Authority, payer: Pubkey, mint: Pubkey) -> Instruction {
        match self.clone() {
            Self::Resume(args) => ix::resume(authority, args),
            Self::ChangeCouncil(args) => ix::change_council(authority, args),
            Self::RegisterRoute(args) => ix::register_route(authority, args),
            Self::ChooseRestoration(args) => ix::choose_restoration(authority, payer, mint, TOKEN_PROGRAM, args),
            Self::Reopen(args) => ix::reopen(authority, args),
            Self::OpenBreaker(args) => ix::open_breaker(authority, payer, args),
            Self::OpenVault(args) => ix::open_vault(authority, payer, TOKEN_PROGRAM, args),
            Self::RegisterLedger(args) => {
                let others: Vec<_> = (0..args.index).collect();
                ix::register_ledger(authority, payer, args, &others)
            }
            Self::SetLimit(args) => ix::set_limit(authority, args),
            Self::SetLink(args) => ix::set_link(authority, payer, args),
            Self::CloseDetector(args) => ix::close_detector(authority, args),
            Self::OpenAuthorityWatch(args) => ix::open_authority_watch(authority, payer, args),
            Self::OpenSolvencyBreaker(args) => ix::open_solvency_breaker(authority, payer, args),
            Self::OpenPriceBreaker(args) => ix::open_price_breaker(authority, payer, args),
            Self::GrantRights(args) => ix::grant_rights(authority, args),
            Self::RegisterPlaybook(args) => ix::register_playbook(authority, payer, args),
            Self::OpenCheckpointLog(args) => ix::open_checkpoint_log(authority, payer, args),
            Self::OverrideSeal(args, seal) => ix::override_seal(
                authority,
                seal.incident,
                seal.ledger,
                seal.total_account,
                &[seal.shard],
                args,
            ),
            Self::RedirectClaims(args) => ix::redirect_claims(authority, payer, args),
            Self::CancelReleases(args) => ix::cancel_releases(authority, args),
            Self::RunInstruction(stored) => ix::run_instruction(authority, &stored),
        }
    }
}
