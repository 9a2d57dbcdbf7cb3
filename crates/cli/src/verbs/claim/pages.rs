//! The pages that record what claims were paid.

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{decode, flows::Done, instructions as ix, pda};
use bulkhead_interface::{constants::CLAIMS_PER_PAGE, layout::ClaimPage};
use clap::Parser;

use crate::{
    context::Context,
    verbs::ledger_at::{LedgerAt, not_possible},
};

/// Open a page that records what its claims were paid
///
/// Claims are paid from 1,024 leaves a page. `claim` opens the pages that it needs.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead claim open-page 0 --domain DOMAIN")]
pub(super) struct OpenPage {
    /// Number of the page
    #[arg(value_name = "PAGE")]
    page: u16,
    #[command(flatten)]
    at: LedgerAt,
}

impl OpenPage {
    pub(super) async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let place = self.at.find(context).await?;
        let payer = context.chain()?.payer();
        let (keys, restoration) = place.restored(context).await?;
        let open = ix::open_book_page(keys.restoration, restoration.book, payer, self.page);
        context.submit("open_claim_page", &[open]).await
    }
}

/// Close the pages of a settled restoration; their rent goes back to whoever paid it
///
/// Anyone may, once every claim was paid in full.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead claim close-page --domain DOMAIN")]
pub(super) struct ClosePage {
    /// Number of the page [default: every page that is open]
    #[arg(value_name = "PAGE")]
    page: Option<u16>,
    #[command(flatten)]
    at: LedgerAt,
}

impl ClosePage {
    pub(super) async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let place = self.at.find(context).await?;
        let (keys, restoration) = place.restored(context).await?;
        let session = context.session()?;
        let pages = match self.page {
            Some(page) => vec![page],
            None => (0..restoration.count.div_ceil(u64::from(CLAIMS_PER_PAGE)))
                .map_while(|page| u16::try_from(page).ok())
                .collect(),
        };
        let addresses: Vec<Pubkey> = pages
            .iter()
            .map(|page| pda::claim_page(&restoration.book, *page))
            .collect();
        let accounts = session.chain.accounts(&addresses).await?;
        let total = pages.len() as u64;
        let mut done = Done::default();
        for ((count, page), account) in (1..).zip(pages).zip(accounts) {
            let page_state = account.and_then(|account| decode::owned::<ClaimPage>(&account.owner, &account.data));
            match page_state {
                Some(state) => {
                    let close = ix::close_book_page(keys.restoration, restoration.book, None, state.payer, page);
                    done.receipts.push(session.chain.send(&[close]).await?);
                }
                None => done.skipped += 1,
            }
            session.report.progress("pages", count, total);
        }
        if let (Some(page), true) = (self.page, done.receipts.is_empty()) {
            return Err(not_possible(
                format!("page {page} is not open"),
                "it was closed already, or no claim of it was ever paid",
            ));
        }
        context.finish("close_claim_page", &done)
    }
}
