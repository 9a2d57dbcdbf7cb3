//! What an endpoint that lies says: every host's account was stolen, every board is closed already, no guardian has a right
//! left, the clock is an hour ahead, every simulation fails, and every transaction was taken and is not passed on.

use anchor_lang::Discriminator;
use base64::{Engine, prelude::BASE64_STANDARD};
use bulkhead_interface::layout::{Council, PauseBoard};
use bytemuck::{AnyBitPattern, NoUninit};
use hyper::body::Bytes;
use serde_json::{Value, json};
use solana_signature::Signature;

/// Bytes of a token account, and the place of its holder.
const TOKEN_ACCOUNT: usize = 165;
const HOLDER: usize = 32;
/// Bytes of the clock, and the places of slot and time.
const CLOCK: usize = 40;
const CLOCK_SLOT: usize = 0;
const CLOCK_TIME: usize = 32;
/// How far the clock is ahead, in slots and in seconds.
const AHEAD_SLOTS: u64 = 9_000;
const AHEAD_SECONDS: u64 = 3_600;
/// Bytes of a discriminator.
const TAG: usize = 8;

/// An answer that needs no node, if there is one for this question.
pub(super) fn invent(question: &Value) -> Option<Bytes> {
    let result = match question["method"].as_str()? {
        "simulateTransaction" => json!({
            "context": { "slot": 1 },
            "value": { "err": { "InstructionError": [0, { "Custom": 6_000 }] }, "logs": [], "unitsConsumed": 1 },
        }),
        // The first signature of the transaction that is not passed on.
        "sendTransaction" => {
            let transaction = BASE64_STANDARD.decode(question["params"][0].as_str()?).ok()?;
            let signature = transaction.get(1..)?.first_chunk::<64>()?;
            json!(Signature::from(*signature).to_string())
        }
        _ => return None,
    };
    Some(bytes(
        &json!({ "jsonrpc": "2.0", "id": question["id"], "result": result }),
    ))
}

/// An answer of the node with other accounts in it. `None` if there are none.
pub(super) fn twist(answer: &[u8]) -> Option<Bytes> {
    let mut answer: Value = serde_json::from_slice(answer).ok()?;
    twist_within(&mut answer["result"]).then(|| bytes(&answer))
}

fn bytes(value: &Value) -> Bytes {
    Bytes::from(value.to_string())
}

/// Changes every account within a value. Whether there was one.
fn twist_within(value: &mut Value) -> bool {
    match value {
        Value::Array(all) => all.iter_mut().map(twist_within).fold(false, |any, is| any | is),
        Value::Object(fields) => {
            let is_account = fields.contains_key("lamports");
            if let Some(data) = fields.get_mut("data").filter(|_| is_account) {
                return twist_data(data).is_some();
            }
            fields.values_mut().map(twist_within).fold(false, |any, is| any | is)
        }
        _ => false,
    }
}

/// Changes the data of an account: `["…", "base64"]`.
fn twist_data(data: &mut Value) -> Option<()> {
    let text = data.get_mut(0)?;
    let mut raw = BASE64_STANDARD.decode(text.as_str()?).ok()?;
    lie(&mut raw)?;
    *text = Value::String(BASE64_STANDARD.encode(raw));
    Some(())
}

fn lie(data: &mut [u8]) -> Option<()> {
    match data.len() {
        TOKEN_ACCOUNT => {
            let holder = data.get_mut(HOLDER)?;
            *holder ^= 1;
        }
        CLOCK => {
            add(data, CLOCK_SLOT, AHEAD_SLOTS)?;
            add(data, CLOCK_TIME, AHEAD_SECONDS)?;
        }
        _ if data.starts_with(PauseBoard::DISCRIMINATOR) => {
            change::<PauseBoard>(data, |board| board.domain_row.freeze = u32::MAX)?;
        }
        _ if data.starts_with(Council::DISCRIMINATOR) => change::<Council>(data, |council| {
            for member in &mut council.members {
                member.pause_rights = 0;
                member.last_active_ts = member.last_active_ts.saturating_add(1);
            }
        })?,
        _ => return None,
    }
    Some(())
}

fn change<T: AnyBitPattern + NoUninit>(data: &mut [u8], change: impl FnOnce(&mut T)) -> Option<()> {
    let place = data.get_mut(TAG..)?.get_mut(..size_of::<T>())?;
    let mut state: T = bytemuck::pod_read_unaligned(place);
    change(&mut state);
    place.copy_from_slice(bytemuck::bytes_of(&state));
    Some(())
}

fn add(data: &mut [u8], at: usize, more: u64) -> Option<()> {
    let word = data.get_mut(at..)?.first_chunk_mut::<8>()?;
    *word = u64::from_le_bytes(*word).wrapping_add(more).to_le_bytes();
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_account_in_an_answer_is_another() {
        let token = BASE64_STANDARD.encode([7; TOKEN_ACCOUNT]);
        let account = json!({ "lamports": 1, "data": [token, "base64"] });
        let answer = json!({ "result": { "value": [account, null] } });
        let twisted = twist(&serde_json::to_vec(&answer).unwrap()).unwrap();
        let twisted: Value = serde_json::from_slice(&twisted).unwrap();
        let data = twisted["result"]["value"][0]["data"][0].as_str().unwrap();
        let data = BASE64_STANDARD.decode(data).unwrap();
        assert_eq!(data[HOLDER], 6);
        assert_eq!(data[0], 7);
        assert_eq!(twist(br#"{"result": 3}"#), None);
    }

    #[test]
    fn a_transaction_is_swallowed_under_its_own_name() {
        let transaction = [&[1][..], &[9; 64], &[0; 10]].concat();
        let question = json!({
            "id": 4, "method": "sendTransaction", "params": [BASE64_STANDARD.encode(transaction)],
        });
        let answer: Value = serde_json::from_slice(&invent(&question).unwrap()).unwrap();
        assert_eq!(answer["result"], Signature::from([9; 64]).to_string());
        assert!(invent(&json!({ "method": "getSlot" })).is_none());
    }
}
