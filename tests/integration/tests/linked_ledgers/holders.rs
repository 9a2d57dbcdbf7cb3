//! Positions that a token owns, read as their holders'.

use anchor_lang::prelude::Pubkey;
use bulkhead::{error::BulkheadError, instructions::RegisterLedgerArgs};
use bulkhead_client::instructions as ix;
use bulkhead_interface::{
    constants::{ledger_mode, link_flag},
    layout::{Snapshot, space},
};
use bulkhead_snapshot::Position;
use bulkhead_testbed::{Protocol, keypair};
use bulkhead_tests::{
    frozen::{Frozen, NUMBER},
    refused,
};
use solana_signer::Signer;

use crate::{
    SHARD, assert_sealed_as, company, key, link, named,
    nft::{CLASSIC, EXTENDED, Nft},
    owner, seal,
};

/// The usual positions, which name a token where others name an owner.
pub fn owned_by_tokens(protocol: &Protocol) -> RegisterLedgerArgs {
    RegisterLedgerArgs {
        link: Some(link(link_flag::OWNER_IS_TOKEN, Pubkey::default(), &[])),
        ..protocol.ledger_args(NUMBER)
    }
}

/// Position `number`, owned by a token.
pub fn write(frozen: &mut Frozen, number: u8, token: &Pubkey, amount: u64) {
    let Frozen { machine, protocol, .. } = frozen;
    protocol.write_position(machine, &key(number), token, amount);
}

pub fn position(number: u8, owner: Pubkey, amount: u64) -> Position {
    Position {
        key: key(number),
        owner,
        amount,
    }
}

/// The program of token `number`: both take turns.
fn program(number: u8) -> Pubkey {
    [CLASSIC, EXTENDED][usize::from(number % 2)]
}

#[test]
fn the_holders_own_the_positions_in_either_token_program() {
    let mut frozen = Frozen::reading(owned_by_tokens);
    assert_eq!(frozen.ledger().mode, ledger_mode::LINKED);
    let mut groups = vec![];
    for number in 0..20 {
        let name = format!("nft {number}");
        let (nft, account) = Nft::sole(&mut frozen.machine, program(number), &name, &owner(number));
        write(&mut frozen, number, &nft.mint, 100 + u64::from(number));
        groups.push([key(number), nft.mint, account]);
        // Whoever may take it, and whoever may stop it, does not hold it.
        let holder = keypair(&format!("owner {number}"));
        match number / 2 {
            1 => nft.delegate(&mut frozen.machine, &account, &named("thief"), &holder),
            2 => nft.freeze(&mut frozen.machine, &account),
            _ => {}
        }
    }
    frozen.protocol.write_total(&mut frozen.machine, 20 * 100 + 190);
    frozen.must(frozen.open_shard(SHARD));
    for groups in groups.chunks(6) {
        frozen.must(frozen.ingest(SHARD, &groups.concat()));
    }
    assert_eq!(frozen.shard_state(SHARD).seen, 20);
    frozen.must(seal(&frozen));
    let positions = (0..20).map(|number| position(number, owner(number), 100 + u64::from(number)));
    assert_sealed_as(&frozen, positions.collect());
    // Nothing is stored behind the snapshot of a ledger without factors.
    let stored = frozen.machine.account(&frozen.snapshot).expect("sealed");
    assert_eq!(stored.data.len(), space::<Snapshot>());
}

/// As most ledgers are registered: by a proposal, once the domain operates.
#[test]
fn such_a_ledger_is_registered_by_a_proposal() {
    let mut frozen = Frozen::in_set_up();
    let activate = ix::activate_domain(frozen.protocol.setup_authority.pubkey());
    let Frozen { machine, protocol, .. } = &mut frozen;
    protocol.must(machine, &[activate], &[&protocol.setup_authority]);
    let args = owned_by_tokens(protocol);
    let authority = protocol.mature(machine, &args);
    let payer = machine.payer.pubkey();
    // Without the flag it is another ledger, which nobody decided on.
    let plain = RegisterLedgerArgs {
        link: None,
        ..args.clone()
    };
    let plain = machine.send(&[ix::register_ledger(authority, payer, plain, &[])], &[]);
    refused(plain, BulkheadError::PayloadMismatch);
    protocol.must(machine, &[ix::register_ledger(authority, payer, args, &[])], &[]);
    frozen.freeze_again();
    let (nft, account) = Nft::sole(&mut frozen.machine, EXTENDED, "nft", &owner(0));
    write(&mut frozen, 0, &nft.mint, 7);
    frozen.protocol.write_total(&mut frozen.machine, 7);
    frozen.must(frozen.open_shard(SHARD));
    frozen.must(frozen.ingest(SHARD, &[key(0), nft.mint, account]));
    frozen.must(seal(&frozen));
    assert_sealed_as(&frozen, vec![position(0, owner(0), 7)]);
}

/// To jam: burn the token of a position, close its mint. To steal: have one that nobody holds read as one's own.
#[test]
fn what_nobody_holds_counts_and_is_nobodys() {
    let mut frozen = Frozen::reading(owned_by_tokens);
    let (thief, burner) = (named("thief"), keypair("burner"));
    let mut tokens = vec![];
    for number in 0..5 {
        let name = format!("nft {number}");
        let (nft, account) = Nft::sole(&mut frozen.machine, program(number), &name, &burner.pubkey());
        write(&mut frozen, number, &nft.mint, 1 + u64::from(number));
        tokens.push((nft, account));
    }
    let machine = &mut frozen.machine;
    for (nft, account) in &tokens[..4] {
        nft.burn(machine, account, &burner);
    }
    let (nft, account) = tokens[3];
    nft.close_account(machine, &account, &burner);
    nft.close(machine);
    frozen.protocol.write_total(&mut frozen.machine, 15);
    // The burnt tokens' own accounts, now empty; another's account of the same token; somebody's purse; none at all.
    let empty = tokens[1].0.account(&mut frozen.machine, &thief, 0);
    let mint = frozen.protocol.mint;
    let purse = frozen.machine.create_associated(&mint, &thief, 1);
    let beside = [tokens[0].1, empty, purse, named("nothing")];
    frozen.must(frozen.open_shard(SHARD));
    for (number, other) in (0..).zip(beside) {
        let token = tokens[usize::from(number)].0.mint;
        frozen.must(frozen.ingest(SHARD, &[key(number), token, other]));
    }
    frozen.must(frozen.ingest(SHARD, &[key(4), tokens[4].0.mint, tokens[4].1]));
    frozen.must(seal(&frozen));
    let of_nobody = (0..4).map(|number| position(number, tokens[usize::from(number)].0.mint, 1 + u64::from(number)));
    let positions = of_nobody.chain([position(4, burner.pubkey(), 5)]);
    assert_sealed_as(&frozen, positions.collect());
}

/// Whoever holds it while the position is read. Nobody counts twice by handing it on.
#[test]
fn who_hands_it_on_before_is_not_the_holder_and_after_counts_once() {
    let mut frozen = Frozen::reading(owned_by_tokens);
    let seller = keypair("seller");
    for (number, program) in [(0, CLASSIC), (1, EXTENDED)] {
        let name = format!("nft {number}");
        let (nft, from) = Nft::sole(&mut frozen.machine, program, &name, &seller.pubkey());
        write(&mut frozen, number, &nft.mint, 50);
        let to = nft.account(&mut frozen.machine, &owner(number), 0);
        nft.transfer(&mut frozen.machine, &from, &to, &seller);
        if number == 0 {
            frozen.must(frozen.open_shard(SHARD));
        }
        let before = frozen.shard_state(SHARD);
        let stale = frozen.ingest(SHARD, &[key(number), nft.mint, from]);
        refused(frozen.send(stale), BulkheadError::NotTheHolder);
        assert_eq!(
            bytemuck::bytes_of(&frozen.shard_state(SHARD)),
            bytemuck::bytes_of(&before)
        );
        // For the length of one transaction, as with a flash loan.
        let buyer = keypair(&format!("owner {number}"));
        let borrowed = [
            nft.hand_on(&to, &from, &buyer),
            frozen.ingest(SHARD, &[key(number), nft.mint, from]),
            nft.hand_on(&from, &to, &seller),
        ];
        let cranker = frozen.cranker.insecure_clone();
        let result = frozen.machine.send(&borrowed, &[&buyer, &seller, &cranker]);
        refused(result, BulkheadError::NotStandalone);
        let together = [company(&frozen), frozen.ingest(SHARD, &[key(number), nft.mint, to])];
        refused(
            frozen.machine.send(&together, &[&cranker]),
            BulkheadError::NotStandalone,
        );
        frozen.must(frozen.ingest(SHARD, &[key(number), nft.mint, to]));
        // Sold on after it was read.
        nft.transfer(&mut frozen.machine, &to, &from, &buyer);
        let again = frozen.ingest(SHARD, &[key(number), nft.mint, from]);
        refused(frozen.send(again), BulkheadError::PositionsNotAscending);
    }
    frozen.protocol.write_total(&mut frozen.machine, 100);
    frozen.must(seal(&frozen));
    assert_sealed_as(&frozen, vec![position(0, owner(0), 50), position(1, owner(1), 50)]);
}
