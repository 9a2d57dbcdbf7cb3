//! Describes what a proposal would do, for its approvers.
//!
//! Every field of every kind is described. A new field of a kind's arguments does not compile until it is described
//! too.

mod call;
mod difference;
mod fields;
mod progress;
mod unpause;
mod words;

use std::fmt;

use anchor_lang::{AnchorDeserialize, prelude::Pubkey};
use bulkhead::decision::Decision;
use bulkhead_interface::ProposalKind;
use serde::{Serialize, Serializer, ser::SerializeMap};

pub use self::{
    call::describe as call_in_words,
    difference::{Change, Direction, ReadAccount, changes},
    progress::progress,
    unpause::When,
    words::{actions, duration, hex, roles_of, scope, set_of, transports},
};

/// The payload of a proposal.
#[derive(Clone)]
#[expect(
    clippy::large_enum_variant,
    reason = "values exist one at a time, and the large variant is the common one"
)]
pub enum Payload {
    /// The decision.
    Known(Decision),
    /// A kind that this version of the client does not know.
    Unknown {
        /// Number of the kind.
        kind: u8,
        /// The raw payload.
        bytes: Vec<u8>,
    },
}

/// The payload is not valid Borsh for its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PayloadError {
    /// The expected kind.
    pub kind: u8,
}

impl fmt::Display for PayloadError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "the payload does not decode as one of kind {}", self.kind)
    }
}

impl std::error::Error for PayloadError {}

/// Decodes the payload of a proposal of `kind`.
///
/// # Errors
/// [`PayloadError`] when the payload does not decode, or has trailing bytes.
pub fn decode(kind: u8, payload: &[u8]) -> Result<Payload, PayloadError> {
    if ProposalKind::of(kind).is_none() {
        let bytes = payload.to_vec();
        return Ok(Payload::Unknown { kind, bytes });
    }
    let decision = Decision::try_from_slice(&[&[kind], payload].concat());
    decision.map(Payload::Known).map_err(|_| PayloadError { kind })
}

/// One field of a payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Name of the field.
    pub name: String,
    /// Value of the field.
    pub value: Value,
}

/// The value of a field. Displayed as text, serialised as numbers and strings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// An address, in base58.
    Key(Pubkey),
    /// A number.
    Number(u32),
    /// Up to 64 bits, for example an amount in native units. Serialised as a string, because JSON parsers may round it.
    Amount(u64),
    /// A duration.
    Seconds(i64),
    /// Text.
    Text(String),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Key(key) => write!(f, "{key}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Amount(amount) => write!(f, "{amount}"),
            Self::Seconds(seconds) => f.write_str(&duration(*seconds)),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Key(key) => serializer.collect_str(key),
            Self::Number(number) => serializer.serialize_u32(*number),
            Self::Amount(amount) => serializer.collect_str(amount),
            Self::Seconds(seconds) => serializer.serialize_i64(*seconds),
            Self::Text(text) => serializer.serialize_str(text),
        }
    }
}

/// Serialises as a map of `kind` and the fields, in order.
impl Serialize for Payload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fields = self.fields();
        let mut map = serializer.serialize_map(Some(fields.len() + 1))?;
        map.serialize_entry("kind", self.name())?;
        for Field { name, value } in &fields {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// The kind, then one line per field.
impl fmt::Display for Payload {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())?;
        for Field { name, value } in self.fields() {
            write!(f, "\n  {name}: {value}")?;
        }
        Ok(())
    }
}

impl Payload {
    /// The name of the instruction that executes the decision.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Known(decision) => decision.kind().name(),
            Self::Unknown { .. } => "unknown",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bulkhead::{
        decision::{Arguments, EncodedDecision},
        instructions::{CouncilConfig, GrantRightsArgs, MemberConfig, OpenVaultArgs, PolicyConfig},
    };
    use bulkhead_interface::constants::role;

    fn read<A: Arguments>(args: &A) -> Result<Payload, PayloadError> {
        decode(A::KIND.number(), EncodedDecision::from(args).payload())
    }

    #[test]
    fn a_payload_is_told_field_by_field() {
        let args = OpenVaultArgs {
            index: 1,
            compartment: 2,
            operator: Pubkey::new_from_array([1; 32]),
            breaker: Pubkey::new_from_array([2; 32]),
            mint: Pubkey::new_from_array([3; 32]),
            queue_seconds: 90_061,
            ledger: 3,
        };
        let payload = read(&args).unwrap();
        let text = payload.to_string();
        assert_eq!(text.lines().count(), 8);
        assert!(text.starts_with("open_vault\n  index: 1\n  compartment: 2\n  operator: 4vJ9JU1b"));
        assert!(text.ends_with("queue_seconds: 1 day 1 hour 1 minute 1 second\n  ledger: 3"));
        let json = serde_json::to_value(&payload).unwrap();
        assert_eq!(
            (&json["kind"], &json["queue_seconds"]),
            (&"open_vault".into(), &90_061.into())
        );
    }

    #[test]
    fn a_council_is_told_with_roles_masks_and_delays() {
        let policy = PolicyConfig {
            threshold: 2,
            delay_seconds: 3_600,
            expiry_seconds: 7 * 86_400,
        };
        let council = CouncilConfig {
            members: vec![MemberConfig {
                key: Pubkey::new_from_array([1; 32]),
                roles: role::GUARDIAN | role::APPROVER,
            }],
            freeze_threshold: 1,
            pause_rights: 3,
            veto_rights: 2,
            guardian_pause_seconds: 6 * 3_600,
            trip_seconds: 72 * 3_600,
            default_mask: bulkhead_guard::action::DEFAULT_EMERGENCY,
            policies: [policy.clone(), policy.clone(), policy.clone(), policy],
            heartbeat_seconds: 30 * 86_400,
            guardian_pauses_per_day: 2,
            guardian_pauses_in_a_row: 2,
            fallback: Pubkey::new_from_array([9; 32]),
            fallback_seconds: 7 * 86_400,
        };
        let text = read(&council).unwrap().to_string();
        for line in [
            "member_0: 4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi guardian and approver",
            "default_mask: 0xfffffed6: leaves deposit, repay, cancel, claim open",
            "constitution_delay_seconds: 1 hour",
            "trip_seconds: 3 days",
        ] {
            assert!(text.contains(line), "{line}\nis not in\n{text}");
        }
    }

    #[test]
    fn what_does_not_decode_is_an_error_and_what_is_not_known_is_shown_as_it_is() {
        let kind = ProposalKind::Resume.number();
        assert_eq!(decode(kind, &[1, 2]).err(), Some(PayloadError { kind }));
        let mut behind = EncodedDecision::from(&GrantRightsArgs {
            member: Pubkey::default(),
            pause_rights: 1,
        });
        behind.0.push(0);
        assert!(decode(ProposalKind::GrantRights.number(), behind.payload()).is_err());
        let unknown = decode(200, &[0xab, 1]).unwrap();
        assert_eq!(unknown.to_string(), "unknown\n  number: 200\n  bytes: ab01");
    }

    #[test]
    fn durations_are_in_words() {
        for (seconds, words) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (7_200, "2 hours"),
            (-60, "minus 1 minute"),
        ] {
            assert_eq!(duration(seconds), words);
        }
    }
}
