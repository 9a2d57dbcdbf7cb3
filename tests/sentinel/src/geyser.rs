//! A server of Yellowstone's gRPC protocol that streams what a test gives it.

use std::{
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex},
};

use anchor_lang::prelude::Pubkey;
use futures_util::{Stream, StreamExt, stream::poll_fn};
use solana_account::Account;
use tokio::sync::{mpsc, watch};
use tonic::{
    Request, Response, Status, Streaming,
    transport::server::{Server as Transport, TcpIncoming},
};
use yellowstone_grpc_proto::geyser::{
    GetBlockHeightRequest, GetBlockHeightResponse, GetLatestBlockhashRequest, GetLatestBlockhashResponse,
    GetSlotRequest, GetSlotResponse, GetVersionRequest, GetVersionResponse, IsBlockhashValidRequest,
    IsBlockhashValidResponse, PingRequest, PongResponse, SlotStatus, SubscribeDeshredRequest, SubscribeGossipRequest,
    SubscribeReplayInfoRequest, SubscribeReplayInfoResponse, SubscribeRequest, SubscribeUpdate, SubscribeUpdateAccount,
    SubscribeUpdateAccountInfo, SubscribeUpdateDeshred, SubscribeUpdateGossip, SubscribeUpdatePing,
    SubscribeUpdateSlot,
    geyser_server::{Geyser, GeyserServer},
    subscribe_update::UpdateOneof,
};

use crate::cluster::Write;

type Answer<T> = Result<Response<T>, Status>;
type Sending<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[derive(Default)]
struct State {
    token: Option<String>,
    open: Mutex<Option<mpsc::UnboundedSender<Result<SubscribeUpdate, Status>>>>,
    requests: Mutex<Vec<SubscribeRequest>>,
    heard: watch::Sender<usize>,
}

/// The server. It has one subscriber at a time.
pub struct Server {
    state: Arc<State>,
    /// Where it is.
    pub address: SocketAddr,
}

impl Server {
    /// Starts one that asks for this token, if it is given.
    pub async fn start(token: Option<&str>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(State {
            token: token.map(str::to_owned),
            ..State::default()
        });
        let service = GeyserServer::new(Service(Arc::clone(&state)));
        let serving = Transport::builder()
            .add_service(service)
            .serve_with_incoming(TcpIncoming::from(listener));
        tokio::spawn(serving);
        Self { state, address }
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits until it has had so many requests on its streams. They are filters and answers to pings.
    pub async fn requests(&self, count: usize) -> Vec<SubscribeRequest> {
        let mut heard = self.state.heard.subscribe();
        heard.wait_for(|heard| *heard >= count).await.expect("it runs");
        self.state.requests.lock().unwrap().clone()
    }

    /// Streams an update.
    pub fn stream(&self, update: UpdateOneof) {
        let update = SubscribeUpdate {
            update_oneof: Some(update),
            ..SubscribeUpdate::default()
        };
        if let Some(open) = self.state.open.lock().unwrap().as_ref() {
            drop(open.send(Ok(update)));
        }
    }

    /// Streams a write.
    pub fn write(&self, write: &Write) {
        self.stream(UpdateOneof::Account(update(write)));
    }

    /// Streams that a slot is confirmed.
    pub fn slot(&self, slot: u64) {
        self.stream(UpdateOneof::Slot(SubscribeUpdateSlot {
            slot,
            status: SlotStatus::SlotConfirmed as i32,
            ..SubscribeUpdateSlot::default()
        }));
    }

    /// Streams a ping.
    pub fn ping(&self) {
        self.stream(UpdateOneof::Ping(SubscribeUpdatePing {}));
    }

    /// Ends the stream: with an error, or just so.
    pub fn cut(&self, status: Option<Status>) {
        let open = self.state.open.lock().unwrap().take();
        if let (Some(open), Some(status)) = (open, status) {
            drop(open.send(Err(status)));
        }
    }
}

/// A write as the protocol has it.
pub fn update(write: &Write) -> SubscribeUpdateAccount {
    let Account {
        lamports,
        data,
        owner,
        executable,
        rent_epoch,
    } = write.account.clone().unwrap_or_default();
    SubscribeUpdateAccount {
        account: Some(SubscribeUpdateAccountInfo {
            pubkey: write.key.to_bytes().to_vec(),
            lamports,
            owner: owner.to_bytes().to_vec(),
            executable,
            rent_epoch,
            data,
            write_version: write.number,
            txn_signature: None,
        }),
        slot: write.slot,
        ..SubscribeUpdateAccount::default()
    }
}

/// A write of lamports.
pub fn lamports(key: Pubkey, slot: u64, number: u64, lamports: u64) -> Write {
    let account = (lamports > 0).then(|| Account {
        lamports,
        ..Account::default()
    });
    Write {
        slot,
        number,
        key,
        account,
    }
}

struct Service(Arc<State>);

#[tonic::async_trait]
impl Geyser for Service {
    type SubscribeStream = Sending<SubscribeUpdate>;
    type SubscribeDeshredStream = Sending<SubscribeUpdateDeshred>;
    type SubscribeGossipStream = Sending<SubscribeUpdateGossip>;

    async fn subscribe(&self, request: Request<Streaming<SubscribeRequest>>) -> Answer<Self::SubscribeStream> {
        let given = request.metadata().get("x-token").and_then(|token| token.to_str().ok());
        if self.0.token.as_deref().is_some_and(|token| given != Some(token)) {
            return Err(Status::unauthenticated("the token is wrong"));
        }
        let (sender, mut receiver) = mpsc::unbounded_channel();
        *self.0.open.lock().unwrap() = Some(sender);
        let (state, mut asking) = (Arc::clone(&self.0), request.into_inner());
        tokio::spawn(async move {
            while let Some(Ok(request)) = asking.next().await {
                state.requests.lock().unwrap().push(request);
                state.heard.send_modify(|heard| *heard += 1);
            }
        });
        Ok(Response::new(Box::pin(poll_fn(move |context| {
            receiver.poll_recv(context)
        }))))
    }

    async fn subscribe_deshred(
        &self,
        _: Request<Streaming<SubscribeDeshredRequest>>,
    ) -> Answer<Self::SubscribeDeshredStream> {
        Err(Status::unimplemented(""))
    }

    async fn subscribe_gossip(&self, _: Request<SubscribeGossipRequest>) -> Answer<Self::SubscribeGossipStream> {
        Err(Status::unimplemented(""))
    }

    async fn subscribe_replay_info(
        &self,
        _: Request<SubscribeReplayInfoRequest>,
    ) -> Answer<SubscribeReplayInfoResponse> {
        Err(Status::unimplemented(""))
    }

    async fn ping(&self, _: Request<PingRequest>) -> Answer<PongResponse> {
        Err(Status::unimplemented(""))
    }

    async fn get_latest_blockhash(&self, _: Request<GetLatestBlockhashRequest>) -> Answer<GetLatestBlockhashResponse> {
        Err(Status::unimplemented(""))
    }

    async fn get_block_height(&self, _: Request<GetBlockHeightRequest>) -> Answer<GetBlockHeightResponse> {
        Err(Status::unimplemented(""))
    }

    async fn get_slot(&self, _: Request<GetSlotRequest>) -> Answer<GetSlotResponse> {
        Err(Status::unimplemented(""))
    }

    async fn is_blockhash_valid(&self, _: Request<IsBlockhashValidRequest>) -> Answer<IsBlockhashValidResponse> {
        Err(Status::unimplemented(""))
    }

    async fn get_version(&self, _: Request<GetVersionRequest>) -> Answer<GetVersionResponse> {
        Err(Status::unimplemented(""))
    }
}
