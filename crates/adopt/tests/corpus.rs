//! Real protocols: which account types are positions, who owns them, what they hold.
//!
//! What is expected was written down by hand from the Rust structs of the sources that each file names. The test prints
//! the share that was found, and fails for anything wrong that carries no warning.

use bulkhead_adopt::{Adoption, Confidence, How, Options, Position, adopt};

/// A position as the protocol's own code has it.
struct Expected {
    idl: &'static str,
    account: &'static str,
    /// Field, offset.
    owner: (&'static str, usize),
    /// Does the field lead to the owner by a token?
    by_token: bool,
    /// Field, offset, bytes of a record.
    table: Option<(&'static str, usize, usize)>,
    /// Field, offset in the account or in a record, bytes.
    amounts: &'static [(&'static str, usize, usize)],
    /// Size of the account, where the source states it.
    size: Option<usize>,
    /// What a ledger by bytes cannot express.
    needs: &'static [&'static str],
    /// Account, field, offset of the total.
    total: Option<(&'static str, &'static str, usize)>,
}

const EXPECTED: &[Expected] = &[
    Expected {
        idl: "drift",
        account: "User",
        owner: ("authority", 8),
        by_token: false,
        table: Some(("spotPositions", 104, 40)),
        amounts: &[("scaledBalance", 0, 8)],
        // `User::SIZE`.
        size: Some(4_376),
        needs: &["shares-times-rate", "side-of-record"],
        total: None,
    },
    Expected {
        idl: "whirlpool",
        account: "Position",
        owner: ("positionMint", 40),
        by_token: true,
        table: None,
        amounts: &[("liquidity", 72, 16)],
        // `Position::LEN`.
        size: Some(216),
        needs: &["owner-through-token", "shares-times-rate"],
        total: Some(("Whirlpool", "liquidity", 49)),
    },
    Expected {
        idl: "raydium_clmm",
        account: "PersonalPositionState",
        owner: ("nft_mint", 9),
        by_token: true,
        table: None,
        amounts: &[("liquidity", 81, 16)],
        // `PersonalPositionState::LEN`.
        size: Some(281),
        needs: &["owner-through-token", "shares-times-rate"],
        total: None,
    },
    Expected {
        idl: "marginfi",
        account: "MarginfiAccount",
        owner: ("authority", 40),
        by_token: false,
        table: Some(("lending_account.balances", 72, 104)),
        amounts: &[("asset_shares", 40, 16)],
        // `assert_struct_size!(MarginfiAccount, 2304)` and the discriminator.
        size: Some(2_312),
        needs: &["shares-times-rate"],
        total: Some(("Bank", "total_asset_shares", 272)),
    },
    Expected {
        idl: "mango_v4",
        account: "MangoAccount",
        owner: ("owner", 40),
        by_token: false,
        table: Some(("tokens", 420, 184)),
        amounts: &[("indexedPosition", 0, 16)],
        size: None,
        needs: &["shares-times-rate"],
        total: None,
    },
    Expected {
        idl: "klend",
        account: "Obligation",
        owner: ("owner", 64),
        by_token: false,
        table: Some(("deposits", 96, 136)),
        amounts: &[("deposited_amount", 32, 8)],
        // `OBLIGATION_SIZE` is 3336.
        size: Some(3_344),
        needs: &["shares-times-rate"],
        total: None,
    },
    Expected {
        idl: "marinade",
        account: "TicketAccountData",
        owner: ("beneficiary", 40),
        by_token: false,
        table: None,
        amounts: &[("lamportsAmount", 72, 8)],
        size: Some(88),
        needs: &[],
        total: None,
    },
    Expected {
        idl: "quarry_mine",
        account: "Miner",
        owner: ("authority", 40),
        by_token: false,
        table: None,
        amounts: &[("balance", 129, 8)],
        // `Miner::LEN` and the discriminator.
        size: Some(145),
        needs: &[],
        total: Some(("Quarry", "totalTokensDeposited", 124)),
    },
    Expected {
        idl: "openbook_v2",
        account: "OpenOrdersAccount",
        owner: ("owner", 8),
        by_token: false,
        table: None,
        amounts: &[
            ("position.baseFreeNative", 184, 16),
            ("position.quoteFreeNative", 200, 16),
        ],
        size: None,
        needs: &[],
        total: None,
    },
    Expected {
        idl: "meteora_dlmm",
        account: "PositionV2",
        owner: ("owner", 40),
        by_token: false,
        table: Some(("liquidity_shares", 72, 16)),
        amounts: &[("liquidity_shares", 0, 16)],
        size: None,
        needs: &["shares-times-rate"],
        total: None,
    },
    Expected {
        idl: "locked_voter",
        account: "Escrow",
        owner: ("owner", 40),
        by_token: false,
        table: None,
        amounts: &[("amount", 105, 8)],
        size: Some(161),
        needs: &[],
        total: Some(("Locker", "lockedSupply", 73)),
    },
    Expected {
        idl: "helium_vsr",
        account: "PositionV0",
        owner: ("mint", 40),
        by_token: true,
        table: None,
        amounts: &[("amountDepositedNative", 104, 8)],
        size: Some(124),
        needs: &["owner-through-token"],
        total: None,
    },
    Expected {
        idl: "drift_vaults",
        account: "VaultDepositor",
        owner: ("authority", 72),
        by_token: false,
        table: None,
        amounts: &[("vaultShares", 104, 16)],
        // `VaultDepositor::SIZE`.
        size: Some(272),
        needs: &["shares-times-rate"],
        total: Some(("Vault", "totalShares", 280)),
    },
    Expected {
        idl: "perpetuals",
        account: "Position",
        owner: ("owner", 8),
        by_token: false,
        table: None,
        amounts: &[("collateral_amount", 225, 8)],
        size: Some(234),
        needs: &[],
        total: None,
    },
    Expected {
        idl: "cp_amm",
        account: "position",
        owner: ("nftMint", 40),
        by_token: true,
        table: None,
        amounts: &[
            ("unlockedLiquidity", 152, 16),
            ("vestedLiquidity", 168, 16),
            ("permanentLockedLiquidity", 184, 16),
        ],
        // `Position::INIT_SPACE` is 400.
        size: Some(408),
        needs: &["owner-through-token", "shares-times-rate"],
        total: Some(("pool", "liquidity", 360)),
    },
];

/// A multisig keeps no positions of users.
const WITHOUT: &[&str] = &["squads_v4"];

fn read(idl: &str) -> Adoption {
    let path = format!("{}/tests/idls/{idl}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    adopt(&text, &Options::default()).unwrap_or_else(|error| panic!("{idl}: {error}"))
}

fn needs(position: &Position) -> Vec<String> {
    let value = serde_json::to_value(&position.needs).expect("JSON");
    let mut all: Vec<_> = value
        .as_array()
        .expect("a list")
        .iter()
        .map(|need| need["need"].as_str().unwrap_or("").to_owned())
        .collect();
    all.sort();
    all.dedup();
    all
}

/// What differs, in words.
fn differences(expected: &Expected, found: &Position) -> Vec<String> {
    let mut all = Vec::new();
    let mut compare = |what: &str, wanted: String, is: String| {
        if wanted != is {
            all.push(format!("{what}: expected {wanted}, found {is}"));
        }
    };
    let owner = (found.owner.field.as_str(), found.owner.place.fixed());
    compare(
        "owner",
        format!("{:?}", (expected.owner.0, Some(expected.owner.1))),
        format!("{owner:?}"),
    );
    compare(
        "by token",
        expected.by_token.to_string(),
        (found.owner.how == How::Token).to_string(),
    );
    let table = found
        .table
        .as_ref()
        .map(|table| (table.field.as_str(), table.place.fixed().unwrap_or(0), table.stride));
    compare("table", format!("{:?}", expected.table), format!("{table:?}"));
    let mut amounts: Vec<_> = found
        .amounts
        .iter()
        .map(|amount| (amount.field.as_str(), amount.offset, amount.width))
        .collect();
    amounts.sort_by_key(|amount| amount.1);
    compare("amounts", format!("{:?}", expected.amounts), format!("{amounts:?}"));
    if expected.size.is_some() {
        compare("size", format!("{:?}", expected.size), format!("{:?}", found.size));
    }
    let wanted: Vec<_> = expected.needs.iter().map(|need| (*need).to_owned()).collect();
    compare("needs", format!("{wanted:?}"), format!("{:?}", needs(found)));
    if expected.total.is_some() {
        let total = found
            .totals
            .first()
            .map(|total| (total.account.as_str(), total.field.as_str(), total.offset));
        compare("total", format!("{:?}", expected.total), format!("{total:?}"));
    }
    all
}

#[test]
fn positions_of_real_protocols_are_found() {
    let (mut right, mut wrong) = (0, Vec::new());
    for expected in EXPECTED {
        let adoption = read(expected.idl);
        let name = format!("{} {}", expected.idl, expected.account);
        match adoption
            .positions
            .iter()
            .find(|position| position.account == expected.account)
        {
            Some(found) => {
                let differences = differences(expected, found);
                if differences.is_empty() && found.confidence > Confidence::Low {
                    right += 1;
                } else {
                    wrong.push(format!("{name} ({:?}): {}", found.confidence, differences.join("; ")));
                }
            }
            None => wrong.push(format!("{name}: not found: {:?}", adoption.rejected)),
        }
    }
    println!(
        "{right} of {} positions found with owner, amounts, total and needs",
        EXPECTED.len()
    );
    assert!(wrong.is_empty(), "{right} right; wrong:\n{}", wrong.join("\n"));
}

/// What is found besides is either marked as hardly likely, or carries a warning.
#[test]
fn nothing_else_is_called_a_position_without_a_warning() {
    let all: Vec<_> = EXPECTED
        .iter()
        .map(|expected| expected.idl)
        .chain(WITHOUT.iter().copied())
        .collect();
    let mut idls = all.clone();
    idls.dedup();
    for idl in idls {
        for position in read(idl).positions {
            let is_expected = EXPECTED
                .iter()
                .any(|expected| expected.idl == idl && expected.account == position.account);
            let is_warned = position.confidence == Confidence::Low && !position.warnings.is_empty();
            assert!(is_expected || is_warned, "{idl}: {position:#?}");
        }
    }
}

#[test]
fn a_multisig_has_no_positions() {
    for idl in WITHOUT {
        let adoption = read(idl);
        assert!(adoption.positions.is_empty(), "{idl}: {:#?}", adoption.positions);
    }
}

/// The program's own rule for layouts, over every ledger that reads bytes.
#[test]
fn every_drafted_ledger_is_one_that_the_program_registers() {
    let mut count = 0;
    for expected in EXPECTED {
        let adoption = read(expected.idl);
        for ledger in adoption.draft().ledgers {
            if let Some(is_valid) = ledger.is_valid(&adoption.program) {
                assert!(is_valid, "{}: {ledger:#?}", expected.idl);
                count += 1;
            }
        }
    }
    assert!(count >= 5, "only {count} ledgers read bytes");
}
