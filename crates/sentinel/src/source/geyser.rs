//! Changes as a validator's Geyser plugin streams them, by Yellowstone's gRPC protocol, with a new connection after each
//! that ends.
//!
//! A stream begins with the next slot and not with what is there. So the poller of the same endpoint reads everything
//! after each connection, again and again until a read has reached the stream's first slot: a node that is behind would
//! leave a gap.

use std::{sync::Arc, time::Duration};

use anchor_lang::prelude::Pubkey;
use async_trait::async_trait;
use futures_util::{StreamExt, stream::poll_fn};
use solana_account::Account;
use tokio::{
    sync::{mpsc, watch},
    time::timeout,
};
use tonic::{
    Request, Status, Streaming,
    metadata::AsciiMetadataValue,
    service::Interceptor,
    transport::{Channel, ClientTlsConfig, Endpoint},
};
use yellowstone_grpc_proto::geyser::{
    CommitmentLevel, SlotStatus, SubscribeRequest, SubscribeRequestFilterAccounts, SubscribeRequestFilterSlots,
    SubscribeRequestPing, SubscribeUpdate, SubscribeUpdateAccount, geyser_client::GeyserClient,
    subscribe_update::UpdateOneof,
};

use super::{Event, Nudge, Order, Out, Report, Source, Version, Wanted, program::digest};
use crate::{clock::Clock, view::CLOCK};

/// A connection without any message for this long is given up. Slots come every 400 ms.
const IDLE: Duration = Duration::from_secs(30);
/// Longest wait for a connection, and for the answer to a subscription.
const CONNECTING: Duration = Duration::from_secs(20);
/// Time between two pings of HTTP/2 on a silent connection.
const KEEP_ALIVE: Duration = Duration::from_secs(10);
/// First wait after a connection ended. It doubles, up to the longest.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// Longest message: the largest account, and what is around it.
const LONGEST: usize = 12 << 20;
/// Requests that may wait for the server: filters and answers to pings.
const REQUESTS: usize = 16;
/// A node that streams a slot so far before one that it has streamed went back; on one fork they are not so far apart.
const WENT_BACK: u64 = 32;
/// Slots within which a server has taken new filters. It does not say when.
const TAKING: u64 = 8;
/// Names of the filters.
const ACCOUNTS: &str = "accounts";
const SLOTS: &str = "slots";

/// Where the stream is.
#[derive(Clone)]
pub struct Address {
    endpoint: Endpoint,
    token: Option<AsciiMetadataValue>,
}

impl Address {
    /// A URL, and the token that the server asks for in the header `x-token`.
    ///
    /// # Errors
    /// What is not usable about them. It does not contain them.
    pub fn new(url: &str, token: Option<&str>) -> Result<Self, String> {
        let unusable = |_| "it is no URL of a gRPC server".to_owned();
        let mut endpoint = Endpoint::from_shared(url.to_owned())
            .map_err(unusable)?
            .connect_timeout(CONNECTING)
            .http2_keep_alive_interval(KEEP_ALIVE)
            .keep_alive_timeout(KEEP_ALIVE)
            .keep_alive_while_idle(true)
            .http2_adaptive_window(true);
        if url.starts_with("https://") {
            let tls = ClientTlsConfig::new().with_enabled_roots();
            endpoint = endpoint.tls_config(tls).map_err(|error| error.to_string())?;
        }
        let token = token.map(|token| {
            let mut value = AsciiMetadataValue::try_from(token).map_err(|_| "the token is not a header's value")?;
            value.set_sensitive(true);
            Ok::<_, &str>(value)
        });
        Ok(Self {
            endpoint,
            token: token.transpose()?,
        })
    }
}

/// Adds the token to each request.
#[derive(Clone)]
struct Token(Option<AsciiMetadataValue>);

impl Interceptor for Token {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(token) = &self.0 {
            request.metadata_mut().insert("x-token", token.clone());
        }
        Ok(request)
    }
}

/// The Geyser stream of one endpoint.
pub struct Geyser {
    name: String,
    address: Address,
    clock: Arc<dyn Clock>,
    order: Order,
    nudge: Arc<Nudge>,
    /// The highest slot that was streamed.
    highest: Option<u64>,
}

impl Geyser {
    /// `name` is the endpoint's, for messages. `nudge` asks its poller for reads.
    #[must_use]
    pub const fn new(name: String, address: Address, clock: Arc<dyn Clock>, order: Order, nudge: Arc<Nudge>) -> Self {
        Self {
            name,
            address,
            clock,
            order,
            nudge,
            highest: None,
        }
    }

    /// One connection. Returns whether it ever worked, and why it ended.
    async fn connected(&mut self, wanted: &mut watch::Receiver<Arc<Wanted>>, out: &Out) -> (bool, String) {
        let silent = || (false, "no answer in time".to_owned());
        let mut now = Arc::clone(&wanted.borrow_and_update());
        let Ok(channel) = timeout(CONNECTING, self.address.endpoint.connect()).await else {
            return silent();
        };
        let channel = match channel {
            Ok(channel) => channel,
            Err(error) => return (false, root(&error)),
        };
        let (requests, asked) = mpsc::channel(REQUESTS);
        drop(requests.try_send(filters(&now)));
        let Ok(stream) = timeout(CONNECTING, self.subscribe(channel, asked)).await else {
            return silent();
        };
        let mut stream = match stream {
            Ok(stream) => stream,
            Err(status) => return (false, told(&status)),
        };
        let mut has_begun = false;
        loop {
            tokio::select! {
                next = timeout(IDLE, stream.next()) => {
                    let update = match next {
                        Ok(Some(Ok(update))) => update.update_oneof,
                        Ok(Some(Err(status))) => return (has_begun, told(&status)),
                        Ok(None) => return (has_begun, "the server ended the stream".into()),
                        Err(_) => return (has_begun, "it fell silent".into()),
                    };
                    if matches!(update, Some(UpdateOneof::Ping(_))) && requests.try_send(pong()).is_err() {
                        return (has_begun, "the server takes no requests".into());
                    }
                    let Some((slot, event)) = update.and_then(|update| self.event(&now, update)) else {
                        continue;
                    };
                    let mut events = Vec::new();
                    if !has_begun {
                        has_begun = true;
                        events.push(Event::Connected(true));
                        // Whatever changed before the stream is read now.
                        self.nudge.read_up_to(slot);
                    }
                    if matches!(event, Event::Slot(_)) {
                        events.extend(self.reached(slot));
                    }
                    events.push(event);
                    if !out.send(events).await {
                        return (true, "nobody listens".into());
                    }
                }
                changed = wanted.changed() => {
                    if changed.is_err() {
                        return (true, "nothing is wanted any more".into());
                    }
                    now = Arc::clone(&wanted.borrow_and_update());
                    if requests.try_send(filters(&now)).is_err() {
                        return (has_begun, "the server takes no requests".into());
                    }
                    if has_begun {
                        self.nudge.read_up_to(self.highest.unwrap_or(0).saturating_add(TAKING));
                    }
                }
            }
        }
    }

    async fn subscribe(
        &self,
        channel: Channel,
        mut asked: mpsc::Receiver<SubscribeRequest>,
    ) -> Result<Streaming<SubscribeUpdate>, Status> {
        let mut client = GeyserClient::with_interceptor(channel, Token(self.address.token.clone()))
            .max_decoding_message_size(LONGEST);
        let asking = poll_fn(move |context| asked.poll_recv(context));
        Ok(client.subscribe(asking).await?.into_inner())
    }

    /// The event that an update is, and its slot. `None` for what was not asked for and what is not whole.
    fn event(&self, wanted: &Wanted, update: UpdateOneof) -> Option<(u64, Event)> {
        match update {
            UpdateOneof::Slot(slot) if slot.status == SlotStatus::SlotConfirmed as i32 => {
                Some((slot.slot, Event::Slot(slot.slot)))
            }
            UpdateOneof::Account(update) => {
                let (version, report) = written(wanted, update)?;
                Some((version.slot, Event::Streamed(self.order.next(), version, report)))
            }
            _ => None,
        }
    }

    /// The stream has reached a slot. If it has been further before, it may be on another fork: everything is read again.
    fn reached(&mut self, slot: u64) -> Option<Event> {
        let highest = self.highest.unwrap_or(slot);
        if slot.saturating_add(WENT_BACK) <= highest {
            self.highest = Some(slot);
            self.nudge.read_up_to(slot);
            return Some(Event::WentBack);
        }
        if slot < highest {
            self.nudge.read_up_to(highest.saturating_add(1));
        }
        self.highest = Some(highest.max(slot));
        None
    }
}

/// What is asked for: the accounts, at the commitment of the reads, and slots, which show that the stream lives while
/// nothing that is watched changes.
fn filters(wanted: &Wanted) -> SubscribeRequest {
    let keys = std::iter::once(&CLOCK).chain(&wanted.keys).chain(&wanted.programs);
    let accounts = SubscribeRequestFilterAccounts {
        account: keys.map(ToString::to_string).collect(),
        ..SubscribeRequestFilterAccounts::default()
    };
    let slots = SubscribeRequestFilterSlots {
        filter_by_commitment: Some(true),
        ..SubscribeRequestFilterSlots::default()
    };
    SubscribeRequest {
        accounts: [(ACCOUNTS.to_owned(), accounts)].into(),
        slots: [(SLOTS.to_owned(), slots)].into(),
        commitment: Some(CommitmentLevel::Confirmed as i32),
        ..SubscribeRequest::default()
    }
}

/// The answer to a ping. It leaves the filters as they are.
fn pong() -> SubscribeRequest {
    SubscribeRequest {
        ping: Some(SubscribeRequestPing { id: 1 }),
        ..SubscribeRequest::default()
    }
}

/// A write, and the account as it left it.
fn written(wanted: &Wanted, update: SubscribeUpdateAccount) -> Option<(Version, Report)> {
    let info = update.account?;
    let key = Pubkey::try_from(info.pubkey.as_slice()).ok()?;
    let account = Account {
        lamports: info.lamports,
        owner: Pubkey::try_from(info.owner.as_slice()).ok()?,
        executable: info.executable,
        rent_epoch: info.rent_epoch,
        data: info.data,
    };
    let is_program = wanted.programs.contains(&key);
    if !is_program && key != CLOCK && !wanted.keys.contains(&key) {
        return None;
    }
    // An account that was closed is streamed with nothing in it.
    let account = Some(account).filter(|account| account.lamports > 0);
    let account = if is_program { account.map(digest) } else { account };
    let version = Version {
        slot: update.slot,
        write: info.write_version,
    };
    let report = Report {
        key,
        account,
        domain: None,
    };
    Some((version, report))
}

/// What the server says, without what it was asked.
fn told(status: &Status) -> String {
    format!("{:?}: {}", status.code(), status.message())
}

/// The cause of a failed connection. The error itself is just "transport error".
fn root(error: &tonic::transport::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

#[async_trait]
impl Source for Geyser {
    async fn run(mut self: Box<Self>, mut wanted: watch::Receiver<Arc<Wanted>>, out: Out) {
        let mut wait = FIRST_WAIT;
        while !out.sender.is_closed() {
            let (has_worked, why) = self.connected(&mut wanted, &out).await;
            if has_worked {
                wait = FIRST_WAIT;
            }
            tracing::warn!(endpoint = self.name, why, "the Geyser stream ended");
            if !out.send(vec![Event::Connected(false)]).await {
                return;
            }
            self.clock.sleep(wait).await;
            wait = wait.saturating_mul(2).min(LONGEST_WAIT);
        }
    }
}
