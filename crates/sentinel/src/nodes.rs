//! The endpoints of the file as nodes, with the keys that the file names.

use std::{path::Path, sync::Arc};

use anchor_lang::prelude::Pubkey;
use async_trait::async_trait;
use bulkhead_client::chain::{Chain, ChainError};
use bulkhead_rpc::{Keyring, Node, Price};
use bulkhead_snapshot::rpc::{Endpoint as Wire, Failure, Patience};
use serde_json::{Value, json};
use solana_account::Account;
use solana_account_decoder_client_types::UiAccount;
use solana_keypair::Keypair;
use solana_rpc_client_api::response::Response;
use solana_signer::{EncodableKey, Signer};

use crate::{
    act::{Endpoint, Priced},
    config::{ConfigError, File},
    setup::Who,
    source::program::{HEADER, Heads},
};

/// Timeout and attempts of a request for the beginnings of accounts.
const PATIENCE: Patience = Patience {
    timeout: std::time::Duration::from_secs(10),
    attempts: 2,
    pause: std::time::Duration::from_millis(250),
};
/// Longest answer.
const LONGEST: u64 = 1 << 20;
/// Most accounts in one request.
const MOST: usize = 100;

/// An endpoint of the file: what it is read and sent through, and where its changes come from.
pub struct Wired {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// The websocket's URL.
    pub ws: Option<String>,
    /// The Geyser stream.
    #[cfg(feature = "geyser")]
    pub geyser: Option<crate::source::geyser::Address>,
}

impl Wired {
    /// Whether changes are seen when they happen.
    #[must_use]
    pub const fn is_streamed(&self) -> bool {
        #[cfg(feature = "geyser")]
        if self.geyser.is_some() {
            return true;
        }
        self.ws.is_some()
    }
}

/// The key files that the file names.
#[derive(Debug, Default)]
pub struct KeyFiles {
    payer: Option<Keypair>,
    guardian: Option<Keypair>,
    attester: Option<Keypair>,
}

impl KeyFiles {
    /// Reads them.
    ///
    /// # Errors
    /// [`ConfigError::KeyUnreadable`]
    pub fn read(file: &File) -> Result<Self, ConfigError> {
        let read = |key: &'static str, path: &Option<std::path::PathBuf>| {
            path.as_deref().map(|path| keypair(key, path)).transpose()
        };
        Ok(Self {
            payer: read("payer", &file.keys.payer)?,
            guardian: read("guardian", &file.keys.guardian)?,
            attester: read("attester", &file.keys.attester)?,
        })
    }

    /// Their addresses.
    #[must_use]
    pub fn who(&self) -> Who {
        let address = |key: &Option<Keypair>| key.as_ref().map(Signer::pubkey);
        Who {
            payer: address(&self.payer),
            guardian: address(&self.guardian),
            attester: address(&self.attester),
        }
    }

    fn keyring(&self) -> Keyring {
        let copy = Keypair::insecure_clone;
        let mut keyring = self
            .payer
            .as_ref()
            .map_or_else(Keyring::empty, |payer| Keyring::of(copy(payer)));
        for key in [&self.guardian, &self.attester].into_iter().flatten() {
            keyring.add(copy(key));
        }
        keyring
    }
}

fn keypair(key: &'static str, path: &Path) -> Result<Keypair, ConfigError> {
    Keypair::read_from_file(path).map_err(|error| ConfigError::KeyUnreadable {
        key,
        path: path.display().to_string(),
        reason: error.to_string(),
    })
}

/// The endpoints of the file. Nothing is sent yet.
///
/// # Errors
/// [`ConfigError`] for a URL that is elsewhere and not there.
pub fn wire(file: &File, keys: &KeyFiles) -> Result<Vec<Wired>, ConfigError> {
    let wired = |entry: &crate::config::EndpointEntry| {
        let place = |key: &str| format!("endpoint {}.{key}", entry.name);
        let http = entry.http.read(&place("http"))?;
        let ws = entry.ws.as_ref().map(|ws| ws.read(&place("ws"))).transpose()?;
        let node = Node::new(&http, keys.keyring());
        Ok(Wired {
            endpoint: Endpoint {
                name: entry.name.clone(),
                chain: Arc::new(node.clone()),
                priced: Arc::new(PricedNode(node)),
                heads: Arc::new(Slices(Arc::new(Wire::new(&http, PATIENCE)))),
            },
            ws,
            #[cfg(feature = "geyser")]
            geyser: geyser(entry)?,
        })
    };
    file.endpoints.iter().map(wired).collect()
}

#[cfg(feature = "geyser")]
fn geyser(entry: &crate::config::EndpointEntry) -> Result<Option<crate::source::geyser::Address>, ConfigError> {
    let place = |key: &str| format!("endpoint {}.{key}", entry.name);
    let Some(url) = &entry.geyser else { return Ok(None) };
    let url = url.read(&place("geyser"))?;
    let token = entry.geyser_token.as_ref();
    let token = token.map(|token| token.read(&place("geyser_token"))).transpose()?;
    let address = crate::source::geyser::Address::new(&url, token.as_deref());
    address.map(Some).map_err(|reason| ConfigError::GeyserUnusable {
        endpoint: entry.name.clone(),
        reason: format!("{reason}; correct `geyser` or `geyser_token`"),
    })
}

/// A node at other prices.
struct PricedNode(Node);

impl Priced for PricedNode {
    fn at(&self, price: u64) -> Arc<dyn Chain> {
        Arc::new(self.0.clone().offering(Price::Fixed(price)))
    }
}

/// Asks a node for the beginnings of accounts.
struct Slices(Arc<Wire>);

#[async_trait]
impl Heads for Slices {
    async fn heads(&self, keys: &[Pubkey]) -> Result<Vec<Option<Account>>, ChainError> {
        let mut all = Vec::with_capacity(keys.len());
        for keys in keys.chunks(MOST) {
            let names: Vec<String> = keys.iter().map(ToString::to_string).collect();
            let config = json!({
                "encoding": "base64",
                "commitment": "confirmed",
                "dataSlice": { "offset": 0, "length": HEADER },
            });
            let found = ask(Arc::clone(&self.0), json!([names, config])).await?;
            if found.len() != keys.len() {
                return Err(unreadable(&self.0, "not as many accounts as were asked for"));
            }
            all.extend(found);
        }
        Ok(all)
    }
}

const METHOD: &str = "getMultipleAccounts";

fn unreadable(wire: &Wire, reason: &str) -> ChainError {
    ChainError::Unreadable {
        node: wire.host(),
        method: METHOD.into(),
        reason: reason.into(),
    }
}

async fn ask(wire: Arc<Wire>, params: Value) -> Result<Vec<Option<Account>>, ChainError> {
    let asked = Arc::clone(&wire);
    let answer =
        tokio::task::spawn_blocking(move || asked.ask::<Response<Vec<Option<UiAccount>>>>(METHOD, &params, LONGEST));
    let answer = answer
        .await
        .map_err(|_| unreadable(&wire, "the request was given up"))?;
    let (response, _) = answer.map_err(|failure| match failure {
        Failure::Unreachable(reason) => ChainError::Unreachable {
            node: wire.host(),
            reason,
        },
        Failure::Unreadable(reason) => unreadable(&wire, &reason),
        Failure::Refused { message, .. } => ChainError::Refused {
            reason: message,
            logs: String::new(),
        },
    })?;
    let account = |account: Option<UiAccount>| match account {
        None => Ok(None),
        Some(account) => account
            .to_account()
            .map(Some)
            .ok_or_else(|| unreadable(&wire, "no account")),
    };
    response.value.into_iter().map(account).collect()
}
