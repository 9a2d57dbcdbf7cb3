//! The setup authority configures.

use super::*;

/// The setup authority configures.
pub(super) fn visit(visitor: &mut dyn Visitor) {
    let setup = Setup {
        activate: false,
        ..Setup::default()
    };
    let mut bench = Bench::new(visitor, &setup);
    let payer = bench.payer();
    let setup_authority = keypair("another setup authority");
    let domain = pda::domain(&setup_authority.pubkey());
    let mint = bench.protocol.mint;
    let governance_mint = bench.protocol.governance_mint;
    let authority = ix::Authority {
        signer: setup_authority.pubkey(),
        domain,
        proposal: None,
    };
    let vault = pda::vault(&domain, &mint, 0);
    let breaker = pda::outflow_breaker(&domain, 0, &mint, 0);
    let args = OpenDomainArgs {
        council: council_config(&bench.protocol.members),
        host_program: bench.protocol.host_program,
        vote_seconds: VOTE_SECONDS,
        quorum_bps: 1_000,
    };
    let signers = [&setup_authority];
    bench.row(
        "open_domain",
        ix::open_domain(setup_authority.pubkey(), payer, governance_mint, args),
        &signers,
    );
    bench.row(
        "open_vote_custody",
        ix::open_vote_custody(domain, payer, governance_mint, TOKEN_PROGRAM),
        &[],
    );
    let args = OpenBreakerArgs {
        compartment: 0,
        shard: 0,
        mint,
        authority: vault,
        sub_windows: 12,
        trip_scope: SCOPE_DOMAIN,
        window_seconds: 3_600,
        limit: 100_000,
        slot_limit: 60_000,
        latch_seconds: 72 * 3_600,
        shards: 1,
        ..OpenBreakerArgs::default()
    };
    bench.row("open_breaker", ix::open_breaker(authority, payer, args), &signers);
    let args = OpenVaultArgs {
        index: 0,
        compartment: 0,
        operator: bench.protocol.operator.pubkey(),
        breaker,
        mint,
        queue_seconds: 86_400,
        ledger: 0,
    };
    bench.row(
        "open_vault",
        ix::open_vault(authority, payer, TOKEN_PROGRAM, args),
        &signers,
    );
    let args = RegisterEvacuationRouteArgs {
        vault,
        destination: bench.protocol.recovery_account,
    };
    bench.row(
        "register_evacuation_route",
        ix::register_evacuation_route(authority, args),
        &signers,
    );
    let args = bench.protocol.ledger_args(LEDGER);
    bench.row(
        "register_ledger",
        ix::register_ledger(authority, payer, args, &[]),
        &signers,
    );
    let open_log = ix::open_checkpoint_log(authority, payer, crate::checkpoints::rules());
    bench.row("open_checkpoint_log", open_log, &signers);
    let args = OpenInsuranceArgs {
        vaults: vec![vault],
        detectors: vec![breaker],
        ..crate::insurance::insurance_args(&bench.protocol, 0)
    };
    let open_insurance = ix::open_insurance(authority, payer, mint, TOKEN_PROGRAM, args);
    bench.row("open_insurance", open_insurance, &signers);
    let args = SetLimitArgs {
        breaker,
        limit: 200_000,
        slot_limit: 60_000,
        ..SetLimitArgs::default()
    };
    bench.row("set_limit", ix::set_limit(authority, args), &signers);
    bench.row(
        "activate_domain",
        ix::activate_domain(setup_authority.pubkey()),
        &signers,
    );
}
