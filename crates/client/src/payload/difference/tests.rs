use bulkhead_interface::{constants::VERSION, discriminator, layout::Member};
use bytemuck::Zeroable;

use super::*;

const WHEN: When = When {
    proposed_slot: 100,
    now: 1_000,
};

fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

fn policy(threshold: u8) -> PolicyConfig {
    PolicyConfig {
        threshold,
        delay_seconds: 86_400,
        expiry_seconds: 200_000,
    }
}

fn council() -> (Council, CouncilConfig) {
    let mut now = Council {
        version: VERSION,
        member_count: 2,
        hold_threshold: 1,
        pause_rights: 3,
        veto_rights: 1,
        default_mask: 7,
        fallback: key(9),
        ..Council::zeroed()
    };
    for (place, member) in now.members.iter_mut().take(2).enumerate() {
        *member = Member {
            key: key(u8::try_from(place).unwrap() + 1),
            roles: role::GUARDIAN | role::APPROVER,
            ..Member::zeroed()
        };
    }
    for policy in &mut now.policies {
        (policy.threshold, policy.delay_seconds, policy.expiry_seconds) = (2, 86_400, 200_000);
    }
    let config = CouncilConfig {
        members: members(&now)
            .iter()
            .map(|member| MemberConfig {
                key: member.key,
                roles: member.roles,
            })
            .collect(),
        hold_threshold: 1,
        pause_rights: 3,
        veto_rights: 1,
        contain_seconds: 0,
        trip_seconds: 0,
        default_mask: 7,
        policies: [policy(2), policy(2), policy(2), policy(2)],
        heartbeat_seconds: 0,
        contains_per_day: 0,
        contains_in_a_row: 0,
        fallback: key(9),
        fallback_seconds: 0,
    };
    (now, config)
}

fn read(now: &Council) -> impl Fn(&Pubkey) -> Option<Vec<u8>> {
    let bytes = [&discriminator::COUNCIL[..], bytemuck::bytes_of(now)].concat();
    move |at: &Pubkey| (*at == pda::council(&key(7))).then(|| bytes.clone())
}

#[test]
fn the_same_council_changes_nothing() {
    let (now, config) = council();
    assert_eq!(changes(&Payload::ChangeCouncil(config), &key(7), WHEN, &read(&now)), []);
}

#[test]
fn a_swapped_member_and_a_lowered_threshold_stand_first_and_alone() {
    let (now, mut config) = council();
    config.members[1].key = key(3);
    config.policies[2].threshold = 1;
    config.pause_rights = 4;
    let found = changes(&Payload::ChangeCouncil(config), &key(7), WHEN, &read(&now));
    let lines: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            format!("LOOSER: member {}: guardian and approver -> REMOVED", key(2)),
            format!("LOOSER: member {}: none -> guardian and approver, NEW", key(3)),
            "LOOSER: custody threshold: 2 -> 1".to_owned(),
            "tighter: pause rights: 3 -> 4".to_owned(),
        ]
    );
}

/// Which latches it accepts, what else it opens, and what stays for being newer.
#[test]
fn a_resume_tells_what_it_opens_and_what_stays() {
    let mut board = PauseBoard {
        version: VERSION,
        held_slot: 50,
        contained_slot: 120,
        ..PauseBoard::zeroed()
    };
    board.domain_row.hold = 2;
    (board.domain_row.contain, board.domain_row.contain_until) = (2, WHEN.now + 1);
    for (row, slot) in [(3, 99_u8), (4, 100)] {
        (board.rows[row].trip, board.rows[row].trip_until) = (2, WHEN.now + 1);
        board.rows[row].trip_slot[0] = slot;
    }
    (board.rows[5].trip, board.rows[5].trip_until) = (2, WHEN.now);
    let read = |at: &Pubkey| {
        (*at == pda::board(&key(7))).then(|| [&discriminator::PAUSE_BOARD[..], bytemuck::bytes_of(&board)].concat())
    };
    let resume = Payload::Resume(ResumeArgs { incident: key(8) });
    let told: Vec<_> = changes(&resume, &key(7), WHEN, &read)
        .iter()
        .map(|change| format!("{}: {}", change.what, change.to))
        .collect();
    let stays = |slot: u64| format!("STAYS: slot {slot} is not before the proposal");
    assert_eq!(
        told,
        [
            format!("incident {}: ends", key(8)),
            "hold on the domain: opens".to_owned(),
            "latch of a detector on compartment 3: is accepted, and opens".to_owned(),
            format!("guardians' pause on the domain: {}", stays(120)),
            format!("latch of a detector on compartment 4: {}", stays(100)),
        ]
    );
}

#[test]
fn amounts_come_with_their_mints_decimals() {
    let breaker = OutflowBreaker {
        version: VERSION,
        limit: 1_000_000,
        slot_limit: 500_000,
        trip_limit: 2_000_000,
        mint: key(5),
        ..OutflowBreaker::zeroed()
    };
    let read = |at: &Pubkey| {
        if *at == key(6) {
            Some([&discriminator::OUTFLOW_BREAKER[..], bytemuck::bytes_of(&breaker)].concat())
        } else {
            let mut mint = vec![0; 82];
            mint[44] = 6;
            (*at == key(5)).then_some(mint)
        }
    };
    let args = SetLimitArgs {
        breaker: key(6),
        limit: 2_500_000,
        slot_limit: 400_000,
        ..SetLimitArgs::default()
    };
    let found = changes(&Payload::SetLimit(args), &key(7), WHEN, &read);
    assert_eq!(
        found[0].to_string(),
        format!(
            "LOOSER: limit a window: 1000000 (1 of {0}) -> 2500000 (2.5 of {0})",
            key(5)
        )
    );
    // Nothing is said of the trip, so it goes to twice the limit: looser too, and never "to 0".
    assert_eq!(
        found[1].to_string(),
        format!("LOOSER: trip limit: 2000000 (2 of {0}) -> 5000000 (5 of {0})", key(5))
    );
    assert_eq!((found.len(), found[2].direction), (3, Direction::Tighter));
}

#[test]
fn a_lowering_that_has_lapsed_makes_no_proposal_looser() {
    let breaker = OutflowBreaker {
        version: VERSION,
        limit: 250,
        slot_limit: 250,
        trip_limit: 2_000,
        lowered_until: 1_775_000_000,
        base_limit: 1_000,
        base_slot_limit: 500,
        ..OutflowBreaker::zeroed()
    };
    let read = |at: &Pubkey| {
        (*at == key(6)).then(|| [&discriminator::OUTFLOW_BREAKER[..], bytemuck::bytes_of(&breaker)].concat())
    };
    let args = SetLimitArgs {
        breaker: key(6),
        limit: 900,
        slot_limit: 500,
        trip_limit: 2_000,
        ..SetLimitArgs::default()
    };
    let found = changes(&Payload::SetLimit(args), &key(7), WHEN, &read);
    let told: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert!(told[0].starts_with("LOOSER: lowered by a guardian: 250 "), "{told:?}");
    assert!(told[0].ends_with(" until 1775000000 -> no more"), "{told:?}");
    assert!(told[1].contains("limit a window: 1000 "), "{told:?}");
    assert_eq!((found.len(), found[1].direction), (2, Direction::Tighter));
}
