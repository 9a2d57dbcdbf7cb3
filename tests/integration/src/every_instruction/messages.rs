//! Messages of a domain on another chain.

use bulkhead_core::messages::message::Body;

use super::*;
use crate::peers::{Heard, attesters, everything, in_set_up, message, peer_args, peer_of};

/// Two of three attesters; then as many as sign in one transaction.
pub fn visit(visitor: &mut dyn Visitor) {
    let setup = Setup {
        activate: false,
        ..Setup::default()
    };
    let mut bench = Bench::new(visitor, &setup);
    let setup_authority = bench.protocol.setup_authority.insecure_clone();
    let register = ix::register_peer(in_set_up(&bench.protocol), bench.payer(), peer_args());
    bench.row("register_peer", register, &[&setup_authority]);
    bench.send(ix::activate_domain(setup_authority.pubkey()), &[&setup_authority]);

    let announce = heard(&bench, &[1, 2, 3]).rotation(3, &attesters(&[1, 2, 3, 4]), &[0, 1]);
    bench.row("announce_rotation", announce, &[]);
    let guardian = bench.member(0);
    let stop = ix::stop_rotation(peer_of(&bench.protocol), guardian.pubkey());
    bench.row("stop_rotation", stop, &[&guardian]);

    let of_two = heard(&bench, &[1, 2, 3]);
    let accept = of_two.attested(&of_two.pause(1), &[0, 1]);
    bench.row("accept_attested", accept, &[]);
    bench.machine.next_slot();
    bench.machine.warp_seconds(1);
    let now = bench.machine.clock().unix_timestamp;
    let posted = post(&mut bench, &message(now, 2, 2, everything()));
    bench.row(
        "accept_posted",
        ix::accept_posted(peer_of(&bench.protocol), posted),
        &[],
    );
    let request = message(now, 3, 3, Body::ResumeRequest { council_epoch: 1 });
    let posted = post(&mut bench, &request);
    let recorded = ix::accept_posted(peer_of(&bench.protocol), posted);
    bench.row("accept_posted_recorded", recorded, &[]);

    let seven_of_twelve: Vec<_> = (1..=12).collect();
    let args = RegisterPeerArgs {
        threshold: 7,
        attesters: crate::peers::addresses(&attesters(&seven_of_twelve)),
        ..peer_args()
    };
    let authority = bench.protocol.mature(&mut bench.machine, &args);
    bench.send(ix::register_peer(authority, bench.payer(), args), &[]);
    let of_seven = heard(&bench, &seven_of_twelve);
    let accept = of_seven.attested(&of_seven.pause(1), &[0, 1, 2, 3, 4, 5, 6]);
    bench.row("accept_attested_seven", accept, &[]);
}

fn post(bench: &mut Bench, message: &bulkhead_core::messages::message::Message) -> Pubkey {
    crate::peers::Posting::of(crate::peers::bytes_of(message)).write(&mut bench.machine)
}

/// The bench's world as it is now, with attesters to sign in it.
fn heard(bench: &Bench, numbers: &[u8]) -> Heard {
    Heard {
        machine: bench.machine.fork(),
        protocol: bench.protocol.twin(),
        set: attesters(numbers),
    }
}
