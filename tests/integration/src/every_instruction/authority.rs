//! Signs of life, rights given back, proposals edited, instructions run.

use anchor_spl::token::spl_token::{ID as TOKEN_PROGRAM, instruction as spl};
use bulkhead::instructions::{GrantRightsArgs, RegisterEmergencyActionArgs};
use bulkhead_client::instructions as ix;
use bulkhead_testbed::{Setup, council_config, keypair};
use solana_signer::Signer;

use super::{Bench, Visitor};
use crate::receiver;

pub(super) fn visit(visitor: &mut dyn Visitor) {
    let mut bench = Bench::new(visitor, &Setup::default());
    let (payer, domain) = (bench.payer(), bench.protocol.domain);
    let first = bench.member(0);
    let last_active_ts = bench.protocol.council(&bench.machine).members[0].last_active_ts;
    bench.row(
        "heartbeat",
        ix::heartbeat(domain, first.pubkey(), last_active_ts),
        &[&first],
    );

    bench.send(ix::pause(domain, first.pubkey(), 0, 0), &[&first]);
    let args = GrantRightsArgs {
        member: first.pubkey(),
        pause_rights: 1,
    };
    let authority = bench.protocol.mature(&mut bench.machine, &args);
    bench.row("grant_rights", ix::grant_rights(authority, args), &[]);

    let mut council = council_config(&bench.protocol.members);
    let proposal = bench.protocol.propose(&mut bench.machine, &council);
    council.freeze_threshold = 3;
    let edit = ix::edit_proposal(domain, first.pubkey(), payer, proposal, &council);
    bench.row("edit_proposal", edit, &[&first]);

    let treasury = keypair("treasury").pubkey();
    let user = receiver(&mut bench.machine, &bench.protocol, "user");
    bench
        .machine
        .create_token_account(&treasury, &bench.protocol.mint, &domain, 1_000);
    let transfer = spl::transfer(&TOKEN_PROGRAM, &treasury, &user, &domain, &[], 600).expect("it is well formed");
    let stored = ix::stored(&transfer);
    let authority = bench.protocol.mature(&mut bench.machine, &stored);
    bench.row("run_instruction", ix::run_instruction(authority, &stored), &[]);

    // A mint of the domain, which a guardian may stop for good.
    let mint = keypair("host mint").pubkey();
    bench.machine.create_mint(&mint, &domain, 6);
    let stop = spl::set_authority(
        &TOKEN_PROGRAM,
        &mint,
        None,
        spl::AuthorityType::MintTokens,
        &domain,
        &[],
    );
    let stored = ix::stored(&stop.expect("it is well formed"));
    let args = RegisterEmergencyActionArgs {
        index: 0,
        instruction: stored.clone(),
    };
    let authority = bench.protocol.mature(&mut bench.machine, &args);
    bench.row(
        "register_emergency_action",
        ix::register_emergency_action(authority, payer, args),
        &[],
    );
    bench.row(
        "run_emergency_action",
        ix::run_emergency_action(domain, first.pubkey(), 0, &stored),
        &[&first],
    );
}
