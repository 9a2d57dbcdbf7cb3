//! Neighbours in one instruction: what they have in common is sent once.

use bulkhead::instructions::{BatchLeaf, ClaimBatchArgs};
use bulkhead_core::{restoration::claims::shard_of, snapshots::merkle};
use solana_instruction::Instruction;

use super::{desk::Desk, pay::Payment};
use crate::instructions as ix;

/// The instructions of a transaction: accounts that are missing, each once, then the claims, neighbours together. The
/// payments are of one page, in the order of their leaves.
pub(super) fn instructions(desk: &Desk<'_>, payments: &[Payment]) -> Vec<Instruction> {
    let mut instructions: Vec<Instruction> = Vec::with_capacity(payments.len() + 1);
    for payment in payments {
        if let Some(create) = payment
            .steps
            .create
            .as_ref()
            .filter(|create| !instructions.contains(create))
        {
            instructions.push(create.clone());
        }
    }
    for neighbours in payments.chunk_by(are_neighbours) {
        match together(desk, neighbours) {
            Some(batch) => instructions.push(batch),
            None => instructions.extend(neighbours.iter().map(|payment| payment.steps.claim.clone())),
        }
    }
    instructions
}

/// Can one proof prove both, which follow each other?
fn are_neighbours(one: &Payment, other: &Payment) -> bool {
    let (Some(first), Some(second)) = (one.push, other.push) else {
        return false;
    };
    second.index == first.index + 1 && shard_of(first.index) == shard_of(second.index)
}

/// The batch of neighbours. None of a single claim, which costs less alone.
fn together(desk: &Desk<'_>, neighbours: &[Payment]) -> Option<Instruction> {
    let ([first, others @ ..], [.., last]) = (neighbours, neighbours) else {
        return None;
    };
    let (start, end) = (first.push.filter(|_| !others.is_empty())?, last.push?);
    let (from, to) = (&first.steps, &last.steps);
    let proof = merkle::range_proof((start.index, &from.proof), (end.index, &to.proof))?;
    let leaves = neighbours.iter().map(|payment| {
        let (_, destination_bump) = payment.push?.destination;
        let (key, amount) = (payment.leaf.key, payment.leaf.amount);
        Some(BatchLeaf {
            key,
            amount,
            destination_bump,
        })
    });
    let args = ClaimBatchArgs {
        first: start.index,
        leaves: leaves.collect::<Option<_>>()?,
        proof,
    };
    let others = others
        .iter()
        .filter_map(|payment| payment.push.map(|push| (payment.leaf.owner, push.destination.0)));
    let restoration = desk.keys();
    let batch = ix::claim_batch(restoration, from.keys, others, args);
    let (book, page) = (desk.restoration.book, from.keys.page);
    Some(ix::in_book(batch, &desk.key, &book, page))
}
