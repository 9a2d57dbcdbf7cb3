//! A protocol with rules for its recovery and terms for its claims, and what anyone does about them.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::instructions::{SetClaimTermsArgs, SetRecoveryRulesArgs};
use bulkhead_client::instructions as ix;
use bulkhead_interface::constants::MIN_ESCAPE_SECONDS;
use bulkhead_testbed::{Machine, Protocol, associated_token, keypair};
use solana_instruction::Instruction;
use solana_signer::Signer;

use crate::recovery::{LEDGER, Recovery};

/// When the escape of these domains is due.
pub const ESCAPE: i64 = MIN_ESCAPE_SECONDS;
/// How old a restart check may be, where one is required.
pub const CHECK: i64 = 600;

/// Sets the rules of the recovery by a proposal.
pub fn set_rules(machine: &mut Machine, protocol: &Protocol, escape_seconds: i64, restart_check_seconds: i64) {
    let args = SetRecoveryRulesArgs {
        escape_seconds,
        restart_check_seconds,
    };
    let authority = protocol.mature(machine, &args);
    protocol.must(machine, &[ix::set_recovery_rules(authority, args)], &[]);
}

/// Who receives what is not claimed in time.
#[must_use]
pub fn heir() -> Pubkey {
    keypair("heir").pubkey()
}

/// The token account of [`heir`].
#[must_use]
pub fn heir_account(protocol: &Protocol) -> Pubkey {
    associated_token(&heir(), &protocol.mint)
}

/// Terms of the ledger's claims: so many days, and then to [`heir`].
#[must_use]
pub fn terms(claim_days: u16) -> SetClaimTermsArgs {
    SetClaimTermsArgs {
        ledger_index: LEDGER,
        claim_days,
        rest_owner: if claim_days == 0 { Pubkey::default() } else { heir() },
        successor: Pubkey::default(),
    }
}

/// Sets the terms of the ledger's claims by a proposal.
pub fn set_terms(machine: &mut Machine, protocol: &Protocol, claim_days: u16) {
    machine.create_associated(&protocol.mint, &heir(), 0);
    let args = terms(claim_days);
    let authority = protocol.mature(machine, &args);
    let set = set_terms_by(machine, protocol, authority, args);
    protocol.must(machine, &[set], &[]);
}

/// The instruction that sets terms.
#[must_use]
pub fn set_terms_by(
    machine: &Machine,
    protocol: &Protocol,
    authority: ix::Authority,
    args: SetClaimTermsArgs,
) -> Instruction {
    ix::set_claim_terms(authority, machine.payer.pubkey(), (protocol.mint, TOKEN_PROGRAM), args)
}

/// Opens the escape of the ledger, by `snapshot`.
#[must_use]
pub fn open_by(machine: &Machine, recovery: &Recovery, snapshot: Pubkey) -> Instruction {
    let keys = ix::EscapeKeys {
        domain: recovery.protocol.domain,
        incident: recovery.incident,
        ledger_index: LEDGER,
        snapshot,
        mint: recovery.protocol.mint,
        token_program: TOKEN_PROGRAM,
    };
    ix::open_escape(machine.payer.pubkey(), keys)
}

/// Opens the escape of the ledger, by the incident's own snapshot.
#[must_use]
pub fn open(machine: &Machine, recovery: &Recovery) -> Instruction {
    open_by(machine, recovery, recovery.snapshot)
}

/// Moves what the vault holds in custody to the claims.
#[must_use]
pub fn draw(recovery: &Recovery) -> Instruction {
    let protocol = &recovery.protocol;
    ix::fund_from_custody(recovery.keys(), protocol.domain, protocol.vault.vault)
}

/// What a restart check of the ledger reads.
#[must_use]
pub fn reading<'a>(protocol: &Protocol, vaults: &'a [Pubkey]) -> ix::RestartReading<'a> {
    ix::RestartReading {
        total_account: protocol.total_account,
        factors: &[],
        vaults,
        watches: &[],
    }
}

/// Records the restart check of the ledger, backed by these vaults.
#[must_use]
pub fn check(machine: &Machine, recovery: &Recovery, vaults: &[Pubkey]) -> Instruction {
    ix::record_restart_check(
        recovery.protocol.domain,
        machine.payer.pubkey(),
        recovery.incident,
        LEDGER,
        reading(&recovery.protocol, vaults),
    )
}
