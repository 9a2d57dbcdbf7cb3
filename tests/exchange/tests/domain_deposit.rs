//! The domain has a deposit of its own with its host, which pays through Bulkhead, and gets it out.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use anchor_spl::token::spl_token;
use bulkhead::{error::BulkheadError, interface::layout::Proposal};
use bulkhead_client::{instructions as ix, pda as bulkhead_pda};
use bulkhead_testbed::{DELAY_SECONDS, keypair};
use example_exchange::{accounts, constants::custody_mode, error::ExchangeError, instruction};
use example_exchange_tests::world::{User, World, build};
use solana_signer::Signer;

/// A user whose margin account is the domain's, and a treasury of the domain's to be paid to.
fn world() -> (World, User) {
    let mut world = World::new(custody_mode::BULKHEAD);
    let mut user = world.user("alice");
    let deposit = world.deposit(&user, 50_000);
    world.must(&[deposit], &[&user.key]);
    let mut margin = world.machine.account(&user.margin).expect("it is there");
    margin.data[48..80].copy_from_slice(world.domain.as_ref());
    world.machine.write_account(&user.margin, margin);
    let (mint, domain) = (world.mint, world.domain);
    user.wallet = world.machine.create_associated(&mint, &domain, 0);
    (world, user)
}

fn proposing(world: &World, call: &Instruction) -> (Instruction, Pubkey) {
    let first = keypair("member 0").pubkey();
    let index = world.machine.free_proposal(&world.domain, &first);
    let payer = world.machine.payer.pubkey();
    let propose = ix::propose(world.domain, first, payer, index, &ix::stored(call));
    (propose, bulkhead_pda::proposal(&world.domain, &first, index))
}

fn allow(world: &World, user: &User, amount: u64) -> Instruction {
    build(
        &accounts::AllowWithdrawal {
            owner: world.domain,
            margin: user.margin,
        },
        &instruction::AllowWithdrawal { amount },
    )
}

fn withdraw_allowed(world: &World, user: &User, destination: Pubkey) -> Instruction {
    build(
        &accounts::WithdrawAllowed {
            cranker: world.machine.payer.pubkey(),
            exchange: world.exchange,
            margin: user.margin,
            payout: world.payout(world.domain, destination, 0, 7),
        },
        &instruction::WithdrawAllowed { release_index: 7 },
    )
}

#[test]
fn what_would_call_bulkhead_back_is_refused_when_it_is_proposed() {
    let (mut world, user) = world();
    let mut call = world.withdraw(&user, 50_000, 7);
    call.accounts[0].pubkey = world.domain;
    let (propose, _) = proposing(&world, &call);
    world.refused_code(propose, &[&keypair("member 0")], BulkheadError::SelfCall.into());
}

#[test]
fn the_domain_withdraws_its_own_deposit_in_two_steps() {
    let (mut world, user) = world();
    let call = allow(&world, &user, 50_000);
    let (propose, proposal) = proposing(&world, &call);
    world.must(&[propose], &[&keypair("member 0")]);
    let state: Proposal = world.machine.load(&proposal);
    for member in [keypair("member 0"), keypair("member 1")] {
        let (hash, slot) = (state.payload_hash, state.created_slot);
        let approve = ix::approve(world.domain, member.pubkey(), proposal, hash, slot);
        world.must(&[approve], &[&member]);
    }
    // Nothing is allowed yet, and nobody else allows it.
    let early = withdraw_allowed(&world, &user, user.wallet);
    world.refused(early, &[], ExchangeError::ZeroAmount);
    world.machine.warp_seconds(DELAY_SECONDS);
    let authority = ix::Authority {
        signer: world.machine.payer.pubkey(),
        domain: world.domain,
        proposal: Some(proposal),
    };
    world.must(&[ix::run_instruction(authority, &ix::stored(&call))], &[]);
    // To nobody but the owner.
    let thief = world.user("bob");
    let theft = withdraw_allowed(&world, &user, thief.wallet);
    world.refused(theft, &[], ExchangeError::NotTheOwner);
    // Nor to an account that whoever cranks has chosen for the owner: a trap that a stranger closes while the release waits,
    // or the account of everybody's votes, which is the domain's as well.
    let (payer, mint) = (world.machine.payer.pubkey(), world.mint);
    let trap = keypair("trap").pubkey();
    world.machine.create_token_account(&trap, &mint, &world.domain, 0);
    let open = ix::open_vote_custody(world.domain, payer, mint, spl_token::ID);
    world.must(&[open], &[]);
    for chosen in [trap, bulkhead_pda::votes(&world.domain)] {
        let crank = withdraw_allowed(&world, &user, chosen);
        world.refused(crank, &[], ExchangeError::NotTheOwner);
    }
    let crank = withdraw_allowed(&world, &user, user.wallet);
    world.must(std::slice::from_ref(&crank), &[]);
    let treasury = world.machine.account(&user.wallet).expect("it is there").data;
    assert_eq!(treasury[64..72], 50_000_u64.to_le_bytes());
    let margin = world.margin(&user);
    assert_eq!((margin.deposit, margin.allowed), (0, 0));
    assert_eq!(world.state().total_deposits, 0);
    world.machine.next_slot();
    world.refused(crank, &[], ExchangeError::ZeroAmount);
}
