//! Claims of owners that cannot be paid go where a proposal says.

use super::*;

/// A restoration that pays, one of whose owners is a program's address, and that owner's leaf.
fn restored_for_a_program() -> (Machine, Recovery, Position) {
    let (mut machine, recovery) = frozen(of_a_program(positions(60), 5));
    recovery.restore(&mut machine);
    recovery.pay_out(&mut machine, 50_000);
    machine.create_associated(&recovery.protocol.mint, &program_owner(), 0);
    let leaf = leaves(&recovery)
        .into_iter()
        .find(|leaf| leaf.owner == program_owner())
        .expect("a leaf of its");
    (machine, recovery, leaf)
}

/// A redirection of the program's claims to somebody's account.
fn to(machine: &mut Machine, recovery: &Recovery, name: &str) -> RedirectClaimsArgs {
    let holder = keypair(name).pubkey();
    RedirectClaimsArgs {
        restoration: recovery.restoration,
        owner: program_owner(),
        destination: machine.create_associated(&recovery.protocol.mint, &holder, 0),
        holder,
    }
}

/// Executes it by a matured proposal.
fn redirect(machine: &mut Machine, recovery: &Recovery, named: &RedirectClaimsArgs) {
    let (protocol, payer) = (&recovery.protocol, machine.payer.pubkey());
    let authority = protocol.mature(machine, named);
    protocol.must(machine, &[ix::redirect_claims(authority, payer, named.clone())], &[]);
}

/// Fault N: a program's address that cannot sign, whose associated account cannot be paid.
#[test]
fn an_owner_that_cannot_be_paid_is_paid_where_a_proposal_says_and_only_then() {
    let (mut machine, recovery, leaf) = restored_for_a_program();
    let (protocol, payer) = (&recovery.protocol, machine.payer.pubkey());
    let named = to(&mut machine, &recovery, "successor");
    let unproposed = ix::Authority {
        signer: payer,
        domain: protocol.domain,
        proposal: None,
    };
    let early = ix::redirect_claims(unproposed, payer, named.clone());
    refused(machine.send(&[early], &[]), BulkheadError::ProposalRequired);
    redirect(&mut machine, &recovery, &named);

    let (keys, args) = recovery.prepare(&machine, &leaf.key);
    let own = keys.destination;
    let route = |destination, associated| {
        let keys = ix::ClaimKeys { destination, ..keys };
        ix::claim_elsewhere(
            recovery.keys(),
            keys,
            true,
            (protocol.domain, associated),
            false,
            args.clone(),
        )
    };
    // As long as the owner can be paid, the route is of no use to anyone.
    refused(
        machine.send(&[route(named.destination, own)], &[]),
        BulkheadError::OwnerPayable,
    );
    freeze(&mut machine, &own, true);
    refused(
        machine.send(&[route(named.destination, payer)], &[]),
        BulkheadError::OwnerPayable,
    );
    // Whoever holds the account now is not who was approved.
    let approved = machine.account(&named.destination).expect("created");
    let thief = keypair("thief").pubkey();
    machine.create_token_account(&named.destination, &protocol.mint, &thief, 0);
    refused(
        machine.send(&[route(named.destination, own)], &[]),
        BulkheadError::WrongDestination,
    );
    machine.write_account(&named.destination, approved);
    // The route is one owner's.
    let other = leaves(&recovery)
        .into_iter()
        .find(|other| other.owner != leaf.owner)
        .expect("ten owners");
    let (other_keys, other_args) = recovery.prepare(&machine, &other.key);
    freeze(&mut machine, &other_keys.destination, true);
    let mut stolen = ix::claim_elsewhere(
        recovery.keys(),
        ix::ClaimKeys {
            destination: named.destination,
            ..other_keys
        },
        true,
        (protocol.domain, other_keys.destination),
        false,
        other_args,
    );
    let theirs = pda::claim_redirect(&recovery.restoration, &other.owner);
    for meta in stolen.accounts.iter_mut().filter(|meta| meta.pubkey == theirs) {
        meta.pubkey = pda::claim_redirect(&recovery.restoration, &leaf.owner);
    }
    refused(machine.send(&[stolen], &[]), BulkheadError::ForeignAccount);

    // An owner that has spoken for itself, a program by its PDA, is paid by its own wish or not at all.
    let domain = protocol.domain;
    let wish_key = pda::claim_wish(&domain, &leaf.owner);
    for (kind, other) in [
        (claim_wish::KEEP, domain),
        (claim_wish::CONSUMED_BY, domain),
        (claim_wish::KEEP, payer),
    ] {
        let mut spoken = machine.fork();
        let wish = ClaimRedirect {
            version: VERSION,
            state: kind,
            domain: other,
            owner: leaf.owner,
            ..ClaimRedirect::zeroed()
        };
        forge(&mut spoken, &wish_key, &wish);
        let answer = if other == domain {
            BulkheadError::ClaimKept
        } else {
            BulkheadError::ForeignAccount
        };
        refused(spoken.send(&[route(named.destination, own)], &[]), answer);
        // Leaving the wish out is no way around it.
        let mut without = route(named.destination, own);
        for meta in without.accounts.iter_mut().filter(|meta| meta.pubkey == wish_key) {
            meta.pubkey = payer;
        }
        assert!(spoken.send(&[without], &[]).is_err());
    }
    protocol.must(&mut machine, &[route(named.destination, own)], &[]);
    let share = u128::from(leaf.amount) * 50_000 / u128::from(recovery.tree.root().sum);
    assert_eq!(u128::from(machine.balance(&named.destination)), share);
    refused(
        machine.send(&[route(named.destination, own)], &[]),
        BulkheadError::AlreadyClaimed,
    );
}

/// Attack: have a council, captured once or careless, redirect claims in peace, and wait for the incident.
#[test]
fn claims_are_redirected_in_a_restoration_that_is_known_and_of_owners_that_cannot_sign() {
    let (mut machine, protocol) = world();
    // The address of the restoration to come is anybody's to tell.
    let incident = pda::incident(&protocol.domain, 0);
    let holder = keypair("thief").pubkey();
    let named = RedirectClaimsArgs {
        restoration: pda::restoration(&incident, LEDGER),
        owner: program_owner(),
        destination: machine.create_associated(&protocol.mint, &holder, 0),
        holder,
    };
    let wallet = RedirectClaimsArgs {
        owner: owner(5).pubkey(),
        ..named.clone()
    };
    let proposed = protocol.try_mature(&mut machine, &wallet);
    assert_eq!(
        proposed.err().and_then(|failure| failure.code()),
        Some(BulkheadError::OwnerCanSign.into())
    );
    let kept = protocol.mature(&mut machine, &named);
    let payer = machine.payer.pubkey();
    assert!(
        machine
            .send(&[ix::redirect_claims(kept, payer, named.clone())], &[])
            .is_err()
    );
    let recovery = Recovery::sealed(&mut machine, protocol, of_a_program(positions(60), 5));
    // Nor one from the incident, but from before the state was chosen.
    recovery.elect(&mut machine);
    let early = recovery.protocol.mature(&mut machine, &named);
    let args = recovery.args();
    let authority = recovery.protocol.mature(&mut machine, &args);
    recovery.choose(&mut machine, authority, args).expect("it was elected");
    machine.next_slot();
    refused(
        machine.send(&[ix::redirect_claims(early, payer, named.clone())], &[]),
        BulkheadError::TightenedSince,
    );
    assert!(
        machine
            .account(&pda::claim_redirect(&recovery.restoration, &named.owner))
            .is_none()
    );
}

/// The latest proposal stands, whoever cranks which when, and one to an account of the owner's takes it all back.
#[test]
fn a_redirection_is_replaced_by_a_later_proposal_and_by_no_earlier_one() {
    let (mut machine, recovery, leaf) = restored_for_a_program();
    let (protocol, payer) = (&recovery.protocol, machine.payer.pubkey());
    let first = to(&mut machine, &recovery, "first");
    let earlier = protocol.mature(&mut machine, &first);
    machine.next_slot();
    let others = keypair("account of the owner's").pubkey();
    machine.create_token_account(&others, &protocol.mint, &program_owner(), 0);
    let back = RedirectClaimsArgs {
        destination: others,
        holder: program_owner(),
        ..first.clone()
    };
    redirect(&mut machine, &recovery, &back);
    refused(
        machine.send(&[ix::redirect_claims(earlier, payer, first.clone())], &[]),
        BulkheadError::TightenedSince,
    );
    let (keys, args) = recovery.prepare(&machine, &leaf.key);
    let own = keys.destination;
    freeze(&mut machine, &own, true);
    let claim = |destination| {
        let keys = ix::ClaimKeys { destination, ..keys };
        ix::claim_elsewhere(
            recovery.keys(),
            keys,
            true,
            (recovery.protocol.domain, own),
            false,
            args.clone(),
        )
    };
    refused(
        machine.send(&[claim(first.destination)], &[]),
        BulkheadError::WrongDestination,
    );
    protocol.must(&mut machine, &[claim(others)], &[]);
    assert!(machine.balance(&others) > 0);
}
