//! The positions of ledger_zoo, drafted from its IDL. Lines marked CHECK hold a guess that the IDL does not settle: correct
//! them, and compare the answers with what the host's own client shows before you register a ledger.
// One host does not use all of it.
#![allow(unused_imports)]

use crate::reading::{Asset, Number, Part, Place, Position, Rate, Records, Side, Step, Which};

/// The host. No other program's account is read.
pub const HOST: [u8; 32] = [5, 8, 150, 40, 34, 10, 180, 193, 44, 76, 178, 101, 183, 30, 127, 66, 37, 106, 76, 147, 135, 195, 63, 201, 88, 14, 10, 152, 0, 0, 0, 0];

/// Its positions, in the order of the first byte of an instruction.
pub const POSITIONS: &[Position] = &[
    Position {
        name: "UserDeposit",
        known_by: &[(0, &[1, 1, 1, 1, 1, 1, 1, 1])],
        // owner
        owner: Place { before: &[Step::Skip(8), Step::List { prefix: 4, item: 1 }, Step::List { prefix: 4, item: 8 }], offset: 0 },
        assets: &[
            Asset {
                name: "",
                records: Records::One,
                which: Which::All,
                parts: &[
                    // amount
                    Part {
                        at: Place { before: &[Step::Skip(8), Step::List { prefix: 4, item: 1 }, Step::List { prefix: 4, item: 8 }, Step::Skip(32), Step::Option { mark: 1, item: 4 }], offset: 32 },
                        number: Number { width: 8, signed: false, fraction: 0 },
                        subtract: false,
                        side: None,
                        rate: None,
                    },
                ],
            },
        ],
    },
    Position {
        name: "StakePosition",
        known_by: &[(0, &[3, 3, 3, 3, 3, 3, 3, 3])],
        // owner
        owner: Place { before: &[], offset: 8 },
        assets: &[
            Asset {
                name: "",
                records: Records::One,
                which: Which::All,
                parts: &[
                    // shares
                    Part {
                        at: Place { before: &[], offset: 72 },
                        number: Number { width: 16, signed: true, fraction: 48 },
                        subtract: false,
                        side: None,
                        // CHECK: tokens of a share: share_value of the StakePool, which is the first account of the ledger's export.
                        // While the divisor is 0 there is no answer: what the number is divided by, as 10^12 or 1.
                        rate: Some(Rate { account: 0, offset: 40, number: Number { width: 16, signed: true, fraction: 48 }, divisor: 1 }),
                    },
                ],
            },
        ],
    },
    Position {
        name: "MarginAccount",
        known_by: &[(0, &[5, 5, 5, 5, 5, 5, 5, 5])],
        // owner
        owner: Place { before: &[], offset: 8 },
        assets: &[
            Asset {
                name: "",
                // balances
                records: Records::Fixed { at: Place { before: &[], offset: 40 }, stride: 48, count: 3 },
                // bank: the address of the first account that is registered with the ledger.
                which: Which::Key { offset: 0, account: 0 },
                parts: &[
                    // shares
                    Part {
                        at: Place { before: &[], offset: 40 },
                        number: Number { width: 8, signed: false, fraction: 0 },
                        subtract: false,
                        // CHECK: the value of side in debts.
                        side: Some(Side { offset: 32, debt: 1 }),
                        // CHECK: tokens of a share: deposit_index of the Bank, which is the first account of the ledger's export.
                        // While the divisor is 0 there is no answer: what the number is divided by, as 10^12 or 1.
                        rate: Some(Rate { account: 0, offset: 40, number: Number { width: 8, signed: false, fraction: 0 }, divisor: 0 }),
                    },
                ],
            },
        ],
    },
];
