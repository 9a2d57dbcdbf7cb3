//! What can be registered, exports, and the total.

use super::*;

#[test]
fn a_layout_that_cannot_be_read_or_lets_others_pass_is_refused() {
    let refused = |change: &dyn Fn(&mut Ledger)| {
        let mut ledger = simple();
        change(&mut ledger);
        assert!(layout::check(&ledger).is_err());
    };
    // Nothing tells positions from other accounts.
    refused(&|l| {
        l.length_rule = length_rule::AT_LEAST;
        l.filters[0] = ByteFilter::zeroed();
    });
    refused(&|l| l.mode = 3);
    refused(&|l| l.mode = ledger_mode::LINKED);
    refused(&|l| l.flags = 1);
    refused(&|l| l.reserved[0] = 1);
    refused(&|l| l.length_rule = 3);
    refused(&|l| l.data_len = 0);
    refused(&|l| l.data_len = MAX_DATA_LEN + 1);
    refused(&|l| {
        l.length_rule = length_rule::AT_LEAST;
        l.data_len = MAX_DATA_LEN + 1;
    });
    refused(&|l| {
        l.length_rule = length_rule::TOKEN_ACCOUNT;
        l.data_len = 166;
    });
    refused(&|l| l.amount_count = 0);
    refused(&|l| l.amount_count = 9);
    refused(&|l| l.amount_count = 2);
    refused(&|l| l.amounts[1].offset = 80);
    for width in [0, 3, 5, 7, 9, 32] {
        refused(&|l| l.amounts[0].width = width);
    }
    refused(&|l| l.amounts[0].flags = 8);
    refused(&|l| l.amounts[0].flags = amount_flag::IN_SLOT);
    refused(&|l| l.amounts[0].padding[1] = 1);
    // Beyond the account, or over each other.
    refused(&|l| l.owner_offset = 134);
    refused(&|l| l.owner_offset = u32::MAX);
    for offset in [25, 63, 158, u32::MAX] {
        refused(&|l| l.amounts[0].offset = offset);
    }
    refused(&|l| {
        l.amount_count = 2;
        l.amounts[1] = amount(71, 1, 0);
    });
    refused(&|l| l.total_offset = MAX_DATA_LEN - 7);
    refused(&|l| l.total_width = 4);
    refused(&|l| l.total_unit = 2);
    refused(&|l| l.filters[1] = filter(134, &[1; 32]));
    refused(&|l| l.filters[1].len = 33);
    refused(&|l| l.filters[1].len = u32::MAX);
    refused(&|l| l.filters[1].offset = 1);
    refused(&|l| l.filters[3].bytes[0] = 1);
    refused(&|l| {
        l.filters[1] = filter(3, &[1, 2]);
        l.filters[1].bytes[2] = 1;
    });
    refused(&|l| l.scale.multiplier = 0);
    refused(&|l| l.scale.divisor = 0);
    refused(&|l| l.scale.shift = 128);
    refused(&|l| l.scale.padding[0] = 1);
    refused(&|l| l.program = Pubkey::default());
    refused(&|l| l.mint = Pubkey::default());
    refused(&|l| l.total_account = Pubkey::default());
    refused(&|l| l.total_program = Pubkey::default());
    refused(&|l| l.export.data_len = 1);
}

#[test]
fn an_export_names_who_is_asked_and_nothing_else() {
    let mut data = [0; 16];
    data[..8].fill(1);
    let mut accounts = [Pubkey::default(); 4];
    accounts[0] = key(8);
    let ledger = Ledger {
        mode: ledger_mode::EXPORT,
        owner_offset: 0,
        amounts: [AmountField::zeroed(); 8],
        amount_count: 0,
        export: Export {
            program: key(7),
            accounts,
            data,
            data_len: 8,
            account_count: 1,
            position_accounts: 0,
            padding: [0; 5],
        },
        ..simple()
    };
    assert_eq!(layout::check(&ledger), Ok(()));
    assert!(layout::accepts(&ledger, &account()));
    assert!(!layout::accepts(&ledger, &account()[1..]));
    let refused = |change: &dyn Fn(&mut Ledger)| {
        let mut ledger = ledger;
        change(&mut ledger);
        assert!(layout::check(&ledger).is_err());
    };
    refused(&|l| l.export.program = Pubkey::default());
    refused(&|l| l.export.program = bulkhead_interface::ID);
    refused(&|l| l.export.data_len = 0);
    refused(&|l| l.export.data_len = 7);
    refused(&|l| l.export.data_len = 17);
    refused(&|l| l.export.account_count = 0);
    refused(&|l| l.export.account_count = 2);
    refused(&|l| l.export.account_count = 5);
    refused(&|l| l.export.position_accounts = 9);
    refused(&|l| l.export.padding[0] = 1);
    refused(&|l| l.owner_offset = 32);
    refused(&|l| (l.amount_count, l.amounts[0]) = (1, amount(64, 8, 0)));
    refused(&|l| l.scale.shift = 1);
    refused(&|l| l.slots.count = 1);
    refused(&|l| l.mode = ledger_mode::BYTES);
}

#[test]
fn the_total_is_read_or_missing() {
    let mut ledger = simple();
    ledger.total_offset = 3;
    let data: Vec<u8> = (0..19).collect();
    assert_eq!(
        read_total(&ledger, &ledger.total_program, &data),
        Some(u64::from_le_bytes([3, 4, 5, 6, 7, 8, 9, 10]).into())
    );
    assert_eq!(read_total(&ledger, &ledger.total_program, &data[..10]), None);
    assert_eq!(read_total(&ledger, &ledger.total_program, &[]), None);
    ledger.total_width = 16;
    let bytes: Vec<u8> = (3..19).collect();
    assert_eq!(
        read_total(&ledger, &ledger.total_program, &data),
        Some(u128::from_le_bytes(bytes.try_into().unwrap()))
    );
    assert_eq!(read_total(&ledger, &ledger.total_program, &data[..18]), None);
}
