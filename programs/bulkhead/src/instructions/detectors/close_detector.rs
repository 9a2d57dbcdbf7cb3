//! Closes a breaker or an authority watch, for instance to open it again with other parameters.
//!
//! During set-up by the setup authority, afterwards by a matured proposal, which also says who gets the rent. Never while it
//! has a latch that is not on the board: a pause is unpaused by its own proposal, not by taking its reason away. Whoever
//! closes it propagates that latch first, in the same transaction if need be, so that nobody keeps a detector by making it
//! latch: this is the way out when a host, an authority or a feed is hostile for good. A proposal from before a guardian
//! lowered a breaker's limits is void, and so is one from before the detector was opened. What opens a detector afterwards
//! was proposed later than this, and later than what had latched.
//!
//! Through an outflow breaker that is closed nothing leaves, until it is opened again at the same address, with another
//! authority if the old one is not to be trusted.

use anchor_lang::{prelude::*, system_program};
use bulkhead_core::acts::{self, Closing};
use bulkhead_interface::{constants::cause, layout::PauseBoard};

use crate::{authority::*, current::Current, detector, error::BulkheadError, events::DetectorClosed};

/// Payload of a `CloseDetector` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct CloseDetectorArgs {
    /// The detector.
    pub detector: Pubkey,
    /// Who gets its rent.
    pub receiver: Pubkey,
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(args: CloseDetectorArgs)]
pub struct CloseDetector<'info> {
    pub config: ConfigAuthority<'info>,
    #[account(constraint = board.current()?.domain == config.domain.key() @ BulkheadError::ForeignAccount)]
    pub board: AccountLoader<'info, PauseBoard>,
    /// CHECK: a detector; owner, kind, version and domain are checked in the handler.
    #[account(mut, address = args.detector @ BulkheadError::ForeignAccount)]
    pub detector: UncheckedAccount<'info>,
    /// CHECK: gets the rent, by the address in the arguments.
    #[account(mut, address = args.receiver @ BulkheadError::ForeignAccount)]
    pub receiver: UncheckedAccount<'info>,
}

pub fn handle_close_detector(ctx: Context<CloseDetector>, args: CloseDetectorArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    accounts.config.authorize(&args)?;
    let (of, detector) = detector::read(&accounts.detector)?;
    // A vault begins like a detector, for its route trips, and is none.
    require!(of != cause::ROUTE, BulkheadError::ForeignAccount);
    let closing = Closing {
        detector: &detector,
        lowered_slot: detector::lowered_slot(of, &accounts.detector)?,
        decided_slot: detector::decided_slot(of, &accounts.detector)?,
    };
    acts::close_detector(
        (
            &accounts.config.domain.key(),
            &mut *accounts.config.domain.current_mut()?,
        ),
        &closing,
        &*accounts.config.council.current()?,
        &*accounts.board.current()?,
        accounts.config.proposal_slot()?,
        clock()?.now,
    )
    .map_err(core_error)?;
    let (from, to) = (&accounts.detector, &accounts.receiver);
    require_keys_neq!(*from.key, *to.key, BulkheadError::ForeignAccount);
    let rent = from.lamports();
    let sum = to.lamports().checked_add(rent).ok_or(BulkheadError::Overflow)?;
    **to.try_borrow_mut_lamports()? = sum;
    **from.try_borrow_mut_lamports()? = 0;
    from.assign(&system_program::ID);
    from.resize(0)?;
    emit_cpi!(DetectorClosed {
        domain: accounts.config.domain.key(),
        detector: args.detector,
        receiver: args.receiver,
        rent,
    });
    Ok(())
}
