//! Opens the checkpoint log of a ledger, or changes the rules of an existing log.
//!
//! Requires the setup authority during set-up and a matured proposal afterwards. Existing checkpoints stay as they are,
//! each under the tolerance, attesters and flags it was posted under. A rule change neither attests, doubts nor removes
//! a checkpoint, and never shortens a checkpoint's life below the minimum age.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, CheckpointRules};
use bulkhead_interface::{
    constants::{VERSION, log_flag},
    layout::{CheckpointLog, Council, Ledger, space},
    seeds::SEED_CHECKPOINTS,
};

use crate::{authority::*, current::Current, error::BulkheadError, events::CheckpointLogOpened, pda};

/// Arguments of `open_checkpoint_log`, and the payload of its proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct OpenCheckpointLogArgs {
    /// Number of the ledger.
    pub ledger_index: u8,
    /// Number of attesters a checkpoint needs, including its poster.
    pub threshold: u8,
    /// Minimum number of slots between two checkpoints of one attester.
    pub min_interval_slots: u64,
    /// Minimum age of a checkpoint before it may be overwritten.
    pub keep_seconds: i64,
    /// The most that a checkpoint's total may differ from the host's own. Basis points of the greater total.
    pub tolerance_bps: u16,
    /// If set, only a checkpoint whose leaves were published can be put to the vote.
    pub published_only: bool,
}

impl OpenCheckpointLogArgs {
    /// Writes these rules into `log`, if the council has enough attesters for them and no later proposal set others.
    pub fn write(&self, log: &mut CheckpointLog, council: &Council, proposed_slot: Option<u64>) -> Result<()> {
        acts::set_checkpoint_rules(log, council, &self.rules(), proposed_slot).map_err(core_error)
    }

    fn rules(&self) -> CheckpointRules {
        CheckpointRules {
            threshold: self.threshold,
            flags: if self.published_only {
                log_flag::PUBLISHED_ONLY
            } else {
                0
            },
            tolerance_bps: self.tolerance_bps,
            min_interval_slots: self.min_interval_slots,
            keep_seconds: self.keep_seconds,
        }
    }
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(args: OpenCheckpointLogArgs)]
pub struct OpenCheckpointLog<'info> {
    pub config: ConfigAuthority<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(
        constraint = ledger.current()?.domain == config.domain.key() @ BulkheadError::ForeignAccount,
        constraint = ledger.current()?.index == args.ledger_index @ BulkheadError::ForeignAccount
    )]
    pub ledger: AccountLoader<'info, Ledger>,
    #[account(
        init_if_needed,
        payer = payer,
        space = space::<CheckpointLog>(),
        seeds = [SEED_CHECKPOINTS, config.domain.key().as_ref(), &[args.ledger_index]],
        bump
    )]
    pub log: AccountLoader<'info, CheckpointLog>,
    pub system_program: Program<'info, System>,
}

pub fn handle_open_checkpoint_log(ctx: Context<OpenCheckpointLog>, args: OpenCheckpointLogArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    accounts.config.authorize(&args)?;
    acts::check_checkpointed(&*accounts.ledger.current()?).map_err(core_error)?;
    let is_new = pda::is_new(accounts.log.as_ref())?;
    {
        let mut log = if is_new {
            let mut log = accounts.log.load_init()?;
            log.version = VERSION;
            log.bump = ctx.bumps.log;
            log.ledger_index = args.ledger_index;
            log.domain = accounts.config.domain.key();
            log.ledger = accounts.ledger.key();
            log
        } else {
            accounts.log.current_mut()?
        };
        let council = accounts.config.council.current()?;
        args.write(&mut log, &council, accounts.config.proposal_slot()?)?;
    }
    emit_cpi!(CheckpointLogOpened {
        domain: accounts.config.domain.key(),
        log: accounts.log.key(),
        ledger_index: args.ledger_index,
        threshold: args.threshold,
        min_interval_slots: args.min_interval_slots,
        keep_seconds: args.keep_seconds,
        tolerance_bps: args.tolerance_bps,
        published_only: args.published_only,
        is_changed: !is_new,
    });
    Ok(())
}
