//! Would two ledgers count the same thing, and pay it twice?
//!
//! Two ledgers may share their positions: what an account has deposited and what its orders lock are two. They may not
//! share a number that counts for both, in any account that passes for both, nor the host's own total, which would be
//! the sum of either. Names, order, scales, factors, who the owner is and filters that say the same in other words make
//! no difference. Where it
//! cannot be derived from the layouts, as with what is asked of a program, they overlap: one of the two can count both.

use bulkhead_interface::{
    constants::{amount_flag, ledger_mode, length_rule},
    layout::{AmountField, ByteFilter, Ledger},
};

/// A run of bytes.
#[derive(Clone, Copy)]
struct Run {
    start: u64,
    len: u64,
}

impl Run {
    fn new(start: u32, len: u32) -> Self {
        Self {
            start: start.into(),
            len: len.into(),
        }
    }

    const fn end(self) -> u64 {
        self.start.saturating_add(self.len)
    }

    const fn meets(self, other: Self) -> bool {
        self.start < other.end() && other.start < self.end()
    }
}

/// Could a position, or the total, count for both? Of ledgers that pay the same token.
#[must_use]
pub fn overlap(a: &Ledger, b: &Ledger) -> bool {
    let total = |ledger: &Ledger| Run::new(ledger.total_offset, ledger.total_width.into());
    if a.total_account == b.total_account && total(a).meets(total(b)) {
        return true;
    }
    let share_positions = a.program == b.program
        && lengths_meet(a, b)
        && !a
            .filters
            .iter()
            .any(|own| b.filters.iter().any(|other| contradict(own, other)));
    if !share_positions {
        return false;
    }
    if a.mode == ledger_mode::EXPORT || b.mode == ledger_mode::EXPORT {
        return true;
    }
    added(a).any(|own| added(b).any(|other| share_bytes(a, own, b, other)))
}

/// The fields that count for somebody. A debt that both subtract pays nobody twice.
fn added(ledger: &Ledger) -> impl Iterator<Item = &AmountField> {
    let used = ledger.amounts.iter().take(ledger.amount_count.into());
    used.filter(|field| field.flags & amount_flag::SUBTRACT == 0)
}

/// Do both filters look at a byte and want different things there?
fn contradict(a: &ByteFilter, b: &ByteFilter) -> bool {
    let of = |filter: &ByteFilter| {
        let bytes = filter.bytes.into_iter().take(filter.len as usize);
        (u64::from(filter.offset)..).zip(bytes)
    };
    of(a).any(|(at, byte)| of(b).any(|(other_at, other)| at == other_at && byte != other))
}

/// Is there a length that passes for both?
fn lengths_meet(a: &Ledger, b: &Ledger) -> bool {
    use length_rule::{AT_LEAST, EXACT};
    match (a.length_rule, b.length_rule) {
        (EXACT, EXACT) => a.data_len == b.data_len,
        (EXACT, _) => a.data_len >= b.data_len,
        (_, EXACT) => b.data_len >= a.data_len,
        (AT_LEAST, _) | (_, AT_LEAST) => true,
        _ => true,
    }
}

/// Do two fields read the same byte of one account?
fn share_bytes(a: &Ledger, own: &AmountField, b: &Ledger, other: &AmountField) -> bool {
    let is_in_slot = |field: &AmountField| field.flags & amount_flag::IN_SLOT != 0;
    let run = |field: &AmountField| Run::new(field.offset, field.width.into());
    let table = |ledger: &Ledger| {
        let slots = &ledger.slots;
        Run {
            start: slots.offset.into(),
            len: u64::from(slots.stride).saturating_mul(slots.count.into()),
        }
    };
    match (is_in_slot(own), is_in_slot(other)) {
        (false, false) => run(own).meets(run(other)),
        (true, false) => table(a).meets(run(other)),
        (false, true) => run(own).meets(table(b)),
        // The same slots: by what is read in each, and of which. Slots that lie askew are not distinguished.
        (true, true) if (a.slots.offset, a.slots.stride) == (b.slots.offset, b.slots.stride) => {
            run(own).meets(run(other)) && !contradict(&a.slots.filter, &b.slots.filter)
        }
        (true, true) => table(a).meets(table(b)),
    }
}
