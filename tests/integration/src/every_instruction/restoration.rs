//! From the vote to the last claim.

use super::*;

/// Siblings of a proof in a ledger of a million leaves: sixteen shards with sixteen canopy nodes each leave
/// 4,096 leaves, and one level more where a shard has grown past that.
const MILLION_HEIGHT: u8 = 13;

/// From the vote to the last claim.
pub(super) fn visit(visitor: &mut dyn Visitor) {
    let (mut machine, protocol) = world();
    let recovery = Recovery::sealed(&mut machine, protocol, of_a_program(positions(64), 63));
    let protocol = &recovery.protocol;
    let (payer, domain) = (machine.payer.pubkey(), protocol.domain);
    let member = protocol.members[0].insecure_clone();
    let voter = keypair("voter");
    let (ballot, incident) = (recovery.ballot, recovery.incident);
    let source = machine.create_associated(&protocol.governance_mint, &voter.pubkey(), 1_000);
    let mut row = |machine: &mut Machine, row: &str, instruction: Instruction, signers: &[&Keypair]| {
        visitor.ready(machine, row, &instruction, signers);
        let outcome = protocol.must(machine, &[instruction], signers);
        visitor.done(row, outcome.compute_units);
        visitor.worked(machine, row);
    };
    let deposit = ix::deposit_votes(
        domain,
        voter.pubkey(),
        source,
        protocol.governance_mint,
        TOKEN_PROGRAM,
        1_000,
    );
    row(
        &mut machine,
        "open_escrow",
        ix::open_escrow(domain, voter.pubkey(), payer),
        &[&voter],
    );
    row(&mut machine, "deposit_votes", deposit, &[&voter]);
    row(
        &mut machine,
        "open_ballot",
        ix::open_ballot(domain, member.pubkey(), payer, incident, LEDGER),
        &[&member],
    );
    row(
        &mut machine,
        "add_candidate",
        ix::add_candidate(domain, member.pubkey(), ballot, recovery.snapshot),
        &[&member],
    );
    machine.warp_seconds(NOMINATION_SECONDS);
    let start = ix::start_voting(domain, member.pubkey(), incident, ballot, protocol.governance_mint);
    row(&mut machine, "start_voting", start.clone(), &[&member]);
    // Nobody voted: the ballot is run again.
    machine.warp_seconds(VOTE_SECONDS);
    row(
        &mut machine,
        "renew_ballot",
        ix::renew_ballot(domain, member.pubkey(), ballot, None),
        &[&member],
    );
    machine.warp_seconds(NOMINATION_SECONDS);
    protocol.must(&mut machine, &[start], &[&member]);
    let vote = ix::cast_vote(domain, voter.pubkey(), payer, ballot, 0);
    row(&mut machine, "cast_vote", vote, &[&voter]);
    machine.warp_seconds(VOTE_SECONDS);
    row(
        &mut machine,
        "close_vote_record",
        ix::close_vote_record(ballot, voter.pubkey()),
        &[],
    );
    let withdraw = ix::withdraw_votes(
        domain,
        voter.pubkey(),
        source,
        protocol.governance_mint,
        TOKEN_PROGRAM,
        1_000,
    );
    row(&mut machine, "withdraw_votes", withdraw, &[&voter]);

    let authority = protocol.mature(&mut machine, &recovery.args());
    let choose = ix::choose_restoration(authority, payer, protocol.mint, TOKEN_PROGRAM, recovery.args());
    row(&mut machine, "choose_restoration", choose, &[]);

    for member in &protocol.members[..2] {
        let confirm = ix::confirm_evacuation(domain, member.pubkey(), payer, incident);
        protocol.must(&mut machine, &[confirm], &[member]);
    }
    let evacuate = ix::evacuate(protocol.vault, incident, protocol.recovery_account);
    protocol.must(&mut machine, &[evacuate], &[]);
    let funder = keypair("funder");
    let source = machine.create_associated(&protocol.mint, &funder.pubkey(), 1_000);
    let fund = ix::fund_restoration(recovery.keys(), funder.pubkey(), source, 1_000);
    row(&mut machine, "fund_restoration", fund, &[&funder]);
    let recovery_account =
        ix::fund_from_recovery_account(recovery.keys(), domain, protocol.vault.vault, protocol.recovery_account);
    row(&mut machine, "fund_from_recovery_account", recovery_account, &[]);

    row(
        &mut machine,
        "share_out",
        ix::share_out(recovery.restoration, incident),
        &[],
    );
    row(
        &mut machine,
        "open_claim_page",
        ix::open_claim_page(recovery.restoration, payer, 0),
        &[],
    );
    let (_, leaf) = recovery.tree.leaves().next().expect("there are leaves");
    let (keys, args) = recovery.prepare(&machine, &leaf.key);
    machine.create_associated(&protocol.mint, &leaf.owner, 0);
    row(&mut machine, "claim_64", ix::claim(recovery.keys(), keys, args), &[]);
    elsewhere(&mut machine, &recovery, &mut row);
    together(&mut machine, &recovery, &mut row);
    consumed(&mut machine, &recovery, &mut row);

    // The recovery account covered every claim. All are paid, and somebody sends the pool more than they were.
    recovery.claim_all(&mut machine);
    machine.mint_to(&protocol.mint, &recovery.pool(), 500);
    let home = machine.create_associated(&protocol.mint, &domain, 0);
    let back = ix::return_surplus(recovery.keys(), home);
    row(&mut machine, "return_surplus", back, &[]);
    let close = ix::close_claim_page(recovery.restoration, payer, 0);
    row(&mut machine, "close_claim_page", close, &[]);

    let args = ReopenArgs {
        incident,
        ramp_bps: 2_500,
        grace_seconds: 3_600,
    };
    let authority = protocol.mature(&mut machine, &args);
    row(&mut machine, "reopen", ix::reopen(authority, args), &[]);
}

/// An owner whose associated account is frozen is paid where a proposal says.
fn elsewhere(
    machine: &mut Machine,
    recovery: &Recovery,
    row: &mut dyn FnMut(&mut Machine, &str, Instruction, &[&Keypair]),
) {
    let mut leaves = recovery.tree.leaves().map(|(_, leaf)| leaf);
    let leaf = leaves.find(|leaf| !leaf.owner.is_on_curve()).expect("a program's");
    let (keys, args) = recovery.prepare(machine, &leaf.key);
    let (protocol, payer) = (&recovery.protocol, machine.payer.pubkey());
    let holder = keypair("holder").pubkey();
    let redirect = RedirectClaimsArgs {
        restoration: recovery.restoration,
        owner: leaf.owner,
        destination: machine.create_associated(&protocol.mint, &holder, 0),
        holder,
    };
    let authority = protocol.mature(machine, &redirect);
    let name = ix::redirect_claims(authority, payer, redirect.clone());
    row(machine, "redirect_claims", name, &[]);
    machine.create_associated(&protocol.mint, &leaf.owner, 0);
    freeze(machine, &keys.destination, true);
    let associated = keys.destination;
    let keys = ix::ClaimKeys {
        destination: redirect.destination,
        ..keys
    };
    let claim = ix::claim_elsewhere(recovery.keys(), keys, true, (protocol.domain, associated), true, args);
    row(machine, "claim_elsewhere", claim, &[]);
    freeze(machine, &associated, false);
}

/// Neighbours are pushed together.
fn together(
    machine: &mut Machine,
    recovery: &Recovery,
    row: &mut dyn FnMut(&mut Machine, &str, Instruction, &[&Keypair]),
) {
    let keys: Vec<_> = recovery.tree.leaves().map(|(_, leaf)| *leaf).collect();
    let shard = |key: &Pubkey| merkle::shard_of(key.as_array());
    let wallet = |leaf: &Position| leaf.owner.is_on_curve();
    // Not the first shard: its first leaf was claimed.
    let neighbours: Vec<_> = keys
        .chunk_by(|one, other| shard(&one.key) == shard(&other.key))
        .skip(1)
        .find(|leaves| leaves.len() >= 2 && leaves.iter().all(wallet))
        .expect("four in a shard on average")
        .iter()
        .take(2)
        .map(|leaf| leaf.key)
        .collect();
    for leaf in keys.iter().filter(|leaf| neighbours.contains(&leaf.key)) {
        if machine
            .account(&associated_token(&leaf.owner, &recovery.protocol.mint))
            .is_none()
        {
            machine.create_associated(&recovery.protocol.mint, &leaf.owner, 0);
        }
    }
    let batch = recovery.batch(machine, &neighbours);
    row(machine, "claim_batch", batch, &[]);
}

/// An owner lets somebody consume its claims, who does.
fn consumed(
    machine: &mut Machine,
    recovery: &Recovery,
    row: &mut dyn FnMut(&mut Machine, &str, Instruction, &[&Keypair]),
) {
    let (protocol, payer) = (&recovery.protocol, machine.payer.pubkey());
    let leaves = recovery.tree.leaves().map(|(_, leaf)| leaf);
    let leaf = leaves
        .filter(|leaf| leaf.owner.is_on_curve())
        .last()
        .expect("a wallet's");
    let owner = (0..10)
        .map(crate::recovery::owner)
        .find(|key| key.pubkey() == leaf.owner)
        .expect("a wallet's");
    let consumer = keypair("successor");
    let wish = ix::wish_claims(
        protocol.domain,
        owner.pubkey(),
        payer,
        claim_wish::CONSUMED_BY,
        consumer.pubkey(),
    );
    row(machine, "wish_claims", wish, &[&owner]);
    let (keys, args) = recovery.prepare(machine, &leaf.key);
    let keys = ix::ClaimKeys {
        destination: machine.create_associated(&protocol.mint, &consumer.pubkey(), 0),
        ..keys
    };
    let at = (protocol.domain, LEDGER);
    let consume = ix::consume_claim(recovery.keys(), keys, at, consumer.pubkey(), args);
    row(machine, "consume_claim", consume, &[&consumer]);
}

/// One claim with the proof it has in a ledger of a million leaves. The tree is one path: the
/// siblings are any nodes, and the cap they lead to is written into the sealed shard.
pub(super) fn claim_of_a_million(visitor: &mut dyn Visitor) {
    let (mut machine, protocol) = world();
    let recovery = Recovery::sealed(&mut machine, protocol, positions(64));
    recovery.restore(&mut machine);
    recovery.pay_out(&mut machine, 5_000);

    let (_, leaf) = recovery.tree.leaves().next().expect("there are leaves");
    let (keys, mut args) = recovery.prepare(&machine, &leaf.key);
    let mut shard: SnapshotShard = machine.load(&keys.shard);
    let sibling = Node { hash: [7; 32], sum: 1 };
    let mut node = merkle::leaf(
        recovery.tree.tag(),
        args.index,
        leaf.key.as_array(),
        leaf.owner.as_array(),
        leaf.amount,
    );
    args.proof.clear();
    for level in 0..MILLION_HEIGHT {
        let (left, right) = if args.index >> level & 1 == 0 {
            (&node, &sibling)
        } else {
            (&sibling, &node)
        };
        node = merkle::inner(left, right).expect("small sums");
        args.proof.extend_from_slice(bytemuck::bytes_of(&sibling));
    }
    shard.canopy_height = MILLION_HEIGHT;
    shard.count = 1 << 16;
    shard.canopy_count = 16;
    shard.canopy[0] = node;
    forge(&mut machine, &keys.shard, &shard);
    let claim = ix::claim(recovery.keys(), keys, args);
    visitor.ready(&mut machine, "claim", &claim, &[]);
    let outcome = recovery.protocol.must(&mut machine, &[claim], &[]);
    visitor.done("claim", outcome.compute_units);
}
