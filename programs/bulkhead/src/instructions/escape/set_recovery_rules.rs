//! Sets when the escape opens, and whether reopening requires a check of the restored ledgers.
//!
//! Requires the setup authority during set-up and a matured proposal afterwards. Both are refused while an incident is
//! open, and so is a proposal for them: the rules are fixed in peace.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, RecoveryRules};

use crate::{authority::*, current::Current, events::RecoveryRulesSet};

/// Arguments of `set_recovery_rules`, and the payload of its proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct SetRecoveryRulesArgs {
    /// How long a freeze may last before anyone opens the escape: at least 14 days, or 0 for never.
    pub escape_seconds: i64,
    /// How old the check of a restored ledger may be when the domain reopens, or 0 if no check is required.
    pub restart_check_seconds: i64,
}

impl SetRecoveryRulesArgs {
    /// The rules in the type the acts take.
    #[must_use]
    pub const fn rules(&self) -> RecoveryRules {
        RecoveryRules {
            escape_seconds: self.escape_seconds,
            restart_check_seconds: self.restart_check_seconds,
        }
    }
}

#[event_cpi]
#[derive(Accounts)]
pub struct SetRecoveryRules<'info> {
    pub config: ConfigAuthority<'info>,
}

pub fn handle_set_recovery_rules(ctx: Context<SetRecoveryRules>, args: SetRecoveryRulesArgs) -> Result<()> {
    let config = &ctx.accounts.config;
    config.authorize(&args)?;
    let slot = config.proposal_slot()?;
    acts::set_recovery_rules(&mut *config.domain.current_mut()?, &args.rules(), slot).map_err(core_error)?;
    emit_cpi!(RecoveryRulesSet {
        domain: config.domain.key(),
        escape_seconds: args.escape_seconds,
        restart_check_seconds: args.restart_check_seconds,
    });
    Ok(())
}
