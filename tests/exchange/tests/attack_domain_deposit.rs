//! Attacks on what a stranger has the exchange pay to the domain: each test succeeds when the attack does.

use anchor_lang::{AnchorSerialize, prelude::Pubkey, solana_program::instruction::Instruction};
use anchor_spl::token::spl_token;
use bulkhead::{
    error::BulkheadError,
    interface::{
        constants::{kind, release_state},
        layout::{Proposal, Release},
    },
};
use bulkhead_client::{instructions as ix, pda as bulkhead_pda};
use bulkhead_sim::{DELAY_SECONDS, keypair};
use example_exchange::{accounts, constants::custody_mode, instruction};
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
    user.wallet = keypair("treasury").pubkey();
    let (mint, domain) = (world.mint, world.domain);
    world.machine.create_token_account(&user.wallet, &mint, &domain, 0);
    (world, user)
}

fn proposing(world: &World, call: &Instruction) -> (Instruction, Pubkey) {
    let first = keypair("member 0").pubkey();
    let index = world.machine.free_proposal(&world.domain, &first);
    let mut payload = vec![];
    ix::stored(call).serialize(&mut payload).expect("memory");
    let payer = world.machine.payer.pubkey();
    let propose = ix::propose(world.domain, first, payer, index, kind::RUN_INSTRUCTION, payload);
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

/// The domain allows all of it, by a matured proposal.
fn allowed(world: &mut World, user: &User) {
    let call = allow(world, user, 50_000);
    let (propose, proposal) = proposing(world, &call);
    world.must(&[propose], &[&keypair("member 0")]);
    let state: Proposal = world.machine.load(&proposal);
    for member in [keypair("member 0"), keypair("member 1")] {
        let (hash, slot) = (state.payload_hash, state.created_slot);
        let approve = ix::approve(world.domain, member.pubkey(), proposal, hash, slot);
        world.must(&[approve], &[&member]);
    }
    world.machine.warp_seconds(DELAY_SECONDS);
    let authority = ix::Authority {
        signer: world.machine.payer.pubkey(),
        domain: world.domain,
        proposal: Some(proposal),
    };
    world.must(&[ix::run_instruction(authority, &ix::stored(&call))], &[]);
}

/// A stranger makes a token account, keeps the right to close it, gives it to the domain, has the exchange pay there when
/// it has to wait, and closes the account. The domain can sign no redirection, the account never takes anything again.
#[test]
fn a_stranger_locks_what_the_domain_is_paid_in_the_queue_for_ever() {
    let (mut world, user) = world();
    let bob = world.user("bob");
    let deposit = world.deposit(&bob, 45_000);
    world.must(&[deposit], &[&bob.key]);
    allowed(&mut world, &user);
    world.machine.warp_seconds(2 * 3_600);
    // Real instructions of the token program.
    let trap = keypair("trap").pubkey();
    let (mint, domain, thief) = (world.mint, world.domain, bob.key.pubkey());
    world.machine.create_token_account(&trap, &mint, &thief, 0);
    let token = spl_token::ID;
    let set = |to: &Pubkey, what| {
        spl_token::instruction::set_authority(&token, &trap, Some(to), what, &thief, &[]).expect("an instruction")
    };
    use spl_token::instruction::AuthorityType::{AccountOwner, CloseAccount};
    world.must(&[set(&thief, CloseAccount), set(&domain, AccountOwner)], &[&bob.key]);
    // Its own withdrawal first, so that the domain's has to wait; then it cranks.
    let first = world.withdraw(&bob, 45_000, 6);
    let crank = withdraw_allowed(&world, &user, trap);
    world.must(&[first, crank], &[&bob.key]);
    let record = bulkhead_pda::release(&world.vault(0), 7);
    let state: Release = world.machine.load(&record);
    assert_eq!(
        (state.state, state.owner, state.amount),
        (release_state::QUEUED, domain, 50_000)
    );
    let margin = world.margin(&user);
    assert_eq!((margin.deposit, margin.allowed), (0, 0), "debited");
    let close = spl_token::instruction::close_account(&token, &trap, &thief, &thief, &[]).expect("an instruction");
    world.must(&[close], &[&bob.key]);
    assert!(world.machine.account(&trap).is_none());
    world.machine.warp_seconds(30 * 86_400);
    let keys = ix::VaultKeys {
        vault: world.vault(0),
        domain,
        breaker: world.breaker(0),
        mint,
        token_program: token,
    };
    let settle = ix::settle_release(keys, trap, record);
    world.refused_code(settle, &[], BulkheadError::WrongDestination.into());
    let redirect = ix::redirect_release(domain, world.vault(0), record, user.wallet);
    let (propose, _) = proposing(&world, &redirect);
    world.refused_code(propose, &[&keypair("member 0")], BulkheadError::SelfCall.into());
}

/// Where votes are of the token that the exchange holds, the account of all votes is a token account of the domain's, too:
/// a stranger has the domain's money paid there, and nothing ever takes it out.
#[test]
fn a_stranger_has_the_domain_paid_into_the_votes() {
    let (mut world, user) = world();
    let payer = world.machine.payer.pubkey();
    let open = ix::open_vote_custody(world.domain, payer, world.mint, spl_token::ID);
    world.must(&[open], &[]);
    allowed(&mut world, &user);
    let votes = bulkhead_pda::votes(&world.domain);
    let crank = withdraw_allowed(&world, &user, votes);
    world.must(&[crank], &[]);
    let account = world.machine.account(&votes).expect("it is there").data;
    assert_eq!(account[64..72], 50_000_u64.to_le_bytes());
    assert_eq!(world.margin(&user).deposit, 0);
    // Out of there it does not come by a proposal either.
    let out = spl_token::instruction::transfer(&spl_token::ID, &votes, &user.wallet, &world.domain, &[], 50_000)
        .expect("an instruction");
    let (propose, proposal) = proposing(&world, &out);
    match world.machine.send(&[propose], &[&keypair("member 0")]) {
        Err(failure) => println!("refused when proposed: {:?}", failure.code()),
        Ok(_) => {
            let state: Proposal = world.machine.load(&proposal);
            for member in [keypair("member 0"), keypair("member 1")] {
                let (hash, slot) = (state.payload_hash, state.created_slot);
                let approve = ix::approve(world.domain, member.pubkey(), proposal, hash, slot);
                world.must(&[approve], &[&member]);
            }
            world.machine.warp_seconds(DELAY_SECONDS);
            let authority = ix::Authority {
                signer: payer,
                domain: world.domain,
                proposal: Some(proposal),
            };
            let run = ix::run_instruction(authority, &ix::stored(&out));
            let failure = world.machine.send(&[run], &[]).expect_err("votes are out of reach");
            println!("refused when run: {:?}", failure.code());
        }
    }
}
