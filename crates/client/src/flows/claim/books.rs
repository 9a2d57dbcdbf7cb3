//! The whole restoration after claiming, and the law that it has to satisfy.

use bulkhead_interface::layout::Restoration;

use super::{
    desk::{Desk, balance},
    pages::{Page, share_of},
};
use crate::{flows::FlowError, pda};

/// Pages that are read at once.
const PAGES: usize = 64;
/// How often the accounts are read until nobody shares out meanwhile.
const ATTEMPTS: usize = 5;

/// Where the tokens of a restoration are. `paid + left + dust == shared`, and the pool holds at least `left + dust`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Books {
    /// Sum of all claims. Native units.
    pub total: u64,
    /// Shared out so far.
    pub shared: u64,
    /// Paid so far: the sum over all pages.
    pub paid: u64,
    /// Due to claims that are not paid.
    pub left: u64,
    /// What the shares of all claims round down to less than was shared out. It is paid with later shares.
    pub dust: u64,
    /// Balance of the pool.
    pub pool: u64,
}

impl Books {
    /// Of a restoration whose claims are all paid in full.
    pub(super) const fn settled(restoration: &Restoration, pool: u64) -> Self {
        Self {
            total: restoration.total,
            shared: restoration.shared,
            paid: restoration.paid,
            left: 0,
            dust: 0,
            pool,
        }
    }

    /// Does nothing appear or disappear? `paid` was paid at the latest when the pool was read.
    fn check(&self, claims: u64, paid: u64) -> Result<(), FlowError> {
        let sum = u128::from(self.paid) + u128::from(self.left) + u128::from(self.dust);
        let kept = self.shared.saturating_sub(paid);
        let why = if sum != self.shared.into() {
            format!(
                "paid {}, left {} and dust {} are not the {} shared out",
                self.paid, self.left, self.dust, self.shared
            )
        } else if self.shared > self.total {
            format!("{} were shared out of claims of {}", self.shared, self.total)
        } else if self.dust != 0 && (self.dust >= claims || self.shared == self.total) {
            format!("{claims} claims cannot round down by {}", self.dust)
        } else if self.pool < kept {
            format!(
                "the pool holds {}, and {kept} of what was shared out is not paid",
                self.pool
            )
        } else {
            return Ok(());
        };
        Err(FlowError::NotPossible {
            why: format!("the restoration's accounts contradict each other: {why}"),
            next: "ask another node; if it says the same, pay nothing more and report it".into(),
        })
    }
}

impl Desk<'_> {
    /// Reads all pages and checks them against the restoration.
    pub(super) async fn books(&self) -> Result<Books, FlowError> {
        for attempt in 1..=ATTEMPTS {
            let before = self.current().await?;
            let (paid, owed) = self.sums(&before).await?;
            let pool = balance(self.session, &self.restoration.pool).await?;
            let after = self.current().await?;
            let is_quiet = before.shared == after.shared && (before.paid..=after.paid).contains(&paid);
            if !is_quiet && attempt < ATTEMPTS {
                continue;
            }
            // The pages say what each claim was paid, the restoration what all of them were.
            if !is_quiet {
                return Err(FlowError::NotPossible {
                    why: format!(
                        "the pages add up to {paid} paid, and the restoration says {}",
                        after.paid
                    ),
                    next: "others may be claiming: run this again; if it stays, ask another node".into(),
                });
            }
            let books = Books {
                total: after.total,
                shared: after.shared,
                paid,
                left: owed.saturating_sub(paid),
                dust: after.shared.saturating_sub(owed),
                pool,
            };
            books.check(self.tree.count(), after.paid)?;
            return Ok(books);
        }
        Err(FlowError::NotYet {
            why: "others share out without a pause".into(),
            next: "run this again".into(),
        })
    }

    async fn current(&self) -> Result<Restoration, FlowError> {
        self.session.load("restoration", &self.key, "run this again").await
    }

    /// What all leaves were paid, and the sum of their shares.
    async fn sums(&self, restoration: &Restoration) -> Result<(u64, u64), FlowError> {
        let (mut paid, mut owed) = (0u64, 0u64);
        let pages: Vec<u16> = (0..self.pages()).collect();
        for numbers in pages.chunks(PAGES) {
            let keys: Vec<_> = numbers
                .iter()
                .map(|number| pda::claim_page(&self.restoration.book, *number))
                .collect();
            let accounts = self.session.chain.accounts(&keys).await?;
            for (number, account) in numbers.iter().zip(accounts) {
                let mut page = Page::of(account, &self.restoration.book, *number).unwrap_or(Page::empty());
                for (at, place) in (0..).zip(self.places_on(*number)) {
                    paid = paid.saturating_add(page.paid(at));
                    if let Some(leaf) = self.tree.leaves().get(place as usize) {
                        owed = owed.saturating_add(share_of(restoration, leaf));
                    }
                }
            }
            let read = numbers.last().map_or(0, |number| u64::from(*number) + 1);
            self.session.report.progress("pages checked", read, pages.len() as u64);
        }
        Ok((paid, owed))
    }
}
