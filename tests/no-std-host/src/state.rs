//! What the vault writes down, and what every instruction asks of it.

use bulkhead_guard::check_account;
use bytemuck::{Pod, Zeroable};
use pinocchio::{
    AccountView, Address, ProgramResult,
    cpi::Seed,
    error::ProgramError,
    sysvars::{Sysvar, clock::Clock},
};

/// First bytes of a vault.
pub const KIND: [u8; 8] = *b"nsVault1";
/// The PDA that signs to Bulkhead: `operator ‖ vault ‖ bump`.
pub const SEED_OPERATOR: &[u8] = b"operator";

/// A vault.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
pub struct State {
    /// [`KIND`]
    pub kind: [u8; 8],
    /// Whose vault it is.
    pub owner: [u8; 32],
    /// The board it answers to, fixed for good.
    pub board: [u8; 32],
    /// The breaker that meters lamports.
    pub breaker: [u8; 32],
    /// Bulkhead's vault, which holds the tokens.
    pub custody_vault: [u8; 32],
    /// Lamports that are the owner's.
    pub lamports: u64,
    /// Tokens that are the owner's. Told at set-up: who pays in is not what this host is about.
    pub tokens: u64,
    /// Row of the board.
    pub compartment: u8,
    /// Bump of the PDA that signs.
    pub operator_bump: u8,
    /// Zero.
    pub padding: [u8; 6],
}

/// Writes a new vault down.
pub fn open(program: &Address, accounts: &mut [AccountView], data: &[u8]) -> ProgramResult {
    let [vault] = accounts else {
        return Err(ProgramError::NotEnoughAccountKeys);
    };
    let state: State = bytemuck::try_pod_read_unaligned(data).map_err(|_| ProgramError::InvalidInstructionData)?;
    if state.kind != KIND || state.lamports != 0 {
        return Err(ProgramError::InvalidInstructionData);
    }
    if !vault.is_signer() {
        return Err(ProgramError::MissingRequiredSignature);
    }
    if !vault.owned_by(program) {
        return Err(ProgramError::InvalidAccountOwner);
    }
    if vault.try_borrow()?.iter().any(|byte| *byte != 0) {
        return Err(ProgramError::AccountAlreadyInitialized);
    }
    state.store(vault)
}

impl State {
    /// The vault in an account of this program's, for its owner, who signs.
    pub fn load(program: &Address, vault: &AccountView, owner: &AccountView) -> Result<Self, ProgramError> {
        if !vault.owned_by(program) {
            return Err(ProgramError::InvalidAccountOwner);
        }
        let state: Self =
            bytemuck::try_pod_read_unaligned(&vault.try_borrow()?).map_err(|_| ProgramError::InvalidAccountData)?;
        if state.kind != KIND {
            return Err(ProgramError::InvalidAccountData);
        }
        if !owner.is_signer() || owner.address().as_array() != &state.owner {
            return Err(ProgramError::MissingRequiredSignature);
        }
        Ok(state)
    }

    /// Writes it back.
    pub fn store(&self, vault: &mut AccountView) -> ProgramResult {
        let mut data = vault.try_borrow_mut()?;
        let bytes = bytemuck::bytes_of(self);
        if data.len() != bytes.len() {
            return Err(ProgramError::InvalidAccountData);
        }
        data.copy_from_slice(bytes);
        Ok(())
    }

    /// Stops a paused action. Every instruction asks before it changes anything.
    pub fn require_open(&self, board: &AccountView, action: u32) -> ProgramResult {
        let now = Clock::get()?.unix_timestamp;
        let (key, owner, data) = (board.address(), board.owner(), board.try_borrow());
        check_account(&self.board, key, owner, data, self.compartment, action, now)
            .map_err(|error| ProgramError::Custom(error as u32))
    }

    /// Seeds of the PDA that signs to Bulkhead.
    pub fn operator_seeds<'a>(&'a self, vault: &'a Address) -> [Seed<'a>; 3] {
        let bump = core::slice::from_ref(&self.operator_bump);
        [SEED_OPERATOR.into(), vault.as_array().into(), bump.into()]
    }
}

/// Refuses an account that is not the one that was written down.
pub fn require_key(account: &AccountView, expected: &[u8; 32]) -> ProgramResult {
    if account.address().as_array() != expected {
        return Err(ProgramError::InvalidArgument);
    }
    Ok(())
}
