//! Asks the program a question: simulates an instruction and decodes what it returns. Nothing is sent and nobody signs.

use anchor_lang::AnchorDeserialize;
use anyhow::Context as _;
use base64::{Engine, prelude::BASE64_STANDARD};
use bulkhead_client::{
    bulkhead,
    chain::{Chain, ChainError},
};
use solana_instruction::Instruction;

/// The program's answer. `None` if this node, with the keys that are here, does not give it: then the same rule is applied
/// to the accounts.
pub(crate) async fn ask<T: AnchorDeserialize>(chain: &dyn Chain, question: Instruction) -> anyhow::Result<Option<T>> {
    let simulated = match chain.simulate(&[question], &[]).await {
        Ok(simulated) => simulated,
        // No key is needed to ask, but a node simulates only what somebody pays for.
        Err(ChainError::MissingSigner(_) | ChainError::Refused { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    match simulated.error {
        // The payer has no account, for example.
        Some(ChainError::Refused { .. }) => return Ok(None),
        Some(error) => return Err(error.into()),
        None => {}
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
