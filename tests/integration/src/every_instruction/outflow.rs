//! What an outflow breaker measures by besides its own limits.

use super::*;

/// A breaker of bps with inflow credit, which a host meters with a key of its own.
#[must_use]
pub fn referred_args(protocol: &Protocol, host: &Pubkey) -> OpenBreakerArgs {
    OpenBreakerArgs {
        compartment: 2,
        shard: 0,
        mint: protocol.mint,
        authority: *host,
        sub_windows: 12,
        trip_scope: 2,
        window_seconds: 3_600,
        limit: 100_000,
        slot_limit: 60_000,
        latch_seconds: 3_600,
        shards: 2,
        limit_bps: 500,
        slot_bps: 300,
        reference: protocol.custody(),
        inflow_credit: 8_000,
        trip_limit: 0,
        trip_bps: 0,
    }
}

pub(super) fn visit(visitor: &mut dyn Visitor) {
    let mut bench = Bench::new(visitor, &Setup::default());
    let (payer, domain, vault) = (bench.payer(), bench.protocol.domain, bench.protocol.vault);
    let (host, operator) = (keypair("metering host"), bench.protocol.operator.insecure_clone());
    let args = referred_args(&bench.protocol, &host.pubkey());
    let authority = bench.protocol.mature(&mut bench.machine, &args);
    let breaker = pda::outflow_breaker(&domain, args.compartment, &args.mint, args.shard);
    let reference = args.reference;
    bench.send(ix::open_breaker(authority, payer, args), &[]);
    bench.row("observe_reference", ix::observe_reference(breaker, reference), &[]);
    bench.row(
        "record_inflow",
        ix::record_inflow(breaker, host.pubkey(), None, 5_000),
        &[&host],
    );
    let of_vault = ix::record_inflow(vault.breaker, operator.pubkey(), Some(vault.vault), 5_000);
    bench.row("record_inflow_vault", of_vault, &[&operator]);
    bench.row("view_outflow", ix::view_outflow(domain, breaker), &[]);
}
