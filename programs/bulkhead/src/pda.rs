//! Creates a PDA inside a handler, for accounts that exist only on one of its paths.

use anchor_lang::{
    ZeroCopy,
    prelude::*,
    system_program::{Allocate, Assign, CreateAccount, Transfer, allocate, assign, create_account, transfer},
};
use bulkhead_interface::layout::space;

/// Creates `account` with `space` zero bytes, owned by this program and exempt from rent.
///
/// `seeds` end with the canonical bump. Anyone can send lamports to an address, so an account that already has some is
/// topped up, allocated and assigned instead. Fails in the System program when the account exists.
pub fn create<'info>(
    account: &AccountInfo<'info>,
    payer: &AccountInfo<'info>,
    system_program: Pubkey,
    space: usize,
    seeds: &[&[u8]],
) -> Result<()> {
    let rent = Rent::get()?.minimum_balance(space);
    let space = u64::try_from(space).map_err(|_| crate::error::BulkheadError::Overflow)?;
    let signer = &[seeds];
    let to = || account.clone();
    if account.lamports() == 0 {
        let accounts = CreateAccount {
            from: payer.clone(),
            to: to(),
        };
        return create_account(
            CpiContext::new_with_signer(system_program, accounts, signer),
            rent,
            space,
            &crate::ID,
        );
    }
    let missing = rent.saturating_sub(account.lamports());
    if missing > 0 {
        let accounts = Transfer {
            from: payer.clone(),
            to: to(),
        };
        transfer(CpiContext::new(system_program, accounts), missing)?;
    }
    let accounts = Allocate {
        account_to_allocate: to(),
    };
    allocate(CpiContext::new_with_signer(system_program, accounts, signer), space)?;
    let accounts = Assign {
        account_to_assign: to(),
    };
    assign(
        CpiContext::new_with_signer(system_program, accounts, signer),
        &crate::ID,
    )
}

/// [`create`], or for an account that exists already: resizes it and tops its rent up. New bytes are zero.
pub fn make_room<'info>(
    account: &AccountInfo<'info>,
    payer: &AccountInfo<'info>,
    system_program: Pubkey,
    space: usize,
    seeds: &[&[u8]],
) -> Result<()> {
    if *account.owner != crate::ID {
        return create(account, payer, system_program, space, seeds);
    }
    let missing = Rent::get()?.minimum_balance(space).saturating_sub(account.lamports());
    if missing > 0 {
        let accounts = Transfer {
            from: payer.clone(),
            to: account.clone(),
        };
        transfer(CpiContext::new(system_program, accounts), missing)?;
    }
    Ok(account.resize(space)?)
}

/// Initializes an account that [`create`] made: discriminator, then `contents`.
pub fn write<T: ZeroCopy>(account: &AccountInfo, contents: &T) -> Result<()> {
    fill(&mut account.try_borrow_mut_data()?, contents)
}

/// Writes discriminator and `contents`, which must fill the account exactly.
pub fn fill<T: ZeroCopy>(data: &mut [u8], contents: &T) -> Result<()> {
    let (discriminator, body) = data
        .split_at_mut_checked(T::DISCRIMINATOR.len())
        .ok_or(ErrorCode::AccountDidNotSerialize)?;
    require!(
        body.len() == core::mem::size_of::<T>(),
        ErrorCode::AccountDidNotSerialize
    );
    discriminator.copy_from_slice(T::DISCRIMINATOR);
    body.copy_from_slice(bytemuck::bytes_of(contents));
    Ok(())
}

/// Writes discriminator, `contents` and the bytes behind them, which must fill the account exactly.
pub fn fill_with<T: ZeroCopy>(account: &AccountInfo, contents: &T, behind: &[u8]) -> Result<()> {
    let mut data = account.try_borrow_mut_data()?;
    let (header, body) = data
        .split_at_mut_checked(bulkhead_interface::layout::space::<T>())
        .filter(|(_, body)| body.len() == behind.len())
        .ok_or(ErrorCode::AccountDidNotSerialize)?;
    fill(header, contents)?;
    body.copy_from_slice(behind);
    Ok(())
}

/// Writes an account at its PDA, which is created unless it exists. `seeds` end with the canonical bump. The caller has
/// checked the address, and what is there already.
pub fn put<'info, T: ZeroCopy>(
    account: &AccountInfo<'info>,
    payer: &AccountInfo<'info>,
    system_program: Pubkey,
    seeds: &[&[u8]],
    contents: &T,
) -> Result<()> {
    if account.data_is_empty() {
        create(account, payer, system_program, space::<T>(), seeds)?;
    }
    write(account, contents)
}

/// Was the account created in this instruction? Anchor writes discriminators only on exit.
pub fn is_new(account: &AccountInfo) -> Result<bool> {
    Ok(account.try_borrow_data()?.iter().take(8).all(|byte| *byte == 0))
}
