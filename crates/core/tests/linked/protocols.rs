//! Sample accounts of real protocols, written from their published layouts, each with a ledger and what it reads.
//!
//! Offsets count the eight bytes of the discriminator. Numbers with 48 fractional bits are `I80F48`.

use super::*;
use bulkhead_core::snapshots::layout::{
    Reader, check_known, counts_host_units,
    linked::{factor_fields, holder},
    native_total, read_total, token_accounts,
};

/// A number with 48 fractional bits: thousandths of it.
fn i80f48(thousandths: i128) -> [u8; 16] {
    ((thousandths << 48) / 1_000).to_le_bytes()
}

fn of_host(mut ledger: Ledger, host: Pubkey, total_account: Pubkey, total: (u32, u8)) -> Ledger {
    (ledger.program, ledger.total_program, ledger.total_account) = (host, host, total_account);
    (ledger.total_offset, ledger.total_width) = total;
    assert_eq!((check(&ledger), check_known(&ledger)), (Ok(()), Ok(())));
    ledger
}

/// `Position` in orca-so/whirlpools, programs/whirlpool/src/state/position.rs: whirlpool, position_mint at 40, liquidity,
/// two ticks, fee_growth_checkpoint_a, fee_owed_a at 112, fee_growth_checkpoint_b, fee_owed_b at 136, three rewards.
/// 216 bytes. What liquidity is worth needs the pool's price and the ticks: an export says that. Fees owed are amounts.
#[test]
fn an_orca_whirlpool_position() {
    let orca = program("whirLbMiicVdio4qvUfM5KAg6Ct8VwpYzGff3uctyCc");
    let name = [170, 188, 143, 228, 122, 64, 247, 208];
    let ledger = linked(&name, 216, 40, &[amount(112, 8, 0)], link_flag::OWNER_IS_TOKEN);
    let ledger = of_host(ledger, orca, key(4), (8, 8));
    let token = key(6);
    let position = account(
        216,
        &[
            (0, &name),
            (8, &[7; 32]),
            (40, token.as_ref()),
            (72, &123_456_789u128.to_le_bytes()),
            (88, &(-100i32).to_le_bytes()),
            (92, &100i32.to_le_bytes()),
            (112, &1_234u64.to_le_bytes()),
            (136, &99u64.to_le_bytes()),
        ],
    );
    owned_by_holder(&ledger, &token, &position, 1_234);
}

/// `PersonalPositionState` in raydium-io/raydium-clmm, programs/amm/src/states/personal_position.rs: bump, nft_mint at 9,
/// pool_id at 41, ticks at 73, liquidity at 81, two growths, token_fees_owed_0 at 129, token_fees_owed_1 at 137, three
/// rewards, 64 bytes. 281 in all.
#[test]
fn a_raydium_clmm_position() {
    let raydium = program("CAMMCzo5YL8w4VFF8KVHrK22GGUsp5VTaW7grrKgrWqK");
    let name = [70, 111, 150, 126, 230, 15, 25, 117];
    let ledger = linked(&name, 281, 9, &[amount(129, 8, 0)], link_flag::OWNER_IS_TOKEN);
    let ledger = of_host(ledger, raydium, key(4), (8, 8));
    let token = key(6);
    let position = account(
        281,
        &[
            (0, &name),
            (8, &[254]),
            (9, token.as_ref()),
            (41, &[7; 32]),
            (81, &55_555u128.to_le_bytes()),
            (129, &42u64.to_le_bytes()),
            (137, &43u64.to_le_bytes()),
        ],
    );
    owned_by_holder(&ledger, &token, &position, 42);
}

fn owned_by_holder(ledger: &Ledger, token: &Pubkey, position: &[u8], expected: u64) {
    let read = read_linked(ledger, &Factors::default(), position).unwrap();
    assert_eq!((read.amount, read.owner), (expected, token.as_array()));
    let (one, held) = (mint(1, 0), holding(token, &key(5), 1));
    let owner = holder(read.owner, seen(token, &TOKEN, &one), seen(&key(9), &TOKEN, &held));
    assert_eq!(owner, Ok([5; 32]), "the holder, and not the token");
}

/// `MarginfiAccount` and `Bank` in 0dotxyz/marginfi-v2, type-crate/src/types/{user_account,bank}.rs: group, authority at
/// 40, sixteen balances of 104 bytes from 72 on: active, bank_pk at 1, asset_shares at 40, liability_shares at 56. 2,312
/// bytes. The bank: asset_share_value at 80, total_asset_shares at 272.
#[test]
fn a_marginfi_account_and_its_bank() {
    let marginfi = program("MFv2hWf31Z9kbCa1snEPYctwafyhdvnV7FZnsebVacA");
    let (own_bank, other_bank) = (key(0xba), key(0xbb));
    let name = [67, 178, 130, 109, 126, 114, 28, 42];
    let shares = amount(40, 16, amount_flag::SIGNED | amount_flag::IN_SLOT);
    let ledger = Ledger {
        slots: SlotTable {
            offset: 72,
            stride: 104,
            count: 16,
            filter: filter(1, own_bank.as_ref()),
            ..SlotTable::zeroed()
        },
        scale: Scale {
            shift: 96,
            ..identity()
        },
        ..linked(&name, 2_312, 40, &[shares], 0)
    };
    let ledger = with_factors(ledger, marginfi, &[(own_bank, 80, 16, 0)]);
    let ledger = of_host(ledger, marginfi, own_bank, (272, 16));

    let mut position = account(2_312, &[(0, &name), (8, &[8; 32]), (40, &[5; 32])]);
    for (number, bank, assets, debts) in [(0, other_bank, 9_000, 0), (3, own_bank, 1_000_000_500, 0)] {
        let at = 72 + 104 * number;
        put(&mut position, at, &[1]);
        put(&mut position, at + 1, bank.as_ref());
        put(&mut position, at + 40, &i80f48(assets));
        put(&mut position, at + 56, &i80f48(debts));
    }
    let bank = account(
        1_864,
        &[
            (0, &[142, 49, 166, 242, 50, 66, 97, 188]),
            (80, &i80f48(1_250)),
            (272, &i80f48(1_000_000_500)),
        ],
    );
    let factors = Factors::read(&ledger, [seen(&own_bank, &marginfi, &bank)]).unwrap();
    let read = read_linked(&ledger, &factors, &position).unwrap();
    // 1,000,000.5 shares of 1.25 each.
    assert_eq!((read.owner, read.amount), (&[5; 32], 1_250_000));
    assert!(counts_host_units(&ledger), "shares are compared with the bank's shares");
    let total = read_total(&ledger, &marginfi, &bank).unwrap();
    assert_eq!(read.host_amount, total);
    assert_eq!(native_total(&ledger, &factors, total), Some(1_250_000));
}

/// `User` and `SpotMarket` in drift-labs/protocol-v2, programs/drift/src/state/{user,spot_market}.rs: authority at 8, eight
/// spot positions of 40 bytes from 104 on: scaled_balance, market_index at 32, balance_type at 34 (0 is a deposit). 4,376
/// bytes. The market: deposit_balance at 432, cumulative_deposit_interest at 464; a token with six decimals is balance
/// times interest by 10^13.
#[test]
fn a_drift_user_and_its_spot_market() {
    let drift = program("dRiftyHA39MWEi3m9aunc5MzRF1JYuBsbn6VPcn33UH");
    let market_key = key(0xd0);
    let name = [159, 117, 95, 227, 239, 151, 58, 236];
    let ledger = Ledger {
        slots: SlotTable {
            offset: 104,
            stride: 40,
            count: 8,
            // Market 1, a deposit.
            filter: filter(32, &[1, 0, 0]),
            ..SlotTable::zeroed()
        },
        scale: Scale {
            divisor: 10_000_000_000_000,
            ..identity()
        },
        ..linked(&name, 4_376, 8, &[amount(0, 8, amount_flag::IN_SLOT)], 0)
    };
    let ledger = with_factors(ledger, drift, &[(market_key, 464, 16, 0)]);
    let ledger = of_host(ledger, drift, market_key, (432, 16));
    let mut user = account(4_376, &[(0, &name), (8, &[5; 32]), (40, &[6; 32])]);
    for (number, market, kind, balance) in [(0, 0u16, 0u8, 7u64), (1, 1, 1, 8_000_000_000), (2, 1, 0, 3_000_000_000)] {
        let at = 104 + 40 * number;
        put(&mut user, at, &balance.to_le_bytes());
        put(&mut user, at + 32, &market.to_le_bytes());
        put(&mut user, at + 34, &[kind]);
    }
    let market = account(
        776,
        &[
            (0, &[100, 177, 8, 107, 168, 65, 65, 39]),
            (432, &3_000_000_000u128.to_le_bytes()),
            (464, &11_000_000_000u128.to_le_bytes()),
        ],
    );
    let factors = Factors::read(&ledger, [seen(&market_key, &drift, &market)]).unwrap();
    let read = read_linked(&ledger, &factors, &user).unwrap();
    // 3 scaled by 1.1: 3.3 of a token with six decimals. What is borrowed is not in it.
    assert_eq!(
        (read.owner, read.amount, read.host_amount),
        (&[5; 32], 3_300_000, 3_000_000_000)
    );
}

/// `MangoAccount` and `Bank` in blockworks-foundation/mango-v4, programs/mango-v4/src/state: owner at 40; the number of
/// token positions at 420 and the positions of 184 bytes from 424 on: indexed_position, token_index at 16. The bank:
/// deposit_index at 536 (behind group, name, mint, vault, oracle, oracle_config and stable_price_model), indexed_deposits
/// at 568. A position is a deposit if it is positive and a debt if it is negative.
#[test]
fn a_mango_account_and_its_bank() {
    let mango = program("4MangoMjqJ2firMokCjjGgoK8d4MXcrgL7XJaL3w6fVg");
    let bank_key = key(0xa0);
    let name = [243, 228, 247, 3, 169, 52, 175, 31];
    let indexed = amount(0, 16, amount_flag::SIGNED | amount_flag::IN_SLOT);
    let ledger = Ledger {
        length_rule: length_rule::AT_LEAST,
        slots: SlotTable {
            offset: 424,
            stride: 184,
            count: 16,
            used_offset: 420,
            used_width: 4,
            filter: filter(16, &[4, 0]),
            ..SlotTable::zeroed()
        },
        scale: Scale {
            shift: 96,
            ..identity()
        },
        ..linked(&name, 424, 40, &[indexed], 0)
    };
    let ledger = with_factors(ledger, mango, &[(bank_key, 536, 16, 0)]);
    let ledger = of_host(ledger, mango, bank_key, (568, 16));
    let holder = |position: i128| {
        let mut data = account(
            424 + 184 * 3,
            &[(0, &name), (8, &[8; 32]), (40, &[5; 32]), (420, &3u32.to_le_bytes())],
        );
        for (number, token, indexed) in [(0, 0u16, 5_000), (1, 4, position), (2, 0xffff, 0)] {
            let at = 424 + 184 * number;
            put(&mut data, at, &i80f48(indexed));
            put(&mut data, at + 16, &token.to_le_bytes());
        }
        data
    };
    let bank = account(
        3_064,
        &[
            (0, &[142, 49, 166, 242, 50, 66, 97, 188]),
            (536, &i80f48(1_500)),
            (568, &i80f48(2_000_000)),
        ],
    );
    let factors = Factors::read(&ledger, [seen(&bank_key, &mango, &bank)]).unwrap();
    let worth = |position| read_linked(&ledger, &factors, &holder(position)).map(|read| read.amount);
    assert_eq!(worth(2_000_000), Ok(3_000));
    assert_eq!(worth(-2_000_000), Ok(0), "who owes has nothing");
    let mut four = holder(1_000);
    put(&mut four, 420, &4u32.to_le_bytes());
    let read = read_linked(&ledger, &factors, &four).map(|_| ());
    assert_eq!(
        read,
        Err(LayoutError::NotAPosition),
        "it says four, and three are there"
    );
}

/// Jupiter Lend: positions are token accounts of the fToken; `Lending` (seven fields in, u64 `token_exchange_price` at 115,
/// with twelve decimals) says what one is worth. Its total is the fToken's supply.
#[test]
fn jupiter_lend_tokens_in_units_of_what_they_stand_for() {
    let jupiter = program("jup3YeL8QhtSx1e253b2FDvsMNC87fDrgQZivbrndc9");
    let (f_token, lending) = (key(0xf7), key(0x1e));
    let base = Ledger {
        mode: ledger_mode::LINKED,
        mint: key(3),
        scale: Scale {
            divisor: 1_000_000_000_000,
            ..identity()
        },
        ..token_accounts(&f_token, &TOKEN)
    };
    let ledger = with_factors(base, jupiter, &[(lending, 115, 8, 0)]);
    assert_eq!(check(&ledger), Ok(()));
    assert_eq!(factor_fields(&ledger).count(), 1);
    let state = account(
        196,
        &[
            (0, &[135, 199, 82, 16, 249, 131, 182, 241]),
            (115, &1_050_000_000_000u64.to_le_bytes()),
        ],
    );
    let factors = Factors::read(&ledger, [seen(&lending, &jupiter, &state)]).unwrap();
    let held = holding(&f_token, &key(5), 2_000_000);
    let read = read_linked(&ledger, &factors, &held).unwrap();
    assert_eq!(
        (read.owner, read.amount, read.host_amount),
        (&[5; 32], 2_100_000, 2_000_000)
    );
    // Without the factor, shares would be paid one to one.
    let plain = Reader::new(&token_accounts(&f_token, &TOKEN))
        .read(&held)
        .map(|read| read.amount);
    assert_eq!(plain, Ok(2_000_000));
}
