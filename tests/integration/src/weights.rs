//! A voter-weight plug-in, and rules of ballots that name it.
//!
//! Bulkhead reads a plug-in's records and never calls it, so the plug-in here is an address that owns accounts: what a
//! plug-in would write is written straight into the machine.

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::SetBallotRulesArgs;
use bulkhead_client::instructions as ix;
use bulkhead_core::machine::recovery::{max_record, weight_record};
use bulkhead_interface::{constants::CHOICE_NOTED, layout::Ballot};
use bulkhead_testbed::{Failure, Machine, Outcome, Protocol, keypair};
use solana_account::Account;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{escaping, recovery::Recovery};

/// How long the votes of these rules cool off.
pub const COOL: i64 = 3_600;
/// How long candidates stand and results can be vetoed by these rules.
pub const DISPUTE: i64 = 2 * 86_400;

/// The program that computes weights.
#[must_use]
pub fn plug_in() -> Pubkey {
    keypair("a plug-in").pubkey()
}

/// Its record of all weight.
#[must_use]
pub fn max_key() -> Pubkey {
    keypair("all weight").pubkey()
}

/// Its record of a voter.
#[must_use]
pub fn record_key(voter: &Pubkey) -> Pubkey {
    keypair(&format!("weight of {voter}")).pubkey()
}

/// Rules without a plug-in: votes cool off, and results can be vetoed.
#[must_use]
pub fn disputed() -> SetBallotRulesArgs {
    SetBallotRulesArgs {
        weight_program: Pubkey::default(),
        weight_realm: Pubkey::default(),
        max_weight_record: Pubkey::default(),
        is_targeted: false,
        cool_off_seconds: COOL,
        dispute_seconds: DISPUTE,
    }
}

/// Rules with a plug-in, and with nothing else.
#[must_use]
pub fn weighed() -> SetBallotRulesArgs {
    SetBallotRulesArgs {
        weight_program: plug_in(),
        weight_realm: keypair("a realm").pubkey(),
        max_weight_record: max_key(),
        is_targeted: false,
        cool_off_seconds: 0,
        dispute_seconds: 0,
    }
}

/// Sets rules by a proposal. With a plug-in there must be an escape.
pub fn set_rules(machine: &mut Machine, protocol: &Protocol, args: SetBallotRulesArgs) {
    if args.weight_program != Pubkey::default() {
        escaping::set_rules(machine, protocol, escaping::ESCAPE, 0);
    }
    let authority = protocol.mature(machine, &args);
    let set = ix::set_ballot_rules(authority, machine.payer.pubkey(), args);
    protocol.must(machine, &[set], &[]);
}

fn write(machine: &mut Machine, key: &Pubkey, data: Vec<u8>) {
    let account = Account {
        lamports: machine.svm.minimum_balance_for_rent_exemption(data.len()),
        data,
        owner: plug_in(),
        executable: false,
        rent_epoch: u64::MAX,
    };
    machine.write_account(key, account);
}

/// Whose records the plug-in writes: the realm and the token of the rules, as a ballot keeps them.
fn ruled(protocol: &Protocol) -> Ballot {
    let rules = weighed();
    Ballot {
        weight_program: rules.weight_program,
        weight_realm: rules.weight_realm,
        weight_mint: protocol.governance_mint,
        max_weight_record: rules.max_weight_record,
        ..bytemuck::Zeroable::zeroed()
    }
}

/// The plug-in computes a voter's weight, for this slot.
pub fn compute(machine: &mut Machine, protocol: &Protocol, voter: &Pubkey, weight: u64) {
    let slot = machine.clock().slot;
    let data = weight_record(&ruled(protocol), voter, weight, slot);
    write(machine, &record_key(voter), data);
}

/// The plug-in states all weight there is.
pub fn compute_max(machine: &mut Machine, protocol: &Protocol, weight: u64) {
    let data = max_record(&ruled(protocol), weight);
    write(machine, &max_key(), data);
}

impl Recovery {
    /// A ballot with this voter's weight noted, nominating.
    pub fn note_weight(&self, machine: &mut Machine, voter: &Keypair, weight: u64) -> Result<Outcome, Failure> {
        compute(machine, &self.protocol, &voter.pubkey(), weight);
        self.cast_weight(machine, voter, CHOICE_NOTED)
    }

    /// Casts what the plug-in's record says, which must be of this slot.
    ///
    /// # Errors
    /// What the program says.
    pub fn cast_weight(&self, machine: &mut Machine, voter: &Keypair, choice: u8) -> Result<Outcome, Failure> {
        let payer = machine.payer.pubkey();
        let record = record_key(&voter.pubkey());
        let cast = ix::cast_weight(voter.pubkey(), payer, self.ballot, record, choice);
        machine.send(&[cast], &[voter])
    }

    /// Starts the vote of a ballot that counts a plug-in's weights.
    pub fn start_weighed(&self, machine: &mut Machine) {
        let member = &self.protocol.members[0];
        let start = ix::start_weighed(
            self.protocol.domain,
            member.pubkey(),
            self.incident,
            self.ballot,
            self.protocol.governance_mint,
            Some(max_key()),
        );
        self.protocol.must(machine, &[start], &[member]);
    }
}
