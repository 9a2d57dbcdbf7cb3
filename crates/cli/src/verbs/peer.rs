//! `bulkhead peer`: the domains on other chains that this one hears.

use std::str::FromStr;

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{
    instructions::{self as ix, PeerOf},
    payload::{hex, scope, transports},
    status::words::closed,
    watch::Kind,
};
use bulkhead_core::{
    acts::{Accepted, PostedAccount, accept_attested, accept_posted, announce_rotation, attesters_at, stop_rotation},
    messages::{attesters::keys, message::Message, posted},
};
use bulkhead_interface::layout::Peer;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    facts::{self, Fact, Named},
    find::{self, Site, all, refused},
    words::{self, unhex},
};
use crate::context::Context;

/// What a refusal means for the caller.
const NOTHING_SENT: &str = "nothing was sent";

/// Domains on other chains that this one hears.
#[derive(Args, Clone, Debug)]
pub struct PeerCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Clone, Debug)]
enum What {
    /// List the peers: how their messages arrive, what their pauses close, and what they said last
    #[command(after_help = "Example:\n  bulkhead peer list --domain DOMAIN")]
    List,
    /// Carry a message with the signatures of the peer's attesters; anyone may
    #[command(after_help = "Example:\n  bulkhead peer hear PEER --message HEX --signatures HEX -k any.json")]
    Hear(Hear),
    /// Carry a message that Wormhole's core bridge has posted on this chain; anyone may
    #[command(after_help = "Example:\n  bulkhead peer hear-posted PEER ACCOUNT -k any.json")]
    HearPosted(HearPosted),
    /// Announce the attesters that follow, signed by those in force; anyone may
    #[command(after_help = "Example:
  bulkhead peer rotate PEER --threshold 2 --attesters KEY,KEY,KEY --signatures HEX -k any.json")]
    Rotate(Rotate),
    /// Stop a rotation of the attesters that waits; signed by one guardian
    #[command(after_help = "Example:\n  bulkhead peer stop-rotation PEER -k guardian.json")]
    StopRotation(Of),
}

#[derive(Args, Clone, Debug)]
struct Of {
    /// Address of the peer's account; `bulkhead peer list` shows it
    #[arg(value_name = "PEER")]
    peer: Pubkey,
}

#[derive(Args, Clone, Debug)]
struct Hear {
    #[command(flatten)]
    of: Of,
    /// The message's bytes, hexadecimal
    #[arg(long, value_name = "HEX")]
    message: Hex,
    /// Signatures in the order of the attesters' keys, 66 bytes each, hexadecimal
    #[arg(long, value_name = "HEX")]
    signatures: Hex,
}

#[derive(Args, Clone, Debug)]
struct HearPosted {
    #[command(flatten)]
    of: Of,
    /// The account that the bridge posted
    #[arg(value_name = "ACCOUNT")]
    posted: Pubkey,
}

#[derive(Args, Clone, Debug)]
struct Rotate {
    #[command(flatten)]
    of: Of,
    /// Signatures that a message needs from then on
    #[arg(long, value_name = "NUMBER")]
    threshold: u8,
    /// Keys of the next attesters as Ethereum addresses, ascending
    #[arg(long, value_name = "KEY", value_delimiter = ',', value_parser = address, required = true)]
    attesters: Vec<[u8; 20]>,
    /// Signatures of the attesters in force, 66 bytes each, hexadecimal
    #[arg(long, value_name = "HEX")]
    signatures: Hex,
}

/// Bytes on the command line.
#[derive(Clone, Debug)]
struct Hex(Vec<u8>);

impl FromStr for Hex {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        unhex(text.trim_start_matches("0x"))
            .map(Self)
            .ok_or_else(|| "it is not hexadecimal".into())
    }
}

/// An Ethereum address.
fn address(text: &str) -> Result<[u8; 20], String> {
    let bytes = unhex(text.trim_start_matches("0x")).and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| "it is not 40 hexadecimal digits".into())
}

/// Runs it.
///
/// # Errors
/// A named error that says what to do next.
pub async fn run(command: &PeerCommand, context: &Context) -> anyhow::Result<()> {
    let site = Site::of(context).await?;
    match &command.what {
        What::List => list(&site, context).await,
        What::Hear(hear) => hear.run(&site, context).await,
        What::HearPosted(hear) => hear.run(&site, context).await,
        What::Rotate(rotate) => rotate.run(&site, context).await,
        What::StopRotation(of) => stop(of, &site, context).await,
    }
}

async fn list(site: &Site, context: &Context) -> anyhow::Result<()> {
    let found: Vec<(Pubkey, Peer)> = all(context.chain()?, Kind::Peer, &site.key).await?;
    let values: Vec<_> = found.iter().map(|(key, peer)| shown(*key, peer, site)).collect();
    context.print(&values, || {
        if found.is_empty() {
            return "no peer; `bulkhead propose register-peer` registers one\n".into();
        }
        let head = [
            "peer",
            "chain",
            "arrives by",
            "pauses left",
            "epoch",
            "request to resume",
        ];
        let rows = found.iter().map(|(key, peer)| {
            vec![
                key.to_string(),
                peer.chain.to_string(),
                transports(peer.transports),
                peer.rights.pause_rights.to_string(),
                peer.epoch.to_string(),
                match peer.request_epoch {
                    0 => "none".into(),
                    epoch => format!("epoch {epoch}, {}", words::time(peer.request_ts, site.at.now)),
                },
            ]
        });
        words::table(&head, &rows.collect::<Vec<_>>())
    })
}

fn shown(key: Pubkey, peer: &Peer, site: &Site) -> Value {
    let set = attesters_at(peer, site.at.now);
    let closes = if peer.mask == 0 {
        site.council.default_mask
    } else {
        peer.mask
    };
    json!({
        "peer": key.to_string(),
        "chain": peer.chain,
        "emitter": hex(&peer.emitter),
        "sender": hex(&peer.sender),
        "transports": transports(peer.transports),
        "bridge": peer.bridge.to_string(),
        "remote_scope": scope(peer.remote_scope),
        "compartments": peer.compartments.to_string(),
        "closes": closed(closes),
        "pause_rights": peer.rights.pause_rights,
        "sequence": peer.sequence.to_string(),
        "epoch": peer.epoch.to_string(),
        "pause_epoch": peer.pause_epoch.to_string(),
        "request_epoch": peer.request_epoch.to_string(),
        "council_epoch": peer.council_epoch.to_string(),
        "set_epoch": set.epoch.to_string(),
        "threshold": set.threshold,
        "attesters": keys(set).iter().map(|key| hex(key)).collect::<Vec<_>>(),
        "next_from_ts": peer.next_from_ts,
    })
}

impl Of {
    async fn load(&self, context: &Context) -> anyhow::Result<Peer> {
        find::one(
            context,
            "peer",
            &self.peer,
            "`bulkhead peer list` shows the peers of a domain",
        )
        .await
    }

    const fn at(&self, site: &Site) -> PeerOf {
        PeerOf {
            domain: site.key,
            peer: self.peer,
        }
    }
}

/// What a message would do.
fn facts_of((message, accepted): &(Message, Accepted)) -> Vec<Named> {
    let mut facts = vec![
        ("sequence", Fact::Number(message.sequence)),
        ("epoch", Fact::Number(message.epoch)),
    ];
    match accepted {
        Accepted::Paused {
            mask,
            until,
            rights_left,
        } => facts.extend([
            ("closes", closed(*mask).into()),
            ("until", Fact::Time(*until)),
            ("rights_left", Fact::Number((*rights_left).into())),
        ]),
        Accepted::ResumeRequested => facts.push(("records", "a request to resume; approvers may propose it".into())),
        Accepted::CheckpointRecorded => facts.push(("records", "the newest checkpoint of a ledger".into())),
        Accepted::CouncilRecorded => facts.push(("records", "another council of the sender".into())),
    }
    facts
}

impl Hear {
    async fn run(&self, site: &Site, context: &Context) -> anyhow::Result<()> {
        let mut peer = self.of.load(context).await?;
        let (Hex(message), Hex(signatures)) = (&self.message, &self.signatures);
        let board = &mut { site.board };
        let heard = accept_attested(&mut peer, &site.council, board, message, signatures, site.at);
        let facts = facts_of(&heard.map_err(|error| refused(error, NOTHING_SENT))?);
        let accept = ix::accept_attested(self.of.at(site), message.clone(), signatures.clone());
        facts::send(context, "hear", &facts, accept).await
    }
}

impl HearPosted {
    async fn run(&self, site: &Site, context: &Context) -> anyhow::Result<()> {
        let mut peer = self.of.load(context).await?;
        let account = context.chain()?.account(&self.posted).await?.unwrap_or_default();
        let refuse = |error| refused(error, NOTHING_SENT);
        let body_hash = posted::read(&account.data).map_err(refuse)?.body_hash;
        let (derived, _) = Pubkey::find_program_address(&[posted::SEED_POSTED, &body_hash], &peer.bridge);
        let shown = PostedAccount {
            key: self.posted,
            owner: account.owner,
            derived,
            data: &account.data,
        };
        let heard = accept_posted(&mut peer, &site.council, &mut { site.board }, &shown, site.at);
        let facts = facts_of(&heard.map_err(refuse)?);
        facts::send(
            context,
            "hear",
            &facts,
            ix::accept_posted(self.of.at(site), self.posted),
        )
        .await
    }
}

impl Rotate {
    async fn run(&self, site: &Site, context: &Context) -> anyhow::Result<()> {
        let mut peer = self.of.load(context).await?;
        let Hex(signatures) = &self.signatures;
        let from_ts = announce_rotation(&mut peer, self.threshold, &self.attesters, signatures, site.at.now)
            .map_err(|error| refused(error, NOTHING_SENT))?;
        let announce = ix::announce_rotation(self.of.peer, self.threshold, self.attesters.clone(), signatures.clone());
        facts::send(context, "rotate", &[("from", Fact::Time(from_ts))], announce).await
    }
}

async fn stop(of: &Of, site: &Site, context: &Context) -> anyhow::Result<()> {
    let mut peer = of.load(context).await?;
    let guardian = context.signer()?;
    stop_rotation(&mut peer, &site.council, &guardian, site.at.now).map_err(|error| refused(error, NOTHING_SENT))?;
    let facts = [("until", "a proposal sets the peer's terms again".into())];
    facts::send(
        context,
        "stop-rotation",
        &facts,
        ix::stop_rotation(of.at(site), guardian),
    )
    .await
}
