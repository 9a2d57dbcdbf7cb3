//! Creates the vault of the signing authority and permanently fixes the board it checks: an authority that could
//! replace the board could disable the guard.

use solana_program::{account_info::AccountInfo, entrypoint::ProgramResult};

use super::{require_signer, take};
use crate::{
    pda,
    seeds::SEED_VAULT,
    state::{KIND_VAULT, State, VERSION, Vault},
};

pub fn process(accounts: &[AccountInfo], board: [u8; 32], compartment: u8) -> ProgramResult {
    let [authority, vault, _system_program] = take(accounts)?;
    require_signer(authority)?;
    let bump = pda::require_address(vault, &[SEED_VAULT, authority.key.as_ref()])?;
    pda::create(
        vault,
        authority,
        Vault::SPACE,
        &[SEED_VAULT, authority.key.as_ref(), &[bump]],
    )?;
    let state = Vault {
        kind: KIND_VAULT,
        version: VERSION,
        bump,
        compartment,
        authority: authority.key.to_bytes(),
        board,
        total_lamports: 0,
    };
    state.store(vault)
}
