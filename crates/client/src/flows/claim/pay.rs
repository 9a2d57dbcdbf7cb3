//! Paying: as many claims in a transaction as fit, many transactions at once.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

use bulkhead_core::CoreError;
use solana_instruction::Instruction;

use super::{
    Unpaid,
    batch::instructions,
    desk::Desk,
    routes::{Push, Steps},
};
use crate::{
    chain::ChainError,
    flows::{
        Done, FlowError,
        snapshot::{
            Leaf,
            size::{fits, pack},
        },
    },
};

/// Claims that fail one after the other until it is taken for more than a matter of each claim.
const FAILURES: u32 = 32;

/// One claim to be paid.
pub(super) struct Payment {
    /// The leaf's place over all shards.
    pub(super) place: u32,
    pub(super) leaf: Leaf,
    /// What is due to it.
    pub(super) due: u64,
    pub(super) steps: Steps,
    /// How a batch pays it, if one may.
    pub(super) push: Option<Push>,
}

/// What one batch came to.
#[derive(Default)]
pub(super) struct Paid {
    pub(super) done: Done,
    pub(super) claims: u64,
    pub(super) amount: u64,
    pub(super) unpaid: Vec<Unpaid>,
}

/// Sends payments and counts them.
pub(super) struct Till<'a> {
    desk: &'a Desk<'a>,
    passed: AtomicU64,
    total: u64,
    failures: AtomicU32,
}

impl<'a> Till<'a> {
    /// For so many claims.
    pub(super) const fn new(desk: &'a Desk<'a>, total: u64) -> Self {
        Self {
            desk,
            passed: AtomicU64::new(0),
            total,
            failures: AtomicU32::new(0),
        }
    }

    /// So many claims are done with.
    pub(super) fn pass(&self, claims: usize) {
        let claims = claims as u64;
        let passed = self.passed.fetch_add(claims, Relaxed) + claims;
        self.desk.session.report.progress("claims", passed, self.total);
    }

    /// So many claims were taken for done with, and are not.
    pub(super) fn again(&self, claims: usize) {
        self.passed.fetch_sub(claims as u64, Relaxed);
    }

    /// Pays a batch. If the program refuses it, its halves, so that one claim does not keep the others from being paid.
    pub(super) async fn pay(&self, batch: Vec<Payment>) -> Result<Paid, FlowError> {
        let mut paid = Paid::default();
        let mut waiting = vec![batch];
        while let Some(mut batch) = waiting.pop() {
            let error = match self.desk.session.chain.send(&instructions(self.desk, &batch)).await {
                Ok(receipt) => {
                    self.failures.store(0, Relaxed);
                    self.pass(batch.len());
                    paid.done.receipts.push(receipt);
                    paid.claims += batch.len() as u64;
                    paid.amount += batch.iter().map(|payment| payment.due).sum::<u64>();
                    continue;
                }
                Err(error) => error,
            };
            let is_refused = matches!(error, ChainError::Program { .. } | ChainError::Refused { .. });
            if !is_refused {
                return Err(error.into());
            }
            if batch.len() > 1 {
                let later = batch.split_off(batch.len() / 2);
                waiting.extend([later, batch]);
                continue;
            }
            for payment in batch {
                self.note(payment, &error, &mut paid)?;
            }
        }
        Ok(paid)
    }

    /// One claim was refused.
    fn note(&self, payment: Payment, error: &ChainError, paid: &mut Paid) -> Result<(), FlowError> {
        let code = error.code();
        // Somebody else paid it just before.
        let is_done = [CoreError::AlreadyClaimed, CoreError::NothingToClaim]
            .iter()
            .any(|done| code == Some(done.number()));
        if is_done {
            self.pass(1);
            paid.done.skipped += 1;
            return Ok(());
        }
        // Without a program's reason it is no matter of this claim: the payer is out of money, for example.
        if code.is_none() || self.failures.fetch_add(1, Relaxed) >= FAILURES {
            return Err(error.clone().into());
        }
        self.pass(1);
        let Payment { leaf, due, .. } = payment;
        let why = error.to_string();
        paid.unpaid.push(Unpaid { leaf, due, why });
        Ok(())
    }
}

/// Creates the accounts that have no room beside their own claims: in ledgers of many millions.
pub(super) async fn create_first(desk: &Desk<'_>, payments: &mut [Payment], done: &mut Done) -> Result<(), FlowError> {
    let payer = desk.session.chain.payer();
    let mut creates: Vec<Instruction> = Vec::new();
    for payment in payments {
        if !fits(&payer, &instructions(desk, std::slice::from_ref(payment))) {
            creates.extend(payment.steps.create.take());
        }
    }
    creates.dedup();
    for creates in pack(&payer, creates, <[Instruction]>::to_vec) {
        done.receipts.push(desk.session.chain.send(&creates).await?);
    }
    Ok(())
}
