//! Three kinds of recovery accounts that others than the domain hold: cold storage, a successor's vault and a multisig's.
//! Each is looked at when it is registered and when it is used, and its holder, and nobody else, spends what arrived.

use anchor_spl::token::spl_token::instruction as token;
use bulkhead_testbed::{Failure, Outcome};
use solana_keypair::Keypair;

use super::*;

const AMOUNT: u64 = 1_000_000;
const OWNER: usize = 32;

/// Who holds a recovery account.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// A key that is kept offline.
    ColdStorage,
    /// A PDA of the program that takes the protocol's place.
    Successor,
    /// A multisig of the token program: two of three.
    Multisig,
}

const KINDS: [Kind; 3] = [Kind::ColdStorage, Kind::Successor, Kind::Multisig];

fn signers() -> [Keypair; 3] {
    ["first signer", "second signer", "third signer"].map(keypair)
}

/// The holder of a kind, which exists if it is an account.
fn holder(machine: &mut Machine, kind: Kind) -> Pubkey {
    match kind {
        Kind::ColdStorage => keypair("cold storage").pubkey(),
        Kind::Successor => Pubkey::find_program_address(&[b"authority"], &keypair("successor program").pubkey()).0,
        Kind::Multisig => {
            let key = keypair("multisig").pubkey();
            let account = Account {
                lamports: machine.svm.minimum_balance_for_rent_exemption(355),
                data: vec![0; 355],
                owner: spl_token::ID,
                executable: false,
                rent_epoch: u64::MAX,
            };
            machine.write_account(&key, account);
            let keys = signers().map(|signer| signer.pubkey());
            let keys: Vec<_> = keys.iter().collect();
            let make = token::initialize_multisig2(&spl_token::ID, &key, &keys, 2).expect("three signers");
            machine.send(&[make], &[]).expect("a multisig");
            key
        }
    }
}

/// A protocol in operation whose vault has a route of this kind.
fn with_route(kind: Kind) -> (Machine, Protocol, Pubkey, Pubkey) {
    let (mut machine, protocol) = setting_up();
    let holder = holder(&mut machine, kind);
    let route = keypair("recovery account of another").pubkey();
    machine.create_token_account(&route, &protocol.mint, &holder, 0);
    register(&mut machine, &protocol, protocol.vault.vault, route)
        .unwrap_or_else(|failure| panic!("{kind:?}: {failure:?}"));
    let activate = ix::activate_domain(protocol.setup_authority.pubkey());
    protocol.must(&mut machine, &[activate], &[&protocol.setup_authority]);
    (machine, protocol, route, holder)
}

/// A transfer out of the recovery account, signed by these.
fn spend(
    machine: &mut Machine,
    (route, holder): (&Pubkey, &Pubkey),
    to: &Pubkey,
    signers: &[&Keypair],
) -> Result<Outcome, Failure> {
    let keys: Vec<_> = signers.iter().map(|signer| signer.pubkey()).collect();
    let keys: Vec<_> = keys.iter().filter(|key| *key != holder).collect();
    let transfer = token::transfer(&spl_token::ID, route, to, holder, &keys, 10).expect("an amount");
    machine.send(&[transfer], signers)
}

#[test]
fn a_vault_is_evacuated_to_cold_storage_a_successor_and_a_multisig() {
    for kind in KINDS {
        let (mut machine, protocol, route, _) = with_route(kind);
        let incident = confirmed(&mut machine, &protocol);
        let evacuate = ix::evacuate(protocol.vault, incident, route);
        protocol.must(&mut machine, &[evacuate], &[]);
        let vault: Vault = machine.load(&protocol.vault.vault);
        let moved = &vault.evacuation;
        assert_eq!(
            (moved.destination, moved.moved, moved.after),
            (route, AMOUNT, 0),
            "{kind:?}"
        );
        assert_eq!(machine.balance(&route), AMOUNT, "{kind:?}");
    }
}

/// Whoever holds the account spends what arrived, and not the domain: no restoration draws on what others hold.
#[test]
fn only_its_holder_spends_what_arrived() {
    for kind in KINDS {
        let (mut machine, protocol, route, holder) = with_route(kind);
        let incident = confirmed(&mut machine, &protocol);
        let evacuate = ix::evacuate(protocol.vault, incident, route);
        protocol.must(&mut machine, &[evacuate], &[]);
        let to = receiver(&mut machine, &protocol, "next place");
        let [first, second, third] = signers();
        let cold = keypair("cold storage");
        match kind {
            Kind::ColdStorage => {
                spend(&mut machine, (&route, &holder), &to, &[&cold]).expect("its key");
            }
            Kind::Successor => {
                assert!(spend(&mut machine, (&route, &cold.pubkey()), &to, &[&cold]).is_err());
                assert_eq!(machine.balance(&route), AMOUNT, "only its program signs");
                continue;
            }
            Kind::Multisig => {
                assert!(spend(&mut machine, (&route, &holder), &to, &[&first]).is_err());
                assert!(spend(&mut machine, (&route, &holder), &to, &[&first, &cold]).is_err());
                spend(&mut machine, (&route, &holder), &to, &[&second, &third]).expect("two of three");
            }
        }
        assert_eq!(
            (machine.balance(&route), machine.balance(&to)),
            (AMOUNT - 10, 10),
            "{kind:?}"
        );
    }
}

/// What its holder gave away since the registration is seen when it is used: the tokens stay, and the vault is closed.
#[test]
fn each_kind_is_looked_at_again_when_it_is_used() {
    let thief = keypair("thief").pubkey();
    for kind in KINDS {
        for (at, bytes) in [
            (OWNER, thief.to_bytes().to_vec()),
            (CLOSE_AUTHORITY, some(&thief)),
            (DELEGATE, some(&thief)),
            (STATE, vec![2]),
        ] {
            let (mut machine, protocol, route, _) = with_route(kind);
            poke(&mut machine, &route, at, &bytes);
            let incident = confirmed(&mut machine, &protocol);
            let evacuate = ix::evacuate(protocol.vault, incident, route);
            protocol.must(&mut machine, std::slice::from_ref(&evacuate), &[]);
            machine.next_slot();
            refused(machine.send(&[evacuate], &[]), BulkheadError::UnfitEvacuationRoute);
            assert_eq!(machine.balance(&protocol.custody()), AMOUNT, "{kind:?} {at}");
            let vault: Vault = machine.load(&protocol.vault.vault);
            assert_eq!(
                (vault.state, vault.evacuation.moved),
                (vault_state::EVACUATED, 0),
                "{kind:?} {at}"
            );
        }
    }
}
