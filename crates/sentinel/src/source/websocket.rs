//! Account subscriptions over a websocket, with a new connection after each that ends. The poller of the same endpoint
//! reads everything anew after each connection, so nothing is missed in between.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use anchor_lang::prelude::Pubkey;
use async_trait::async_trait;
use futures_util::{
    StreamExt,
    future::join_all,
    stream::{BoxStream, SelectAll},
};
use solana_account_decoder_client_types::{UiAccount, UiAccountEncoding};
use solana_commitment_config::CommitmentConfig;
use solana_pubsub_client::nonblocking::pubsub_client::PubsubClient;
use solana_rpc_client_api::config::RpcAccountInfoConfig;
use tokio::{sync::watch, time::timeout};

use super::{Event, Nudge, Order, Out, Report, Source, Wanted, program::digest};
use crate::{clock::Clock, view::CLOCK};

/// A connection without any notification for this long is given up.
const IDLE: Duration = Duration::from_secs(30);
/// Longest wait for a connection.
const CONNECTING: Duration = Duration::from_secs(20);
/// Subscriptions that are asked for together.
const TOGETHER: usize = 50;
/// First wait after a connection ended. It doubles, up to the longest.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// The websocket of one endpoint.
pub struct Socket {
    url: String,
    clock: Arc<dyn Clock>,
    order: Order,
    nudge: Arc<Nudge>,
}

/// A new slot, or an account that changed.
enum Notice {
    Slot(u64),
    Account(Pubkey, UiAccount),
}

impl Socket {
    /// `nudge` asks the poller for a read at once.
    #[must_use]
    pub const fn new(url: String, clock: Arc<dyn Clock>, order: Order, nudge: Arc<Nudge>) -> Self {
        Self {
            url,
            clock,
            order,
            nudge,
        }
    }

    /// One connection. Returns whether it ever worked; it ends when the connection does.
    async fn connected(&self, wanted: &mut watch::Receiver<Arc<Wanted>>, out: &Out) -> bool {
        let Ok(Ok(client)) = timeout(CONNECTING, PubsubClient::new(self.url.as_str())).await else {
            return false;
        };
        let mut streams: SelectAll<BoxStream<'_, Notice>> = SelectAll::new();
        // Slots show that the connection lives even while nothing that is watched changes.
        let Ok(Ok((slots, _))) = timeout(IDLE, client.slot_subscribe()).await else {
            return false;
        };
        streams.push(slots.map(|slot| Notice::Slot(slot.slot)).boxed());
        let mut subscribed = BTreeSet::new();
        let mut has_worked = false;
        loop {
            let now = Arc::clone(&wanted.borrow_and_update());
            let new: Vec<Pubkey> = std::iter::once(CLOCK)
                .chain(now.keys.iter().copied())
                .chain(now.programs.iter().copied())
                .filter(|key| !subscribed.contains(key))
                .collect();
            for keys in new.chunks(TOGETHER) {
                if !subscribe(&client, keys, &mut streams).await {
                    return has_worked;
                }
                subscribed.extend(keys.iter().copied());
            }
            if !new.is_empty() {
                // Whatever changed before the subscription is read now.
                self.nudge.read();
            }
            if !has_worked {
                has_worked = true;
                if !out.send(vec![Event::Connected(true)]).await {
                    return true;
                }
            }
            tokio::select! {
                next = timeout(IDLE, streams.next()) => {
                    let event = match next {
                        Ok(Some(Notice::Slot(slot))) => Some(Event::Slot(slot)),
                        Ok(Some(Notice::Account(key, account))) => self.pushed(&now, key, &account),
                        Ok(None) | Err(_) => return true,
                    };
                    if !out.send(event.into_iter().collect()).await {
                        return true;
                    }
                }
                changed = wanted.changed() => if changed.is_err() { return true },
            }
        }
    }

    fn pushed(&self, wanted: &Wanted, key: Pubkey, account: &UiAccount) -> Option<Event> {
        let account = account.to_account()?;
        // An account that was closed is reported with nothing in it.
        let account = Some(account).filter(|account| account.lamports > 0);
        let account = if wanted.programs.contains(&key) {
            account.map(digest)
        } else {
            account
        };
        let report = Report {
            key,
            account,
            domain: None,
        };
        Some(Event::Pushed(self.order.next(), report))
    }
}

async fn subscribe<'a>(
    client: &'a PubsubClient,
    keys: &[Pubkey],
    streams: &mut SelectAll<BoxStream<'a, Notice>>,
) -> bool {
    let asked = keys.iter().map(|key| async move {
        let config = RpcAccountInfoConfig {
            encoding: Some(UiAccountEncoding::Base64),
            commitment: Some(CommitmentConfig::confirmed()),
            ..RpcAccountInfoConfig::default()
        };
        (*key, client.account_subscribe(key, Some(config)).await)
    });
    let Ok(answers) = timeout(IDLE, join_all(asked)).await else {
        return false;
    };
    for (key, answer) in answers {
        let Ok((stream, _)) = answer else { return false };
        streams.push(stream.map(move |response| Notice::Account(key, response.value)).boxed());
    }
    true
}

#[async_trait]
impl Source for Socket {
    async fn run(self: Box<Self>, mut wanted: watch::Receiver<Arc<Wanted>>, out: Out) {
        let mut wait = FIRST_WAIT;
        while !out.sender.is_closed() {
            if self.connected(&mut wanted, &out).await {
                wait = FIRST_WAIT;
            }
            if !out.send(vec![Event::Connected(false)]).await {
                return;
            }
            self.clock.sleep(wait).await;
            wait = wait.saturating_mul(2).min(LONGEST_WAIT);
        }
    }
}
