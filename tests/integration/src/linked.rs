//! Domains that depend on each other.

use anchor_lang::AnchorDeserialize;
use bulkhead::instructions::{MaskView, SetLinkArgs};
use bulkhead_client::instructions as ix;
use bulkhead_guard::{action, board::SCOPE_DOMAIN};
use bulkhead_testbed::{Machine, Protocol, Setup};
use solana_signer::Signer;

use crate::machine;

/// Compartments of ours that depend on the upstream.
pub const LINKED: u64 = 1 << 0 | 1 << 5 | 1 << 63;

/// A link that counts any pause of the upstream's whole domain, and closes the council's default in [`LINKED`].
#[must_use]
pub fn link_args(upstream: &Protocol) -> SetLinkArgs {
    SetLinkArgs {
        upstream: upstream.domain,
        upstream_scope: SCOPE_DOMAIN,
        upstream_mask: action::ALL,
        compartments: LINKED,
        mask: 0,
    }
}

/// Sets a link up with the setup authority.
pub fn set_up_link(machine: &mut Machine, domain: &Protocol, args: SetLinkArgs) {
    let authority = ix::Authority {
        signer: domain.setup_authority.pubkey(),
        domain: domain.domain,
        proposal: None,
    };
    let set = ix::set_link(authority, machine.payer.pubkey(), args);
    domain.must(machine, &[set], &[&domain.setup_authority]);
}

/// Active domains; `(a, b)` of `edges` makes `a` depend on `b`.
#[must_use]
pub fn domains(names: &[&'static str], edges: &[(usize, usize)]) -> (Machine, Vec<Protocol>) {
    let mut machine = machine();
    let set_up = |name: &&'static str| {
        let setup = Setup {
            name,
            activate: false,
            ..Setup::default()
        };
        Protocol::set_up(&mut machine, &setup)
    };
    let domains: Vec<_> = names.iter().map(set_up).collect();
    for (own, upstream) in edges {
        set_up_link(&mut machine, &domains[*own], link_args(&domains[*upstream]));
    }
    for domain in &domains {
        let activate = ix::activate_domain(domain.setup_authority.pubkey());
        domain.must(&mut machine, &[activate], &[&domain.setup_authority]);
    }
    (machine, domains)
}

/// An upstream and a domain that depends on it.
#[must_use]
pub fn pair() -> (Machine, Protocol, Protocol) {
    let (machine, domains) = domains(&["upstream", "downstream"], &[(1, 0)]);
    let [upstream, downstream] = <[Protocol; 2]>::try_from(domains).unwrap_or_else(|_| unreachable!());
    (machine, upstream, downstream)
}

/// What `view_mask` returns.
///
/// # Panics
/// When it returns something else.
pub fn view(machine: &mut Machine, domain: &Protocol, compartment: u8) -> MaskView {
    let ask = ix::view_mask(domain.domain, compartment);
    let answer = domain.must(machine, &[ask], &[]).return_data;
    MaskView::try_from_slice(&answer).unwrap_or_else(|error| panic!("{error}: {answer:?}"))
}
