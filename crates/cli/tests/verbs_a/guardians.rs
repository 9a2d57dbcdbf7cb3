//! Guardians pause, confirm, and run what is registered; members show that they are there.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token::{ID as TOKEN_PROGRAM, instruction as spl};
use bulkhead_client::{bulkhead::instructions::RegisterEmergencyActionArgs, instructions as ix, pda};
use bulkhead_guard::action;
use bulkhead_interface::{
    constants::{incident_state, phase},
    layout::Incident,
};
use bulkhead_testbed::{Setup, keypair};
use solana_signer::Signer;

use crate::world::World;

const PAUSING: &[&str] = &["confirm_incident", "open_incident", "pause", "view_mask"];
const RAISING: &[&str] = &["close_lapsed_incident", "heartbeat", "open_incident"];
const SETTING_UP: &[&str] = &["activate_domain"];
const EMERGENCY: &[&str] = &["run_emergency_action"];

/// The instructions that each of these tests has to see.
pub const SEEN: &[&[&str]] = &[PAUSING, RAISING, SETTING_UP, EMERGENCY];

#[test]
fn a_guardian_pauses_what_the_words_say_and_the_domain_freezes_at_the_threshold() {
    let world = World::new();
    world.refused(world.member(3), &["pause"], "RoleMissing");
    world.refused(world.anyone(), &["confirm"], "NotAMember");
    world.must(
        world.member(0),
        &["pause", "--compartment", "3", "--actions", "withdraw,borrow"],
    );
    {
        let machine = world.machine();
        let row = world.protocol.board(&machine).rows[3];
        assert_eq!(row.guardian_pause, action::WITHDRAW | action::BORROW);
        assert!(row.guardian_pause_until > machine.clock().unix_timestamp);
    }
    // Again it is done already, so no second right is burnt.
    let left = world.protocol.council(&world.machine()).members[0].pause_rights;
    world.must(
        world.member(0),
        &["pause", "--compartment", "3", "--actions", "withdraw,borrow"],
    );
    assert_eq!(world.protocol.council(&world.machine()).members[0].pause_rights, left);
    world.must(world.anyone(), &["mask", "--compartment", "3"]);
    world.must(world.anyone(), &["status"]);

    world.must(world.member(0), &["confirm"]);
    assert_eq!(world.protocol.state(&world.machine()).state, phase::ALERT);
    world.must(world.anyone(), &["incident", "show"]);
    world.must(world.member(1), &["confirm"]);
    assert_eq!(world.protocol.state(&world.machine()).state, phase::FROZEN);
    world.must(world.anyone(), &["council", "show"]);

    world.refused(
        world.member(0),
        &["pause", "--compartment", "64"],
        "CompartmentOutOfRange",
    );
    world.refused(
        world.anyone(),
        &["mask", "--compartment", "64"],
        "CompartmentOutOfRange",
    );
    assert!(world.run(world.member(0), &["pause", "--actions", "steal"]).is_err());
    world.saw(PAUSING);
}

#[test]
fn an_alarm_that_nobody_confirms_is_closed_once_it_has_lapsed() {
    let world = World::new();
    let (domain, incident) = (world.protocol.domain, pda::incident(&world.protocol.domain, 0));
    world.refused(world.anyone(), &["incident", "show"], "NotFound");
    world.refused(world.anyone(), &["incident", "close"], "IncidentNotOpen");
    world.must(world.member(0), &["incident", "open"]);
    assert_eq!(world.protocol.state(&world.machine()).open_incident, incident);
    world.refused(world.member(1), &["incident", "open"], "WrongPhase");
    world.refused(world.anyone(), &["incident", "close"], "PauseInForce");
    world.machine().warp_seconds(72 * 3_600);
    world.must(world.anyone(), &["incident", "close"]);
    assert_eq!(
        world.machine().load::<Incident>(&incident).state,
        incident_state::CLOSED
    );
    assert_eq!(world.protocol.state(&world.machine()).state, phase::OPERATING);
    world.must(world.anyone(), &["incident", "show", "--number", "0"]);

    let council = pda::council(&domain);
    let before = world.machine().account(&council).expect("a council").data;
    world.machine().warp_seconds(7_200);
    world.must(world.member(2), &["heartbeat"]);
    assert_ne!(
        world.machine().account(&council).expect("a council").data,
        before,
        "no answer arrived"
    );
    world.refused(world.anyone(), &["heartbeat"], "NotAMember");
    world.saw(RAISING);
}

#[test]
fn only_the_setup_authority_ends_set_up_and_only_once() {
    let setup = Setup {
        activate: false,
        ..Setup::default()
    };
    let world = World::with(&setup, |_, _| vec![]);
    let authority = world.protocol.setup_authority.pubkey();
    world.refused(world.anyone(), &["domain", "activate"], "NotSetupAuthority");
    world.refused(world.member(0), &["emergency", "run", "0"], "NotFound");
    world.must(authority, &["domain", "activate"]);
    assert_eq!(world.protocol.state(&world.machine()).state, phase::OPERATING);
    world.refused(authority, &["domain", "activate"], "WrongPhase");
    world.saw(SETTING_UP);
}

#[test]
fn an_emergency_action_runs_exactly_what_is_registered() {
    let mint = keypair("host mint").pubkey();
    let world = World::with(&Setup::default(), |machine, protocol| {
        machine.create_mint(&mint, &protocol.domain, 6);
        let kind = spl::AuthorityType::MintTokens;
        let stop = spl::set_authority(&TOKEN_PROGRAM, &mint, None, kind, &protocol.domain, &[]);
        let args = RegisterEmergencyActionArgs {
            index: 4,
            instruction: ix::stored(&stop.expect("it is well formed")),
        };
        let authority = protocol.mature(machine, &args);
        let payer = machine.payer.pubkey();
        protocol.must(machine, &[ix::register_emergency_action(authority, payer, args)], &[]);
        vec![]
    });
    world.must(world.anyone(), &["emergency", "list"]);
    world.refused(world.member(0), &["emergency", "run", "3"], "NotFound");
    world.refused(world.member(3), &["emergency", "run", "4"], "RoleMissing");
    world.must(world.member(0), &["emergency", "run", "4"]);
    let data = world.machine().account(&mint).expect("a mint").data;
    assert_eq!(data[..4], [0; 4], "somebody can still mint");
    assert_eq!(Pubkey::default(), world.protocol.state(&world.machine()).open_incident);
    world.saw(EMERGENCY);
}
