//! The program's own way in against Anchor's: an `ingest_positions`, spoilt, has the same outcome on both, and leaves the
//! same bytes where it succeeds.

use anchor_lang::{Discriminator, solana_program::entrypoint::deserialize};
use arbitrary::{Result, Unstructured};
use bulkhead::{authority::INSTRUCTIONS_SYSVAR, entry::entrypoint, instruction::IngestPositions};
use bulkhead_core::snapshots::layout::identity;
use bulkhead_interface::{
    ID, Pubkey,
    constants::{VERSION, length_rule, phase},
    layout::{AmountField, Domain, Ledger, SnapshotShard},
};
use bytemuck::Zeroable;

/// Room behind an account's data, as the runtime leaves it.
const ROOM: usize = 10_240;

#[derive(Clone)]
struct Account {
    key: Pubkey,
    owner: Pubkey,
    is_signer: bool,
    is_writable: bool,
    data: Vec<u8>,
    /// The place of the account that it repeats.
    repeats: Option<u8>,
}

fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

fn account(of: Pubkey, owner: Pubkey, data: Vec<u8>) -> Account {
    Account {
        key: of,
        owner,
        is_signer: false,
        is_writable: true,
        data,
        repeats: None,
    }
}

fn zero_copy<T: bytemuck::Pod + Discriminator>(value: &T) -> Vec<u8> {
    [T::DISCRIMINATOR, bytemuck::bytes_of(value)].concat()
}

/// A call that goes through: a frozen domain, a ledger of plain amounts, an open shard, three positions.
fn honest() -> Vec<Account> {
    let (cranker, domain, ledger, shard, incident, host) = (key(1), key(2), key(3), key(4), key(5), key(6));
    let held = Domain {
        version: VERSION,
        state: phase::FROZEN,
        open_incident: incident,
        ..Domain::zeroed()
    };
    let mut layout = Ledger {
        version: VERSION,
        length_rule: length_rule::EXACT,
        data_len: 48,
        amount_count: 1,
        domain,
        program: host,
        scale: identity(),
        ..Ledger::zeroed()
    };
    layout.amounts[0] = AmountField {
        offset: 32,
        width: 8,
        ..AmountField::zeroed()
    };
    let open = SnapshotShard {
        version: VERSION,
        domain,
        incident,
        ledger,
        cranker,
        ..SnapshotShard::zeroed()
    };
    // One instruction: no accounts, Bulkhead, eight bytes of data.
    let mut alone = [1u16.to_le_bytes(), 4u16.to_le_bytes(), [0; 2]].concat();
    alone.extend(ID.as_array());
    alone.extend(8u16.to_le_bytes());
    alone.extend(IngestPositions::DISCRIMINATOR);
    alone.extend([0; 2]);
    let mut accounts = vec![
        Account {
            is_signer: true,
            ..account(cranker, Pubkey::default(), vec![])
        },
        account(domain, ID, zero_copy(&held)),
        account(ledger, ID, zero_copy(&layout)),
        account(shard, ID, zero_copy(&open)),
        account(INSTRUCTIONS_SYSVAR, Pubkey::default(), alone),
    ];
    // Keys of shard 0, ascending.
    accounts.extend((7..10).map(|number| account(key(number), host, vec![number; 48])));
    accounts
}

/// As the runtime serializes it; aligned to eight bytes.
fn serialize(accounts: &[Account], data: &[u8]) -> Vec<u64> {
    let mut bytes = (accounts.len() as u64).to_le_bytes().to_vec();
    for account in accounts {
        if let Some(earlier) = account.repeats {
            bytes.extend([earlier, 0, 0, 0, 0, 0, 0, 0]);
            continue;
        }
        bytes.extend([
            u8::MAX,
            account.is_signer.into(),
            account.is_writable.into(),
            0,
            0,
            0,
            0,
            0,
        ]);
        bytes.extend(account.key.as_array());
        bytes.extend(account.owner.as_array());
        bytes.extend(1_000_000u64.to_le_bytes());
        bytes.extend((account.data.len() as u64).to_le_bytes());
        bytes.extend(&account.data);
        bytes.resize(bytes.len().next_multiple_of(8) + ROOM + 8, 0);
    }
    bytes.extend((data.len() as u64).to_le_bytes());
    bytes.extend(data);
    bytes.extend(ID.as_array());
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    let (words, _) = bytes.as_chunks::<8>();
    words.iter().map(|word| u64::from_le_bytes(*word)).collect()
}

pub fn run(u: &mut Unstructured) -> Result<()> {
    let mut accounts = honest();
    let mut data = IngestPositions::DISCRIMINATOR.to_vec();
    let spoils = u.int_in_range(0..=3)?;
    for _ in 0..spoils {
        let at = u.choose_index(accounts.len())?;
        let other = u.choose(&accounts)?.key;
        match u.int_in_range(0..=8)? {
            0 => accounts[at].is_signer ^= true,
            1 => accounts[at].is_writable ^= true,
            2 => accounts[at].owner = *u.choose(&[ID, key(6), Pubkey::default()])?,
            3 => accounts[at].key = other,
            // What an account says lies at its beginning.
            4 => crate::spoil(u, accounts[at].data.get_mut(..64).unwrap_or_default(), 2)?,
            5 => crate::spoil(u, &mut accounts[at].data, 4)?,
            6 => crate::resize(u, &mut accounts[at].data)?,
            7 if at > 0 => accounts[at].repeats = Some(u.int_in_range(0..=at as u8 - 1)?),
            _ => accounts.truncate(at.max(1)),
        }
    }
    if u.ratio(1, 8)? {
        crate::spoil(u, &mut data, 1)?;
        crate::resize(u, &mut data)?;
    }

    let mut ours = serialize(&accounts, &data);
    let mut anchors = ours.clone();
    // SAFETY: the input is what the runtime writes, in a buffer of its own.
    let code = unsafe { entrypoint(ours.as_mut_ptr().cast()) };
    // SAFETY: as above.
    let result = unsafe {
        let (program, accounts, data) = deserialize(anchors.as_mut_ptr().cast());
        bulkhead::entry(program, accounts.leak(), data)
    };
    assert_eq!(
        code == 0,
        result.is_ok(),
        "one way in takes what the other refuses: {code} and {result:?}"
    );
    assert!(
        spoils != 0 || data != IngestPositions::DISCRIMINATOR || code == 0,
        "an honest call is refused"
    );
    if code == 0 {
        assert!(
            same_but_lengths(&ours, &anchors, &accounts),
            "the two ways in leave other bytes"
        );
    }
    Ok(())
}

/// Deserializing writes an account's length once more beside its flags, which says nothing.
fn same_but_lengths(ours: &[u64], anchors: &[u64], accounts: &[Account]) -> bool {
    let (mut ours, mut anchors) = (ours.to_vec(), anchors.to_vec());
    let mut at = 1;
    for account in accounts {
        for input in [&mut ours, &mut anchors] {
            input[at] &= u64::from(u32::MAX);
        }
        at += match account.repeats {
            Some(_) => 1,
            None => 11 + account.data.len().div_ceil(8) + ROOM / 8 + 1,
        };
    }
    ours == anchors
}
