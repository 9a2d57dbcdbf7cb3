//! Stakes and premiums, and a restoration that takes of them.

use super::*;
use crate::insurance::{DAY, Pool};

/// Stakes and premiums, and a restoration that takes of them.
pub(super) fn visit(visitor: &mut dyn Visitor) {
    let setup = Setup {
        funds: 0,
        ..Setup::default()
    };
    let (mut machine, protocol) = world_with(&setup);
    let pool = Pool::open(&mut machine, &protocol, 0);
    let staker = pool.staker(&mut machine, "staker", 100_000);
    let owner = staker.pubkey();
    let mut row =
        |protocol: &Protocol, machine: &mut Machine, row: &str, instruction: Instruction, signers: &[&Keypair]| {
            visitor.ready(machine, row, &instruction, signers);
            let outcome = protocol.must(machine, &[instruction], signers);
            visitor.done(row, outcome.compute_units);
            visitor.worked(machine, row);
        };
    let stake = pool.stake(&machine, &owner, 40_000);
    row(&protocol, &mut machine, "stake", stake, &[&staker]);
    row(
        &protocol,
        &mut machine,
        "pay_premium",
        pool.premium(&owner, 1_000),
        &[&staker],
    );
    let cooldown = pool.cooldown(&owner, 20_000_000);
    row(&protocol, &mut machine, "start_cooldown", cooldown, &[&staker]);
    machine.warp_seconds(DAY);
    let unstake = pool.unstake(&owner, 20_000_000);
    row(&protocol, &mut machine, "unstake", unstake, &[&staker]);

    let recovery = Recovery::sealed(&mut machine, protocol, positions(64));
    let (protocol, incident, restoration) = (&recovery.protocol, recovery.incident, recovery.restoration);
    row(protocol, &mut machine, "note_incident", pool.note(incident), &[]);
    recovery.restore(&mut machine);
    let state = pool.state_shortfall(&machine, restoration);
    row(protocol, &mut machine, "state_shortfall", state, &[]);
    machine.warp_seconds(3_600);
    let slash = pool.slash(&machine, restoration);
    row(protocol, &mut machine, "slash", slash, &[]);

    // The funds turn up, and are evacuated: more than the claims lack.
    machine.mint_to(&protocol.mint, &protocol.custody(), 200_000);
    for member in &protocol.members[..2] {
        let confirm = ix::confirm_evacuation(protocol.domain, member.pubkey(), machine.payer.pubkey(), incident);
        protocol.must(&mut machine, &[confirm], &[member]);
    }
    let evacuate = ix::evacuate(protocol.vault, incident, protocol.recovery_account);
    let vault = protocol.vault.vault;
    let fund = ix::fund_from_recovery_account(recovery.keys(), protocol.domain, vault, protocol.recovery_account);
    protocol.must(&mut machine, &[evacuate, fund], &[]);
    let give_back = pool.give_back(protocol, restoration);
    row(protocol, &mut machine, "return_recovered", give_back, &[]);
}
