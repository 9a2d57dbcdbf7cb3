//! Links between domains, and the view of a board.

use super::*;
use crate::linked::link_args;

/// A domain that depends on another in every compartment; the other one pauses.
pub fn visit(visitor: &mut dyn Visitor) {
    let unfinished = |name| Setup {
        name,
        activate: false,
        ..Setup::default()
    };
    let mut bench = Bench::new(visitor, &unfinished("downstream"));
    let upstream = Protocol::set_up(
        &mut bench.machine,
        &Setup {
            activate: true,
            ..unfinished("upstream")
        },
    );
    let (payer, domain) = (bench.payer(), bench.protocol.domain);
    let setup_authority = bench.protocol.setup_authority.insecure_clone();
    let authority = ix::Authority {
        signer: setup_authority.pubkey(),
        domain,
        proposal: None,
    };
    let args = SetLinkArgs {
        compartments: u64::MAX,
        ..link_args(&upstream)
    };
    bench.row("set_link", ix::set_link(authority, payer, args), &[&setup_authority]);
    bench.send(ix::activate_domain(setup_authority.pubkey()), &[&setup_authority]);

    let guardian = &upstream.members[0];
    let open = ix::open_incident(upstream.domain, guardian.pubkey(), payer, 0);
    bench.send(open, &[guardian]);
    bench.row(
        "propagate_contagion",
        ix::propagate_contagion(domain, upstream.domain),
        &[],
    );
    bench.row("view_mask", ix::view_mask(domain, 63), &[]);
}
