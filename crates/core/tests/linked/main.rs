//! Ledgers whose positions are read with the help of other accounts, or lie many in one account.

mod factors;
mod holders;
mod known;
mod protocols;
mod records;
mod registering;

use bulkhead_core::{
    CoreError,
    acts::take_linked,
    proofs::NoCurve,
    snapshots::layout::{Factors, LayoutError, Seen, check, identity, linked::read_linked},
};
use bulkhead_interface::{
    Pubkey,
    constants::{amount_flag, factor_flag, ledger_mode, length_rule, link_flag},
    ids::{TOKEN, TOKEN_2022},
    layout::{AmountField, ByteFilter, Export, Ledger, Scale, SlotTable, SnapshotShard},
};
use bytemuck::Zeroable;

fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

fn filter(offset: u32, wanted: &[u8]) -> ByteFilter {
    let mut bytes = [0; 32];
    bytes[..wanted.len()].copy_from_slice(wanted);
    ByteFilter {
        offset,
        len: wanted.len() as u32,
        bytes,
    }
}

fn amount(offset: u32, width: u8, flags: u8) -> AmountField {
    AmountField {
        offset,
        width,
        flags,
        ..AmountField::zeroed()
    }
}

/// A linked ledger of accounts of program 2 that begin with `name` and have `data_len` bytes.
fn linked(name: &[u8; 8], data_len: u32, owner_offset: u32, amounts: &[AmountField], flags: u8) -> Ledger {
    let mut ledger = Ledger {
        version: 1,
        mode: ledger_mode::LINKED,
        flags,
        index: 3,
        length_rule: length_rule::EXACT,
        amount_count: amounts.len() as u8,
        owner_offset,
        data_len,
        total_width: 8,
        domain: key(1),
        program: key(2),
        mint: key(3),
        total_account: key(4),
        total_program: key(2),
        scale: identity(),
        ..Ledger::zeroed()
    };
    ledger.filters[0] = filter(0, name);
    ledger.amounts[..amounts.len()].copy_from_slice(amounts);
    ledger
}

/// With factors: account, offset, width and flags of each. Their accounts belong to `program`.
fn with_factors(mut ledger: Ledger, program: Pubkey, factors: &[(Pubkey, u32, u8, u8)]) -> Ledger {
    let mut fields = [AmountField::zeroed(); 2];
    ledger.export = Export {
        program,
        data_len: 8 * factors.len() as u8,
        account_count: factors.len() as u8,
        ..Export::zeroed()
    };
    for (number, (account, offset, width, flags)) in factors.iter().enumerate() {
        ledger.export.accounts[number] = *account;
        fields[number] = amount(*offset, *width, *flags);
    }
    ledger.export.data = bytemuck::cast(fields);
    ledger
}

const fn seen<'a>(key: &'a Pubkey, program: &'a Pubkey, data: &'a [u8]) -> Seen<'a> {
    Seen { key, program, data }
}

/// Writes bytes at an offset.
fn put(data: &mut [u8], offset: usize, bytes: &[u8]) {
    data[offset..offset + bytes.len()].copy_from_slice(bytes);
}

/// An account of so many bytes with these at these offsets.
fn account(len: usize, parts: &[(usize, &[u8])]) -> Vec<u8> {
    let mut data = vec![0; len];
    for (offset, bytes) in parts {
        put(&mut data, *offset, bytes);
    }
    data
}

/// A mint of either token program.
fn mint(supply: u64, decimals: u8) -> Vec<u8> {
    account(82, &[(36, &supply.to_le_bytes()), (44, &[decimals]), (45, &[1])])
}

/// A token account.
fn holding(token: &Pubkey, holder: &Pubkey, amount: u64) -> Vec<u8> {
    account(
        165,
        &[
            (0, token.as_ref()),
            (32, holder.as_ref()),
            (64, &amount.to_le_bytes()),
            (108, &[1]),
        ],
    )
}

fn shard(number: u8) -> Box<SnapshotShard> {
    Box::new(SnapshotShard {
        shard: number,
        ..SnapshotShard::zeroed()
    })
}

/// An address as it is written.
fn program(address: &str) -> Pubkey {
    const DIGITS: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let mut key = [0u8; 32];
    for digit in address.bytes() {
        let mut carry = DIGITS.iter().position(|known| *known == digit).unwrap();
        for byte in key.iter_mut().rev() {
            carry += usize::from(*byte) * 58;
            *byte = (carry % 256) as u8;
            carry /= 256;
        }
        assert_eq!(carry, 0, "{address}");
    }
    Pubkey::new_from_array(key)
}
