//! Transactions signed days before they land. A durable nonce keeps their signatures valid.

use anchor_lang::{
    prelude::Pubkey,
    solana_program::{instruction::Instruction, system_instruction},
};
use bulkhead_testbed::{Machine, keypair};
use solana_keypair::Keypair;
use solana_message::Message;
use solana_signer::Signer;
use solana_transaction::Transaction;

use crate::error::{DrillError, refused};

/// Size of a nonce account in bytes.
const NONCE_LEN: u64 = 80;
/// Offset of the nonce: after version, state and authority.
const NONCE_OFFSET: usize = 4 + 4 + 32;

/// Opens a nonce account of `authority` and signs `instruction` with its nonce, by `authority`, who pays, and by
/// `signers`. The transaction can land at any later time.
pub(crate) fn presign(
    machine: &mut Machine,
    name: &str,
    authority: &Keypair,
    instruction: Instruction,
    signers: &[&Keypair],
) -> Result<Transaction, DrillError> {
    let nonce = keypair(&format!("nonce of {name}"));
    let value =
        open(machine, &nonce, &authority.pubkey()).map_err(|failure| refused("open a nonce account", &failure))?;
    let advance = system_instruction::advance_nonce_account(&nonce.pubkey(), &authority.pubkey());
    let message = Message::new(&[advance, instruction], Some(&authority.pubkey()));
    let mut all = vec![authority];
    all.extend(signers);
    Ok(Transaction::new(&all, message, value.into()))
}

fn open(machine: &mut Machine, nonce: &Keypair, authority: &Pubkey) -> Result<[u8; 32], bulkhead_testbed::Failure> {
    let payer = machine.payer.pubkey();
    let rent = machine.svm.minimum_balance_for_rent_exemption(NONCE_LEN as usize);
    let steps = system_instruction::create_nonce_account(&payer, &nonce.pubkey(), authority, rent);
    machine.send(&steps, &[nonce])?;
    let data = machine.account(&nonce.pubkey()).unwrap_or_default().data;
    let value = data.get(NONCE_OFFSET..).and_then(|rest| rest.first_chunk::<32>());
    Ok(value.copied().unwrap_or_default())
}
