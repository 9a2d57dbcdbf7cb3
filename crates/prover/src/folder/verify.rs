//! A folder checked from its files and the verifying key alone, and two folders against each other.

use std::path::Path;

use bulkhead_snapshot::Progress;
use rayon::prelude::*;
use serde::Serialize;

use super::{
    manifest::Plan,
    pages::{Page, Place},
};
use crate::{Error, Role, Run, SHARDS, SetUp, State, VerifyingKey, Word, field::to_bytes, file::hex, proof::verify};

/// What a folder proves.
#[derive(Clone, Debug, Serialize)]
pub struct Verified {
    /// Where the key comes from.
    pub set_up: SetUp,
    /// The key's name.
    pub key: String,
    /// Which of the two ledgers.
    pub role: Role,
    /// Pages, all of which verify.
    pub pages: usize,
    /// Leaves in them.
    pub leaves: u64,
    /// Sum of their amounts, which is the total.
    pub total: String,
    /// What was to be paid out.
    pub pool: String,
    /// Sum of the payouts.
    pub paid: String,
    /// Pool less payouts: what rounding leaves.
    pub left_by_rounding: String,
    /// Product over all shards.
    pub product: String,
    /// Final accumulators and counts, to compare with the sealed shards.
    pub shards: Vec<VerifiedShard>,
    #[serde(skip)]
    facts: (u64, Word),
}

/// The end of a shard.
#[derive(Clone, Debug, Serialize)]
pub struct VerifiedShard {
    /// Its number.
    pub shard: u8,
    /// Its leaves.
    pub count: u32,
    /// Its accumulator.
    pub accumulator: String,
}

/// Two ledgers that owe the same.
#[derive(Clone, Debug, Serialize)]
pub struct Compared {
    /// The chosen state under its plan.
    pub chosen: Verified,
    /// The successor's own ledger.
    pub successor: Verified,
    /// Always true: anything else is an error.
    pub equal: bool,
}

/// Checks every page of a folder, that each begins where the one before it ends, and that they end at the commitment
/// which the challenge was drawn from.
///
/// # Errors
/// A named [`Error`].
pub fn verify_folder(folder: &Path, key: &VerifyingKey, progress: &dyn Progress) -> Result<(Plan, Verified), Error> {
    let plan = Plan::read(folder)?;
    plan.check(key)?;
    let commitment = plan.commitment()?;
    let pages: usize = (0..SHARDS)
        .map(|shard| plan.pages(u8::try_from(shard).unwrap_or_default()))
        .sum::<Result<_, _>>()?;
    progress.begin("verify pages", Some(pages as u64));
    let mut shards = Vec::with_capacity(SHARDS);
    let (mut sum, mut paid, mut product) = (0_u64, 0_u64, Word::from(1_u64));
    for (shard, (accumulator, count)) in (0_u8..).zip(commitment.shards) {
        let last = verify_shard(folder, &plan, shard, key, progress)?;
        let refused = |what: &str| Err(Error::ProofRefused(format!("shard {shard} {what}")));
        if last.accumulator != accumulator || last.count != count {
            return refused("does not end at the leaves that the challenge was drawn from");
        }
        // The other end of the shard: its last key is one, and begins with its number.
        let high = to_bytes(&last.high);
        if last.count > 0 && (high[..16] != [0; 16] || high[16] >> 4 != shard) {
            return refused("has a key of another shard");
        }
        sum = sum.checked_add(last.sum).ok_or(Error::Overflow)?;
        paid = paid.checked_add(last.paid).ok_or(Error::Overflow)?;
        product *= last.product;
        shards.push(VerifiedShard {
            shard,
            count,
            accumulator: hex(&to_bytes(&accumulator)),
        });
    }
    if sum != plan.total {
        return Err(Error::ProofRefused("the amounts do not add up to the total".into()));
    }
    let left = plan.pool.checked_sub(paid).ok_or(Error::Overflow)?;
    let verified = Verified {
        set_up: plan.set_up,
        key: hex(&plan.key),
        role: plan.subject.role,
        pages,
        leaves: commitment.shards.iter().map(|(_, count)| u64::from(*count)).sum(),
        total: sum.to_string(),
        pool: plan.pool.to_string(),
        paid: paid.to_string(),
        left_by_rounding: left.to_string(),
        product: hex(&to_bytes(&product)),
        shards,
        facts: (paid, product),
    };
    Ok((plan, verified))
}

fn verify_shard(
    folder: &Path,
    plan: &Plan,
    shard: u8,
    key: &VerifyingKey,
    progress: &dyn Progress,
) -> Result<State, Error> {
    let run: Run = plan.run(shard);
    let first = State::first(&plan.subject.tag, shard)?;
    let count = plan.pages(shard)?;
    let places = (0..count).map(|page| Place { shard, page });
    let missing = places.clone().filter(|place| !place.file(folder).exists()).count();
    if missing > 0 {
        return Err(Error::Incomplete { missing, pages: count });
    }
    let pages: Vec<_> = places
        .map(|place| Page::read(folder, place))
        .collect::<Result<_, _>>()?;
    let before = |at: usize| {
        at.checked_sub(1)
            .and_then(|at| pages.get(at))
            .map_or(first, |page| page.after)
    };
    pages.par_iter().enumerate().try_for_each(|(at, page)| {
        let checked = verify(key, &run, &before(at), &page.after, &page.proof);
        progress.advance(1);
        checked.map_err(|error| Error::ProofRefused(format!("page {at} of shard {shard}: {error}")))
    })?;
    Ok(before(pages.len()))
}

/// Checks both folders, and that the successor owes exactly what the chosen state is paid, to the same owners.
///
/// # Errors
/// A named [`Error`].
pub fn compare(
    chosen: &Path,
    successor: &Path,
    key: &VerifyingKey,
    progress: &dyn Progress,
) -> Result<Compared, Error> {
    let (chosen_plan, chosen) = verify_folder(chosen, key, progress)?;
    let (successor_plan, successor) = verify_folder(successor, key, progress)?;
    let refused = |what: &str| Err(Error::ProofRefused(what.into()));
    if (chosen.role, successor.role) != (Role::Chosen, Role::Successor) {
        return refused("the first folder is of the chosen state, the second of its successor");
    }
    if chosen_plan.drawn != successor_plan.drawn {
        return refused("the two were proved under different challenges");
    }
    let of = |plan: &Plan| (plan.subject.program, plan.subject.domain, plan.subject.plan);
    if of(&chosen_plan) != of(&successor_plan) {
        return refused("the two belong to different programs, domains or plans");
    }
    if chosen.facts.0 != successor.facts.0 {
        return refused("the successor's sum is not what the plan pays");
    }
    if chosen.facts.1 != successor.facts.1 {
        return refused("the successor owes other amounts, or to other owners");
    }
    Ok(Compared {
        chosen,
        successor,
        equal: true,
    })
}
