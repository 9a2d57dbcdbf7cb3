//! Releases within limits, over them, and what follows.

use super::*;

/// Releases within limits, over them, and what follows.
pub(super) fn visit(visitor: &mut dyn Visitor) {
    let mut bench = Bench::new(visitor, &Setup::default());
    let (payer, protocol_domain) = (bench.payer(), bench.protocol.domain);
    let keys = bench.protocol.vault;
    let operator = bench.protocol.operator.insecure_clone();
    let guardian = bench.member(0);
    let destination = receiver(&mut bench.machine, &bench.protocol, "user");
    let host = keypair("metering host");
    let args = OpenBreakerArgs {
        compartment: 1,
        shard: 0,
        mint: keys.mint,
        authority: host.pubkey(),
        sub_windows: 12,
        trip_scope: 1,
        window_seconds: 3_600,
        limit: 100_000,
        slot_limit: 60_000,
        latch_seconds: 3_600,
        shards: 1,
        ..OpenBreakerArgs::default()
    };
    let authority = bench.protocol.mature(&mut bench.machine, &args);
    bench.send(ix::open_breaker(authority, payer, args), &[]);
    // Nothing leaves in the first window.
    bench.machine.warp_seconds(2 * 3_600);
    let metered = pda::outflow_breaker(&protocol_domain, 1, &keys.mint, 0);
    bench.row(
        "meter_outflow",
        ix::meter_outflow(protocol_domain, metered, host.pubkey(), 10),
        &[&host],
    );
    let release = |amount, index| ix::release(keys, operator.pubkey(), payer, destination, amount, index);
    bench.row(
        "lower_limit",
        ix::lower_limit(
            protocol_domain,
            guardian.pubkey(),
            keys.breaker,
            LowerLimitArgs {
                limit: 90_000,
                slot_limit: 50_000,
                ..LowerLimitArgs::default()
            },
        ),
        &[&guardian],
    );
    bench.row("release", release(10_000, 0), &[&operator]);
    let look = ix::observe_evacuation_route(protocol_domain, keys.vault, bench.protocol.recovery_account);
    bench.row("observe_evacuation_route", look, &[]);
    // Above the trip limit: it latches as well.
    bench.row("release_queued", release(100_001, 1), &[&operator]);
    let user = keypair("user");
    let redirect = ix::redirect_release(user.pubkey(), keys.vault, pda::release(&keys.vault, 1), destination);
    bench.row("redirect_release", redirect, &[&user]);
    bench.row(
        "propagate_trip",
        ix::propagate_trip(protocol_domain, payer, keys.breaker, 0),
        &[],
    );
    let incident = pda::incident(&protocol_domain, 0);
    let queued = pda::release(&keys.vault, 1);
    bench.row(
        "cancel_release",
        ix::cancel_release(protocol_domain, guardian.pubkey(), incident, keys.vault, queued),
        &[&guardian],
    );
    let other = bench.member(1);
    let list = ix::set_cancel_list(protocol_domain, (other.pubkey(), payer), incident, keys.vault, [7; 32]);
    bench.row("set_cancel_list", list, &[&other]);
    let back = ix::take_back_release(operator.pubkey(), keys.vault, queued, payer);
    bench.row("take_back_release", back, &[&operator]);

    bench.machine.warp_seconds(80 * 3_600);
    bench.send(release(80_000, 3), &[&operator]);
    let listed = pda::release(&keys.vault, 3);
    let requested_slot = bench.machine.load::<Release>(&listed).requested_slot;
    let args = CancelReleasesArgs {
        vault: keys.vault,
        root: release_list::node(&release_list::leaf(&listed, requested_slot), &[7; 32]),
    };
    let authority = bench.protocol.mature(&mut bench.machine, &args);
    bench.row("cancel_releases", ix::cancel_releases(authority, args), &[]);
    let cancel = ix::cancel_listed_release(keys.vault, listed, vec![[7; 32]]);
    bench.row("cancel_listed_release", cancel, &[]);

    bench.machine.warp_seconds(80 * 3_600);
    bench.send(release(80_000, 2), &[&operator]);
    bench.machine.warp_seconds(80 * 3_600);
    let settle = ix::settle_release(keys, destination, pda::release(&keys.vault, 2));
    bench.row("settle_release", settle.clone(), &[]);
    bench.machine.warp_seconds(80 * 3_600);
    bench.send(settle, &[]);
    bench.row(
        "close_release",
        ix::close_release(pda::release(&keys.vault, 2), payer),
        &[],
    );

    let owner = keypair("depositor");
    bench.machine.fund(&owner.pubkey(), 100_000_000);
    let wallet = keypair("depositor's wallet").pubkey();
    bench
        .machine
        .create_token_account(&wallet, &keys.mint, &owner.pubkey(), 50_000);
    let deposit = |amount| ix::receive_deposit(keys, owner.pubkey(), wallet, owner.pubkey(), amount);
    bench.row("receive_deposit", deposit(10_000), &[&owner]);
    bench.row("receive_deposit_again", deposit(10_000), &[&owner]);
    let back = ix::release_to(keys, operator.pubkey(), (owner.pubkey(), wallet), payer, 15_000, 3);
    bench.row("release_returning", back, &[&operator]);
    bench.machine.warp_seconds(2 * 3_600);
    let close = ix::close_deposit_note(keys, &owner.pubkey(), owner.pubkey());
    bench.row("close_deposit_note", close, &[]);
}
