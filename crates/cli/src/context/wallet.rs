//! A hardware wallet: `usb://ledger?key=0/0`.

use std::{
    rc::Rc,
    sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel},
    thread,
};

use anchor_lang::prelude::Pubkey;
use anyhow::{Context as _, anyhow};
use solana_derivation_path::DerivationPath;
use solana_remote_wallet::{
    locator::Locator,
    remote_keypair::{RemoteKeypair, generate_remote_keypair},
    remote_wallet::{RemoteWalletManager, initialize_wallet_manager},
};
use solana_signature::Signature;
use solana_signer::{Signer, SignerError};

use super::seed::Derivation;
use crate::output;

/// Which wallet, and which of its keys.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Url {
    locator: Locator,
    path: DerivationPath,
}

impl Url {
    /// Reads `usb://MANUFACTURER[/ADDRESS][?key=ACCOUNT/CHANGE]`, as Solana's tools do.
    pub(super) fn parse(text: &str) -> anyhow::Result<Self> {
        let (place, query) = text.find('?').map_or((text, ""), |at| text.split_at(at));
        let locator = Locator::new_from_path(place).map_err(|error| {
            anyhow!("NotAWallet: {error}; give usb://ledger, usb://trezor, or usb://ledger/ADDRESS of its first key")
        })?;
        let path = match Derivation::parse(query)? {
            Derivation::None => DerivationPath::default(),
            Derivation::Path(path) => path,
        };
        Ok(Self { locator, path })
    }
}

/// A question to the wallet: a message to sign, and where the answer goes.
type Question = (Vec<u8>, SyncSender<Result<Signature, SignerError>>);

/// A wallet that is connected. It stays on a thread of its own, because its connection belongs to one.
pub(super) struct Wallet {
    address: Pubkey,
    questions: Sender<Question>,
}

impl Wallet {
    /// Connects, and reads the address of the key.
    pub(super) fn connect(url: &Url) -> anyhow::Result<Self> {
        let (questions, asked) = channel();
        let (opened, open) = sync_channel(1);
        let url = url.clone();
        thread::spawn(move || serve(url, &opened, &asked));
        let opened = open
            .recv()
            .context("NoWallet: the connection ended; plug the wallet in again")?;
        let address = opened.map_err(|reason| {
            anyhow!("NoWallet: {reason}; plug the wallet in, unlock it, open its Solana app, and close other programs that use it")
        })?;
        Ok(Self { address, questions })
    }
}

impl Wallet {
    pub(super) const fn address(&self) -> Pubkey {
        self.address
    }
}

/// Connects, reports the address, and signs what is asked for until nobody can ask any more.
fn serve(url: Url, opened: &SyncSender<Result<Pubkey, String>>, asked: &Receiver<Question>) {
    let open = || -> Result<(Rc<RemoteWalletManager>, RemoteKeypair), String> {
        let manager = initialize_wallet_manager().map_err(|error| error.to_string())?;
        manager.update_devices().map_err(|error| error.to_string())?;
        let keypair = generate_remote_keypair(url.locator, url.path, &manager, false, "wallet");
        Ok((manager, keypair.map_err(|error| error.to_string())?))
    };
    // The manager holds the connection.
    let (_manager, keypair) = match open() {
        Ok(found) => found,
        Err(reason) => {
            // Nobody waits any more: nothing is left to do.
            let _ = opened.send(Err(reason));
            return;
        }
    };
    let _ = opened.send(Ok(keypair.pubkey));
    for (message, answer) in asked {
        output::note("confirm on the wallet");
        let _ = answer.send(keypair.try_sign_message(&message));
    }
}

impl Signer for Wallet {
    fn try_pubkey(&self) -> Result<Pubkey, SignerError> {
        Ok(self.address)
    }

    fn try_sign_message(&self, message: &[u8]) -> Result<Signature, SignerError> {
        let gone = || SignerError::Connection("the wallet is gone; plug it in again".into());
        let (answer, answered) = sync_channel(1);
        self.questions.send((message.to_vec(), answer)).map_err(|_| gone())?;
        answered.recv().map_err(|_| gone())?
    }

    fn is_interactive(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_wallet_and_one_of_its_keys() {
        let parse = |text: &str| Url::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let plain = parse("usb://ledger");
        assert_eq!(plain.path, DerivationPath::default());
        let key = parse("usb://ledger?key=1/2");
        assert_eq!(key.locator, plain.locator);
        assert_eq!(key.path, DerivationPath::from_key_str("1/2").expect("a path"));
        let address = bulkhead_interface::ID;
        let one = parse(&format!("usb://ledger/{address}?key=0"));
        assert_eq!(one.locator.pubkey, Some(address));
        assert_ne!(parse("usb://trezor").locator, plain.locator);
    }

    #[test]
    fn a_url_of_nothing_is_refused_by_name() {
        for (text, name) in [
            ("usb://", "NotAWallet"),
            ("usb://nobody", "NotAWallet"),
            ("usb://ledger/notanaddress", "NotAWallet"),
            ("usb://ledger?key=x", "BadDerivation"),
            ("usb://ledger?other=1", "BadDerivation"),
        ] {
            let error = Url::parse(text)
                .err()
                .unwrap_or_else(|| panic!("{text} is taken"))
                .to_string();
            assert!(error.starts_with(name), "{text}: {error}");
        }
    }
}
