//! Upgradeable programs, their data and buffers, as the loader keeps them.

use anchor_lang::prelude::Pubkey;
use bulkhead_client::pda;
use bulkhead_core::{
    hash::sha256,
    host::loader::{BUFFER_HEADER, PROGRAM_DATA_HEADER},
};
use bulkhead_interface::ids::UPGRADEABLE_LOADER;
use bulkhead_testbed::{Machine, deploy_dir};
use solana_account::Account;

/// A build: the code of one of the workspace's programs.
///
/// # Panics
/// When it is not built.
#[must_use]
pub fn build(name: &str) -> Vec<u8> {
    let path = deploy_dir().join(name).with_extension("so");
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}; run `make build`", path.display()))
}

/// What a proposal names a build by.
#[must_use]
pub fn hash(build: &[u8]) -> [u8; 32] {
    sha256(&[build])
}

fn write(machine: &mut Machine, key: &Pubkey, data: Vec<u8>, executable: bool) {
    let account = Account {
        lamports: machine.svm.minimum_balance_for_rent_exemption(data.len()),
        data,
        owner: UPGRADEABLE_LOADER,
        executable,
        rent_epoch: u64::MAX,
    };
    machine.write_account(key, account);
}

/// A program that was deployed in `slot`, with room for `room` bytes of code.
pub fn program(machine: &mut Machine, key: &Pubkey, authority: Option<&Pubkey>, code: &[u8], room: usize, slot: u64) {
    let program_data = pda::program_data(key);
    let mut data = vec![3, 0, 0, 0];
    data.extend(slot.to_le_bytes());
    data.push(u8::from(authority.is_some()));
    data.extend(authority.map_or([0; 32], Pubkey::to_bytes));
    data.extend(code);
    data.resize(PROGRAM_DATA_HEADER + room.max(code.len()), 0);
    write(machine, &program_data, data, false);
    write(machine, key, [&[2, 0, 0, 0], program_data.as_ref()].concat(), true);
}

/// A buffer.
pub fn buffer(machine: &mut Machine, key: &Pubkey, authority: Option<&Pubkey>, code: &[u8]) {
    let mut data = vec![1, 0, 0, 0, u8::from(authority.is_some())];
    data.extend(authority.map_or([0; 32], Pubkey::to_bytes));
    assert_eq!(data.len(), BUFFER_HEADER);
    data.extend(code);
    write(machine, key, data, false);
}

/// The code of a program.
///
/// # Panics
/// When there is no such program.
#[must_use]
pub fn code(machine: &Machine, program: &Pubkey) -> Vec<u8> {
    let account = machine.account(&pda::program_data(program)).expect("it is there");
    account.data[PROGRAM_DATA_HEADER..].to_vec()
}
