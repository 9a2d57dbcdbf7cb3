//! Which linked ledgers can be registered, and why not.

use super::*;
use bulkhead_core::snapshots::layout::InvalidLayout;

fn token() -> Ledger {
    linked(b"position", 48, 8, &[amount(40, 8, 0)], link_flag::OWNER_IS_TOKEN)
}

fn rated() -> Ledger {
    with_factors(
        linked(b"position", 48, 8, &[amount(40, 8, 0)], 0),
        key(2),
        &[(key(7), 8, 16, 0), (key(8), 0, 8, factor_flag::DIVIDE)],
    )
}

fn records() -> Ledger {
    Ledger {
        slots: SlotTable {
            offset: 16,
            stride: 48,
            count: 4,
            ..SlotTable::zeroed()
        },
        ..linked(
            b"position",
            208,
            8,
            &[amount(40, 8, amount_flag::IN_SLOT)],
            link_flag::RECORDS,
        )
    }
}

fn refused(ledger: Ledger, why: InvalidLayout, change: impl FnOnce(&mut Ledger)) {
    let mut ledger = ledger;
    assert_eq!(check(&ledger), Ok(()));
    change(&mut ledger);
    assert_eq!(check(&ledger), Err(why));
}

#[test]
fn what_is_not_known_or_does_not_go_together_is_refused_by_name() {
    use InvalidLayout::*;
    refused(token(), Flags, |ledger| ledger.flags = 0);
    refused(token(), Flags, |ledger| ledger.flags = 4);
    refused(token(), Flags, |ledger| ledger.flags = link_flag::ALL);
    refused(token(), Flags, |ledger| ledger.mode = ledger_mode::BYTES);
    refused(token(), Mode, |ledger| ledger.mode = 3);
    refused(token(), Reserved, |ledger| ledger.reserved[15] = 1);
    refused(token(), Reserved, |ledger| ledger.padding[0] = 1);
    refused(token(), Reserved, |ledger| ledger.state = 1);
    refused(token(), FactorCount, |ledger| ledger.export.position_accounts = 1);
    refused(token(), FactorCount, |ledger| ledger.export.program = key(2));
    refused(token(), Owner, |ledger| ledger.owner_offset = 17);
}

#[test]
fn factors_are_at_most_two_named_and_readable() {
    use InvalidLayout::*;
    refused(rated(), FactorCount, |ledger| ledger.export.account_count = 3);
    refused(rated(), FactorCount, |ledger| ledger.export.account_count = 1);
    refused(rated(), FactorCount, |ledger| ledger.export.data_len = 8);
    refused(rated(), FactorCount, |ledger| ledger.export.program = Pubkey::default());
    refused(rated(), FactorCount, |ledger| ledger.export.accounts[2] = key(9));
    refused(rated(), FactorCount, |ledger| ledger.export.padding[4] = 1);
    refused(rated(), Factor(0), |ledger| {
        ledger.export.accounts[0] = Pubkey::default()
    });
    // Offset, width and flags of the first stand in bytes 0 to 7, of the second in 8 to 15.
    refused(rated(), Factor(0), |ledger| ledger.export.data[4] = 3);
    refused(rated(), Factor(0), |ledger| ledger.export.data[5] = 2);
    refused(rated(), Factor(0), |ledger| ledger.export.data[7] = 1);
    refused(rated(), Factor(0), |ledger| ledger.export.data[3] = 0xff);
    // A divisor has 64 bits at most.
    refused(rated(), Factor(1), |ledger| ledger.export.data[12] = 16);
}

#[test]
fn a_record_has_its_owner_and_its_amounts_within_itself() {
    use InvalidLayout::*;
    refused(records(), Records, |ledger| {
        ledger.slots.count = 8_193;
        ledger.data_len = 9_000_000;
    });
    refused(records(), Slots, |ledger| {
        ledger.slots = SlotTable::zeroed();
        ledger.amounts[0].flags = amount_flag::IN_SLOT;
        // A table of none is no table.
        ledger.slots.count = 0;
        ledger.flags = link_flag::OWNER_IS_TOKEN;
    });
    refused(records(), Owner, |ledger| ledger.owner_offset = 17);
    refused(records(), Amount(0), |ledger| ledger.amounts[0].offset = 39);
    refused(records(), Amount(0), |ledger| ledger.amounts[0].offset = 41);
    refused(records(), Amount(1), |ledger| {
        ledger.amount_count = 2;
        ledger.amounts[1] = amount(8, 8, 0);
    });
}

/// What is wrong is said in words, with the row.
#[test]
fn a_reason_names_the_row() {
    assert!(InvalidLayout::Factor(1).to_string().contains("factor 1"));
    assert!(InvalidLayout::Amount(2).to_string().contains("amount 2"));
    assert!(InvalidLayout::Reserved.to_string().contains("later version"));
}
