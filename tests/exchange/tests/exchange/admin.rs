//! The exchange's admin, and where it lives.

use super::*;

/// Proposes, approves with two members and waits: what the domain's council decides.
fn decide(world: &mut World, decision: impl Into<EncodedDecision>) -> ix::Authority {
    let (domain, payer) = (world.domain, world.machine.payer.pubkey());
    let first = keypair("member 0");
    let index = world.machine.free_proposal(&domain, &first.pubkey());
    let propose = ix::propose(domain, first.pubkey(), payer, index, decision);
    world.must(&[propose], &[&first]);
    let proposal = bulkhead_pda::proposal(&domain, &first.pubkey(), index);
    let state: Proposal = world.machine.load(&proposal);
    for member in [first, keypair("member 1")] {
        let approve = ix::approve(
            domain,
            member.pubkey(),
            proposal,
            state.payload_hash,
            state.created_slot,
        );
        world.must(&[approve], &[&member]);
    }
    world.machine.warp_seconds(DELAY_SECONDS);
    ix::Authority {
        signer: payer,
        domain,
        proposal: Some(proposal),
    }
}

#[test]
fn the_admin_lives_in_the_domain() {
    let mut world = World::new(custody_mode::BULKHEAD);
    let administer = |world: &World, admin: Pubkey| accounts::Administer {
        admin,
        exchange: world.exchange,
        board: world.board(),
    };
    let (admin, domain) = (world.admin.insecure_clone(), world.domain);
    let hand_over = build(
        &administer(&world, admin.pubkey()),
        &instruction::UpdateAdmin { new_admin: domain },
    );
    world.must(&[hand_over], &[&admin]);
    let set_limit = |world: &World, admin: Pubkey, limit: u64| {
        build(&administer(world, admin), &instruction::SetWithdrawLimit { limit })
    };
    // The old key is worth nothing any more.
    let stale = set_limit(&world, admin.pubkey(), 1);
    assert!(world.machine.send(&[stale], &[&admin]).is_err());

    let raise = ix::stored(&set_limit(&world, domain, 77_000));
    let authority = decide(&mut world, &raise);
    let run = ix::run_instruction(authority, &raise);
    world.must(&[run], &[]);
    assert_eq!(world.state().withdraw_limit, 77_000);

    // A limit of nothing is an emergency action: one guardian closes withdrawals by the host's own rule, at once.
    let close = ix::stored(&set_limit(&world, domain, 0));
    let args = RegisterEmergencyActionArgs {
        index: 0,
        instruction: close.clone(),
    };
    let authority = decide(&mut world, &args);
    let register = ix::register_emergency_action(authority, world.machine.payer.pubkey(), args);
    world.must(&[register], &[]);
    let guardian = world.guardian.insecure_clone();
    let play = ix::run_emergency_action(domain, guardian.pubkey(), 0, &close);
    world.must(&[play], &[&guardian]);
    assert_eq!(world.state().withdraw_limit, 0);

    // While the admin's actions are paused, the domain's are as well.
    let pause = ix::pause(domain, guardian.pubkey(), 255, action::ADMIN);
    let authority = decide(&mut world, &raise);
    world.must(&[pause], &[&guardian]);
    let run = ix::run_instruction(authority, &raise);
    assert!(world.machine.send(&[run], &[]).is_err());
    assert_eq!(world.state().withdraw_limit, 0);
}
