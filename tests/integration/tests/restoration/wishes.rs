//! Owners wish what happens with their claims, and successors consume those that they may.

use super::*;

/// A restoration that pays, the leaf that these tests are about, and its owner.
fn paying() -> (Machine, Recovery, Position, Keypair) {
    let (mut machine, recovery) = restored(60);
    recovery.pay_out(&mut machine, 50_000);
    let leaf = leaves(&recovery)[5];
    let owner = (0..10)
        .map(owner)
        .find(|key| key.pubkey() == leaf.owner)
        .expect("one of the ten");
    (machine, recovery, leaf, owner)
}

fn wish(recovery: &Recovery, machine: &mut Machine, owner: &Keypair, kind: u8, to: Pubkey) {
    let (domain, payer) = (recovery.protocol.domain, machine.payer.pubkey());
    let wish = ix::wish_claims(domain, owner.pubkey(), payer, kind, to);
    recovery.protocol.must(machine, &[wish], &[owner]);
}

/// The consumption of a leaf by `consumer`, into its own account.
fn consumption(recovery: &Recovery, machine: &mut Machine, leaf: &Position, consumer: &Keypair) -> Instruction {
    let (keys, args) = recovery.prepare(machine, &leaf.key);
    let (mint, consumer) = (recovery.protocol.mint, consumer.pubkey());
    let destination = associated_token(&consumer, &mint);
    if machine.account(&destination).is_none() {
        machine.create_associated(&mint, &consumer, 0);
    }
    let keys = ix::ClaimKeys { destination, ..keys };
    let at = (recovery.protocol.domain, LEDGER);
    ix::consume_claim(recovery.keys(), keys, at, consumer, args)
}

fn share(recovery: &Recovery, leaf: &Position, shared: u64) -> u64 {
    let part = u128::from(leaf.amount) * u128::from(shared) / u128::from(recovery.tree.root().sum);
    u64::try_from(part).expect("a part of it")
}

/// Terms that were there at the choice name this address. Only a program's is accepted by `set_claim_terms`; the tests of
/// the exchange have one that signs by CPI.
fn name(machine: &mut Machine, recovery: &Recovery, successor: &Pubkey) -> ClaimTerms {
    let plan: Restoration = machine.load(&recovery.restoration);
    let terms = ClaimTerms {
        version: VERSION,
        ledger_index: LEDGER,
        domain: recovery.protocol.domain,
        decided_slot: plan.terms_slot,
        successor: *successor,
        ..ClaimTerms::zeroed()
    };
    forge(machine, &pda::claim_terms(&recovery.protocol.domain, LEDGER), &terms);
    terms
}

#[test]
fn an_owner_is_paid_where_it_wished() {
    let (mut machine, recovery, leaf, owner) = paying();
    let (domain, mint) = (recovery.protocol.domain, recovery.protocol.mint);
    let friend = keypair("friend").pubkey();
    let destination = machine.create_associated(&mint, &friend, 0);
    let thief = machine.create_associated(&mint, &keypair("thief").pubkey(), 0);
    let (keys, args) = recovery.prepare(&machine, &leaf.key);
    let seeds: &[&[u8]] = &[friend.as_ref(), TOKEN_PROGRAM.as_ref(), mint.as_ref()];
    let bump = Pubkey::find_program_address(seeds, &anchor_spl::associated_token::ID).1;
    let wished = |destination, args: &bulkhead::instructions::ClaimArgs| {
        let args = bulkhead::instructions::ClaimArgs {
            destination_bump: bump,
            ..args.clone()
        };
        let from = (domain, keys.destination);
        ix::claim_as_wished(
            recovery.keys(),
            ix::ClaimKeys { destination, ..keys },
            from,
            false,
            args,
        )
    };
    // Without a wish there is no such account.
    assert!(machine.send(&[wished(destination, &args)], &[]).is_err());
    wish(&recovery, &mut machine, &owner, claim_wish::PAY_TO, friend);
    refused(machine.send(&[wished(thief, &args)], &[]), BulkheadError::OwnerMustSign);
    // Whoever holds the friend's account now is not the friend.
    let honest = machine.account(&destination).expect("created");
    machine.create_token_account(&destination, &mint, &keypair("thief").pubkey(), 0);
    refused(
        machine.send(&[wished(destination, &args)], &[]),
        BulkheadError::OwnerMustSign,
    );
    machine.write_account(&destination, honest);
    // It is one owner's wish.
    let other = leaves(&recovery)
        .into_iter()
        .find(|other| other.owner != leaf.owner)
        .expect("ten owners");
    let (other_keys, other_args) = recovery.prepare(&machine, &other.key);
    let mut stolen = ix::claim_as_wished(
        recovery.keys(),
        ix::ClaimKeys {
            destination,
            ..other_keys
        },
        (domain, other_keys.destination),
        false,
        bulkhead::instructions::ClaimArgs {
            destination_bump: bump,
            ..other_args
        },
    );
    let theirs = pda::claim_wish(&domain, &other.owner);
    let route = stolen.accounts.iter_mut().find(|meta| meta.pubkey == theirs);
    route.expect("the wish as the route").pubkey = pda::claim_wish(&domain, &leaf.owner);
    refused(machine.send(&[stolen], &[]), BulkheadError::ForeignAccount);
    // Anyone pays it, though the owner could be paid.
    recovery.protocol.must(&mut machine, &[wished(destination, &args)], &[]);
    assert_eq!(machine.balance(&destination), share(&recovery, &leaf, 50_000));
    refused(recovery.claim(&mut machine, &leaf.key), BulkheadError::AlreadyClaimed);
    // A wish that names no payee pays nobody else.
    wish(&recovery, &mut machine, &owner, claim_wish::KEEP, Pubkey::default());
    refused(
        machine.send(&[wished(destination, &args)], &[]),
        BulkheadError::WrongDestination,
    );
}

#[test]
fn a_wish_is_the_owners_ends_when_it_says_and_returns_its_rent() {
    let (mut machine, recovery, _, owner) = paying();
    let (domain, payer) = (recovery.protocol.domain, machine.payer.pubkey());
    let friend = keypair("friend").pubkey();
    let mut unsigned = ix::wish_claims(domain, owner.pubkey(), payer, claim_wish::PAY_TO, friend);
    unsigned.accounts[0].is_signer = false;
    assert!(machine.send(&[unsigned], &[]).is_err());
    for (kind, to) in [
        (claim_wish::PAY_TO, Pubkey::default()),
        (claim_wish::KEEP, friend),
        (4, friend),
    ] {
        let invalid = ix::wish_claims(domain, owner.pubkey(), payer, kind, to);
        refused(machine.send(&[invalid], &[&owner]), BulkheadError::InvalidClaimWish);
    }
    let key = pda::claim_wish(&domain, &owner.pubkey());
    assert!(machine.account(&key).is_none());
    wish(&recovery, &mut machine, &owner, claim_wish::PAY_TO, friend);
    let stored: ClaimRedirect = machine.load(&key);
    assert_eq!((stored.state, stored.holder, stored.owner), (1, friend, owner.pubkey()));
    wish(&recovery, &mut machine, &owner, claim_wish::CONSUMED_BY, friend);
    let rent = machine.account(&key).expect("there").lamports;
    let sponsor = keypair("sponsor");
    machine.fund(&sponsor.pubkey(), 1_000_000_000);
    let end = ix::wish_claims(
        domain,
        owner.pubkey(),
        sponsor.pubkey(),
        claim_wish::NONE,
        Pubkey::default(),
    );
    recovery.protocol.must(&mut machine, &[end], &[&owner, &sponsor]);
    assert!(machine.account(&key).is_none());
    let kept = machine.account(&sponsor.pubkey()).expect("funded").lamports;
    assert_eq!(kept, 1_000_000_000 + rent);
}

#[test]
fn an_owner_lets_a_program_consume_its_claim() {
    let (mut machine, recovery, leaf, owner) = paying();
    let (successor, hostile) = (keypair("successor"), keypair("hostile successor"));
    let honest = consumption(&recovery, &mut machine, &leaf, &successor);
    let theft = consumption(&recovery, &mut machine, &leaf, &hostile);
    refused(
        machine.send(std::slice::from_ref(&honest), &[&successor]),
        BulkheadError::NotTheSuccessor,
    );
    wish(
        &recovery,
        &mut machine,
        &owner,
        claim_wish::CONSUMED_BY,
        successor.pubkey(),
    );
    refused(
        machine.send(std::slice::from_ref(&theft), &[&hostile]),
        BulkheadError::ClaimKept,
    );
    // Whoever else has the wish in its transaction is not the consumer.
    let mut forged = honest.clone();
    forged.accounts[9].pubkey = hostile.pubkey();
    refused(machine.send(&[forged], &[&hostile]), BulkheadError::ClaimKept);
    // The pool pays itself nothing.
    let mut to_pool = honest.clone();
    to_pool.accounts[5].pubkey = recovery.pool();
    refused(machine.send(&[to_pool], &[&successor]), BulkheadError::WrongDestination);
    let outcome = recovery
        .protocol
        .must(&mut machine, std::slice::from_ref(&honest), &[&successor]);
    let paid = share(&recovery, &leaf, 50_000);
    let mut told = [leaf.owner.to_bytes(), leaf.key.to_bytes()].concat();
    told.extend([leaf.amount, paid].map(u64::to_le_bytes).as_flattened());
    assert_eq!(outcome.return_data, told);
    let account = associated_token(&successor.pubkey(), &recovery.protocol.mint);
    assert_eq!(machine.balance(&account), paid);
    // It counts as paid, for everyone.
    refused(recovery.claim(&mut machine, &leaf.key), BulkheadError::AlreadyClaimed);
    refused(
        machine.send(std::slice::from_ref(&honest), &[&successor]),
        BulkheadError::AlreadyClaimed,
    );
    // What is shared out later is due again, and the owner has changed its mind.
    recovery.pay_out(&mut machine, 10_000);
    wish(&recovery, &mut machine, &owner, claim_wish::NONE, Pubkey::default());
    refused(machine.send(&[honest], &[&successor]), BulkheadError::NotTheSuccessor);
    recovery.claim(&mut machine, &leaf.key).expect("in kind");
    let own = associated_token(&leaf.owner, &recovery.protocol.mint);
    assert_eq!(machine.balance(&own), share(&recovery, &leaf, 60_000) - paid);
}

#[test]
fn the_owners_signature_lets_anybody_consume() {
    let (mut machine, recovery, leaf, owner) = paying();
    wish(&recovery, &mut machine, &owner, claim_wish::KEEP, Pubkey::default());
    let program = keypair("a program");
    let mut signed = consumption(&recovery, &mut machine, &leaf, &program);
    refused(
        machine.send(std::slice::from_ref(&signed), &[&program]),
        BulkheadError::ClaimKept,
    );
    signed.accounts[6].is_signer = true;
    recovery.protocol.must(&mut machine, &[signed], &[&program, &owner]);
}

/// Attack: a successor that takes everything. It has to be in the terms before the vote, and everyone has two weeks, from
/// the last notable share-out on, to claim in kind or to say no.
#[test]
fn the_successor_of_the_terms_waits_for_the_owners() {
    let (mut machine, recovery, leaf, owner) = paying();
    let successor = keypair("successor");
    let terms = name(&mut machine, &recovery, &successor.pubkey());
    let consume = consumption(&recovery, &mut machine, &leaf, &successor);
    refused(
        machine.send(std::slice::from_ref(&consume), &[&successor]),
        BulkheadError::SuccessorNoticeRuns,
    );
    machine.warp_seconds(SUCCESSOR_NOTICE_SECONDS - 1);
    // New money gives new time.
    recovery.pay_out(&mut machine, 10_000);
    machine.warp_seconds(1);
    refused(
        machine.send(std::slice::from_ref(&consume), &[&successor]),
        BulkheadError::SuccessorNoticeRuns,
    );
    machine.warp_seconds(SUCCESSOR_NOTICE_SECONDS);
    // Whom the terms do not name does not get it, whatever it waits for.
    let hostile = keypair("hostile successor");
    let theft = consumption(&recovery, &mut machine, &leaf, &hostile);
    refused(machine.send(&[theft], &[&hostile]), BulkheadError::NotTheSuccessor);
    // Nor whom terms name that were set after the choice.
    let key = pda::claim_terms(&recovery.protocol.domain, LEDGER);
    let later = ClaimTerms {
        decided_slot: terms.decided_slot + 1,
        ..terms
    };
    forge(&mut machine, &key, &later);
    refused(
        machine.send(std::slice::from_ref(&consume), &[&successor]),
        BulkheadError::NotTheSuccessor,
    );
    forge(&mut machine, &key, &terms);
    // Whoever says no keeps it; anyone can still pay it in kind.
    wish(&recovery, &mut machine, &owner, claim_wish::KEEP, Pubkey::default());
    refused(
        machine.send(std::slice::from_ref(&consume), &[&successor]),
        BulkheadError::ClaimKept,
    );
    recovery.claim(&mut machine, &leaf.key).expect("in kind");
    // What was claimed in kind is not there any more; what nobody claimed is.
    refused(
        machine.send(std::slice::from_ref(&consume), &[&successor]),
        BulkheadError::ClaimKept,
    );
    let other = leaves(&recovery)
        .into_iter()
        .find(|other| other.owner != leaf.owner)
        .expect("ten owners");
    let rest = consumption(&recovery, &mut machine, &other, &successor);
    recovery.protocol.must(&mut machine, &[rest], &[&successor]);
    let account = associated_token(&successor.pubkey(), &recovery.protocol.mint);
    assert_eq!(machine.balance(&account), share(&recovery, &other, 60_000));
}
