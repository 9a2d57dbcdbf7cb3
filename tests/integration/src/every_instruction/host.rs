//! What the domain has its host do in an emergency.

use anchor_spl::token::spl_token::{ID as TOKEN_PROGRAM, instruction as spl};
use bulkhead::instructions::{RegisterDirectVaultArgs, RegisterEmergencyBuildArgs, UpgradeHostArgs};
use bulkhead_client::{emergency::pieces, instructions as ix};
use bulkhead_testbed::{Setup, keypair};
use solana_signer::Signer;

use super::{Bench, Visitor};
use crate::upgrades;

pub(super) fn visit(visitor: &mut dyn Visitor) {
    emergency_steps(visitor);
    direct_vault(visitor);
    upgrades_of_a_program(visitor);
}

/// An action of two steps: two mints of the domain, which it stops for good.
fn emergency_steps(visitor: &mut dyn Visitor) {
    let mut bench = Bench::new(visitor, &Setup::default());
    let (payer, domain) = (bench.payer(), bench.protocol.domain);
    let (first, second) = (bench.member(0), bench.member(1));
    let mut stop = |name| {
        let mint = keypair(name).pubkey();
        bench.machine.create_mint(&mint, &domain, 6);
        let kind = spl::AuthorityType::MintTokens;
        let stop = spl::set_authority(&TOKEN_PROGRAM, &mint, None, kind, &domain, &[]);
        ix::stored(&stop.expect("it is well formed"))
    };
    let steps = [stop("one mint"), stop("another mint")];
    let piece = pieces(1, &steps, 1_000).expect("it fits").remove(0);
    let hash = piece.whole_hash;
    let authority = bench.protocol.mature(&mut bench.machine, &piece);
    bench.row(
        "register_emergency_steps",
        ix::register_emergency_steps(authority, payer, piece),
        &[],
    );
    bench.row(
        "start_emergency_run",
        ix::start_emergency_run(domain, first.pubkey(), payer, 1, hash),
        &[&first],
    );
    let keys = ix::RunKeys {
        domain,
        index: 1,
        guardian: second.pubkey(),
        starter: first.pubkey(),
    };
    bench.row(
        "run_emergency_step",
        ix::run_emergency_step(keys, 0, &steps[0]),
        &[&second],
    );
}

/// Tokens of a host that lets the domain spend them: its instruction is the token program's.
fn direct_vault(visitor: &mut dyn Visitor) {
    let mut bench = Bench::new(visitor, &Setup::default());
    let (payer, domain, mint) = (bench.payer(), bench.protocol.domain, bench.protocol.mint);
    let (host, source, route) = (
        keypair("host"),
        keypair("the host's tokens").pubkey(),
        bench.protocol.recovery_account,
    );
    bench.machine.create_token_account(&source, &mint, &host.pubkey(), 500);
    let approve = spl::approve(&TOKEN_PROGRAM, &source, &domain, &host.pubkey(), &[], 500);
    bench.send(approve.expect("it is well formed"), &[&host]);
    let transfer = spl::transfer(&TOKEN_PROGRAM, &source, &route, &domain, &[], 500);
    let stored = ix::stored(&transfer.expect("it is well formed"));
    let args = RegisterDirectVaultArgs {
        source,
        route,
        ledger: 0,
        least_bps: 10_000,
        instruction: stored.clone(),
    };
    let authority = bench.protocol.mature(&mut bench.machine, &args);
    let register = ix::register_direct_vault(authority, payer, mint, args);
    bench.row("register_direct_vault", register, &[]);
    let incident = bench.protocol.freeze(&mut bench.machine);
    for number in 0..2 {
        let member = bench.member(number);
        bench.send(
            ix::confirm_evacuation(domain, member.pubkey(), payer, incident),
            &[&member],
        );
    }
    let evacuate = ix::evacuate_direct(domain, incident, (source, mint), &stored);
    bench.row("evacuate_direct", evacuate, &[]);
}

/// A program whose upgrade authority is the domain.
fn upgrades_of_a_program(visitor: &mut dyn Visitor) {
    let mut bench = Bench::new(visitor, &Setup::default());
    let (payer, domain) = (bench.payer(), bench.protocol.domain);
    let build = upgrades::build("bulkhead_export_probe");
    let (program, buffer, spill) = (
        keypair("host program").pubkey(),
        keypair("buffer").pubkey(),
        keypair("spill").pubkey(),
    );
    upgrades::program(&mut bench.machine, &program, Some(&domain), &build, build.len(), 5);
    upgrades::buffer(&mut bench.machine, &buffer, Some(&domain), &build);
    let buffer_hash = upgrades::hash(&build);
    let args = UpgradeHostArgs {
        program,
        buffer_hash,
        spill,
    };
    let authority = bench.protocol.mature(&mut bench.machine, &args);
    bench.row("upgrade_host", ix::upgrade_host(authority, payer, buffer, args), &[]);

    let args = RegisterEmergencyBuildArgs {
        program,
        build_hash: buffer_hash,
        spill,
    };
    let authority = bench.protocol.mature(&mut bench.machine, &args);
    let register = ix::register_emergency_build(authority, payer, args);
    bench.row("register_emergency_build", register, &[]);
    bench.protocol.freeze(&mut bench.machine);
    let (first, second) = (bench.member(0), bench.member(1));
    let confirm = |guardian| ix::confirm_emergency_build(domain, guardian, &program, buffer_hash);
    bench.send(confirm(first.pubkey()), &[&first]);
    bench.row("confirm_emergency_build", confirm(second.pubkey()), &[&second]);
    upgrades::buffer(&mut bench.machine, &buffer, Some(&domain), &build);
    let deploy = ix::deploy_emergency_build(ix::UpgradeKeys {
        domain,
        program,
        buffer,
        spill,
    });
    bench.row("deploy_emergency_build", deploy, &[]);
}
