//! A redirection that a council once made in peace takes claims of every later restoration, of owners who can sign too,
//! whatever council there is by then: nothing takes it back.

use bulkhead::instructions::RedirectClaimsArgs;
use bulkhead_client::instructions as ix;
use bulkhead_interface::constants::{kind, phase};
use bulkhead_sim::{council_config, keypair};
use bulkhead_tests::{
    recovery::{Recovery, freeze, owner, positions},
    world,
};
use solana_signer::Signer;

#[test]
fn a_redirection_from_peace_outlives_its_council_and_knows_of_no_restoration() {
    let (mut machine, protocol) = world();
    let payer = machine.payer.pubkey();
    let victim = owner(5).pubkey();
    assert!(victim.is_on_curve(), "a wallet, which can sign");
    let thief = keypair("thief").pubkey();
    let named = RedirectClaimsArgs {
        owner: victim,
        destination: machine.create_associated(&protocol.mint, &thief, 0),
        holder: thief,
    };
    assert_eq!(protocol.state(&machine).state, phase::OPERATING);
    let authority = protocol.mature(&mut machine, kind::REDIRECT_CLAIMS, &named);
    let redirect = ix::redirect_claims(authority, payer, named.clone());
    protocol.must(&mut machine, &[redirect], &[]);
    // Another council, and months later an incident and a restoration.
    let council = council_config(&protocol.members);
    let authority = protocol.mature(&mut machine, kind::CHANGE_COUNCIL, &council);
    protocol.must(&mut machine, &[ix::change_council(authority, council)], &[]);
    let recovery = Recovery::sealed(&mut machine, protocol, positions(60));
    recovery.restore(&mut machine);
    recovery.pay_out(&mut machine, 50_000);
    let leaf = recovery
        .tree
        .leaves()
        .map(|(_, leaf)| *leaf)
        .find(|leaf| leaf.owner == victim)
        .expect("a leaf of his");
    let (keys, args) = recovery.prepare(&machine, &leaf.key);
    // The freeze authority is the thief's friend for one transaction.
    freeze(&mut machine, &keys.destination, true);
    let own = keys.destination;
    let keys = ix::ClaimKeys {
        destination: named.destination,
        ..keys
    };
    let domain = Some(recovery.protocol.domain);
    let steal = ix::claim_elsewhere(recovery.keys(), keys, domain, own, false, args);
    recovery.protocol.must(&mut machine, &[steal], &[]);
    assert!(machine.balance(&named.destination) > 0);
}
