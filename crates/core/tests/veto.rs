//! Vetoes that stand, in every order there is. Captured approvers propose as often as they like, and honest vetoers stop
//! everything forever as long as they have rights for it; with one right less they are outlasted. One hostile vetoer
//! never keeps the honest from removing it.

use std::collections::HashSet;

use bulkhead_core::{
    CoreError,
    acts::{Asked, At, NewProposal, approve, change_council, consume, edit_proposal, heartbeat, propose, veto},
    proposals::veto::{holds, is_stopped, left},
};
use bulkhead_interface::{
    ProposalKind, Pubkey,
    constants::{MIN_HEARTBEAT_SECONDS, VETO_SECONDS, phase, proposal_state, role},
    layout::{Council, Domain, Policy, Proposal},
};
use bytemuck::Zeroable;

const DAY: i64 = 86_400;
const HOUR: i64 = 3_600;
const NOW: i64 = 20_000 * DAY;
const HEARTBEAT: i64 = 300 * DAY;

fn key(byte: usize) -> Pubkey {
    Pubkey::new_from_array([u8::try_from(byte).expect("few"); 32])
}

/// So many approvers, and behind them so many vetoers.
fn plan(approvers: usize, vetoers: usize, rights: u8) -> Council {
    let policy = Policy {
        threshold: u8::try_from(approvers.min(2)).expect("few"),
        delay_seconds: HOUR,
        expiry_seconds: 30 * DAY,
        ..Policy::zeroed()
    };
    let mut plan = Council {
        member_count: u8::try_from(approvers + vetoers).expect("few"),
        freeze_threshold: 1,
        pause_rights: 1,
        veto_rights: rights,
        guardian_pause_seconds: HOUR,
        trip_seconds: HOUR,
        default_mask: 1,
        guardian_pauses_per_day: 1,
        guardian_pauses_in_a_row: 1,
        heartbeat_seconds: HEARTBEAT,
        fallback_seconds: 7 * DAY,
        fallback: key(100),
        policies: [policy; 4],
        domain: key(101),
        ..Council::zeroed()
    };
    for (index, member) in plan.members.iter_mut().enumerate().take(approvers + vetoers) {
        member.key = key(index + 1);
        member.roles = if index < approvers {
            role::APPROVER | role::GUARDIAN
        } else {
            role::VETOER
        };
    }
    plan
}

fn council(approvers: usize, vetoers: usize, rights: u8) -> Council {
    let mut council = Council {
        domain: key(101),
        ..Council::zeroed()
    };
    change_council(&mut council, &plan(approvers, vetoers, rights), NOW).expect("a sound council");
    council
}

/// The same without these members, one bit each.
fn without(council: &Council, members: u16) -> Council {
    let mut plan = *council;
    let kept: Vec<_> = (0..usize::from(council.member_count))
        .filter(|index| members >> index & 1 == 0)
        .map(|index| council.members[index])
        .collect();
    plan.member_count = u8::try_from(kept.len()).expect("few");
    plan.members = Zeroable::zeroed();
    plan.members[..kept.len()].copy_from_slice(&kept);
    plan
}

fn at(now: i64) -> At {
    At {
        slot: u64::try_from((now - NOW) * 5 / 2 + 1_000).expect("later"),
        now,
    }
}

/// `removed` 0 is something ordinary.
fn made(council: &Council, proposer: usize, removed: u16, now: i64) -> Result<Proposal, CoreError> {
    let domain = Domain {
        state: phase::OPERATING,
        ..Domain::zeroed()
    };
    let mut proposal = Proposal::zeroed();
    let plan = without(council, removed);
    let asked = if removed == 0 {
        Asked::Other(ProposalKind::OpenVault)
    } else {
        Asked::ChangeCouncil(&plan)
    };
    let new = NewProposal {
        domain: key(101),
        index: 0,
        bump: 255,
        payer: key(102),
    };
    let who = key(proposer + 1);
    propose(&domain, council, &mut proposal, &new, &who, &asked, &[], at(now))?;
    Ok(proposal)
}

/// How honest vetoers stop a proposal: who has most rights left does, and somebody whom it does not remove if there is
/// one. `None` if they cannot.
fn stop(council: &mut Council, proposal: &mut Proposal, vetoers: &[usize], now: i64) -> Option<()> {
    while !is_stopped(proposal, council) {
        let may = |index: &usize| {
            let own = |is_removed: bool| (proposal.removes >> index & 1 == 1) == is_removed;
            left(council, *index, now) > 0 && (own(false) || vetoers.iter().all(|all| proposal.removes >> all & 1 == 1))
        };
        let said = bulkhead_core::proposals::veto::against(proposal, council);
        let next = vetoers
            .iter()
            .filter(|index| said >> **index & 1 == 0 && may(index))
            .max_by_key(|index| left(council, **index, now))?;
        let before = *council;
        veto(council, proposal, &key(next + 1), now).expect("it has a right");
        assert!(holds(&before, council), "nothing that was void comes back");
    }
    Some(())
}

/// What a state is known by: the vetoes that still stand, by their ages.
fn canon(council: &Council, now: i64) -> Vec<(u8, i64)> {
    let entries = council.vetoes.iter().flat_map(|kept| kept.by.iter().zip(kept.ts));
    entries
        .map(|(by, ts)| {
            if *by != 0 && now < ts + VETO_SECONDS {
                (*by, now - ts)
            } else {
                (0, 0)
            }
        })
        .collect()
}

/// Plays every order of proposals and waits. `false` if the vetoers were outlasted once.
fn last_for_ever(captured: usize, vetoers: usize, rights: u8) -> bool {
    let honest: Vec<_> = (captured..captured + vetoers).collect();
    let subsets: Vec<u16> = (0..1u16 << vetoers).map(|bits| bits << captured).collect();
    let mut open = vec![(council(captured, vetoers, rights), NOW)];
    let mut known = HashSet::new();
    while let Some((mut state, now)) = open.pop() {
        for member in &mut state.members {
            member.last_active_ts = now;
        }
        if !known.insert(canon(&state, now)) {
            continue;
        }
        open.extend([VETO_SECONDS / 3, VETO_SECONDS].map(|wait| (state, now + wait)));
        for proposer in 0..captured {
            for removed in &subsets {
                let mut proposal = match made(&state, proposer, *removed, now) {
                    Ok(proposal) => proposal,
                    Err(CoreError::VetoStands) => continue,
                    Err(error) => panic!("{error:?}"),
                };
                let mut next = state;
                if stop(&mut next, &mut proposal, &honest, now).is_none() {
                    return false;
                }
                // For good, whoever falls silent and however much time passes.
                assert!(is_stopped(&proposal, &next));
                open.push((next, now));
            }
        }
    }
    assert!(known.len() > 5, "{} states", known.len());
    true
}

#[test]
fn honest_vetoers_are_never_outlasted_with_a_right_for_each_proposer() {
    for captured in 1..=3 {
        let rights = u8::try_from(captured).expect("few");
        assert!(last_for_ever(captured, 2, rights), "two against {captured}");
        assert!(
            captured == 1 || !last_for_ever(captured, 2, rights - 1),
            "one right less"
        );
    }
}

/// Captured approvers choose whom they would remove, and with that who has to veto.
#[test]
fn more_vetoers_do_not_make_up_for_rights() {
    assert!(last_for_ever(2, 3, 2));
    for vetoers in 3..=5 {
        assert!(!last_for_ever(2, vetoers, 1), "{vetoers}");
    }
}

/// The known limit: it does not stop its own removal.
#[test]
fn a_single_vetoer_is_removed() {
    assert!(!last_for_ever(1, 1, 9));
}

/// Whatever a hostile vetoer of many rights has vetoed and vetoes yet, every honest approver can have it removed.
#[test]
fn one_hostile_vetoer_never_stops_the_honest_for_good() {
    const HONEST: usize = 3;
    let hostile = HONEST;
    for before in 0..1usize << HONEST {
        for age in [0, HOUR, VETO_SECONDS - 1, VETO_SECONDS] {
            let mut council = council(HONEST, 1, 16);
            for proposer in (0..HONEST).filter(|proposer| before >> proposer & 1 == 1) {
                let mut proposal = made(&council, proposer, 0, NOW).expect("an approver");
                veto(&mut council, &mut proposal, &key(hostile + 1), NOW).expect("it may");
                assert_eq!(proposal.state, proposal_state::VETOED);
            }
            let now = NOW + age;
            for proposer in 0..HONEST {
                // Before or after the removal is proposed, the removal itself, and other things of the same proposer.
                for moves in 0..8u8 {
                    let mut council = council;
                    let mut ordinary = made(&council, proposer, 0, now).ok();
                    let say = |council: &mut Council, proposal: Option<&mut Proposal>| {
                        let Some(proposal) = proposal else { return };
                        let _ = veto(council, proposal, &key(hostile + 1), now);
                    };
                    if moves & 1 != 0 {
                        say(&mut council, ordinary.as_mut());
                    }
                    let mut removal = made(&council, proposer, 1 << hostile, now).expect("always");
                    if moves & 2 != 0 {
                        say(&mut council, Some(&mut removal));
                    }
                    if moves & 4 != 0 {
                        say(&mut council, ordinary.as_mut());
                    }
                    let (hash, slot) = (removal.payload_hash, removal.created_slot);
                    for approver in [0, 1] {
                        approve(&mut council, &mut removal, &key(approver + 1), &hash, slot, at(now))
                            .expect("it counts");
                    }
                    let plan = without(&council, 1 << hostile);
                    let domain = Domain::zeroed();
                    let asked = Asked::ChangeCouncil(&plan);
                    consume(&domain, &council, &mut removal, &asked, &[], at(now + HOUR)).expect("the way out is open");
                }
            }
        }
    }
}

#[test]
fn a_veto_stands_against_what_was_made_and_is_made_and_no_longer_than_it_should() {
    let mut council = council(2, 2, 1);
    let mut first = made(&council, 0, 0, NOW).expect("an approver");
    let other = made(&council, 0, 0, NOW).expect("an approver");
    let anothers = made(&council, 1, 0, NOW).expect("an approver");
    veto(&mut council, &mut first, &key(3), NOW + 1).expect("a vetoer");
    assert!(is_stopped(&other, &council), "all it has made");
    assert!(!is_stopped(&anothers, &council), "and nobody else's");
    assert_eq!((left(&council, 2, NOW + 1), left(&council, 3, NOW + 1)), (0, 1));
    let ends = NOW + 1 + VETO_SECONDS;
    let stands = Err(CoreError::VetoStands);
    assert_eq!(made(&council, 0, 0, ends - 1).map(|_| ()), stands);
    made(&council, 0, 0, ends).expect("no longer");
    assert!(is_stopped(&other, &council), "what was void stays so");
    assert_eq!(left(&council, 2, ends), 1, "the right came back");
}

/// An edit takes no veto's effect away, and costs its vetoer no second right.
#[test]
fn an_edit_does_not_wear_a_half_veto_out() {
    let mut council = council(2, 2, 1);
    let (first, second) = (2, 3);
    let mut proposal = made(&council, 0, 1 << first, NOW).expect("an approver");
    let half = veto(&mut council, &mut proposal, &key(first + 1), NOW).expect("a vetoer");
    assert!(!half.is_stopped);
    let plan = without(&council, 1 << first);
    let domain = Domain {
        state: phase::OPERATING,
        ..Domain::zeroed()
    };
    let asked = Asked::ChangeCouncil(&plan);
    edit_proposal(&domain, &council, &mut proposal, &key(1), &asked, &[1], at(NOW + 1)).expect("its proposer");
    assert_eq!(proposal.vetoes, 0);
    let whole = veto(&mut council, &mut proposal, &key(second + 1), NOW + 1).expect("another");
    assert!(whole.is_stopped, "the first still counts");
    // Nor may it be edited into what the standing veto stops.
    let mut proposal = made(&council, 1, 1 << first, NOW).expect("another proposer");
    let both = without(&council, 1 << second);
    council.veto_rights = 2;
    veto(&mut council, &mut proposal, &key(first + 1), NOW).expect("a vetoer");
    let asked = Asked::ChangeCouncil(&both);
    let edited = edit_proposal(&domain, &council, &mut proposal, &key(2), &asked, &[2], at(NOW + 1));
    assert_eq!(edited, Err(CoreError::VetoStands));
}

/// A silent vetoer stops no change of the council, by a veto that stands either; active again it does.
#[test]
fn the_veto_of_the_silent_stands_against_everything_but_the_council() {
    let mut plan = plan(2, 2, 2);
    plan.heartbeat_seconds = MIN_HEARTBEAT_SECONDS;
    let mut council = Council {
        domain: key(101),
        ..Council::zeroed()
    };
    change_council(&mut council, &plan, NOW).expect("a sound council");
    let now = NOW + 2 * DAY;
    let mut ordinary = made(&council, 0, 0, now).expect("an approver, silent or not");
    veto(&mut council, &mut ordinary, &key(3), now).expect("silent or not");
    assert!(made(&council, 0, 0, now).is_err());
    let mut change = made(&council, 0, 1 << 3, now).expect("the council");
    let silent = veto(&mut council, &mut change, &key(3), now);
    assert_eq!(silent, Err(CoreError::MemberSilent));
    let last = council.members[2].last_active_ts;
    heartbeat(&mut council, &key(3), last, now).expect("a member");
    let stopped = veto(&mut council, &mut change, &key(3), now + DAY).expect("it counts");
    assert!(stopped.is_stopped);
    assert_eq!(left(&council, 2, now + DAY), 1, "one proposer, one right");
}

/// The fallback proposes from a place of its own.
#[test]
fn the_fallback_wears_nobody_out_either() {
    let mut council = council(2, 2, 1);
    let now = NOW + HEARTBEAT + 8 * DAY;
    for vetoer in [2, 3] {
        council.members[vetoer].last_active_ts = now;
    }
    let mut change = made(&council, 99, 1 << 3, now).expect("it is due");
    veto(&mut council, &mut change, &key(3), now).expect("it counts");
    assert_eq!(made(&council, 99, 1 << 3, now).map(|_| ()), Err(CoreError::VetoStands));
    let mut removal = made(&council, 99, 1 << 2, now).expect("the vetoer's own removal");
    let stopped = veto(&mut council, &mut removal, &key(4), now)
        .expect("another")
        .is_stopped;
    assert!(stopped);
}
