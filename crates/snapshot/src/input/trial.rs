//! A layout tried on dumps of accounts, before it is registered.

use std::path::PathBuf;

use bulkhead_core::{
    snapshots::layout::{
        self, LayoutError, Reader,
        linked::{is_linked, owner_is_token},
    },
    token,
};
use bulkhead_interface::{Pubkey, constants::ledger_mode, ids, layout::Ledger};

use super::{
    accounts::{Dump, bad_layout},
    linked::World,
};
use crate::{Error, Position};

/// A position that the layout reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TriedPosition {
    /// Key, owner and amount.
    pub position: Position,
    /// The amount before scale and factors.
    pub host_amount: u128,
}

/// What a layout reads of dumps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trial {
    /// In ascending order of their keys.
    pub positions: Vec<TriedPosition>,
    /// Accounts that look like positions and are not read, with the reason.
    pub refused: Vec<(Pubkey, String)>,
    /// Accounts that are no positions.
    pub skipped: u64,
    /// Sum of the positions, in the unit of the host's total.
    pub sum: u128,
    /// The host's total, if its account is in the dumps.
    pub total: Option<u128>,
    /// Whether the sum is near enough to the total.
    pub agrees: Option<bool>,
}

/// Reads dumps through a layout as the program would, account by account, and says of each that looks like a position
/// who has how much or why it is not read. An owner that is a token is refused: nobody could claim.
///
/// # Errors
/// [`Error`] for a layout that cannot be registered and for files that cannot be read; [`Error::NothingRead`] if no
/// account is a position.
pub fn try_ledger(ledger: &Ledger, files: &[PathBuf]) -> Result<Trial, Error> {
    const SOURCE: &str = "the ledger";
    layout::check(ledger).map_err(|why| bad_layout(SOURCE, &why.to_string()))?;
    layout::check_total(ledger).map_err(|error| bad_layout(SOURCE, &format!("its total: {error:?}")))?;
    layout::check_known(ledger).map_err(|error| bad_layout(SOURCE, &format!("{error:?}")))?;
    if ledger.mode == ledger_mode::EXPORT {
        let reason = "what an export says of a position is known to the called program alone";
        return Err(bad_layout(SOURCE, reason));
    }
    let mut world = World::default();
    for file in files {
        Dump::read(file, file)?.add_to(file, &mut world)?;
    }
    let mut trial = Trial::default();
    let factors = world.factors(ledger).map_err(|why| bad_layout(SOURCE, &why))?;
    let keys: Vec<_> = world.keys().copied().collect();
    for key in keys {
        match read(&world, ledger, &factors, key) {
            Ok(found) if found.is_empty() => trial.skipped += 1,
            Ok(found) => trial.positions.extend(found),
            Err(why) => trial.refused.push((key, why)),
        }
    }
    trial.positions.sort_unstable_by_key(|tried| tried.position.key);
    let in_host_units = layout::counts_host_units(ledger);
    for tried in &trial.positions {
        let part = if in_host_units {
            tried.host_amount
        } else {
            tried.position.amount.into()
        };
        trial.sum = trial.sum.saturating_add(part);
    }
    let total = world.seen(&ledger.total_account);
    trial.total = total.and_then(|total| layout::read_total(ledger, total.program, total.data));
    trial.agrees = trial.total.map(|total| layout::agrees(ledger, trial.sum, total));
    if trial.positions.is_empty() && trial.refused.is_empty() {
        return Err(Error::NothingRead {
            source_name: files
                .iter()
                .map(|file| file.display().to_string())
                .collect::<Vec<_>>()
                .join(", "),
            skipped: trial.skipped,
        });
    }
    Ok(trial)
}

fn read(world: &World, ledger: &Ledger, factors: &layout::Factors, key: Pubkey) -> Result<Vec<TriedPosition>, String> {
    let found = if is_linked(ledger) {
        let found = world.read(ledger, factors, key)?;
        found
            .into_iter()
            .map(|found| TriedPosition {
                position: found.position,
                host_amount: found.host_amount,
            })
            .collect()
    } else {
        plain(world, ledger, key)?
    };
    if !owner_is_token(ledger) {
        for tried in &found {
            refuse_token(world, &tried.position)?;
        }
    }
    Ok(found)
}

fn plain(world: &World, ledger: &Ledger, key: Pubkey) -> Result<Vec<TriedPosition>, String> {
    let Some(account) = world.seen(&key).filter(|account| *account.program == ledger.program) else {
        return Ok(vec![]);
    };
    match Reader::new(ledger).read(account.data) {
        Ok(read) => Ok(vec![TriedPosition {
            position: Position {
                key,
                owner: Pubkey::new_from_array(*read.owner),
                amount: read.amount,
            },
            host_amount: read.host_amount,
        }]),
        Err(LayoutError::NotAPosition) => Ok(vec![]),
        Err(error) => Err(format!("{error:?}")),
    }
}

/// Nobody signs for a mint.
fn refuse_token(world: &World, position: &Position) -> Result<(), String> {
    let is_token_program = |program: &Pubkey| *program == ids::TOKEN || *program == ids::TOKEN_2022;
    match world.seen(&position.owner) {
        Some(owner) if is_token_program(owner.program) && token::is_mint(owner.data) => Err(format!(
            "OwnerIsToken: its owner {} is a token: with `owner_is_token`, whoever holds it is the owner",
            position.owner
        )),
        _ => Ok(()),
    }
}
