//! 6800 to 6813: insurance.

use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::{error::BulkheadError as E, instructions::OpenInsuranceArgs};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{
    constants::incident_state,
    layout::{Domain, Incident},
};
use bulkhead_tests::{
    insurance::{DAY, Pool, insurance_args, restored, rob, staked},
    recovery::{LEDGER, forge},
    world,
};
use solana_signer::Signer;

use crate::Case;

/// All that is cooled.
const HALF: u64 = 25_000_000;

pub const CASES: &[Case] = &[
    (E::InsuranceTermsInvalid, || {
        let (mut machine, protocol) = world();
        let args = OpenInsuranceArgs {
            cap_bps: 0,
            ..insurance_args(&protocol, 0)
        };
        protocol.try_mature(&mut machine, &args).map(|_| unreachable!())
    }),
    (E::IncidentNotNoted, || {
        let (mut machine, protocol, pool, staker) = staked();
        protocol.freeze(&mut machine);
        machine.send(&[pool.unstake(&staker.pubkey(), HALF)], &[&staker])
    }),
    (E::IncidentNoted, || {
        let (mut machine, recovery, pool, _) = restored();
        machine.send(&[pool.note(recovery.incident)], &[])
    }),
    (E::ExitsClosed, || {
        let (mut machine, protocol, pool, staker) = staked();
        let incident = protocol.freeze(&mut machine);
        machine.send(&[pool.note(incident), pool.unstake(&staker.pubkey(), HALF)], &[&staker])
    }),
    (E::DetectorLatched, || {
        let (mut machine, protocol, pool, staker) = staked();
        let destination = bulkhead_tests::receiver(&mut machine, &protocol, "thief");
        protocol.release(&mut machine, destination, 100_001, 1)?;
        machine.send(&[pool.unstake(&staker.pubkey(), HALF)], &[&staker])
    }),
    (E::ShortfallNotStated, || {
        let (mut machine, recovery, pool, _) = restored();
        let incident: Incident = machine.load(&recovery.incident);
        let closed = Incident {
            state: incident_state::CLOSED,
            ..incident
        };
        forge(&mut machine, &recovery.incident, &closed);
        machine.send(&[pool.note(recovery.incident)], &[])
    }),
    (E::ShortfallPending, || {
        let (mut machine, recovery, pool, staker) = restored();
        rob(&mut machine, &recovery);
        let state = pool.state_shortfall(&machine, recovery.restoration);
        machine.send(&[state], &[])?;
        // The host reopened.
        let protocol = &recovery.protocol;
        let (domain, incident): (Domain, Incident) = (machine.load(&protocol.domain), machine.load(&recovery.incident));
        let open_incident = anchor_lang::prelude::Pubkey::default();
        let domain = Domain {
            open_incident,
            ..domain
        };
        forge(&mut machine, &protocol.domain, &domain);
        let closed = Incident {
            state: incident_state::CLOSED,
            ..incident
        };
        forge(&mut machine, &recovery.incident, &closed);
        let stake = pool.stake(&machine, &staker.pubkey(), 1_000);
        machine.send(&[pool.note(recovery.incident), stake], &[&staker])
    }),
    (E::ShortfallStated, || {
        let (mut machine, recovery, pool, _) = restored();
        let state = pool.state_shortfall(&machine, recovery.restoration);
        machine.send(std::slice::from_ref(&state), &[])?;
        machine.next_slot();
        machine.send(&[state], &[])
    }),
    (E::NotCooled, || {
        let (mut machine, _, pool, staker) = staked();
        machine.warp_seconds(21 * DAY);
        machine.send(&[pool.unstake(&staker.pubkey(), HALF)], &[&staker])
    }),
    (E::TooFewShares, || {
        let (mut machine, _, pool, staker) = staked();
        machine.send(&[pool.unstake(&staker.pubkey(), HALF + 1)], &[&staker])
    }),
    (E::WorthNothing, || {
        let (mut machine, _, pool, staker) = staked();
        machine.send(&[pool.unstake(&staker.pubkey(), 1)], &[&staker])
    }),
    (E::FundingNotOver, || {
        let (mut machine, recovery, pool, _) = restored();
        let state = pool.state_shortfall(&machine, recovery.restoration);
        machine.send(&[state], &[])?;
        machine.send(&[pool.slash(&machine.fork(), recovery.restoration)], &[])
    }),
    (E::EarlierPoolFirst, || {
        let (mut machine, protocol) = world();
        let args = insurance_args(&protocol, 1);
        let authority = protocol.mature(&mut machine, &args);
        let payer = machine.payer.pubkey();
        let mut open = ix::open_insurance(authority, payer, protocol.mint, TOKEN_PROGRAM, args);
        let previous = pda::insurance_pool(&protocol.domain, LEDGER, 0);
        for meta in open.accounts.iter_mut().filter(|meta| meta.pubkey == previous) {
            meta.pubkey = bulkhead::ID;
        }
        machine.send(&[open], &[])
    }),
    (E::ClaimsLackFunds, || {
        let (mut machine, recovery, pool, _) = restored();
        rob(&mut machine, &recovery);
        let (protocol, incident) = (&recovery.protocol, recovery.incident);
        let state = pool.state_shortfall(&machine, recovery.restoration);
        for member in &protocol.members[..2] {
            let confirm = ix::confirm_evacuation(protocol.domain, member.pubkey(), machine.payer.pubkey(), incident);
            protocol.must(&mut machine, &[confirm], &[member]);
        }
        machine.mint_to(&protocol.mint, &protocol.custody(), 10);
        let evacuate = ix::evacuate(protocol.vault, incident, protocol.recovery_account);
        protocol.must(&mut machine, &[state, evacuate], &[]);
        let give_back = pool.give_back(protocol, recovery.restoration);
        machine.send(&[give_back], &[])
    }),
];

#[test]
fn the_pool_of_these_cases_has_half_of_its_shares_cooled() {
    let (machine, _, pool, _) = staked();
    let state = Pool::state(&pool, &machine);
    assert_eq!(state.shares, 2 * HALF);
}
