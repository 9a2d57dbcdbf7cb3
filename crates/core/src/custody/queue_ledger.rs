//! The queue of a vault as a ledger: its positions are the records of queued releases, its total is what the vault says that
//! its queue is owed. So snapshots, ballots, restorations and claims work on it as on every other ledger.
//!
//! Only releases that an evacuation has stopped and that no restoration pays are positions: they change no more, but by
//! being cancelled. Any other release is paid by the vault.

use core::mem::offset_of;

use bulkhead_interface::{
    ID, Pubkey,
    constants::{amount_flag, ledger_flag, length_rule, release_state, total_unit, vault_flag},
    discriminator,
    layout::{AmountField, ByteFilter, Ledger, Release, Vault, space},
};
use bytemuck::Zeroable;

use crate::{CoreError, snapshots::layout};

/// Bytes of the discriminator before every account.
const HEAD: usize = 8;

/// The ledger of a vault's queue: every field that a registration decides.
#[must_use]
pub fn layout(index: u8, vault: &Pubkey, mint: &Pubkey) -> Ledger {
    let mut ledger = Ledger {
        flags: ledger_flag::QUEUE,
        index,
        length_rule: length_rule::EXACT,
        amount_count: 2,
        owner_offset: at(offset_of!(Release, owner)),
        data_len: narrow(space::<Release>()),
        total_offset: at(offset_of!(Vault, queued)),
        total_width: 8,
        total_unit: total_unit::NATIVE,
        program: ID,
        mint: *mint,
        total_account: *vault,
        total_program: ID,
        scale: layout::identity(),
        ..Ledger::zeroed()
    };
    let [kind, of, state, _] = &mut ledger.filters;
    *kind = filter(0, &discriminator::RELEASE);
    *of = filter(at(offset_of!(Release, vault)), vault.as_array());
    *state = filter(at(offset_of!(Release, state)), &[release_state::QUEUED]);
    let [amount, paid, ..] = &mut ledger.amounts;
    *amount = field(offset_of!(Release, amount), 0);
    *paid = field(offset_of!(Release, paid), amount_flag::SUBTRACT);
    ledger
}

fn filter(offset: u32, expected: &[u8]) -> ByteFilter {
    let mut filter = ByteFilter {
        offset,
        len: narrow(expected.len()),
        ..ByteFilter::zeroed()
    };
    for (to, byte) in filter.bytes.iter_mut().zip(expected) {
        *to = *byte;
    }
    filter
}

fn field(offset: usize, flags: u8) -> AmountField {
    AmountField {
        offset: at(offset),
        width: 8,
        flags,
        ..AmountField::zeroed()
    }
}

/// Offset of a field in an account.
fn at(offset: usize) -> u32 {
    narrow(HEAD.saturating_add(offset))
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Does this ledger read a queue?
#[must_use]
pub const fn is_queue(ledger: &Ledger) -> bool {
    ledger.flags & ledger_flag::QUEUE != 0
}

/// Is a release with so many `evacuations` a position of this queue?
#[must_use]
pub const fn is_position(ledger: &Ledger, evacuations: u32) -> bool {
    ledger.queue_from <= evacuations && evacuations < ledger.queue_until
}

/// The same of a record's bytes, for any ledger: only a queue is asked.
pub(crate) fn accepts(ledger: &Ledger, data: &[u8]) -> bool {
    if !is_queue(ledger) {
        return true;
    }
    let found = data.get(HEAD.saturating_add(offset_of!(Release, evacuations))..);
    let found = found.and_then(<[u8]>::first_chunk);
    found.is_some_and(|bytes| is_position(ledger, u32::from_le_bytes(*bytes)))
}

/// Bulkhead's own accounts are positions and totals of queues, in this one layout, and of nothing else.
///
/// # Errors
/// [`CoreError::InvalidLedger`].
pub fn check(ledger: &Ledger) -> Result<(), CoreError> {
    if ledger.program != ID && ledger.total_program != ID && !is_queue(ledger) {
        return Ok(());
    }
    let expected = Ledger {
        version: ledger.version,
        bump: ledger.bump,
        domain: ledger.domain,
        ..layout(ledger.index, &ledger.total_account, &ledger.mint)
    };
    if bytemuck::bytes_of(ledger) == bytemuck::bytes_of(&expected) {
        Ok(())
    } else {
        Err(CoreError::InvalidLedger)
    }
}

/// Makes a registered queue the one of its vault. Whatever an evacuation has stopped before can be read too. A vault that
/// backs this very ledger would pay its queue alone, and nobody the rest.
///
/// # Errors
/// [`CoreError::ForeignAccount`], [`CoreError::LedgersOverlap`].
pub fn join((vault_key, vault): (&Pubkey, &mut Vault), ledger: &mut Ledger) -> Result<(), CoreError> {
    if !is_queue(ledger)
        || ledger.total_account != *vault_key
        || ledger.index == vault.ledger
        || (ledger.domain, ledger.mint) != (vault.domain, vault.mint)
    {
        return Err(CoreError::ForeignAccount);
    }
    if vault.flags & vault_flag::QUEUE_LEDGER != 0 {
        return Err(CoreError::LedgersOverlap);
    }
    vault.flags |= vault_flag::QUEUE_LEDGER;
    vault.queue_ledger = ledger.index;
    ledger.queue_until = vault.evacuations;
    Ok(())
}

/// The number of the ledger that reads a vault's queue, if one is registered.
#[must_use]
pub const fn index_of(vault: &Vault) -> Option<u8> {
    if vault.flags & vault_flag::QUEUE_LEDGER == 0 {
        None
    } else {
        Some(vault.queue_ledger)
    }
}

/// Checks that the ledger which comes with a vault is the one of its queue, and that there is one if the vault has one.
///
/// # Errors
/// [`CoreError::QueueLedgerMissing`], [`CoreError::ForeignAccount`].
pub fn of<L: core::ops::Deref<Target = Ledger>>(
    (vault_key, vault): (&Pubkey, &Vault),
    ledger: Option<L>,
) -> Result<Option<L>, CoreError> {
    match (index_of(vault), ledger) {
        (None, None) => Ok(None),
        (Some(_), None) => Err(CoreError::QueueLedgerMissing),
        (Some(index), Some(ledger))
            if is_queue(&ledger) && ledger.total_account == *vault_key && ledger.index == index =>
        {
            Ok(Some(ledger))
        }
        (_, Some(_)) => Err(CoreError::ForeignAccount),
    }
}

/// What of a vault's tokens is kept for its queue in an incident, whoever else draws on them: what the evacuation in that
/// incident has reserved; and all that the queue is owed, where the vault was not evacuated and still pays it.
///
/// # Errors
/// [`CoreError::QueueLedgerMissing`], [`CoreError::ForeignAccount`].
pub fn kept(vault: (&Pubkey, &Vault), ledger: Option<&Ledger>, incident: &Pubkey) -> Result<u64, CoreError> {
    let ledger = of(vault, ledger)?;
    let (_, vault) = vault;
    Ok(if vault.evacuation.incident == *incident {
        ledger.map_or(0, |ledger| ledger.queue_reserve)
    } else {
        owed_by_custody(vault, incident)
    })
}

/// What custody itself has to pay of the queue after an incident: all that the vault's evacuation in it has not moved. An
/// evacuation that moved nothing, because nobody confirmed it or no route could receive, stops a queue that custody owes
/// as before.
#[must_use]
pub fn owed_by_custody(vault: &Vault, incident: &Pubkey) -> u64 {
    if vault.evacuation.incident == *incident {
        let away = vault.evacuation.moved.saturating_sub(vault.evacuation.drawn);
        vault.queued.saturating_sub(away)
    } else {
        vault.queued
    }
}

/// Is the ledger with this number the one of the vault's queue?
#[must_use]
pub fn is_of(vault: &Vault, ledger_index: u8) -> bool {
    index_of(vault) == Some(ledger_index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshots::layout::Reader;
    use bulkhead_interface::constants::VERSION;

    const VAULT: Pubkey = Pubkey::new_from_array([7; 32]);

    fn ledger() -> Ledger {
        Ledger {
            version: VERSION,
            queue_from: 1,
            queue_until: 3,
            ..layout(4, &VAULT, &Pubkey::new_from_array([8; 32]))
        }
    }

    fn record(evacuations: u32, change: impl FnOnce(&mut Release)) -> std::vec::Vec<u8> {
        let mut release = Release {
            evacuations,
            amount: 100,
            paid: 30,
            vault: VAULT,
            owner: Pubkey::new_from_array([9; 32]),
            ..Release::zeroed()
        };
        change(&mut release);
        [&discriminator::RELEASE, bytemuck::bytes_of(&release)].concat()
    }

    #[test]
    fn what_stands_still_is_a_position_of_what_is_unpaid() {
        let ledger = ledger();
        let reader = Reader::new(&ledger);
        for evacuations in [1, 2] {
            let data = record(evacuations, |_| ());
            let position = reader.read(&data).expect("a position");
            assert_eq!((position.owner, position.amount), (&[9; 32], 70));
        }
        for evacuations in [0, 3] {
            assert!(reader.read(&record(evacuations, |_| ())).is_err(), "{evacuations}");
        }
        let others = [
            record(1, |release| release.vault = Pubkey::default()),
            record(1, |release| release.state = release_state::PAID),
            record(1, |release| release.state = release_state::CANCELLED),
            record(1, |_| ())[1..].to_vec(),
        ];
        assert!(others.iter().all(|data| reader.read(data).is_err()));
    }

    #[test]
    fn its_total_is_what_the_vault_says() {
        let vault = Vault {
            queued: 12_345,
            ..Vault::zeroed()
        };
        let data = [&discriminator::VAULT, bytemuck::bytes_of(&vault)].concat();
        assert_eq!(layout::read_total(&ledger(), &ID, &data), Some(12_345));
    }

    #[test]
    fn a_vault_does_not_back_its_own_queue() {
        for (backed, joined) in [(4, Err(CoreError::ForeignAccount)), (3, Ok(()))] {
            let (mut vault, mut ledger) = (Vault::zeroed(), ledger());
            (vault.ledger, vault.mint) = (backed, ledger.mint);
            assert_eq!(join((&VAULT, &mut vault), &mut ledger), joined);
        }
    }

    #[test]
    fn no_other_layout_reads_bulkheads_own_accounts() {
        let fresh = layout(4, &VAULT, &Pubkey::new_from_array([8; 32]));
        assert_eq!(check(&fresh), Ok(()));
        assert_eq!(layout::check(&fresh), Ok(()));
        assert_eq!(layout::check_total(&fresh), Ok(()));
        let changes: [fn(&mut Ledger); 8] = [
            |ledger| ledger.owner_offset += 1,
            |ledger| ledger.amount_count = 1,
            |ledger| ledger.filters[2] = ByteFilter::zeroed(),
            |ledger| ledger.total_offset = 0,
            |ledger| ledger.shortfall_bps = 1,
            |ledger| ledger.flags = 0,
            |ledger| ledger.queue_until = 9,
            |ledger| ledger.program = Pubkey::new_from_array([1; 32]),
        ];
        for change in changes {
            let mut ledger = fresh;
            change(&mut ledger);
            assert_eq!(check(&ledger), Err(CoreError::InvalidLedger));
        }
        let host = Ledger {
            program: Pubkey::new_from_array([1; 32]),
            total_program: Pubkey::new_from_array([1; 32]),
            ..Ledger::zeroed()
        };
        assert_eq!(check(&host), Ok(()));
    }
}
