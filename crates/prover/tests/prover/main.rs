//! Real proofs of small pages: in folders, in Solana's bytes, by the command.

mod binary;
mod compare;
mod folder;
mod single;
mod vectors;

use std::{path::Path, sync::OnceLock};

use bulkhead_prover::{
    Drawn, Error, Ledger, Options, Plan, Proved, ProvingKey, Role, Shape, Subject, prove_folder, set_up_insecurely,
};
use bulkhead_snapshot::{Position, Silent};

/// Leaves of a page.
const SIZE: usize = 2;

struct Kit {
    shape: Shape,
    key: ProvingKey,
}

/// One set-up for all tests.
fn kit() -> &'static Kit {
    static KIT: OnceLock<Kit> = OnceLock::new();
    KIT.get_or_init(|| {
        let shape = Shape::of(SIZE).unwrap();
        let key = set_up_insecurely(&shape).unwrap();
        Kit { shape, key }
    })
}

/// A position: the first byte of its key decides the shard.
fn position(first: u8, rest: u8, owner: u8, amount: u64) -> Position {
    let mut key = [rest; 32];
    key[0] = first;
    Position {
        key: key.into(),
        owner: [owner; 32].into(),
        amount,
    }
}

/// Seven positions in three shards: pages of 2, 1, 2, 1 and 1 leaves.
fn positions() -> Vec<Position> {
    vec![
        position(0x00, 1, 200, 500),
        position(0x00, 2, 201, 40),
        position(0x0f, 3, 202, 7),
        position(0x30, 4, 203, 1_000),
        position(0x31, 5, 200, 500),
        position(0x32, 6, 204, 1),
        position(0xf0, 7, 205, 99_000),
    ]
}

fn ledger(tag: u8, positions: &[Position]) -> Ledger {
    Ledger::new([1; 32], [tag; 32], positions).unwrap()
}

/// The plan of a chosen state.
fn plan(chosen: &Ledger, successor: Option<&Ledger>, pool: u64) -> Plan {
    plan_as(Role::Chosen, chosen, successor, pool)
}

fn plan_as(role: Role, chosen: &Ledger, successor: Option<&Ledger>, pool: u64) -> Plan {
    let own = match role {
        Role::Chosen => chosen,
        Role::Successor => successor.unwrap(),
    };
    let verifying = &kit().key.verifying;
    Plan {
        subject: Subject {
            program: own.program,
            domain: [7; 32],
            plan: [8; 32],
            tag: own.tag,
            role,
        },
        drawn: Drawn {
            chosen: chosen.commitment().unwrap(),
            successor: successor.map(|successor| successor.commitment().unwrap()),
            pool,
            total: chosen.total,
        },
        pool: if role == Role::Chosen { pool } else { own.total },
        total: own.total,
        page_size: verifying.page_size,
        key: verifying.id(),
        set_up: verifying.set_up,
    }
}

fn prove_all(folder: &Path, plan: &Plan, ledger: &Ledger) -> Proved {
    prove_some(folder, plan, ledger, None).unwrap()
}

fn prove_some(folder: &Path, plan: &Plan, ledger: &Ledger, at_most: Option<usize>) -> Result<Proved, Error> {
    let options = Options { jobs: 2, at_most };
    prove_folder(folder, (plan, ledger), (&kit().key, &kit().shape), options, &Silent)
}
