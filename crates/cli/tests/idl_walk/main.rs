//! Every instruction of the IDL is reached by a command line.
//!
//! The worlds are those in which the negative battery and the compute table visit every instruction: states in which it
//! works. In each, the command line of the table is parsed by clap and run over a cluster that remembers what it saw.

mod chain;
#[path = "../common/mod.rs"]
mod common;
mod files;
mod idl;
mod line;
mod table;
mod worlds;

use std::collections::BTreeSet;

use bulkhead_testbed::Machine;
use bulkhead_tests::every_instruction::{Visitor, visit};
use solana_instruction::Instruction;
use solana_keypair::Keypair;

use self::{
    idl::Idl,
    line::Ready,
    table::{Line, TABLE},
};

/// Runs the lines of the table in the worlds that they name.
struct Walk {
    idl: Idl,
    /// Instructions that the cluster saw.
    reached: BTreeSet<String>,
    /// Worlds that were visited.
    visited: BTreeSet<String>,
    /// What went wrong.
    failures: Vec<String>,
}

impl Walk {
    /// Runs every line of this world.
    fn visit(&mut self, world: &str, ready: &Ready<'_>) {
        self.visited.insert(world.to_owned());
        for Line(instruction, _, line) in TABLE.iter().filter(|line| line.1 == world) {
            match ready.run(&self.idl, line) {
                Ok(seen) if seen.contains(*instruction) => self.reached.extend(seen),
                Ok(seen) => self
                    .failures
                    .push(format!("{instruction}: `{line}` only made the cluster see {seen:?}")),
                Err(error) => self.failures.push(format!("{instruction}: `{line}`: {error}")),
            }
        }
    }
}

impl Visitor for Walk {
    fn ready(&mut self, machine: &mut Machine, row: &str, instruction: &Instruction, signers: &[&Keypair]) {
        let ready = Ready {
            machine,
            instruction,
            signers: signers.iter().map(|key| key.insecure_clone()).collect(),
            more: Vec::new(),
        };
        self.visit(row, &ready);
    }
}

#[test]
fn every_instruction_is_reached_by_a_verb() {
    let mut walk = Walk {
        idl: Idl::read(),
        reached: BTreeSet::new(),
        visited: BTreeSet::new(),
        failures: Vec::new(),
    };
    visit(&mut walk);
    worlds::visit(&mut |world, ready| walk.visit(world, ready));
    for Line(instruction, world, _) in TABLE {
        if !walk.visited.contains(*world) {
            walk.failures.push(format!("{instruction}: no world is called {world}"));
        }
    }
    for name in walk.idl.names() {
        if !walk.reached.contains(&name) {
            walk.failures.push(format!("{name}: no command line reaches it"));
        }
    }
    assert!(walk.failures.is_empty(), "{}", walk.failures.join("\n"));
}

/// The table says what it is about: every instruction has a line, and no line names another.
#[test]
fn the_table_is_the_idls() {
    let names: BTreeSet<_> = Idl::read().names().into_iter().collect();
    let table: BTreeSet<_> = TABLE.iter().map(|line| line.0.to_owned()).collect();
    assert_eq!(names, table);
}
