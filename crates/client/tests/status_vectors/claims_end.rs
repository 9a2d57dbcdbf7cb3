//! `tests/vectors/claims_end.json`: when the claims of a restoration end, and the words for it.

use bulkhead_client::{
    pda,
    status::{Accounts, ClaimsEnd, DomainStatus, text},
};
use bulkhead_core::acts::require_claims_run;
use bulkhead_interface::{
    ID,
    constants::{VERSION, restoration_state},
    discriminator,
    layout::Restoration,
};
use solana_account::Account;

use super::*;

const REST_OWNER: Pubkey = Pubkey::new_from_array([9; 32]);
/// When the state was chosen: 2024-10-04 00:00:00 UTC.
const COUNTED: i64 = NOW;

fn restoration(claim_days: u16, state: u8) -> Restoration {
    Restoration {
        version: VERSION,
        state,
        claim_days,
        counted_ts: COUNTED,
        rest_owner: if claim_days == 0 { Pubkey::default() } else { REST_OWNER },
        total: 10,
        count: 1,
        ..Restoration::zeroed()
    }
}

/// Every moment at which something changes, for no end, the shortest, a long one, and one after a sweep.
fn cases() -> Vec<(Restoration, i64)> {
    let mut all = vec![];
    for days in [0, 90, 365, 3_650] {
        let end = COUNTED + i64::from(days) * DAY;
        let chosen = restoration(days, restoration_state::OPEN);
        all.extend([COUNTED, end - 8_077, end - 1, end, end + 1, end + 3 * DAY].map(|now| (chosen, now)));
    }
    let swept = restoration(90, restoration_state::CLOSED);
    all.extend([90, 100].map(|days| (swept, COUNTED + days * DAY)));
    all
}

fn vector((restoration, now): &(Restoration, i64)) -> Value {
    let end = ClaimsEnd::of(restoration);
    json!({
        "claim_days": restoration.claim_days,
        "counted_ts": restoration.counted_ts,
        "state": restoration.state,
        "rest_owner": restoration.rest_owner.to_string(),
        "now": now,
        "end": end,
        "words": end.map(|end| end.words(*now)),
    })
}

#[test]
fn the_file_is_what_the_rule_says() {
    let vectors: Vec<_> = cases().iter().map(vector).collect();
    keep("claims_end.json", &vectors);
}

/// Claims run until the second of their end, and not from then on: the words change when the program's answer does.
#[test]
fn the_words_change_when_the_program_refuses() {
    for (restoration, now) in cases() {
        let words = ClaimsEnd::of(&restoration).map(|end| end.words(now));
        let runs = words.is_none_or(|words| words.starts_with("claims end "));
        assert_eq!(runs, require_claims_run(&restoration, now).is_ok(), "at {now}");
    }
}

fn stored<T: bytemuck::Pod>(discriminator: [u8; 8], state: &T) -> Account {
    Account {
        lamports: 1,
        data: [&discriminator, bytemuck::bytes_of(state)].concat(),
        owner: ID,
        executable: false,
        rent_epoch: u64::MAX,
    }
}

/// A domain whose incident is over, and a restoration with claims that are still open.
fn status(mut restoration: Restoration, now: i64) -> DomainStatus {
    let domain = Pubkey::new_from_array([1; 32]);
    restoration.domain = domain;
    let operating = Domain {
        version: VERSION,
        state: phase::OPERATING,
        ..Domain::zeroed()
    };
    let council = Council {
        version: VERSION,
        domain,
        ..Council::zeroed()
    };
    let board = PauseBoard {
        version: VERSION,
        domain,
        ..PauseBoard::zeroed()
    };
    let all = [
        (domain, stored(discriminator::DOMAIN, &operating)),
        (pda::council(&domain), stored(discriminator::COUNCIL, &council)),
        (pda::board(&domain), stored(discriminator::PAUSE_BOARD, &board)),
        (
            Pubkey::new_from_array([2; 32]),
            stored(discriminator::RESTORATION, &restoration),
        ),
    ];
    DomainStatus::of(&Accounts::of(domain, all), at(now)).expect("nothing is missing")
}

/// Both forms of a status name the day, also after the incident.
#[test]
fn a_status_names_the_day() {
    let open = status(restoration(90, restoration_state::OPEN), COUNTED + DAY);
    // Lines are wrapped.
    let screen = text(&open).split_whitespace().collect::<Vec<_>>().join(" ");
    let named = format!("claims end 2025-01-02 00:00:00 UTC, in 89 d; then anyone sweeps the rest to {REST_OWNER}");
    assert!(screen.contains(&named), "{screen}");
    let json = serde_json::to_value(&open).expect("it is serialised");
    let end = json!({ "ts": COUNTED + 90 * DAY, "rest_owner": REST_OWNER.to_string(), "is_swept": false });
    assert_eq!(json["restorations"][0]["claims_end"], end);

    let endless = status(restoration(0, restoration_state::OPEN), COUNTED + DAY);
    assert!(!text(&endless).contains("claims end"));
    let json = serde_json::to_value(&endless).expect("it is serialised");
    assert_eq!(json["restorations"][0]["claims_end"], Value::Null);
}
