//! Asks the program a question: simulates an instruction and decodes what it returns. Nothing is sent and nobody signs.

use anchor_lang::AnchorDeserialize;
use anyhow::Context as _;
use base64::{Engine, prelude::BASE64_STANDARD};
use bulkhead_client::{bulkhead, chain::Chain};
use solana_instruction::Instruction;

/// The program's answer. `None` if the node reports no return data in its logs.
pub(crate) async fn ask<T: AnchorDeserialize>(chain: &dyn Chain, question: Instruction) -> anyhow::Result<Option<T>> {
    let simulated = chain.simulate(&[question], &[]).await?;
    if let Some(error) = simulated.error {
        return Err(error.into());
    }
    let begin = format!("Program return: {} ", bulkhead::ID);
    let Some(answer) = simulated.logs.iter().find_map(|line| line.strip_prefix(&begin)) else {
        return Ok(None);
    };
    let bytes = BASE64_STANDARD.decode(answer).ok();
    let decoded = bytes.and_then(|bytes| T::try_from_slice(&bytes).ok());
    decoded.map(Some).with_context(|| {
        format!("Unreadable: the program returned {answer}; is bulkhead of the same version as the program?")
    })
}
