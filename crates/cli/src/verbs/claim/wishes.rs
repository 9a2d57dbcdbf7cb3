//! What owners wish for their claims, and programs that consume them.

use std::path::PathBuf;

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{
    flows::claim::{Leaves, consume},
    instructions as ix,
};
use bulkhead_interface::constants::claim_wish;
use clap::{ArgGroup, Parser};

use super::leaves_in;
use crate::{
    context::Context,
    verbs::{find::Site, ledger_at::LedgerAt},
};

/// Say what you wish for your claims in this domain, also those of incidents to come; signed by their owner
///
/// It counts at once, until you wish otherwise. Your own associated token account can be paid in spite of it.
#[derive(Parser)]
#[command(group = ArgGroup::new("wish").required(true))]
#[command(after_help = "Examples:
  bulkhead claim wish --pay-to ADDRESS --domain DOMAIN -k owner.json
  bulkhead claim wish --let PROGRAM --domain DOMAIN -k owner.json")]
pub(super) struct Wish {
    /// Have the associated token account of this address paid
    #[arg(long, value_name = "ADDRESS", group = "wish")]
    pay_to: Option<Pubkey>,
    /// Let this program's address consume them and make the positions anew
    #[arg(long = "let", value_name = "ADDRESS", group = "wish")]
    consumer: Option<Pubkey>,
    /// Let no successor consume them, also not after the notice
    #[arg(long, group = "wish")]
    keep: bool,
    /// End every wish; the rent comes back
    #[arg(long, group = "wish")]
    none: bool,
}

impl Wish {
    pub(super) async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let (kind, to) = match (self.pay_to, self.consumer) {
            (Some(to), _) => (claim_wish::PAY_TO, to),
            (None, Some(to)) => (claim_wish::CONSUMED_BY, to),
            (None, None) if self.keep => (claim_wish::KEEP, Pubkey::default()),
            (None, None) => (claim_wish::NONE, Pubkey::default()),
        };
        let domain = Site::of(context).await?.key;
        let (owner, payer) = (context.signer()?, context.chain()?.payer());
        let wish = ix::wish_claims(domain, owner, payer, kind, to);
        context.submit("wish_claims", &[wish]).await
    }
}

/// Consume the claim of a position, as a successor does by CPI; signed by the address that may
///
/// The owner has to let it, or the ledger's terms name it and the owners' notice has passed.
#[derive(Parser)]
#[command(after_help = "Example:
  bulkhead claim consume POSITION --to ACCOUNT --folder DIR --domain DOMAIN -k consumer.json")]
pub(super) struct Consume {
    /// Key of the position
    #[arg(value_name = "POSITION")]
    position: Pubkey,
    /// Token account that receives the share
    #[arg(long, value_name = "TOKEN_ACCOUNT")]
    to: Pubkey,
    /// Folder of the restored snapshot or checkpoint
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    #[command(flatten)]
    at: LedgerAt,
}

impl Consume {
    pub(super) async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let place = self.at.find(context).await?;
        let leaves = match &self.folder {
            None => Leaves::Live,
            Some(folder) => leaves_in(folder)?,
        };
        let of = (place.domain(), place.incident, place.ledger_index);
        let by = (context.signer()?, self.to);
        let done = consume(&context.session()?, of, self.position, leaves, by).await?;
        context.finish("consume_claim", &done)
    }
}
