//! 6100: pause, and the guard's errors by the same numbers.

use bulkhead::error::BulkheadError as E;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_testbed::{Machine, Protocol};
use bulkhead_tests::{receiver, world};
use solana_signer::Signer;

use crate::{
    Case, Refusal,
    accounts::{pause_by, set_byte},
};

pub const CASES: &[Case] = &[
    (E::ActionPaused, || {
        let (mut machine, protocol) = world();
        pause_by(&mut machine, &protocol, &protocol.members[0])?;
        let user = receiver(&mut machine, &protocol, "user");
        protocol.release(&mut machine, user, 5, 1)
    }),
    (E::WrongBoard, || {
        let (mut machine, protocol) = world();
        let user = receiver(&mut machine, &protocol, "user");
        let payer = machine.payer.pubkey();
        let mut release = ix::release(protocol.vault, protocol.operator.pubkey(), payer, user, 5, 1);
        release.accounts[3].pubkey = pda::council(&protocol.domain);
        machine.send(&[release], &[&protocol.operator])
    }),
    (E::ForeignBoard, || {
        let (mut machine, protocol) = world();
        let board = pda::board(&protocol.domain);
        let mut account = machine.account(&board).expect("it exists");
        account.owner = protocol.host_program;
        machine.write_account(&board, account);
        let user = receiver(&mut machine, &protocol, "user");
        protocol.release(&mut machine, user, 5, 1)
    }),
    (E::UnknownBoardVersion, || {
        let (mut machine, protocol) = world();
        set_byte(&mut machine, &pda::board(&protocol.domain), 8, 2);
        let user = receiver(&mut machine, &protocol, "user");
        protocol.release(&mut machine, user, 5, 1)
    }),
    (E::CompartmentOutOfRange, || {
        let (mut machine, protocol) = world();
        let guardian = &protocol.members[0];
        let pause = ix::pause(protocol.domain, guardian.pubkey(), 64, 0);
        machine.send(&[pause], &[guardian])
    }),
    (E::NoPauseRights, || {
        let (mut machine, protocol) = world();
        for _ in 0..3 {
            pause_by(&mut machine, &protocol, &protocol.members[0])?;
        }
        pause_by(&mut machine, &protocol, &protocol.members[0])
    }),
    (E::AlreadyConfirmed, || {
        let (mut machine, protocol) = world();
        alarm(&mut machine, &protocol)?;
        let guardian = &protocol.members[0];
        let confirm = ix::confirm_incident(protocol.domain, guardian.pubkey(), pda::incident(&protocol.domain, 0));
        machine.send(std::slice::from_ref(&confirm), &[guardian])?;
        machine.send(&[confirm], &[guardian])
    }),
    (E::IncidentNotOpen, || {
        let (mut machine, protocol) = world();
        alarm(&mut machine, &protocol)?;
        machine.warp_seconds(6 * 3_600);
        let close = ix::close_lapsed_incident(protocol.domain, pda::incident(&protocol.domain, 0));
        machine.send(std::slice::from_ref(&close), &[])?;
        machine.send(&[close], &[])
    }),
    (E::PauseInForce, || {
        let (mut machine, protocol) = world();
        alarm(&mut machine, &protocol)?;
        let close = ix::close_lapsed_incident(protocol.domain, pda::incident(&protocol.domain, 0));
        machine.send(&[close], &[])
    }),
];

/// Guardian 0 raises the alarm.
pub fn alarm(machine: &mut Machine, protocol: &Protocol) -> Refusal {
    let guardian = &protocol.members[0];
    let open = ix::open_incident(protocol.domain, guardian.pubkey(), machine.payer.pubkey(), 0);
    machine.send(&[open], &[guardian])
}
