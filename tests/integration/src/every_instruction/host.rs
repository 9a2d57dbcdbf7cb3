//! What the domain has its host do in an emergency.

use anchor_spl::token::spl_token::{ID as TOKEN_PROGRAM, instruction as spl};
use bulkhead_client::{emergency::pieces, instructions as ix};
use bulkhead_testbed::{Setup, keypair};
use solana_signer::Signer;

use super::{Bench, Visitor};

pub(super) fn visit(visitor: &mut dyn Visitor) {
    emergency_steps(visitor);
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
