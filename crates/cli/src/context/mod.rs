//! What every verb works with: the cluster, the keys, the domain, and how results leave the process.

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{
    chain::Chain,
    flows::{Done, Session},
};
use serde::Serialize;
use solana_instruction::Instruction;

use crate::output::Output;

/// The global arguments, resolved.
pub struct Context {
    chain: Option<Box<dyn Chain>>,
    signer: Option<Pubkey>,
    domain: Option<Pubkey>,
    report: bulkhead_client::flows::Quiet,
    output: Output,
}

impl Context {
    /// A context over a given cluster, as tests use it: its payer is the signer, and every question is answered yes.
    #[must_use]
    pub fn over(chain: Box<dyn Chain>, domain: Option<Pubkey>, output: Output) -> Self {
        Self {
            signer: Some(chain.payer()),
            chain: Some(chain),
            domain,
            report: bulkhead_client::flows::Quiet,
            output,
        }
    }

    /// The cluster with the keys. In a dry run and with `--sign-only` it sends nothing.
    ///
    /// # Errors
    /// A named error when a key or the cluster is missing.
    pub fn chain(&self) -> anyhow::Result<&dyn Chain> {
        self.chain.as_deref().ok_or_else(|| anyhow::anyhow!("NoCluster"))
    }

    /// The cluster, and a progress bar on standard error.
    ///
    /// # Errors
    /// As [`Context::chain`].
    pub fn session(&self) -> anyhow::Result<Session<'_>> {
        Ok(Session {
            chain: self.chain()?,
            report: &self.report,
            parallel: 8,
        })
    }

    /// The address of `-k`. In a dry run and with `--sign-only` and `--dump-message`, `-k` may be a plain address.
    ///
    /// # Errors
    /// A named error when no key is given.
    pub fn signer(&self) -> anyhow::Result<Pubkey> {
        self.signer.ok_or_else(|| anyhow::anyhow!("NoKeypair"))
    }

    /// The domain: `--domain`, or `BULKHEAD_DOMAIN`, or the configuration file's.
    ///
    /// # Errors
    /// `NoDomain`
    pub fn domain(&self) -> anyhow::Result<Pubkey> {
        self.domain.ok_or_else(|| anyhow::anyhow!("NoDomain"))
    }

    /// Format of results on standard output.
    #[must_use]
    pub const fn output(&self) -> Output {
        self.output
    }

    /// Asks on standard error and goes on only after a yes. `--yes` answers in advance. A dry run does not ask.
    ///
    /// # Errors
    /// `NotConfirmed`, and `ConfirmationNeeded` in JSON without `--yes`.
    pub fn confirm(&self, question: &str) -> anyhow::Result<()> {
        anyhow::bail!("NotConfirmed: {question}")
    }

    /// One transaction: a dry run (what would be sent, and the difference of state in words), a message for others to
    /// sign, or sent. Prints the result.
    ///
    /// # Errors
    /// The cluster's error.
    pub async fn submit(&self, act: &str, instructions: &[Instruction]) -> anyhow::Result<()> {
        let receipt = self.chain()?.send(instructions).await?;
        let done = Done {
            receipts: vec![receipt],
            skipped: 0,
        };
        self.finish(act, &done)
    }

    /// Prints the result of a flow.
    ///
    /// # Errors
    /// The error of the output.
    pub fn finish(&self, act: &str, done: &Done) -> anyhow::Result<()> {
        let signatures: Vec<_> = done.receipts.iter().map(|each| &each.signature).collect();
        self.print(&signatures, || format!("{act}\n"))
    }

    /// Prints what was found: as JSON, or as the text, which ends with a newline.
    ///
    /// # Errors
    /// The error of the output.
    pub fn print(&self, found: &impl Serialize, text: impl FnOnce() -> String) -> anyhow::Result<()> {
        self.output.print(found, text)
    }
}
