//! The keys that sign.

use std::sync::Arc;

use anchor_lang::prelude::Pubkey;
use bulkhead_client::chain::ChainError;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_message::Message;
use solana_signature::Signature;
use solana_signer::{Signer, SignerError};
use solana_transaction::Transaction;

/// A payer and any number of keys. Signs for whoever the instructions name and is here.
#[derive(Default)]
pub struct Keyring {
    payer: Option<Pubkey>,
    keys: Vec<Keypair>,
    wallets: Vec<Arc<dyn Signer + Send + Sync>>,
    signatures: Vec<(Pubkey, Signature)>,
}

/// A transaction and the signers whose signatures it lacks.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The transaction. Absent signatures are zeros.
    pub transaction: Transaction,
    /// Signers without a key or a signature here.
    pub absent: Vec<Pubkey>,
}

impl Keyring {
    /// No keys, and no payer: enough to read.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// The payer's key pair.
    #[must_use]
    pub fn of(payer: Keypair) -> Self {
        let mut keyring = Self::watching(payer.pubkey());
        keyring.add(payer);
        keyring
    }

    /// A payer whose key is not here, or not yet.
    #[must_use]
    pub fn watching(payer: Pubkey) -> Self {
        Self {
            payer: Some(payer),
            ..Self::default()
        }
    }

    /// Adds a key. One that is here already is not added again.
    pub fn add(&mut self, key: Keypair) {
        if self.key(&key.pubkey()).is_none() {
            self.keys.push(key);
        }
    }

    /// Adds a signer whose key is elsewhere, for example in a hardware wallet. It may ask somebody, and refuse.
    ///
    /// # Errors
    /// [`ChainError::Refused`] if it does not say its address.
    pub fn add_wallet(&mut self, wallet: Arc<dyn Signer + Send + Sync>) -> Result<(), ChainError> {
        let address = wallet.try_pubkey().map_err(|error| wallet_refused(&error))?;
        if self.key(&address).is_none() && self.wallet(&address).is_none() {
            self.wallets.push(wallet);
        }
        Ok(())
    }

    /// Adds a signature that was made elsewhere. It is used for the message that it signs, and for no other.
    pub fn add_signature(&mut self, signer: Pubkey, signature: Signature) {
        self.signatures.push((signer, signature));
    }

    /// Pays fees and rent, if known.
    #[must_use]
    pub const fn payer(&self) -> Option<Pubkey> {
        self.payer
    }

    /// Addresses of the keys that are here.
    pub fn addresses(&self) -> impl Iterator<Item = Pubkey> {
        let wallets = self.wallets.iter().filter_map(|wallet| wallet.try_pubkey().ok());
        self.keys.iter().map(Signer::pubkey).chain(wallets)
    }

    /// The payer, or the error that none is given.
    pub(crate) fn needed_payer(&self) -> Result<Pubkey, ChainError> {
        self.payer
            .ok_or_else(|| ChainError::MissingSigner("no key is given that pays; give one with -k".into()))
    }

    /// Refuses instructions for which a signer is missing, before anything is asked of a node.
    ///
    /// # Errors
    /// [`ChainError::MissingSigner`]
    pub fn require(&self, instructions: &[Instruction]) -> Result<(), ChainError> {
        let payer = self.needed_payer()?;
        let metas = instructions.iter().flat_map(|each| &each.accounts);
        let named = metas.filter(|meta| meta.is_signer).map(|meta| meta.pubkey);
        let mut absent: Vec<_> = std::iter::once(payer).chain(named).collect();
        absent.retain(|signer| {
            let is_given = self.signatures.iter().any(|(key, _)| key == signer);
            self.key(signer).is_none() && self.wallet(signer).is_none() && !is_given
        });
        missing(&absent)
    }

    /// Signs with every key that the message names and that is here.
    ///
    /// # Errors
    /// [`ChainError::Refused`] for a signature of another message.
    pub fn sign_partly(&self, message: Message) -> Result<Signed, ChainError> {
        let bytes = message.serialize();
        let count = usize::from(message.header.num_required_signatures);
        let mut transaction = Transaction::new_unsigned(message);
        let mut absent = Vec::new();
        let signers = transaction.message.account_keys.iter().take(count);
        for (signer, place) in signers.zip(transaction.signatures.iter_mut()) {
            if let Some(key) = self.key(signer) {
                *place = key.sign_message(&bytes);
                continue;
            }
            if let Some(wallet) = self.wallet(signer) {
                *place = wallet
                    .try_sign_message(&bytes)
                    .map_err(|error| wallet_refused(&error))?;
                continue;
            }
            let mut given = self.signatures.iter().filter(|(key, _)| key == signer).peekable();
            let is_given = given.peek().is_some();
            match given.find(|(_, signature)| signature.verify(signer.as_ref(), &bytes)) {
                Some((_, signature)) => *place = *signature,
                None if is_given => {
                    return Err(ChainError::Refused {
                        reason: format!(
                            "SignatureMismatch: the signature of {signer} is for another message; give the same \
                             arguments, --blockhash, --fee-payer and --with-compute-unit-price as when it was made"
                        ),
                        logs: String::new(),
                    });
                }
                None => absent.push(*signer),
            }
        }
        Ok(Signed { transaction, absent })
    }

    /// Signs with every key that the message names.
    ///
    /// # Errors
    /// [`ChainError::MissingSigner`], and as [`Keyring::sign_partly`].
    pub fn sign(&self, message: Message) -> Result<Transaction, ChainError> {
        let signed = self.sign_partly(message)?;
        missing(&signed.absent)?;
        Ok(signed.transaction)
    }

    fn wallet(&self, address: &Pubkey) -> Option<&(dyn Signer + Send + Sync)> {
        let is_it = |wallet: &&Arc<dyn Signer + Send + Sync>| wallet.try_pubkey().as_ref() == Ok(address);
        self.wallets.iter().find(is_it).map(AsRef::as_ref)
    }

    fn key(&self, address: &Pubkey) -> Option<&Keypair> {
        self.keys.iter().find(|key| key.pubkey() == *address)
    }
}

fn wallet_refused(error: &SignerError) -> ChainError {
    ChainError::Refused {
        reason: format!(
            "WalletRefused: {error}; unlock the wallet, open its Solana app, allow blind signing there, and confirm what it shows"
        ),
        logs: String::new(),
    }
}

fn missing(absent: &[Pubkey]) -> Result<(), ChainError> {
    let mut absent = absent.to_vec();
    absent.sort_unstable();
    absent.dedup();
    if absent.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = absent.iter().map(ToString::to_string).collect();
    let its = if names.len() == 1 { "its key" } else { "their keys" };
    Err(ChainError::MissingSigner(format!(
        "{}; give {its} with -k or --signer",
        names.join(", ")
    )))
}

#[cfg(test)]
mod tests {
    use solana_instruction::AccountMeta;
    use solana_message::Hash;

    use super::*;

    fn key(byte: u8) -> Keypair {
        Keypair::new_from_array([byte; 32])
    }

    fn instruction(signers: &[Pubkey]) -> Instruction {
        Instruction {
            program_id: bulkhead_interface::ID,
            accounts: signers
                .iter()
                .map(|signer| AccountMeta::new_readonly(*signer, true))
                .collect(),
            data: vec![1],
        }
    }

    fn message(payer: &Pubkey, signers: &[Pubkey]) -> Message {
        Message::new_with_blockhash(&[instruction(signers)], Some(payer), &Hash::new_from_array([3; 32]))
    }

    #[test]
    fn every_key_that_is_named_and_here_signs() {
        let mut keyring = Keyring::of(key(1));
        keyring.add(key(2));
        keyring.add(key(3));
        let transaction = keyring.sign(message(&key(1).pubkey(), &[key(2).pubkey()])).unwrap();
        assert_eq!(transaction.signatures.len(), 2, "the third is not named");
        assert!(transaction.verify_with_results().into_iter().all(|is_valid| is_valid));
    }

    #[test]
    fn whoever_is_missing_is_named() {
        let keyring = Keyring::of(key(1));
        let absent = key(9).pubkey();
        for error in [
            keyring.require(&[instruction(&[absent, absent])]).unwrap_err(),
            keyring.sign(message(&key(1).pubkey(), &[absent])).unwrap_err(),
        ] {
            assert_eq!(
                error.to_string(),
                format!("MissingSigner: {absent}; give its key with -k or --signer")
            );
        }
        assert!(matches!(
            Keyring::empty().require(&[]),
            Err(ChainError::MissingSigner(_))
        ));
        assert!(keyring.require(&[instruction(&[key(1).pubkey()])]).is_ok());
    }

    #[test]
    fn a_signature_from_elsewhere_counts_for_its_message_only() {
        let message = message(&key(1).pubkey(), &[key(2).pubkey()]);
        let mut keyring = Keyring::of(key(1));
        assert_eq!(keyring.sign_partly(message.clone()).unwrap().absent, [key(2).pubkey()]);
        keyring.add_signature(key(2).pubkey(), key(2).sign_message(&message.serialize()));
        let transaction = keyring.sign(message).unwrap();
        assert!(transaction.verify_with_results().into_iter().all(|is_valid| is_valid));

        let other = self::message(&key(1).pubkey(), &[key(2).pubkey(), key(1).pubkey()]);
        let error = keyring.sign(other).unwrap_err().to_string();
        assert!(error.contains("SignatureMismatch"), "{error}");
    }
    /// A key that is elsewhere, and may refuse.
    struct Wallet {
        key: Keypair,
        refuses: bool,
    }

    impl Signer for Wallet {
        fn try_pubkey(&self) -> Result<Pubkey, SignerError> {
            self.key.try_pubkey()
        }

        fn try_sign_message(&self, message: &[u8]) -> Result<Signature, SignerError> {
            if self.refuses {
                return Err(SignerError::UserCancel("no".into()));
            }
            self.key.try_sign_message(message)
        }

        fn is_interactive(&self) -> bool {
            true
        }
    }

    #[test]
    fn a_wallet_signs_beside_keys_or_says_why_not() {
        let (payer, wallet) = (key(1), key(2));
        let asked = [instruction(&[wallet.pubkey()])];
        for refuses in [false, true] {
            let mut keyring = Keyring::of(payer.insecure_clone());
            assert!(keyring.require(&asked).is_err());
            let key = wallet.insecure_clone();
            keyring
                .add_wallet(Arc::new(Wallet { key, refuses }))
                .expect("it has an address");
            keyring.require(&asked).expect("everybody is here");
            let message = Message::new_with_blockhash(&asked, Some(&payer.pubkey()), &Hash::default());
            match keyring.sign(message) {
                Ok(signed) => assert!(!refuses && signed.verify().is_ok()),
                Err(error) => assert!(refuses && error.to_string().contains("WalletRefused"), "{error}"),
            }
        }
    }
}
