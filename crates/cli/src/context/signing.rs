//! A cluster that only signs: `--sign-only` and `--dump-message`.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anchor_lang::prelude::Pubkey;
use async_trait::async_trait;
use bulkhead_client::chain::{Chain, ChainError, Filter, OwnedAt, Receipt, Simulated};
use bulkhead_core::acts::At;
use bulkhead_rpc::{Keyring, unsigned};
use serde_json::{Value, json};
use solana_account::Account;
use solana_instruction::Instruction;
use solana_message::Hash;

/// Turns what it is asked to send into messages, and signs them with the keys that are here. Reads go to the cluster if
/// there is one.
pub(super) struct Signing {
    chain: Option<Box<dyn Chain>>,
    keyring: Keyring,
    /// The blockhash to sign with. Without it nothing is signed: whoever proposes the message sets its own.
    blockhash: Option<Hash>,
    price: u64,
    made: Mutex<Vec<Made>>,
}

/// One message.
struct Made {
    message: String,
    signatures: Vec<String>,
    absent: Vec<String>,
}

impl Signing {
    pub(super) fn new(chain: Option<Box<dyn Chain>>, keyring: Keyring, blockhash: Option<Hash>, price: u64) -> Self {
        Self {
            chain,
            keyring,
            blockhash,
            price,
            made: Mutex::default(),
        }
    }

    fn made(&self) -> MutexGuard<'_, Vec<Made>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn chain(&self) -> Result<&dyn Chain, ChainError> {
        self.chain.as_deref().ok_or_else(|| ChainError::Unreachable {
            node: "no cluster is given".into(),
            reason: "this command reads accounts before it makes a message; give the cluster with -u".into(),
        })
    }

    pub(super) fn json(&self, act: &str) -> Value {
        let blockhash = self.blockhash.map(|hash| hash.to_string());
        let made = self.made();
        let one = |made: &Made| {
            json!({
                "act": act,
                "message": made.message,
                "blockhash": blockhash,
                "signers": made.signatures,
                "absent": made.absent,
            })
        };
        match made.as_slice() {
            [only] => one(only),
            all => json!({ "act": act, "messages": all.iter().map(one).collect::<Vec<_>>() }),
        }
    }

    pub(super) fn text(&self, act: &str) -> String {
        let made = self.made();
        if made.is_empty() {
            return format!("{act} would send nothing\n");
        }
        let mut text = String::new();
        for (place, each) in made.iter().enumerate() {
            if made.len() > 1 {
                text += &format!("message {} of {}\n", place + 1, made.len());
            }
            text += &format!("message   {}\n", each.message);
            if let Some(hash) = self.blockhash {
                text += &format!("blockhash {hash}\n");
            }
            for signature in &each.signatures {
                text += &format!("signed    {signature}\n");
            }
            for signer in &each.absent {
                text += &format!("absent    {signer}\n");
            }
        }
        text
    }
}

#[async_trait]
impl Chain for Signing {
    fn payer(&self) -> Pubkey {
        self.keyring.payer().unwrap_or_default()
    }

    async fn now(&self) -> Result<At, ChainError> {
        self.chain()?.now().await
    }

    async fn accounts(&self, keys: &[Pubkey]) -> Result<Vec<Option<Account>>, ChainError> {
        self.chain()?.accounts(keys).await
    }

    async fn owned_at(&self, program: &Pubkey, filters: &[Filter]) -> Result<OwnedAt, ChainError> {
        self.chain()?.owned_at(program, filters).await
    }

    async fn send(&self, instructions: &[Instruction]) -> Result<Receipt, ChainError> {
        let Some(payer) = self.keyring.payer() else {
            return Err(ChainError::MissingSigner(
                "no payer is given; give its key or address with -k".into(),
            ));
        };
        let message = unsigned(&payer, instructions, self.price, self.blockhash.unwrap_or_default());
        let text = bs58::encode(message.serialize()).into_string();
        let signers = message.account_keys.iter();
        let signers: Vec<_> = signers
            .take(usize::from(message.header.num_required_signatures))
            .copied()
            .collect();
        let mut made = Made {
            message: text,
            signatures: Vec::new(),
            absent: signers.iter().map(ToString::to_string).collect(),
        };
        if self.blockhash.is_some() {
            let signed = self.keyring.sign_partly(message)?;
            let pairs = signers.iter().zip(&signed.transaction.signatures);
            let here = pairs.filter(|(signer, _)| !signed.absent.contains(signer));
            made.signatures = here
                .map(|(signer, signature)| format!("{signer}={signature}"))
                .collect();
            made.absent = signed.absent.iter().map(ToString::to_string).collect();
        }
        self.made().push(made);
        Ok(Receipt::default())
    }

    async fn simulate(&self, instructions: &[Instruction], accounts: &[Pubkey]) -> Result<Simulated, ChainError> {
        self.chain()?.simulate(instructions, accounts).await
    }

    async fn wait(&self, time: Duration) {
        if let Some(chain) = &self.chain {
            chain.wait(time).await;
        }
    }
}
