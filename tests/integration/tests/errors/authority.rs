//! 6010 and 6220: members, the fallback, edited proposals.

use anchor_lang::solana_program::system_instruction;
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::{
    error::BulkheadError as E,
    instructions::{ResumeArgs, SetLimitArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_testbed::{HEARTBEAT_SECONDS, Protocol, council_config, fallback};
use bulkhead_tests::world;
use solana_instruction::{AccountMeta, Instruction};
use solana_signer::Signer;

use crate::{Case, Refusal, accounts::pause_by};

pub const CASES: &[Case] = &[
    (E::MemberSilent, || {
        let (mut machine, protocol) = world();
        machine.warp_seconds(HEARTBEAT_SECONDS + 1);
        let proposal = protocol.propose(&mut machine, &council_config(&protocol.members));
        let approve = protocol.approve(&machine, &proposal, 1);
        machine.send(&[approve], &[&protocol.members[1]])
    }),
    (E::GuardianPauseLimitReached, || {
        let (mut machine, protocol) = world();
        let mut council = council_config(&protocol.members);
        council.guardian_pauses_per_day = 1;
        let authority = protocol.mature(&mut machine, &council);
        machine.send(&[ix::change_council(authority, council)], &[])?;
        pause_by(&mut machine, &protocol, &protocol.members[0])?;
        pause_by(&mut machine, &protocol, &protocol.members[0])
    }),
    (E::FallbackNotDue, || {
        let (mut machine, protocol) = world();
        let (fallback, payer) = (fallback(), machine.payer.pubkey());
        let propose = ix::propose(
            protocol.domain,
            fallback.pubkey(),
            payer,
            0,
            &council_config(&protocol.members),
        );
        machine.send(&[propose], &[&fallback])
    }),
    (E::ActiveSince, || {
        let (mut machine, protocol) = world();
        let member = &protocol.members[0];
        let last = protocol.council(&machine).members[0].last_active_ts;
        let heartbeat = ix::heartbeat(protocol.domain, member.pubkey(), last - 1);
        machine.send(&[heartbeat], &[member])
    }),
    (E::NoVetoRights, || {
        let (mut machine, protocol) = world();
        let vetoer = &protocol.members[3];
        let args = ResumeArgs {
            incident: protocol.freeze(&mut machine),
        };
        // Four approvers, and three rights.
        for proposer in [0, 1, 2, 4] {
            let key = &protocol.members[proposer];
            let payer = machine.payer.pubkey();
            let propose = ix::propose(protocol.domain, key.pubkey(), payer, 70, &args);
            machine.send(&[propose], &[key])?;
            let proposal = pda::proposal(&protocol.domain, &key.pubkey(), 70);
            let veto = ix::veto(protocol.domain, vetoer.pubkey(), proposal);
            machine.send(&[veto], &[vetoer])?;
        }
        unreachable!("more vetoes than rights")
    }),
    (E::VetoStands, || {
        let (mut machine, protocol) = world();
        let same = council_config(&protocol.members);
        let vetoer = &protocol.members[3];
        let proposal = protocol.propose(&mut machine, &same);
        let veto = ix::veto(protocol.domain, vetoer.pubkey(), proposal);
        machine.send(&[veto], &[vetoer])?;
        let (propose, _) = protocol.proposing(&machine, &same);
        machine.send(&[propose], &[&protocol.members[0]])
    }),
    (E::AlreadyVetoed, || {
        let (mut machine, protocol) = world();
        let mut other = council_config(&protocol.members);
        let vetoer = &protocol.members[3];
        other.members.remove(3);
        let proposal = protocol.propose(&mut machine, &other);
        let veto = ix::veto(protocol.domain, vetoer.pubkey(), proposal);
        machine.send(std::slice::from_ref(&veto), &[vetoer])?;
        machine.next_slot();
        machine.send(&[veto], &[vetoer])
    }),
    (E::ProposalNumberTaken, || {
        let (mut machine, protocol) = world();
        let same = council_config(&protocol.members);
        let (propose, _) = protocol.proposing(&machine, &same);
        machine.send(std::slice::from_ref(&propose), &[&protocol.members[0]])?;
        machine.next_slot();
        machine.send(&[propose], &[&protocol.members[0]])
    }),
    (E::NotProposer, || {
        let (mut machine, protocol) = world();
        let args = SetLimitArgs {
            breaker: protocol.vault.breaker,
            limit: 500_000,
            slot_limit: 400_000,
            ..SetLimitArgs::default()
        };
        let proposal = protocol.propose(&mut machine, &args);
        let (other, payer) = (&protocol.members[1], machine.payer.pubkey());
        let edit = ix::edit_proposal(protocol.domain, other.pubkey(), payer, proposal, &args);
        machine.send(&[edit], &[other])
    }),
    (E::SelfCall, || {
        run(|table| ix::close_lapsed_incident(table.domain, pda::incident(&table.domain, 0)))
    }),
    (E::ForeignSigner, || {
        run(|table| system_instruction::transfer(&table.members[0].pubkey(), &table.domain, 1))
    }),
    (E::AccountsMismatch, || {
        let (mut machine, protocol) = world();
        let mut stored = ix::stored(&size_of(&protocol));
        let authority = protocol.mature(&mut machine, &stored);
        stored.accounts.clear();
        machine.send(&[ix::run_instruction(authority, &stored)], &[])
    }),
    (E::TokensLocked, || {
        run(|table| {
            let mut call = size_of(table);
            call.accounts[0] = AccountMeta::new(pda::votes(&table.domain), false);
            call
        })
    }),
];

/// Runs an instruction by a matured proposal.
fn run(call: impl Fn(&Protocol) -> Instruction) -> Refusal {
    let (mut machine, protocol) = world();
    let stored = ix::stored(&call(&protocol));
    let authority = protocol.try_mature(&mut machine, &stored)?;
    machine.send(&[ix::run_instruction(authority, &stored)], &[])
}

/// `GetAccountDataSize` of the token program.
fn size_of(protocol: &Protocol) -> Instruction {
    Instruction {
        program_id: TOKEN_PROGRAM,
        accounts: vec![AccountMeta::new_readonly(protocol.mint, false)],
        data: vec![21],
    }
}
