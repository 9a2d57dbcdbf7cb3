//! What can never succeed is not proposed.

use std::path::Path;

use anchor_lang::prelude::Pubkey;
use bulkhead::{
    call::{StoredAccount, StoredInstruction},
    decision::{Decision, EncodedDecision},
    error::BulkheadError as E,
    instructions::*,
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::proposals::execution::{MAX_TRANSACTION, OTHER_LEDGERS, accounts_of, room};
use bulkhead_interface::{
    ProposalKind,
    constants::{MAX_AMOUNTS, MAX_FILTERS, MAX_PAYLOAD},
};
use bulkhead_testbed::keypair;
use bulkhead_tests::refused;
use serde_json::Value;
use solana_message::{AddressLookupTableAccount, Message, VersionedMessage, v0};
use solana_signer::Signer;

use super::Table;

/// Every kind that can be judged without its accounts, with arguments that no account could make good.
fn hopeless(table: &Table) -> Vec<(Decision, E)> {
    let (breaker, domain) = (table.protocol.vault.breaker, table.protocol.domain);
    let key = keypair("somebody").pubkey();
    let limits = |limit, slot_limit| SetLimitArgs {
        breaker,
        limit,
        slot_limit,
        ..SetLimitArgs::default()
    };
    let mut council = table.config();
    council.policies[1].delay_seconds = 0;
    let open_breaker = OpenBreakerArgs {
        shards: 1,
        sub_windows: 3,
        window_seconds: 3_600,
        limit: 10,
        slot_limit: 10,
        latch_seconds: 3_600,
        ..OpenBreakerArgs::default()
    };
    let mut ledger = table.protocol.ledger_args(1);
    ledger.amounts.clear();
    // A supply that any holder can burn, without the tolerance for that.
    let mut movable = table.protocol.ledger_args(1);
    movable.total = TotalConfig {
        account: table.protocol.vault.mint,
        program: anchor_spl::token::ID,
        offset: 36,
        ..movable.total
    };
    let call = |program_id, accounts| StoredInstruction {
        program_id,
        accounts,
        data: vec![],
    };
    let account = |pubkey, is_signer| StoredAccount {
        pubkey,
        is_signer,
        is_writable: false,
    };
    let foreign = vec![account(key, true)];
    let through = vec![account(bulkhead::ID, false)];
    // What the payload has room for, and the transaction that runs it has not: it repeats every account.
    let emergency_action = RegisterEmergencyActionArgs {
        index: 0,
        instruction: StoredInstruction {
            data: vec![7; room(ProposalKind::RegisterEmergencyAction) - 40],
            ..call(key, vec![])
        },
    };
    vec![
        (
            ResumeArgs {
                incident: pda::incident(&domain, 0),
            }
            .into(),
            E::IncidentNotOpen,
        ),
        (
            ResumeArgs {
                incident: Pubkey::default(),
            }
            .into(),
            E::IncidentNotOpen,
        ),
        (
            ReopenArgs {
                incident: key,
                ramp_bps: 10_001,
                grace_seconds: 0,
            }
            .into(),
            E::ArgumentOutOfRange,
        ),
        (council.into(), E::InvalidCouncil),
        (
            GrantRightsArgs {
                member: key,
                pause_rights: 1,
            }
            .into(),
            E::NotAMember,
        ),
        (
            GrantRightsArgs {
                member: table.member(3),
                pause_rights: 1,
            }
            .into(),
            E::RoleMissing,
        ),
        (limits(100, 101).into(), E::ArgumentOutOfRange),
        (limits(0, 0).into(), E::ArgumentOutOfRange),
        (open_breaker.into(), E::ArgumentOutOfRange),
        (
            SetLinkArgs {
                upstream: domain,
                upstream_scope: 255,
                upstream_mask: 1,
                compartments: 1,
                mask: 0,
            }
            .into(),
            E::LinkedToItself,
        ),
        (
            OpenCheckpointLogArgs {
                ledger_index: 0,
                threshold: 4,
                min_interval_slots: 512,
                keep_seconds: 700_000,
                tolerance_bps: 0,
                published_only: false,
            }
            .into(),
            E::ArgumentOutOfRange,
        ),
        (ledger.into(), E::InvalidLedger),
        (movable.into(), E::TotalMovable),
        (call(bulkhead::ID, vec![]).into(), E::SelfCall),
        (call(key, through.clone()).into(), E::SelfCall),
        (call(key, foreign).into(), E::ForeignSigner),
        (
            RegisterEmergencyActionArgs {
                index: 0,
                instruction: call(key, through),
            }
            .into(),
            E::SelfCall,
        ),
        (emergency_action.clone().into(), E::PayloadTooLong),
    ]
}

#[test]
fn what_can_never_succeed_is_not_proposed() {
    let mut table = Table::new();
    let (domain, payer, proposer) = (table.protocol.domain, table.machine.payer.pubkey(), table.member(0));
    for (place, (decision, error)) in hopeless(&table).into_iter().enumerate() {
        let index = u64::try_from(place).expect("few");
        let propose = ix::propose(domain, proposer, payer, index, &decision);
        refused(table.send(propose), error);
    }
}

#[test]
fn nor_edited_into_a_proposal() {
    let mut table = Table::new();
    let (domain, payer, proposer) = (table.protocol.domain, table.machine.payer.pubkey(), table.member(0));
    let same = table.config();
    let proposal = table.propose(&same);
    let mut council = same.clone();
    council.policies[0].delay_seconds = 0;
    let edit = ix::edit_proposal(domain, proposer, payer, proposal, &council);
    refused(table.send(edit), E::InvalidCouncil);
}

#[test]
fn more_accounts_than_a_transaction_can_name_are_not_proposed() {
    let mut table = Table::new();
    let stored = |accounts: u8| StoredInstruction {
        program_id: keypair("callee").pubkey(),
        accounts: (0..accounts)
            .map(|number| StoredAccount {
                pubkey: Pubkey::new_from_array([number + 1; 32]),
                is_signer: false,
                is_writable: false,
            })
            .collect(),
        data: vec![],
    };
    // As the program counts, a transaction without lookup tables carries what it accepts.
    let (mut fits, mut first_refused) = (0, 0);
    for accounts in 1..=26 {
        let call = stored(accounts);
        let check = call.check(&table.protocol.domain);
        let run = ix::run_instruction(table.authority(table.protocol.domain), &call);
        let payer = keypair("another payer").pubkey();
        let mut message = Message::new(&[run], Some(&payer));
        message.recent_blockhash = [1; 32].into();
        let size = 1 + 64 * usize::from(message.header.num_required_signatures) + message.serialize().len();
        if check.is_ok() {
            assert!(size <= MAX_TRANSACTION, "{accounts} accounts make {size} bytes");
            fits = accounts;
        } else if first_refused == 0 {
            first_refused = accounts;
        }
    }
    assert!(fits >= 20 && first_refused == fits + 1, "{fits} {first_refused}");
    let call = StoredInstruction {
        accounts: stored(1).accounts.into_iter().cycle().take(20).collect(),
        ..stored(1)
    };
    let (propose, _) = table.protocol.proposing(&table.machine, &call);
    table.send(propose).expect("the same account again costs a byte");
}

/// What is accepted as a proposal for another ledger can be run, whatever other ledgers pay the same token by then: they
/// are named in the transaction, some as they are and as many as it can lock through a lookup table.
#[test]
fn a_ledger_is_registered_beside_every_other_of_its_token() {
    /// Accounts a transaction can lock.
    const LOCKED: usize = 64;
    let table = Table::new();
    let mut args = table.protocol.ledger_args(1);
    let filter = ByteFilterConfig {
        offset: 0,
        bytes: vec![7; 32],
    };
    let amount = args.amounts[0].clone();
    args.filters = vec![filter.clone(); MAX_FILTERS];
    args.amounts = vec![amount; MAX_AMOUNTS];
    args.slots = Some(SlotTableConfig {
        offset: 0,
        stride: 1,
        count: 1,
        used_offset: 0,
        used_width: 8,
        filter: Some(filter),
    });
    let (largest, room) = (
        EncodedDecision::from(&args).payload().len(),
        room(ProposalKind::RegisterLedger),
    );
    assert!(
        largest <= room,
        "{largest} bytes, room for {room}: a layout cannot be proposed"
    );

    let authority = table.authority(table.protocol.domain);
    let payer = keypair("another payer").pubkey();
    let run = |others: usize| {
        let others: Vec<_> = (0..others).map(|other| u8::try_from(other).expect("few") + 2).collect();
        ix::register_ledger(authority, table.machine.payer.pubkey(), args.clone(), &others)
    };
    let size = |message: VersionedMessage| {
        let signatures = 1 + 64 * usize::from(message.header().num_required_signatures);
        // As if the payload took all the room there is.
        signatures + message.serialize().len() + room - largest
    };
    let mut plain = Message::new(&[run(OTHER_LEDGERS)], Some(&payer));
    plain.recent_blockhash = [1; 32].into();
    let taken = size(VersionedMessage::Legacy(plain));
    assert!(taken <= MAX_TRANSACTION, "{taken} bytes with {OTHER_LEDGERS} others");

    let own = run(0).accounts.len() + 1;
    let others = LOCKED - own;
    let with_all = run(others);
    let addresses: Vec<_> = with_all.accounts.iter().skip(own - 1).map(|meta| meta.pubkey).collect();
    let lookup = AddressLookupTableAccount {
        key: keypair("lookup table").pubkey(),
        addresses,
    };
    let message = v0::Message::try_compile(&payer, &[with_all], &[lookup], [1; 32].into()).expect("a message");
    let taken = size(VersionedMessage::V0(message));
    assert!(
        others >= 48 && taken <= MAX_TRANSACTION,
        "{taken} bytes with {others} others"
    );
}

/// The accounts a kind's instruction has, by the IDL: what the rule of sizes counts with is never less.
#[test]
fn the_rule_of_sizes_counts_every_account() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../idl/bulkhead.json");
    let idl: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("it is checked in")).expect("JSON");
    fn count(accounts: &Value) -> usize {
        let all = accounts.as_array().expect("a list").iter();
        all.map(|account| match account.get("accounts") {
            Some(inner) => count(inner),
            None => 1,
        })
        .sum()
    }
    for kind in ProposalKind::all() {
        let name = kind.name();
        let instructions = idl["instructions"].as_array().expect("a list");
        let found = instructions.iter().find(|instruction| instruction["name"] == name);
        let accounts = count(&found.unwrap_or_else(|| panic!("{name} is in the IDL"))["accounts"]);
        assert!(accounts <= accounts_of(kind), "{name} has {accounts} accounts");
        assert!((200..=MAX_PAYLOAD).contains(&room(kind)), "{name}");
    }
}
