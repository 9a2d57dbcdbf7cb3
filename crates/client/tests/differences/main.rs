//! What a proposal would change, compared with what is in force.

mod rules;

use anchor_lang::{AnchorSerialize, prelude::Pubkey};
use anchor_spl::token;
use bulkhead_client::{
    bulkhead::{
        call::{StoredAccount, StoredInstruction},
        decision::Decision,
        instructions::*,
    },
    payload::{Direction, Payload, When, changes},
    pda,
};
use bulkhead_core::domain::council::members;
use bulkhead_interface::{
    ID,
    constants::{VERSION, log_flag, role},
    discriminator,
    layout::{CheckpointLog, Council, EmergencyAction, Link, Member, OutflowBreaker, PauseBoard},
};
use bytemuck::Zeroable;

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
        freeze_threshold: 1,
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
        freeze_threshold: 1,
        pause_rights: 3,
        veto_rights: 1,
        guardian_pause_seconds: 0,
        trip_seconds: 0,
        default_mask: 7,
        policies: [policy(2), policy(2), policy(2), policy(2)],
        heartbeat_seconds: 0,
        guardian_pauses_per_day: 0,
        guardian_pauses_in_a_row: 0,
        fallback: key(9),
        fallback_seconds: 0,
    };
    (now, config)
}

fn read(now: &Council) -> impl Fn(&Pubkey) -> Option<(Pubkey, Vec<u8>)> {
    let bytes = [&discriminator::COUNCIL[..], bytemuck::bytes_of(now)].concat();
    move |at: &Pubkey| (*at == pda::council(&key(7))).then(|| (ID, bytes.clone()))
}

#[test]
fn the_same_council_changes_nothing() {
    let (now, config) = council();
    assert_eq!(
        changes(
            &Payload::Known(Decision::ChangeCouncil(config)),
            &key(7),
            WHEN,
            &read(&now)
        ),
        []
    );
}

#[test]
fn a_swapped_member_and_a_lowered_threshold_stand_first_and_alone() {
    let (now, mut config) = council();
    config.members[1].key = key(3);
    config.policies[2].threshold = 1;
    config.pause_rights = 4;
    let found = changes(
        &Payload::Known(Decision::ChangeCouncil(config)),
        &key(7),
        WHEN,
        &read(&now),
    );
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
        frozen_slot: 50,
        guardian_pause_slot: 120,
        ..PauseBoard::zeroed()
    };
    board.domain_row.freeze = 2;
    (board.domain_row.guardian_pause, board.domain_row.guardian_pause_until) = (2, WHEN.now + 1);
    for (row, slot) in [(3, 99_u8), (4, 100)] {
        (board.rows[row].trip, board.rows[row].trip_until) = (2, WHEN.now + 1);
        board.rows[row].trip_slot[0] = slot;
    }
    (board.rows[5].trip, board.rows[5].trip_until) = (2, WHEN.now);
    let read = |at: &Pubkey| {
        (*at == pda::board(&key(7))).then(|| {
            (
                ID,
                [&discriminator::PAUSE_BOARD[..], bytemuck::bytes_of(&board)].concat(),
            )
        })
    };
    let resume = Payload::Known(Decision::Resume(ResumeArgs { incident: key(8) }));
    let said: Vec<_> = changes(&resume, &key(7), WHEN, &read)
        .iter()
        .map(|change| format!("{}: {}", change.what, change.to))
        .collect();
    let stays = |slot: u64| format!("STAYS: slot {slot} is not before the proposal");
    assert_eq!(
        said,
        [
            format!("incident {}: ends", key(8)),
            "freeze on the domain: opens".to_owned(),
            "latch of a detector on compartment 3: accepted, and opens".to_owned(),
            format!("guardian pause on the domain: {}", stays(120)),
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
        domain: key(7),
        ..OutflowBreaker::zeroed()
    };
    let read = |at: &Pubkey| {
        if *at == key(6) {
            Some((
                ID,
                [&discriminator::OUTFLOW_BREAKER[..], bytemuck::bytes_of(&breaker)].concat(),
            ))
        } else {
            let mut mint = vec![0; 82];
            (mint[44], mint[45]) = (6, 1);
            (*at == key(5)).then_some((token::ID, mint))
        }
    };
    let args = SetLimitArgs {
        breaker: key(6),
        limit: 2_500_000,
        slot_limit: 400_000,
        ..SetLimitArgs::default()
    };
    let found = changes(&Payload::Known(Decision::SetLimit(args)), &key(7), WHEN, &read);
    assert_eq!(
        found[0].to_string(),
        format!(
            "LOOSER: limit per window: 1000000 (1 of {0}) -> 2500000 (2.5 of {0})",
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
        domain: key(7),
        ..OutflowBreaker::zeroed()
    };
    let read = |at: &Pubkey| {
        (*at == key(6)).then(|| {
            (
                ID,
                [&discriminator::OUTFLOW_BREAKER[..], bytemuck::bytes_of(&breaker)].concat(),
            )
        })
    };
    let args = SetLimitArgs {
        breaker: key(6),
        limit: 900,
        slot_limit: 500,
        trip_limit: 2_000,
        ..SetLimitArgs::default()
    };
    let found = changes(&Payload::Known(Decision::SetLimit(args)), &key(7), WHEN, &read);
    let said: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert!(said[0].starts_with("LOOSER: lowered by a guardian: 250 "), "{said:?}");
    assert!(said[0].ends_with(" until 1775000000 -> ended"), "{said:?}");
    assert!(said[1].contains("limit per window: 1000 "), "{said:?}");
    assert_eq!((found.len(), found[1].direction), (2, Direction::Tighter));
}

fn at<T: bytemuck::Pod>(place: Pubkey, tag: [u8; 8], account: &T) -> impl Fn(&Pubkey) -> Option<(Pubkey, Vec<u8>)> {
    let bytes = [&tag[..], bytemuck::bytes_of(account)].concat();
    move |key: &Pubkey| (*key == place).then(|| (ID, bytes.clone()))
}

fn lines(payload: &Payload, read: &dyn Fn(&Pubkey) -> Option<(Pubkey, Vec<u8>)>) -> Vec<String> {
    changes(payload, &key(7), WHEN, read)
        .iter()
        .map(ToString::to_string)
        .collect()
}

/// An address in a payload is anybody's. What stands there is believed only if Bulkhead owns it for this domain.
#[test]
fn what_a_payload_names_is_looked_at_before_it_is_believed() {
    let breaker = OutflowBreaker {
        version: VERSION,
        limit: u64::MAX,
        domain: key(7),
        ..OutflowBreaker::zeroed()
    };
    let bytes = |breaker: &OutflowBreaker| [&discriminator::OUTFLOW_BREAKER[..], bytemuck::bytes_of(breaker)].concat();
    let args = SetLimitArgs {
        breaker: key(6),
        limit: 5,
        ..SetLimitArgs::default()
    };
    let close = CloseDetectorArgs {
        detector: key(6),
        receiver: key(1),
    };
    let foreign = OutflowBreaker {
        domain: key(8),
        ..breaker
    };
    for (owner, data) in [
        (key(9), bytes(&breaker)),
        (ID, bytes(&foreign)),
        (ID, vec![0; 900]),
        (ID, vec![]),
    ] {
        let read = |at: &Pubkey| (*at == key(6)).then(|| (owner, data.clone()));
        for payload in [
            Payload::Known(Decision::SetLimit(args.clone())),
            Payload::Known(Decision::CloseDetector(close.clone())),
        ] {
            let said = lines(&payload, &read);
            assert!(
                said.len() == 1 && said[0].ends_with("-> the program refuses it"),
                "{said:?}"
            );
        }
        let route = RegisterEvacuationRouteArgs {
            vault: key(6),
            destination: key(2),
        };
        assert!(
            lines(&Payload::Known(Decision::RegisterEvacuationRoute(route)), &read)[0]
                .ends_with("the program refuses it")
        );
    }
    let own = |at: &Pubkey| (*at == key(6)).then(|| (ID, bytes(&breaker)));
    assert_eq!(
        lines(&Payload::Known(Decision::CloseDetector(close)), &own),
        [format!(
            "LOOSER: detector {}: active -> closed; its rent goes to {}",
            key(6),
            key(1)
        )]
    );
    // Nor do the bytes of just any account say how many decimals a token has.
    let read = |at: &Pubkey| match *at {
        at if at == key(6) => Some((ID, bytes(&breaker))),
        _ => Some((key(9), vec![1; 82])),
    };
    let said = lines(&Payload::Known(Decision::SetLimit(args)), &read);
    assert!(said.iter().any(|line| line.contains("5 native units")), "{said:?}");
}

/// Addresses that begin and end alike: people compare no more than that.
#[test]
fn an_address_that_looks_like_another_is_said_to() {
    let (now, mut config) = council();
    let real = key(2).to_string();
    // 58 to the third more, in the middle: neither the last three letters move by it, nor the first.
    let mut bytes = [2; 32];
    let middle = u32::from_be_bytes([2; 4]) + 58_u32.pow(3);
    bytes[20..24].copy_from_slice(&middle.to_be_bytes());
    let twin = Pubkey::new_from_array(bytes);
    let text = twin.to_string();
    assert!(text[..3] == real[..3] && text[text.len() - 3..] == real[real.len() - 3..]);
    config.members[1].key = twin;
    let said = lines(&Payload::Known(Decision::ChangeCouncil(config)), &read(&now));
    assert!(
        said.iter()
            .any(|line| line.ends_with(&format!("NEW, LOOKS LIKE {}", key(2)))),
        "{said:?}"
    );
    let call = StoredInstruction {
        program_id: key(1),
        accounts: [key(2), twin, key(2)]
            .map(|pubkey| StoredAccount {
                pubkey,
                is_signer: false,
                is_writable: true,
            })
            .to_vec(),
        data: vec![],
    };
    let said = lines(&Payload::Known(Decision::RunInstruction(call)), &|_: &Pubkey| None);
    assert_eq!(
        said.iter().filter(|line| line.contains("LOOKS LIKE")).count(),
        1,
        "{said:?}"
    );
}

#[test]
fn an_emergency_action_is_compared_with_the_one_it_replaces() {
    let call = |data: Vec<u8>| StoredInstruction {
        program_id: token::ID,
        accounts: [key(1), key(2)]
            .map(|pubkey| StoredAccount {
                pubkey,
                is_signer: false,
                is_writable: true,
            })
            .to_vec(),
        data,
    };
    let mut stored = vec![];
    call(vec![10]).serialize(&mut stored).expect("borsh");
    let account = EmergencyAction {
        version: VERSION,
        instruction_len: u16::try_from(stored.len()).expect("short"),
        steps: 1,
        registered_steps: 1,
        instruction_hash: bulkhead_core::hash::sha256(&[&stored]),
        ..EmergencyAction::zeroed()
    };
    let bytes = [
        &discriminator::EMERGENCY_ACTION[..],
        bytemuck::bytes_of(&account),
        &stored,
    ]
    .concat();
    let read = |at: &Pubkey| (*at == pda::emergency_action(&key(7), 4)).then(|| (ID, bytes.clone()));
    let said = |data: Vec<u8>| {
        let args = RegisterEmergencyActionArgs {
            index: 4,
            instruction: call(data),
        };
        lines(&Payload::Known(Decision::RegisterEmergencyAction(args)), &read)
    };
    assert!(said(vec![10]).is_empty());
    assert_eq!(
        said(vec![9]),
        [format!(
            "LOOSER: emergency action 4, which one guardian may run at once: token program: FREEZES {0} -> token program: closes {0}; \
             its lamports go to {1}",
            key(1),
            key(2)
        )]
    );
}
