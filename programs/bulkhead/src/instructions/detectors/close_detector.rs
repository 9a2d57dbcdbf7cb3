//! Closes a breaker or an authority watch, for example to open it again with other parameters.
//!
//! Requires the setup authority during set-up and a matured proposal afterwards. The proposal also names who receives
//! the rent. A detector cannot be closed while it has a latch that is not on the board: a pause is unpaused by its own
//! proposal, not by removing its cause. Propagate that latch first, in the same transaction if necessary; so nobody can
//! prevent the close by making the detector latch. This is the way out when a host, an authority or a feed is
//! permanently hostile. A proposal is void if it was created before a guardian lowered the breaker's limits or before
//! the detector was opened. A proposal that opens the detector afterwards must be newer than this one and newer than
//! what had latched.
//!
//! Nothing leaves through a closed outflow breaker until it is opened again at the same address. It may be opened with
//! another authority if the old one is not trusted.

use anchor_lang::{prelude::*, system_program};
use bulkhead_core::acts::{self, Closing};
use bulkhead_interface::{constants::cause, layout::PauseBoard};

use crate::{authority::*, current::Current, detector, error::BulkheadError, events::DetectorClosed};

/// Payload of a `CloseDetector` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct CloseDetectorArgs {
    /// The detector.
    pub detector: Pubkey,
    /// Receives the detector's rent.
    pub receiver: Pubkey,
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(args: CloseDetectorArgs)]
pub struct CloseDetector<'info> {
    pub config: ConfigAuthority<'info>,
    #[account(constraint = board.current()?.domain == config.domain.key() @ BulkheadError::ForeignAccount)]
    pub board: AccountLoader<'info, PauseBoard>,
    /// CHECK: a detector; the handler checks owner, kind, version and domain.
    #[account(mut, address = args.detector @ BulkheadError::ForeignAccount)]
    pub detector: UncheckedAccount<'info>,
    /// CHECK: receives the rent; matched by the address in the arguments.
    #[account(mut, address = args.receiver @ BulkheadError::ForeignAccount)]
    pub receiver: UncheckedAccount<'info>,
}

pub fn handle_close_detector(ctx: Context<CloseDetector>, args: CloseDetectorArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    accounts.config.authorize(&args)?;
    let (of, detector) = detector::read(&accounts.detector)?;
    // A vault has the same header as a detector, because its route can trip, but it is not one.
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
    if of == cause::AUTHORITY {
        acts::uncount_watch(&mut *accounts.config.domain.current_mut()?);
    }
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
