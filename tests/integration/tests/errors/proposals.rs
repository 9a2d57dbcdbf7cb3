//! 6200: proposals.

use anchor_lang::{prelude::Pubkey, solana_program::system_instruction};
use bulkhead::{
    decision::EncodedDecision,
    error::BulkheadError as E,
    instructions::{ResumeArgs, SetLimitArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{ProposalKind, constants::MAX_PAYLOAD};
use bulkhead_testbed::{DELAY_SECONDS, Machine, Protocol, council_config, keypair};
use bulkhead_tests::world;
use solana_message::Message;
use solana_signer::Signer;
use solana_transaction::Transaction;

use crate::{Case, Refusal, pause::alarm};

pub const CASES: &[Case] = &[
    (E::DurableNonce, || {
        let (mut machine, protocol, proposal) = proposed();
        let (approver, nonce) = (protocol.members[0].insecure_clone(), keypair("nonce"));
        machine.fund(&approver.pubkey(), 1_000_000_000);
        let rent = machine.svm.minimum_balance_for_rent_exemption(80);
        let payer = machine.payer.pubkey();
        let open = system_instruction::create_nonce_account(&payer, &nonce.pubkey(), &approver.pubkey(), rent);
        machine.send(&open, &[&nonce])?;
        let data = machine.account(&nonce.pubkey()).expect("it was made").data;
        let value: [u8; 32] = data[40..72].try_into().expect("32 bytes");
        let advance = system_instruction::advance_nonce_account(&nonce.pubkey(), &approver.pubkey());
        let approve = protocol.approve(&machine, &proposal, 0);
        let message = Message::new(&[advance, approve], Some(&approver.pubkey()));
        machine.send_signed(Transaction::new(&[&approver], message, value.into()))
    }),
    (E::ApprovalMismatch, || {
        let (mut machine, protocol, proposal) = proposed();
        let slot = machine.clock().slot;
        let approver = &protocol.members[0];
        let approve = ix::approve(protocol.domain, approver.pubkey(), proposal, [0; 32], slot);
        machine.send(&[approve], &[approver])
    }),
    (E::StaleConfigEpoch, || {
        let (mut machine, protocol, proposal) = proposed();
        let council = council_config(&protocol.members);
        let authority = protocol.mature(&mut machine, &council);
        machine.send(&[ix::change_council(authority, council)], &[])?;
        approve(&mut machine, &protocol, &proposal, 0)
    }),
    (E::ProposalNotOpen, || {
        let (mut machine, protocol, proposal) = proposed();
        let vetoer = &protocol.members[3];
        machine.send(&[ix::veto(protocol.domain, vetoer.pubkey(), proposal)], &[vetoer])?;
        approve(&mut machine, &protocol, &proposal, 0)
    }),
    (E::ProposalExpired, || {
        let (mut machine, protocol, proposal) = proposed();
        machine.warp_seconds(7 * 86_400 + 1);
        approve(&mut machine, &protocol, &proposal, 0)
    }),
    (E::NotApproved, || {
        let (mut machine, protocol, proposal) = proposed();
        execute(&mut machine, &protocol, Some(proposal))
    }),
    (E::DelayNotPassed, || {
        let (mut machine, protocol, proposal) = proposed();
        for member in 0..2 {
            approve(&mut machine, &protocol, &proposal, member)?;
        }
        machine.warp_seconds(DELAY_SECONDS - 1);
        execute(&mut machine, &protocol, Some(proposal))
    }),
    (E::AlreadyApproved, || {
        let (mut machine, protocol, proposal) = proposed();
        approve(&mut machine, &protocol, &proposal, 0)?;
        approve(&mut machine, &protocol, &proposal, 0)
    }),
    (E::ApprovalMissing, || {
        let (mut machine, protocol, proposal) = proposed();
        let approver = &protocol.members[0];
        let withdraw = ix::withdraw_approval(protocol.domain, approver.pubkey(), proposal);
        machine.send(&[withdraw], &[approver])
    }),
    (E::WrongProposalKind, || propose(vec![u8::MAX])),
    (E::PayloadMismatch, || propose(vec![ProposalKind::Resume.number()])),
    (E::TightenedSince, || {
        let (mut machine, protocol) = world();
        // Proposed while there was an alarm; the guardians hold the domain since.
        let incident = pda::incident(&protocol.domain, 0);
        alarm(&mut machine, &protocol)?;
        let args = ResumeArgs { incident };
        let authority = protocol.mature(&mut machine, &args);
        protocol.confirm(&mut machine, incident);
        machine.send(&[ix::resume(authority, args)], &[])
    }),
    (E::DecidedSince, || {
        let (mut machine, protocol) = world();
        let args = args(&protocol);
        let kept = protocol.mature(&mut machine, &args);
        let newer = protocol.mature(&mut machine, &args);
        machine.send(&[ix::set_limit(newer, args.clone())], &[])?;
        machine.send(&[ix::set_limit(kept, args)], &[])
    }),
    // Longer than a plain transaction; lookup tables and calls by programs can carry it.
    (E::PayloadTooLong, || {
        propose(vec![ProposalKind::ChangeCouncil.number(); MAX_PAYLOAD + 2])
    }),
    (E::ProposalStillOpen, || {
        let (mut machine, protocol, proposal) = proposed();
        let close = ix::close_proposal(protocol.domain, proposal, machine.payer.pubkey());
        machine.send(&[close], &[])
    }),
    (E::ProposalRequired, || {
        let (mut machine, protocol) = world();
        execute(&mut machine, &protocol, None)
    }),
];

fn args(protocol: &Protocol) -> SetLimitArgs {
    SetLimitArgs {
        breaker: protocol.vault.breaker,
        limit: 500_000,
        slot_limit: 400_000,
        ..SetLimitArgs::default()
    }
}

/// A proposal to raise a limit.
fn proposed() -> (Machine, Protocol, Pubkey) {
    let (mut machine, protocol) = world();
    let proposal = protocol.propose(&mut machine, &args(&protocol));
    (machine, protocol, proposal)
}

fn propose(decision: Vec<u8>) -> Refusal {
    let (mut machine, protocol) = world();
    let (approver, payer) = (&protocol.members[0], machine.payer.pubkey());
    let propose = ix::propose(protocol.domain, approver.pubkey(), payer, 0, EncodedDecision(decision));
    machine.send(&[propose], &[approver])
}

fn approve(machine: &mut Machine, protocol: &Protocol, proposal: &Pubkey, member: usize) -> Refusal {
    let approve = protocol.approve(machine, proposal, member);
    machine.send(&[approve], &[&protocol.members[member]])
}

fn execute(machine: &mut Machine, protocol: &Protocol, proposal: Option<Pubkey>) -> Refusal {
    let authority = ix::Authority {
        signer: machine.payer.pubkey(),
        domain: protocol.domain,
        proposal,
    };
    machine.send(&[ix::set_limit(authority, args(protocol))], &[])
}
