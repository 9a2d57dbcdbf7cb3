//! Creates a domain with its council and its pause board.
//!
//! Anyone may, under a namespace key that signs. The domain starts in set-up, where that key
//! configures it alone; it protects nothing until `activate_domain`.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::Mint;
use bulkhead_core::{board, council};
use bulkhead_interface::{
    constants::{BPS, MAX_DELAY_SECONDS, MAX_MEMBERS, MIN_DELAY_SECONDS, VERSION, class, phase},
    layout::{Council, Domain, Member, PauseBoard, Policy, space},
    seeds::{SEED_BOARD, SEED_COUNCIL, SEED_DOMAIN},
};

use crate::{error::BulkheadError, events::DomainOpened, token::require_safe_mint};

/// One member as it is configured.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct MemberConfig {
    /// A wallet or any program-owned signer.
    pub key: Pubkey,
    /// Bits of `constants::role`.
    pub roles: u8,
}

/// What one class of proposal needs.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct PolicyConfig {
    /// Approvals needed.
    pub threshold: u8,
    /// From the last approval needed to execution.
    pub delay_seconds: i64,
    /// From creation to the last moment of execution.
    pub expiry_seconds: i64,
}

/// A whole council. Also the payload of a `CHANGE_COUNCIL` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct CouncilConfig {
    /// 1 to 16 members.
    pub members: Vec<MemberConfig>,
    /// Guardians that confirm an incident or an evacuation.
    pub hold_threshold: u8,
    /// Pauses each guardian has.
    pub pause_rights: u8,
    /// How long a guardian's pause lasts by itself.
    pub contain_seconds: i64,
    /// How long a trip pauses by itself.
    pub trip_seconds: i64,
    /// Actions closed by a pause that names none, and by a trip.
    pub default_mask: u32,
    /// By `constants::class`.
    pub policies: [PolicyConfig; class::COUNT],
}

/// Arguments of `open_domain`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct OpenDomainArgs {
    /// The first council.
    pub council: CouncilConfig,
    /// The protected program.
    pub host_program: Pubkey,
    /// How long a ballot votes.
    pub vote_seconds: i64,
    /// Share of the governance supply that must vote, in bps.
    pub quorum_bps: u16,
}

#[event_cpi]
#[derive(Accounts)]
pub struct OpenDomain<'info> {
    /// Key the domain is derived from; it has no power after activation.
    pub namespace: Signer<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(init, payer = payer, space = space::<Domain>(), seeds = [SEED_DOMAIN, namespace.key().as_ref()], bump)]
    pub domain: AccountLoader<'info, Domain>,
    #[account(init, payer = payer, space = space::<Council>(), seeds = [SEED_COUNCIL, domain.key().as_ref()], bump)]
    pub council: AccountLoader<'info, Council>,
    #[account(init, payer = payer, space = space::<PauseBoard>(), seeds = [SEED_BOARD, domain.key().as_ref()], bump)]
    pub board: AccountLoader<'info, PauseBoard>,
    /// Token whose holders choose the state to restart from.
    pub governance_mint: Box<InterfaceAccount<'info, Mint>>,
    pub system_program: Program<'info, System>,
}

pub fn handle_open_domain(ctx: Context<OpenDomain>, args: OpenDomainArgs) -> Result<()> {
    require!(
        (MIN_DELAY_SECONDS..=MAX_DELAY_SECONDS).contains(&args.vote_seconds) && (1..=BPS).contains(&args.quorum_bps),
        BulkheadError::ArgumentOutOfRange
    );
    let accounts = &ctx.accounts;
    require_safe_mint(accounts.governance_mint.as_ref().as_ref())?;
    let (domain_key, council_key, board_key) = (accounts.domain.key(), accounts.council.key(), accounts.board.key());
    {
        let mut domain = accounts.domain.load_init()?;
        domain.version = VERSION;
        domain.bump = ctx.bumps.domain;
        domain.state = phase::SETUP;
        domain.namespace = accounts.namespace.key();
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
        write_council(&mut council, &args.council)?;
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
        namespace: accounts.namespace.key(),
        council: council_key,
        board: board_key,
    });
    Ok(())
}

/// Writes a whole council, gives back every pause right and voids every open proposal.
pub(super) fn write_council(council: &mut Council, config: &CouncilConfig) -> Result<()> {
    require!(config.members.len() <= MAX_MEMBERS, BulkheadError::InvalidCouncil);
    council.member_count = u8::try_from(config.members.len()).map_err(|_| BulkheadError::InvalidCouncil)?;
    council.hold_threshold = config.hold_threshold;
    council.pause_rights = config.pause_rights;
    council.contain_seconds = config.contain_seconds;
    council.trip_seconds = config.trip_seconds;
    council.default_mask = config.default_mask;
    council.config_epoch = council.config_epoch.checked_add(1).ok_or(BulkheadError::Overflow)?;
    for (policy, new) in council.policies.iter_mut().zip(&config.policies) {
        *policy = Policy {
            threshold: new.threshold,
            delay_seconds: new.delay_seconds,
            expiry_seconds: new.expiry_seconds,
            ..bytemuck::Zeroable::zeroed()
        };
    }
    council.members = bytemuck::Zeroable::zeroed();
    for (member, new) in council.members.iter_mut().zip(&config.members) {
        *member = Member {
            key: new.key,
            roles: new.roles,
            pause_rights: config.pause_rights,
            ..bytemuck::Zeroable::zeroed()
        };
    }
    council::check(council).map_err(|_| BulkheadError::InvalidCouncil.into())
}
