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
    batch::instructions,
    desk::Desk,
    pay::{Paid, Payment, Till, create_first},
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
    /// Pays the claims at these places, which ascend: pushed for everybody, or asked for by somebody.
    pub(super) async fn claim(
        &self,
        places: &[u32],
        destination: Option<Pubkey>,
        is_push: bool,
    ) -> Result<Claimed, FlowError> {
        let mut claimed = Claimed {
            claims: places.len() as u64,
            ..Claimed::default()
        };
        let mut round = Round {
            desk: self,
            till: Till::new(self, places.len() as u64),
            prover: Prover::new(&self.tree),
            destination,
            is_push,
        };
        for own in places.chunk_by(|a, b| Self::page_of(*a) == Self::page_of(*b)) {
            round.claim_page(own, &mut claimed).await?;
        }
        Ok(claimed)
    }

    /// A page as it stands, unless nobody has opened it yet.
    async fn page(&self, number: u16) -> Result<Option<Page>, FlowError> {
        let book = self.restoration.book;
        let account = self.session.chain.account(&pda::claim_page(&book, number)).await?;
        Ok(Page::of(account, &book, number))
    }

    /// The leaves among these to which something is due.
    fn due(&self, places: impl Iterator<Item = u32>, page: &mut Page) -> Vec<Due> {
        let due = places.filter_map(|place| {
            let leaf = self.tree.leaves().get(place as usize)?;
            let paid = page.paid(place % CLAIMS_PER_PAGE);
            let due = share_of(&self.restoration, leaf).saturating_sub(paid);
            (due > 0).then_some((place, *leaf, due))
        });
        due.collect()
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

/// A leaf's place, the leaf, and what is due to it.
type Due = (u32, Leaf, u64);

/// What paying several pages has in common.
struct Round<'a> {
    desk: &'a Desk<'a>,
    till: Till<'a>,
    prover: Prover<'a>,
    destination: Option<Pubkey>,
    is_push: bool,
}

impl Round<'_> {
    /// Pays claims of one page.
    async fn claim_page(&mut self, places: &[u32], claimed: &mut Claimed) -> Result<(), FlowError> {
        let desk = self.desk;
        let number = places.first().map_or(0, |place| Desk::page_of(*place));
        let found = desk.page(number).await?;
        let is_new = found.is_none();
        let due = desk.due(places.iter().copied(), &mut found.unwrap_or(Page::empty()));
        let skipped = places.len() - due.len();
        claimed.done.skipped += skipped as u64;
        self.till.pass(skipped);
        let payments = self.payments(due, number, claimed).await?;
        if payments.is_empty() {
            return Ok(());
        }
        if is_new {
            let (book, payer) = (desk.restoration.book, desk.session.chain.payer());
            let open = ix::open_book_page(desk.key, book, payer, number);
            let key = pda::claim_page(&book, number);
            ensure(desk.session, &key, &[open], &mut claimed.done).await?;
        }
        let pushed = payments.iter().filter(|payment| payment.push.is_some());
        let pushed: Vec<u32> = pushed.map(|payment| payment.place).collect();
        self.pay(payments, claimed).await?;
        if pushed.is_empty() {
            return Ok(());
        }
        // A batch leaves out whom it cannot pay. Alone, such a claim says why.
        let mut page = desk.page(number).await?.unwrap_or(Page::empty());
        let mut left = desk.due(pushed.into_iter(), &mut page);
        left.retain(|(_, leaf, _)| claimed.unpaid.iter().all(|unpaid| unpaid.leaf != *leaf));
        claimed.paid_claims = claimed.paid_claims.saturating_sub(left.len() as u64);
        claimed.paid = claimed.paid.saturating_sub(left.iter().map(|(_, _, due)| due).sum());
        self.till.again(left.len());
        let mut alone = self.payments(left, number, claimed).await?;
        alone.iter_mut().for_each(|payment| payment.push = None);
        self.pay(alone, claimed).await
    }

    /// How these claims are paid, in the order of their leaves. Those of whom it is known that they cannot be are noted.
    async fn payments(&mut self, due: Vec<Due>, number: u16, claimed: &mut Claimed) -> Result<Vec<Payment>, FlowError> {
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let owners = due.iter().map(|(_, leaf, _)| leaf.owner);
        let routes = self.desk.routes(owners, self.destination, self.is_push).await?;
        let mut payments = Vec::with_capacity(due.len());
        for (place, leaf, due) in due {
            let Some(route) = routes.get(&leaf.owner) else {
                continue;
            };
            if let Some(fault) = route.fault() {
                self.till.pass(1);
                let why = fault.into();
                claimed.unpaid.push(Unpaid { leaf, due, why });
                continue;
            }
            let proved = self.prover.prove(place).ok_or_else(|| FlowError::NotPossible {
                why: format!("the leaf of position {} cannot be proved", leaf.key),
                next: "pass the leaves of the chosen snapshot".into(),
            })?;
            let push = route.push(proved.index);
            let steps = self.desk.steps(proved, number, route, &mut claimed.done).await?;
            payments.push(Payment {
                place,
                leaf,
                due,
                steps,
                push,
            });
        }
        Ok(payments)
    }

    /// As many in a transaction as fit, many transactions at once.
    async fn pay(&self, mut payments: Vec<Payment>, claimed: &mut Claimed) -> Result<(), FlowError> {
        let desk = self.desk;
        create_first(desk, &mut payments, &mut claimed.done).await?;
        let batches = pack(&desk.session.chain.payer(), payments, |batch| instructions(desk, batch));
        let mut jobs: Vec<Job<'_, Paid>> = Vec::with_capacity(batches.len());
        for batch in batches {
            jobs.push(Box::pin(self.till.pay(batch)));
        }
        for paid in all(jobs, desk.session.parallel).await? {
            claimed.done.add(paid.done);
            claimed.paid_claims += paid.claims;
            claimed.paid += paid.amount;
            claimed.unpaid.extend(paid.unpaid);
        }
        Ok(())
    }
}
