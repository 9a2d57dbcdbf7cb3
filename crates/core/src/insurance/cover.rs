//! What a pool pays for one restoration.
//!
//! A restoration states what its claims lack when it is chosen. From then on the pool's part, up to its cap, is held
//! back: who leaves leaves its share of it behind. The restoration may be funded otherwise for a fixed time. Then anyone
//! slashes what is lacking at that moment: claims less what the restoration's pool, the vaults and their recovery accounts
//! hold. A slash lowers what is lacking, so the next one takes only what is still lacking. When the claims are covered, or
//! the time to slash is over, the rest of the reserve belongs to who stayed.
//!
//! Whatever is recovered once the claims are covered goes back to the pools that paid, last loss first.

use bulkhead_interface::{
    Pubkey,
    constants::{NO_LEDGER, SLASH_SECONDS, VERSION, insurance_flag},
    layout::{DirectVault, InsuranceCover, InsurancePool, Restoration, Vault},
};
use bytemuck::Zeroable;

use crate::{
    CoreError,
    custody::{migration::has_moved, queue_ledger},
    insurance::{exits, premium, shares},
    restoration::{share, terms::require_claims_run},
};

/// A vault of a pool, with the balances of its custody and its recovery account.
#[derive(Clone, Copy)]
pub struct VaultFunds<'a> {
    /// The vault. A direct vault, whose tokens the host keeps itself, counts as [`as_vault`] says.
    pub vault: &'a Vault,
    /// What custody holds.
    pub custody: u64,
    /// What the account holds that the vault's last evacuation went to.
    pub recovered: u64,
    /// What of both is kept for the vault's queue in the restoration's incident: [`queue_ledger::kept`]. None of a direct
    /// vault, which has no queue.
    pub kept: u64,
}

/// A direct vault as a vault: its custody is the host's own token account.
#[must_use]
pub fn as_vault(vault: &DirectVault) -> Vault {
    Vault {
        ledger: vault.ledger,
        domain: vault.domain,
        mint: vault.mint,
        custody: vault.source,
        evacuation: vault.evacuation,
        ..Vault::zeroed()
    }
}

impl VaultFunds<'_> {
    /// Does the vault pay the claims of this restoration, as the vault that backs the ledger or as the one of its queue?
    fn pays(&self, restoration: &Restoration) -> bool {
        let is_backing = self.vault.ledger == restoration.ledger_index && self.vault.ledger != NO_LEDGER;
        self.vault.domain == restoration.domain
            && self.vault.mint == restoration.mint
            && (is_backing || self.is_queue_of(restoration))
    }

    /// Is it the restoration of the vault's own queue? That one is paid what is kept, and any other all the rest.
    fn is_queue_of(&self, restoration: &Restoration) -> bool {
        queue_ledger::is_of(self.vault, restoration.ledger_index)
    }

    fn is_evacuated_for(&self, restoration: &Restoration) -> bool {
        self.vault.evacuation.incident == restoration.incident
    }

    /// What the evacuation for this restoration brought to the recovery account and is still there, whoever it is for.
    fn brought(&self, restoration: &Restoration) -> u64 {
        if self.is_evacuated_for(restoration) {
            let evacuation = &self.vault.evacuation;
            evacuation.moved.saturating_sub(evacuation.drawn).min(self.recovered)
        } else {
            0
        }
    }

    /// The restoration's part of `tokens`, of which so much is kept.
    fn part(&self, restoration: &Restoration, tokens: u64, kept: u64) -> u64 {
        match (self.pays(restoration), self.is_queue_of(restoration)) {
            (false, _) => 0,
            (true, true) => tokens.min(kept),
            (true, false) => tokens.saturating_sub(kept),
        }
    }

    /// What custody holds for the restoration. After an evacuation that moved something, new deposits may lie beside what
    /// was left behind, and only what the recovery account lacks is kept in custody: nothing is kept twice.
    fn in_custody(&self, restoration: &Restoration) -> u64 {
        let evacuation = &self.vault.evacuation;
        let is_moved = self.is_evacuated_for(restoration) && has_moved(evacuation);
        let tokens = if is_moved {
            self.custody.min(evacuation.after)
        } else {
            self.custody
        };
        let kept = self.kept.saturating_sub(self.brought(restoration));
        self.part(restoration, tokens, kept)
    }

    /// What the recovery account holds for the restoration.
    fn in_recovery(&self, restoration: &Restoration) -> u64 {
        self.part(restoration, self.brought(restoration), self.kept)
    }
}

/// Sum over the vaults.
fn sum(backings: &[VaultFunds<'_>], of: impl Fn(&VaultFunds<'_>) -> u64) -> u64 {
    backings.iter().map(of).fold(0, u64::saturating_add)
}

/// The account of a new cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewCover {
    /// Bump of its PDA.
    pub bump: u8,
    /// The pool's address.
    pub pool: Pubkey,
    /// The restoration's address.
    pub restoration: Pubkey,
}

/// A restoration, and what is known of its shortfall.
#[derive(Clone, Copy)]
pub struct Shortfall<'a> {
    /// The restoration.
    pub restoration: &'a Restoration,
    /// Balance of the pool that it pays claims from.
    pub balance: u64,
    /// The insurance pool's vaults.
    pub backings: &'a [VaultFunds<'a>],
    /// The same restoration's cover by the pool of the order before.
    pub previous: Option<&'a InsuranceCover>,
}

/// Holds back the pool's part of a restoration's shortfall, once. Exits are open again afterwards, without that part.
/// Called again (`new` is `None`), it lowers what custody is known to have held.
///
/// # Errors
/// A named [`CoreError`].
pub fn state_shortfall(
    pool: &mut InsurancePool,
    cover: &mut InsuranceCover,
    stated: &Shortfall<'_>,
    new: Option<&NewCover>,
    now: i64,
) -> Result<(), CoreError> {
    let restoration = stated.restoration;
    let custody = sum(stated.backings, |backing| backing.in_custody(restoration));
    let Some(new) = new else {
        if custody >= cover.custody {
            return Err(CoreError::ShortfallStated);
        }
        cover.custody = custody;
        return Ok(());
    };
    let is_own = restoration.domain == pool.domain
        && restoration.ledger_index == pool.ledger_index
        && restoration.mint == pool.mint;
    if !is_own {
        return Err(CoreError::ForeignAccount);
    }
    if restoration.incident != pool.incident {
        return Err(CoreError::IncidentNotNoted);
    }
    premium::earn(pool, now)?;
    let previous = before(pool.order, &new.restoration, stated.previous)?;
    cover.version = VERSION;
    cover.bump = new.bump;
    cover.order = pool.order;
    cover.pool = new.pool;
    cover.restoration = new.restoration;
    cover.custody = custody;
    cover.limit = shares::most_slashed(pool);
    match previous {
        None => {
            cover.shortfall = lacking(restoration, stated.balance, now);
            cover.due_ts = now.saturating_add(pool.terms.funding_seconds);
            cover.end_ts = cover.due_ts.saturating_add(SLASH_SECONDS);
        }
        Some(previous) => {
            cover.shortfall = previous.shortfall;
            cover.before = previous.before.saturating_add(previous.limit);
            (cover.due_ts, cover.end_ts) = (previous.due_ts, previous.end_ts);
        }
    }
    cover.reserve = cover.shortfall.saturating_sub(cover.before).min(cover.limit);
    pool.reserve = pool.reserve.checked_add(cover.reserve).ok_or(CoreError::Overflow)?;
    pool.flags |= insurance_flag::COVERED;
    exits::open_exits(pool, now);
    Ok(())
}

/// What claims lack. Nothing, once they have ended: what the pool receives then goes to nobody's claim.
fn lacking(restoration: &Restoration, balance: u64, now: i64) -> u64 {
    if require_claims_run(restoration, now).is_ok() {
        share::lacking(restoration, balance)
    } else {
        0
    }
}

/// The cover of the order before, which every pool but the first needs.
fn before<'a>(
    order: u8,
    restoration: &Pubkey,
    previous: Option<&'a InsuranceCover>,
) -> Result<Option<&'a InsuranceCover>, CoreError> {
    match (order.checked_sub(1), previous) {
        (None, _) => Ok(None),
        (Some(order), Some(cover)) if cover.order == order && cover.restoration == *restoration => Ok(previous),
        (Some(_), _) => Err(CoreError::EarlierPoolFirst),
    }
}

/// The amount that a slash takes now: what is lacking at this moment, up to the reserve. 0 when nothing can be lacking any
/// more, and the reserve is to be released.
///
/// # Errors
/// A named [`CoreError`].
pub fn to_slash(
    pool: &InsurancePool,
    cover: &InsuranceCover,
    stated: &Shortfall<'_>,
    now: i64,
) -> Result<u64, CoreError> {
    if now < cover.due_ts {
        return Err(CoreError::FundingNotOver);
    }
    if cover.reserve == 0 {
        return Err(CoreError::NothingToMove);
    }
    let lacking = lacking(stated.restoration, stated.balance, now);
    if lacking == 0 || now >= cover.end_ts {
        return Ok(0);
    }
    let previous = before(pool.order, &cover.restoration, stated.previous)?;
    if previous.is_some_and(|previous| previous.slashed < previous.limit) {
        return Err(CoreError::EarlierPoolFirst);
    }
    let restoration = stated.restoration;
    let custody = sum(stated.backings, |backing| backing.in_custody(restoration)).min(cover.custody);
    let recovery = sum(stated.backings, |backing| backing.in_recovery(restoration));
    let held = custody.saturating_add(recovery);
    match lacking.saturating_sub(held).min(cover.reserve) {
        0 => Err(CoreError::NothingToMove),
        amount => Ok(amount),
    }
}

/// Records a slash of [`to_slash`]'s `amount`; with 0, releases the reserve.
///
/// # Errors
/// [`CoreError::Overflow`].
pub fn slash(pool: &mut InsurancePool, cover: &mut InsuranceCover, amount: u64, now: i64) -> Result<(), CoreError> {
    premium::earn(pool, now)?;
    let freed = if amount == 0 { cover.reserve } else { amount };
    cover.reserve = cover.reserve.checked_sub(freed).ok_or(CoreError::Overflow)?;
    pool.reserve = pool.reserve.checked_sub(freed).ok_or(CoreError::Overflow)?;
    pool.assets = pool.assets.checked_sub(amount).ok_or(CoreError::Overflow)?;
    cover.slashed = cover.slashed.checked_add(amount).ok_or(CoreError::Overflow)?;
    pool.slashed = pool.slashed.saturating_add(amount);
    Ok(())
}

/// What a recovery account owes to a pool that was slashed: once the claims lack nothing, what the evacuation brought there
/// and nothing drew, up to what the pool paid. The pool of the next order is paid back first.
///
/// # Errors
/// A named [`CoreError`].
pub fn to_return(
    cover: &InsuranceCover,
    restoration: &Restoration,
    balance: u64,
    backing: &VaultFunds<'_>,
    next: Option<&InsuranceCover>,
    now: i64,
) -> Result<u64, CoreError> {
    if lacking(restoration, balance, now) != 0 {
        return Err(CoreError::ClaimsLackFunds);
    }
    if next.is_some_and(|next| next.returned < next.slashed) {
        return Err(CoreError::EarlierPoolFirst);
    }
    let owed = cover.slashed.saturating_sub(cover.returned);
    match owed.min(backing.in_recovery(restoration)) {
        0 => Err(CoreError::NothingToMove),
        amount => Ok(amount),
    }
}

/// Records that [`to_return`]'s amount came back: `sent`, of which `arrived`. It is earned like a premium.
///
/// # Errors
/// A named [`CoreError`].
pub fn return_recovered(
    pool: &mut InsurancePool,
    cover: &mut InsuranceCover,
    (sent, arrived): (u64, u64),
    now: i64,
) -> Result<(), CoreError> {
    cover.returned = cover.returned.checked_add(sent).ok_or(CoreError::Overflow)?;
    premium::pay(pool, arrived, now)
}
