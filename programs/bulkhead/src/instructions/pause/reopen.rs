//! Executes a proposal that reopens after a restoration, raises the ramp of a reopening, or ends a guardian's pause in
//! peace.
//!
//! If the domain's rules require it, every ledger that was restored in the incident must have a recent restart check, and
//! a proof of state or a proposal's word for it. Restart checks and proof checks are the remaining accounts; each proof
//! check of the incident is followed by the restoration that it is of, which a ramp does not need. It names the incident and, like `resume`, unpauses what was known when it was proposed. Limits return at `ramp_bps`.
//! Liquidations stay closed for a grace period so that users can save their positions first.

use std::cell::Ref;

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, At, Reopening};
use bulkhead_interface::{
    discriminator,
    layout::{Incident, PauseBoard, ProofCheck, ProofRules, RestartCheck, Restoration},
    seeds::SEED_PROOF_RULES,
};

use crate::{
    authority::*,
    current::{Current, if_there, typed_mut},
    error::BulkheadError,
    events::DomainReopened,
};

/// Payload of a `Reopen` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct ReopenArgs {
    /// The incident whose restoration was paid. While the domain operates: the incident last closed, or the default key
    /// if the domain never had one.
    pub incident: Pubkey,
    /// Share of the limits in force, 1 to 10,000.
    pub ramp_bps: u16,
    /// How long liquidations stay closed.
    pub grace_seconds: i64,
}

#[event_cpi]
#[derive(Accounts)]
pub struct Reopen<'info> {
    pub config: ConfigAuthority<'info>,
    #[account(mut, constraint = board.current()?.domain == config.domain.key() @ BulkheadError::ForeignAccount)]
    pub board: AccountLoader<'info, PauseBoard>,
    /// The incident that is named, if any.
    #[account(mut, constraint = incident.current()?.domain == config.domain.key() @ BulkheadError::ForeignAccount)]
    pub incident: Option<AccountLoader<'info, Incident>>,
    /// CHECK: which restored ledgers need a proof, by address; a domain may have no such rules.
    #[account(
        mut,
        seeds = [SEED_PROOF_RULES, config.domain.key().as_ref()],
        bump = config.domain.current()?.proof_rules_bump
    )]
    pub proof_rules: UncheckedAccount<'info>,
}

pub fn handle_reopen<'info>(ctx: Context<'info, Reopen<'info>>, args: ReopenArgs) -> Result<()> {
    let config = &ctx.accounts.config;
    config.authorize(&args)?;
    let named = ctx.accounts.incident.as_ref();
    let key = named.map(|incident| incident.key()).unwrap_or_default();
    require_keys_eq!(args.incident, key, BulkheadError::IncidentNotOpen);
    let how = Reopening {
        incident: args.incident,
        ramp_bps: args.ramp_bps,
        grace_seconds: args.grace_seconds,
    };
    let at = clock()?;
    ctx.accounts.require_checks(&key, ctx.remaining_accounts, at)?;
    let mut incident = named.map(|incident| incident.current_mut()).transpose()?;
    let (grace_until, _) = acts::reopen(
        &mut *config.domain.current_mut()?,
        &mut *ctx.accounts.board.current_mut()?,
        incident.as_deref_mut(),
        &how,
        config.proposal_slot()?.unwrap_or_default(),
        at,
    )
    .map_err(core_error)?;
    drop(incident);
    let phase = config.domain.current()?.state;
    emit_cpi!(DomainReopened {
        domain: config.domain.key(),
        incident: args.incident,
        ramp_bps: args.ramp_bps,
        grace_until,
        phase,
    });
    Ok(())
}

impl<'info> Reopen<'info> {
    /// Every restored ledger has the checks that the domain's rules require.
    #[inline(never)]
    fn require_checks(&self, key: &Pubkey, accounts: &'info [AccountInfo<'info>], at: At) -> Result<()> {
        let shown = Shown::read(accounts)?;
        let domain = self.config.domain.current()?;
        let incident = self.incident.as_ref().map(Current::current).transpose()?;
        if let Some(incident) = &incident {
            acts::require_restart_checks(&domain, (key, incident), &shown.restarts, at.now).map_err(core_error)?;
        }
        if self.proof_rules.data_is_empty() {
            return Ok(());
        }
        let mut rules = typed_mut::<ProofRules>(&self.proof_rules)?;
        let proofs: Vec<_> = shown
            .proofs
            .iter()
            .map(|(check, plan)| (&**check, plan.as_ref().map(|(key, plan)| (*key, &**plan))))
            .collect();
        let named = incident.as_deref().map(|incident| (key, incident));
        acts::require_state_proofs(&domain, Some(&mut rules), named, &proofs).map_err(core_error)
    }
}

/// The checks among the remaining accounts.
struct Shown<'info> {
    restarts: Vec<RestartCheck>,
    proofs: Vec<(Box<ProofCheck>, Option<(&'info Pubkey, Ref<'info, Restoration>)>)>,
}

impl<'info> Shown<'info> {
    fn read(accounts: &'info [AccountInfo<'info>]) -> Result<Self> {
        let mut shown = Self {
            restarts: vec![],
            proofs: vec![],
        };
        for account in accounts {
            let is = |name: &[u8; 8]| Ok::<_, Error>(account.try_borrow_data()?.starts_with(name));
            if is(&discriminator::PROOF_CHECK)? {
                let check = *AccountLoader::<ProofCheck>::try_from(account)?.current()?;
                shown.proofs.push((Box::new(check), None));
            } else if is(&discriminator::RESTORATION)? {
                let plan = if_there::<Restoration>(account)?.ok_or(BulkheadError::ForeignAccount)?;
                let (_, of) = shown.proofs.last_mut().ok_or(BulkheadError::ForeignAccount)?;
                *of = Some((account.key, plan));
            } else {
                let check = AccountLoader::<RestartCheck>::try_from(account)?;
                shown.restarts.push(*check.current()?);
            }
        }
        Ok(shown)
    }
}
