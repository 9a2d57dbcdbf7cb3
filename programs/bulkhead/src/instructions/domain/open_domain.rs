//! Creates a domain with its council and its pause board.
//!
//! Anyone may call it with a setup authority that signs. The domain starts in set-up, where that authority alone
//! configures it. It protects nothing until `activate_domain`.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::Mint;
use bulkhead_core::{acts, pause::board};
use bulkhead_interface::{
    constants::{BPS, MAX_DELAY_SECONDS, MAX_MEMBERS, MIN_DELAY_SECONDS, VERSION, class, phase},
    layout::{Council, Domain, PauseBoard, space},
    seeds::{SEED_BOARD, SEED_COUNCIL, SEED_DOMAIN, SEED_PROOF_RULES},
};

use crate::{authority::core_error, error::BulkheadError, events::DomainOpened, token::require_votable_mint};

/// Configuration of one member.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct MemberConfig {
    /// A wallet or any program-owned signer.
    pub key: Pubkey,
    /// Bits of `constants::role`.
    pub roles: u8,
}

/// Requirements for one class of proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct PolicyConfig {
    /// Number of approvals needed.
    pub threshold: u8,
    /// Delay from the last needed approval to execution.
    pub delay_seconds: i64,
    /// Time from creation to the last moment of execution.
    pub expiry_seconds: i64,
}

/// Configuration of a whole council. Also the payload of a `ChangeCouncil` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct CouncilConfig {
    /// 1 to 16 members.
    pub members: Vec<MemberConfig>,
    /// Number of guardians needed to confirm an incident or an evacuation.
    pub freeze_threshold: u8,
    /// Pause rights of each guardian.
    pub pause_rights: u8,
    /// Veto rights of each vetoer; at least one if there are vetoers.
    pub veto_rights: u8,
    /// How long a guardian's pause lasts before it ends automatically.
    pub guardian_pause_seconds: i64,
    /// How long a trip pauses before it ends automatically.
    pub trip_seconds: i64,
    /// Actions closed by a trip and by a pause that names none.
    pub default_mask: u32,
    /// Indexed by `constants::class`.
    pub policies: [PolicyConfig; class::COUNT],
    /// A member who has not been active for longer than this is not eligible: 1 to 365 days.
    pub heartbeat_seconds: i64,
    /// Number of times a guardian may pause in one day, UTC.
    pub guardian_pauses_per_day: u8,
    /// Number of times a guardian may pause before one of their own pauses has to lapse.
    pub guardian_pauses_in_a_row: u8,
    /// Who may propose a council when the approvers are gone: a DAO or another multisig. Not a member.
    pub fallback: Pubkey,
    /// How long there must be too few approvers before the fallback may act: 7 to 365 days.
    pub fallback_seconds: i64,
}

/// Arguments of `open_domain`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct OpenDomainArgs {
    /// The first council.
    pub council: CouncilConfig,
    /// The protected program.
    pub host_program: Pubkey,
    /// How long the voting period of a ballot lasts.
    pub vote_seconds: i64,
    /// Share of the governance supply that must vote, in bps.
    pub quorum_bps: u16,
}

#[event_cpi]
#[derive(Accounts)]
pub struct OpenDomain<'info> {
    /// Key the domain is derived from; it has no power after activation.
    pub setup_authority: Signer<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(init, payer = payer, space = space::<Domain>(), seeds = [SEED_DOMAIN, setup_authority.key().as_ref()], bump)]
    pub domain: AccountLoader<'info, Domain>,
    #[account(init, payer = payer, space = space::<Council>(), seeds = [SEED_COUNCIL, domain.key().as_ref()], bump)]
    pub council: AccountLoader<'info, Council>,
    #[account(init, payer = payer, space = space::<PauseBoard>(), seeds = [SEED_BOARD, domain.key().as_ref()], bump)]
    pub board: AccountLoader<'info, PauseBoard>,
    /// Token whose holders choose the state to restore. Nobody can freeze it.
    pub governance_mint: Box<InterfaceAccount<'info, Mint>>,
    pub system_program: Program<'info, System>,
}

pub fn handle_open_domain(ctx: Context<OpenDomain>, args: OpenDomainArgs) -> Result<()> {
    args.check()?;
    let accounts = &ctx.accounts;
    require_votable_mint(accounts.governance_mint.as_ref().as_ref())?;
    let (domain_key, council_key, board_key) = (accounts.domain.key(), accounts.council.key(), accounts.board.key());
    {
        let mut domain = accounts.domain.load_init()?;
        domain.version = VERSION;
        domain.bump = ctx.bumps.domain;
        (_, domain.proof_rules_bump) =
            Pubkey::find_program_address(&[SEED_PROOF_RULES, domain_key.as_ref()], &crate::ID);
        domain.state = phase::SETUP;
        domain.setup_authority = accounts.setup_authority.key();
        domain.council = council_key;
        domain.board = board_key;
        domain.host_program = args.host_program;
        domain.governance_mint = accounts.governance_mint.key();
        domain.vote_seconds = args.vote_seconds;
        domain.quorum_bps = args.quorum_bps;
    }
    {
        let mut council = accounts.council.load_init()?;
        council.version = VERSION;
        council.bump = ctx.bumps.council;
        council.domain = domain_key;
        council.board = board_key;
        write_council(&mut council, &args.council, Clock::get()?.unix_timestamp)?;
    }
    {
        let mut board = accounts.board.load_init()?;
        board.version = VERSION;
        board.bump = ctx.bumps.board;
        board.domain = domain_key;
        board.council = council_key;
        board::open(&mut board);
    }
    emit_cpi!(DomainOpened {
        domain: domain_key,
        setup_authority: accounts.setup_authority.key(),
        council: council_key,
        board: board_key,
    });
    Ok(())
}

/// Writes a configured council into the account.
pub(super) fn write_council(council: &mut Council, config: &CouncilConfig, now: i64) -> Result<()> {
    acts::change_council(council, &*config.plan()?, now).map_err(core_error)
}

impl OpenDomainArgs {
    /// Checks whether ballots of a domain with these arguments could work.
    pub fn check(&self) -> Result<()> {
        require!(
            (MIN_DELAY_SECONDS..=MAX_DELAY_SECONDS).contains(&self.vote_seconds)
                && (1..=BPS).contains(&self.quorum_bps),
            BulkheadError::ArgumentOutOfRange
        );
        Ok(())
    }
}

impl CouncilConfig {
    /// The configuration as a council that has not acted yet. On the heap, because it is too large for a stack frame.
    pub fn plan(&self) -> Result<Box<Council>> {
        require!(self.members.len() <= MAX_MEMBERS, BulkheadError::InvalidCouncil);
        let mut plan: Box<Council> = Box::new(bytemuck::Zeroable::zeroed());
        plan.member_count = u8::try_from(self.members.len()).map_err(|_| BulkheadError::InvalidCouncil)?;
        plan.freeze_threshold = self.freeze_threshold;
        plan.pause_rights = self.pause_rights;
        plan.veto_rights = self.veto_rights;
        plan.guardian_pause_seconds = self.guardian_pause_seconds;
        plan.trip_seconds = self.trip_seconds;
        plan.default_mask = self.default_mask;
        plan.heartbeat_seconds = self.heartbeat_seconds;
        plan.guardian_pauses_per_day = self.guardian_pauses_per_day;
        plan.guardian_pauses_in_a_row = self.guardian_pauses_in_a_row;
        plan.fallback = self.fallback;
        plan.fallback_seconds = self.fallback_seconds;
        for (policy, new) in plan.policies.iter_mut().zip(&self.policies) {
            policy.threshold = new.threshold;
            policy.delay_seconds = new.delay_seconds;
            policy.expiry_seconds = new.expiry_seconds;
        }
        for (member, new) in plan.members.iter_mut().zip(&self.members) {
            (member.key, member.roles) = (new.key, new.roles);
        }
        Ok(plan)
    }
}
