//! 6000: accounts and authority.

use anchor_lang::prelude::Pubkey;
use bulkhead::{
    error::BulkheadError as E,
    instructions::{LowerLimitArgs, OpenDomainArgs, SetLimitArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_testbed::{Machine, Protocol, Setup, VOTE_SECONDS, council_config, keypair};
use bulkhead_tests::{receiver, world, world_with};
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{Case, Refusal};

pub const CASES: &[Case] = &[
    (E::ForeignAccount, || {
        let (mut machine, protocol) = world();
        let user = receiver(&mut machine, &protocol, "user");
        let mut release = ix::release(
            protocol.vault,
            protocol.operator.pubkey(),
            machine.payer.pubkey(),
            user,
            5,
            1,
        );
        // Somebody else's tokens in the place of the vault's.
        release.accounts[4].pubkey = user;
        machine.send(&[release], &[&protocol.operator])
    }),
    (E::UnknownVersion, || {
        let (mut machine, protocol) = world();
        set_byte(&mut machine, &pda::council(&protocol.domain), 8, 2);
        pause_by(&mut machine, &protocol, &protocol.members[0])
    }),
    (E::NotAMember, || {
        let (mut machine, protocol) = world();
        pause_by(&mut machine, &protocol, &keypair("stranger"))
    }),
    (E::RoleMissing, || {
        let (mut machine, protocol) = world();
        pause_by(&mut machine, &protocol, &protocol.members[3])
    }),
    (E::NotSetupAuthority, || {
        let (mut machine, protocol) = setting_up();
        let stranger = keypair("stranger");
        let authority = ix::Authority {
            signer: stranger.pubkey(),
            domain: protocol.domain,
            proposal: None,
        };
        let args = SetLimitArgs {
            breaker: protocol.vault.breaker,
            limit: 9,
            slot_limit: 9,
            ..SetLimitArgs::default()
        };
        machine.send(&[ix::set_limit(authority, args)], &[&stranger])
    }),
    (E::WrongPhase, || {
        let (mut machine, protocol) = world();
        let again = ix::activate_domain(protocol.setup_authority.pubkey());
        machine.send(&[again], &[&protocol.setup_authority])
    }),
    (E::ArgumentOutOfRange, || {
        let (mut machine, protocol) = world();
        let guardian = &protocol.members[0];
        let raise = ix::lower_limit(
            protocol.domain,
            guardian.pubkey(),
            protocol.vault.breaker,
            LowerLimitArgs {
                limit: 100_001,
                slot_limit: 60_000,
                ..LowerLimitArgs::default()
            },
        );
        machine.send(&[raise], &[guardian])
    }),
    (E::Overflow, || {
        let (mut machine, protocol) = world();
        // A pause that would end after the end of time.
        machine.set_clock(machine.clock().slot, i64::MAX);
        pause_by(&mut machine, &protocol, &protocol.members[0])
    }),
    (E::InvalidCouncil, || {
        let (mut machine, protocol) = world();
        let setup_authority = keypair("another setup authority");
        let mut council = council_config(&protocol.members);
        council.freeze_threshold = 4;
        let args = OpenDomainArgs {
            council,
            host_program: protocol.host_program,
            vote_seconds: VOTE_SECONDS,
            quorum_bps: 1_000,
        };
        let payer = machine.payer.pubkey();
        let open = ix::open_domain(setup_authority.pubkey(), payer, protocol.governance_mint, args);
        machine.send(&[open], &[&setup_authority])
    }),
];

/// A protocol that its setup authority still configures.
pub fn setting_up() -> (Machine, Protocol) {
    world_with(&Setup {
        activate: false,
        ..Setup::default()
    })
}

pub fn pause_by(machine: &mut Machine, protocol: &Protocol, guardian: &Keypair) -> Refusal {
    let pause = ix::pause(protocol.domain, guardian.pubkey(), 0, 0);
    machine.send(&[pause], &[guardian])
}

/// Overwrites one byte of an account.
pub fn set_byte(machine: &mut Machine, key: &Pubkey, at: usize, byte: u8) {
    let mut account = machine.account(key).expect("it exists");
    account.data[at] = byte;
    machine.write_account(key, account);
}
