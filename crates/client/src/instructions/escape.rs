use super::*;
use bulkhead::instructions::{OverrideRestartCheckArgs, SetRecoveryRulesArgs};

/// `set_recovery_rules`: the setup authority, or a matured proposal.
#[must_use]
pub fn set_recovery_rules(authority: Authority, args: SetRecoveryRulesArgs) -> Instruction {
    build(
        &bulkhead::accounts::SetRecoveryRules {
            config: authority.accounts(),
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::SetRecoveryRules { args },
    )
}

/// The state that an escape pays by.
#[derive(Clone, Copy)]
pub struct EscapeKeys {
    /// The domain.
    pub domain: Pubkey,
    /// The open incident.
    pub incident: Pubkey,
    /// Number of the ledger.
    pub ledger_index: u8,
    /// The incident's own snapshot, or the snapshot of the newest published checkpoint.
    pub snapshot: Pubkey,
    /// Token that claims are paid in.
    pub mint: Pubkey,
    /// SPL Token or Token-2022.
    pub token_program: Pubkey,
}

/// `open_escape`: anyone may crank it.
#[must_use]
pub fn open_escape(payer: Pubkey, keys: EscapeKeys) -> Instruction {
    build(
        &bulkhead::accounts::OpenEscape {
            domain: keys.domain,
            begin: begin(payer, keys),
            own_snapshot: pda::snapshot(&keys.incident, keys.ledger_index),
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::OpenEscape {},
    )
}

/// The accounts with which a restoration begins, whoever has chosen its state.
pub(super) fn begin(payer: Pubkey, keys: EscapeKeys) -> bulkhead::accounts::BeginRestoration {
    let EscapeKeys {
        domain,
        incident,
        ledger_index,
        ..
    } = keys;
    let restoration = pda::restoration(&incident, ledger_index);
    bulkhead::accounts::BeginRestoration {
        payer,
        incident,
        snapshot: keys.snapshot,
        log: pda::checkpoint_log(&domain, ledger_index),
        terms: pda::claim_terms(&domain, ledger_index),
        restoration,
        mint: keys.mint,
        pool: pda::pool(&restoration),
        token_program: keys.token_program,
        system_program: system_program::ID,
        interim: pda::interim(&incident, ledger_index),
        vault: None,
        queue_ledger: None,
    }
}

/// `fund_from_custody`: anyone may crank it once the escape is due. The vault backs the restoration's ledger.
#[must_use]
pub fn fund_from_custody(keys: RestorationKeys, domain: Pubkey, vault: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::FundFromCustody {
            domain,
            restoration: keys.restoration,
            vault,
            custody: pda::custody(&vault),
            pool: pda::pool(&keys.restoration),
            mint: keys.mint,
            token_program: keys.token_program,
            queue_ledger: None,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::FundFromCustody {},
    )
}

/// What a restart check reads, besides the ledger.
#[derive(Clone, Copy)]
pub struct RestartReading<'a> {
    /// The account that stores the host's total.
    pub total_account: Pubkey,
    /// The accounts of the ledger's factors, in its order.
    pub factors: &'a [Pubkey],
    /// The vaults that back the ledger, in any order.
    pub vaults: &'a [Pubkey],
    /// The domain's authority watches and the accounts they watch, in any order.
    pub watches: &'a [(Pubkey, Pubkey)],
}

impl RestartReading<'_> {
    /// The accounts in the order the program requires.
    fn accounts(&self) -> Vec<AccountMeta> {
        let mut vaults: Vec<_> = self.vaults.iter().map(|vault| (*vault, pda::custody(vault))).collect();
        let mut watches = self.watches.to_vec();
        vaults.sort_unstable();
        watches.sort_unstable();
        let pairs = vaults.into_iter().chain(watches);
        let factors = self.factors.iter().copied();
        factors
            .chain(pairs.flat_map(|(first, second)| [first, second]))
            .map(|key| AccountMeta::new_readonly(key, false))
            .collect()
    }
}

/// `record_restart_check`: anyone may crank it, alone in its transaction.
#[must_use]
pub fn record_restart_check(
    domain: Pubkey,
    payer: Pubkey,
    incident: Pubkey,
    ledger_index: u8,
    reading: RestartReading,
) -> Instruction {
    build_with(
        &bulkhead::accounts::RecordRestartCheck {
            payer,
            domain,
            incident,
            ledger: pda::ledger(&domain, ledger_index),
            total_account: reading.total_account,
            check: pda::restart_check(&incident, ledger_index),
            instructions: INSTRUCTIONS_SYSVAR,
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::RecordRestartCheck {},
        reading.accounts(),
    )
}

/// `override_restart_check`: executes a matured proposal, for the difference that it states. Alone in its transaction.
#[must_use]
pub fn override_restart_check(
    authority: Authority,
    payer: Pubkey,
    reading: RestartReading,
    args: OverrideRestartCheckArgs,
) -> Instruction {
    build_with(
        &bulkhead::accounts::OverrideRestartCheck {
            config: authority.accounts(),
            payer,
            incident: args.incident,
            ledger: pda::ledger(&authority.domain, args.ledger_index),
            total_account: reading.total_account,
            check: pda::restart_check(&args.incident, args.ledger_index),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::OverrideRestartCheck { args },
        reading.accounts(),
    )
}
