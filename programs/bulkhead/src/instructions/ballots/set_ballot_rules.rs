//! Sets how the domain's ballots are held: whose weights count, how long a vote cools off, and how long candidates and
//! results can be disputed.
//!
//! Requires the setup authority during set-up and a matured proposal afterwards. Both are refused while an incident is
//! open, and so is a proposal for them. A ballot copies the rules when it is opened, so later rules change no vote.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, HowToVote};
use bulkhead_interface::{
    layout::{BallotRules, space},
    seeds::SEED_BALLOT_RULES,
};
use bytemuck::Zeroable;

use crate::{authority::*, current::Current, events::BallotRulesSet, pda};

/// Arguments of `set_ballot_rules`, and the payload of its proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct SetBallotRulesArgs {
    /// Program of the voter-weight plug-in. The default key if escrowed tokens vote.
    pub weight_program: Pubkey,
    /// Realm of the plug-in's records. The default key without a plug-in.
    pub weight_realm: Pubkey,
    /// The plug-in's record of all weight there is. The default key if the quorum is a share of the token's supply.
    pub max_weight_record: Pubkey,
    /// Whether a weight counts only if the plug-in computed it for the very round of the very ballot.
    pub is_targeted: bool,
    /// At the end of a vote, how long only votes for none count; at most half of the vote.
    pub cool_off_seconds: i64,
    /// How long candidates must have stood before a vote starts, and how long its result can be vetoed; at most three
    /// days.
    pub dispute_seconds: i64,
}

impl SetBallotRulesArgs {
    /// The rules in the type the acts take.
    #[must_use]
    pub const fn rules(&self) -> HowToVote {
        HowToVote {
            weight_program: self.weight_program,
            weight_realm: self.weight_realm,
            max_weight_record: self.max_weight_record,
            is_targeted: self.is_targeted,
            cool_off_seconds: self.cool_off_seconds,
            dispute_seconds: self.dispute_seconds,
        }
    }
}

#[event_cpi]
#[derive(Accounts)]
pub struct SetBallotRules<'info> {
    pub config: ConfigAuthority<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(
        init_if_needed, payer = payer, space = space::<BallotRules>(),
        seeds = [SEED_BALLOT_RULES, config.domain.key().as_ref()], bump
    )]
    pub rules: AccountLoader<'info, BallotRules>,
    pub system_program: Program<'info, System>,
}

pub fn handle_set_ballot_rules(ctx: Context<SetBallotRules>, args: SetBallotRulesArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    accounts.config.authorize(&args)?;
    let mut rules = if pda::is_new(accounts.rules.as_ref())? {
        BallotRules::zeroed()
    } else {
        *accounts.rules.current()?
    };
    let domain = accounts.config.domain.key();
    acts::set_ballot_rules(
        (&domain, &*accounts.config.domain.current()?),
        &mut rules,
        ctx.bumps.rules,
        &args.rules(),
        accounts.config.proposal_slot()?,
    )
    .map_err(core_error)?;
    pda::write(accounts.rules.as_ref(), &rules)?;
    emit_cpi!(BallotRulesSet {
        domain,
        weight_program: args.weight_program,
        weight_realm: args.weight_realm,
        max_weight_record: args.max_weight_record,
        is_targeted: args.is_targeted,
        cool_off_seconds: args.cool_off_seconds,
        dispute_seconds: args.dispute_seconds,
    });
    Ok(())
}
