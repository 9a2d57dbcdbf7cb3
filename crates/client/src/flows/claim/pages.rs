//! Claims page by page: which leaves something is due to, and paying them.

use std::ops::Range;

use anchor_lang::prelude::Pubkey;
use bulkhead_core::restoration::{claims, prorata::payout_floor};
use bulkhead_interface::{
    constants::CLAIMS_PER_PAGE,
    layout::{ClaimPage, Restoration, space},
};
use solana_account::Account;

use super::{
    Claimed, Unpaid,
    desk::Desk,
    pay::{Paid, Payment, Till, create_first, instructions},
};
use crate::{
    decode,
    flows::{
        FlowError,
        snapshot::{
            Leaf, Prover,
            send::{Job, all, ensure},
            size::pack,
        },
    },
    instructions as ix, pda,
};

/// What a leaf was paid so far, by its place on a page; nothing on a page that does not exist yet.
pub(super) struct Page(Vec<u8>);

impl Page {
    /// Of an account, if it is the page of this number of this book.
    pub(super) fn of(account: Option<Account>, book: &Pubkey, number: u16) -> Option<Self> {
        let account = account?;
        let page: ClaimPage = decode::owned(&account.owner, &account.data)?;
        let is_own = page.restoration == *book && page.page == number;
        let entries = account.data.get(space::<ClaimPage>()..)?.to_vec();
        is_own.then_some(Self(entries))
    }

    /// A page on which nothing was paid.
    pub(super) const fn empty() -> Self {
        Self(Vec::new())
    }

    /// What the leaf at a place of the page was paid.
    pub(super) fn paid(&mut self, at: u32) -> u64 {
        claims::paid(&mut self.0, at).map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }
}

/// The share of a leaf in what was shared out so far.
pub(super) fn share_of(restoration: &Restoration, leaf: &Leaf) -> u64 {
    payout_floor(leaf.amount, restoration.shared, restoration.total).unwrap_or(0)
}

impl Desk<'_> {
    /// Pays the claims at these places, which ascend.
    pub(super) async fn claim(&self, places: &[u32], destination: Option<Pubkey>) -> Result<Claimed, FlowError> {
        let till = Till::new(self, places.len() as u64);
        let mut claimed = Claimed {
            claims: places.len() as u64,
            ..Claimed::default()
        };
        let mut prover = Prover::new(&self.tree);
        for own in places.chunk_by(|a, b| Self::page_of(*a) == Self::page_of(*b)) {
            self.claim_page(own, destination, &till, &mut prover, &mut claimed)
                .await?;
        }
        Ok(claimed)
    }

    /// Pays claims of one page.
    async fn claim_page(
        &self,
        places: &[u32],
        destination: Option<Pubkey>,
        till: &Till<'_>,
        prover: &mut Prover<'_>,
        claimed: &mut Claimed,
    ) -> Result<(), FlowError> {
        let number = places.first().map_or(0, |place| Self::page_of(*place));
        let book = self.restoration.book;
        let key = pda::claim_page(&book, number);
        let found = Page::of(self.session.chain.account(&key).await?, &book, number);
        let is_new = found.is_none();
        let mut page = found.unwrap_or(Page::empty());
        let mut due = Vec::new();
        for place in places {
            let Some(leaf) = self.tree.leaves().get(*place as usize) else {
                continue;
            };
            let paid = page.paid(place % CLAIMS_PER_PAGE);
            match share_of(&self.restoration, leaf).saturating_sub(paid) {
                0 => claimed.done.skipped += 1,
                amount => due.push((*place, *leaf, amount)),
            }
        }
        till.pass(places.len() - due.len());
        let routes = self
            .routes(due.iter().map(|(_, leaf, _)| leaf.owner), destination)
            .await?;
        let mut payments = Vec::with_capacity(due.len());
        for (place, leaf, due) in due {
            let Some(route) = routes.get(&leaf.owner) else {
                continue;
            };
            if let Some(fault) = route.fault() {
                till.pass(1);
                let why = fault.into();
                claimed.unpaid.push(Unpaid { leaf, due, why });
                continue;
            }
            let proved = prover.prove(place).ok_or_else(|| FlowError::NotPossible {
                why: format!("the leaf of position {} cannot be proved", leaf.key),
                next: "pass the leaves of the chosen snapshot".into(),
            })?;
            let steps = self.steps(proved, number, route, &mut claimed.done).await?;
            payments.push(Payment { leaf, due, steps });
        }
        if payments.is_empty() {
            return Ok(());
        }
        if is_new {
            let open = ix::open_book_page(self.key, book, self.session.chain.payer(), number);
            ensure(self.session, &key, &[open], &mut claimed.done).await?;
        }
        // Claims of one owner share two accounts, so more of them fit one transaction.
        payments.sort_by_key(|payment| payment.leaf.owner);
        create_first(self, &mut payments, &mut claimed.done).await?;
        let batches = pack(&self.session.chain.payer(), payments, instructions);
        let mut jobs: Vec<Job<'_, Paid>> = Vec::with_capacity(batches.len());
        for batch in batches {
            jobs.push(Box::pin(till.pay(batch)));
        }
        for paid in all(jobs, self.session.parallel).await? {
            claimed.done.add(paid.done);
            claimed.paid_claims += paid.claims;
            claimed.paid += paid.amount;
            claimed.unpaid.extend(paid.unpaid);
        }
        Ok(())
    }

    /// Places of the leaves on a page.
    pub(super) fn places_on(&self, number: u16) -> Range<u32> {
        let first = u32::from(number) * CLAIMS_PER_PAGE;
        let leaves = claims::page_leaves(self.tree.count(), number).unwrap_or(0);
        first..first + leaves
    }

    /// Number of pages.
    pub(super) fn pages(&self) -> u16 {
        let pages = self.tree.count().div_ceil(u64::from(CLAIMS_PER_PAGE));
        u16::try_from(pages).unwrap_or(u16::MAX)
    }
}
