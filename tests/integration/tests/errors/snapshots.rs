//! 6500: snapshots.

use anchor_lang::prelude::Pubkey;
use bulkhead::{
    error::BulkheadError as E,
    instructions::{AmountConfig, ExportConfig, OverrideSealArgs, RegisterLedgerArgs, SlotTableConfig, TotalConfig},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::snapshots::frontier::MAX_LEAVES;
use bulkhead_export_probe::op;
use bulkhead_interface::{
    constants::amount_flag,
    layout::{Ledger, Node, Snapshot, SnapshotShard},
};
use bulkhead_testbed::{Machine, Protocol, Setup, deploy_dir, keypair};
use bulkhead_tests::{
    recovery::{Recovery, forge, positions},
    world, world_with,
};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{Case, Refusal, accounts::setting_up};

/// The shard of both positions.
pub(super) const SHARD: u8 = 1;

pub const CASES: &[Case] = &[
    (E::SnapshotSealed, || {
        let mut frozen = Frozen::new();
        frozen.crank()?;
        frozen.send(frozen.seal(&[frozen.shard(SHARD)]))?;
        frozen.send(frozen.seal(&[frozen.shard(SHARD)]))
    }),
    (E::SnapshotNotSealed, || {
        let (mut machine, protocol) = world();
        let recovery = Recovery::sealed(&mut machine, protocol, positions(1));
        recovery.write_snapshot(&mut machine, bulkhead_interface::constants::snapshot_state::OPEN);
        let (domain, member, payer) = (
            recovery.protocol.domain,
            &recovery.protocol.members[0],
            machine.payer.pubkey(),
        );
        let open = ix::open_ballot(domain, member.pubkey(), payer, recovery.incident, 0);
        machine.send(&[open], &[member])?;
        let add = ix::add_candidate(domain, member.pubkey(), recovery.ballot, recovery.snapshot);
        machine.send(&[add], &[member])
    }),
    (E::PositionsNotAscending, || {
        let mut frozen = Frozen::new();
        frozen.send(frozen.open_shard(SHARD))?;
        frozen.send(frozen.ingest(SHARD, &[position(1), position(0)]))
    }),
    (E::WrongShard, || {
        let mut frozen = Frozen::new();
        frozen.send(frozen.open_shard(SHARD + 1))?;
        frozen.send(frozen.ingest(SHARD + 1, &[position(0)]))
    }),
    (E::NotAPosition, || {
        let mut frozen = Frozen::new();
        frozen.send(frozen.open_shard(SHARD))?;
        frozen.send(frozen.ingest(SHARD, &[frozen.protocol.domain]))
    }),
    (E::TotalMismatch, || {
        let mut frozen = Frozen::new();
        frozen.send(frozen.open_shard(SHARD))?;
        frozen.send(frozen.ingest(SHARD, &[position(0)]))?;
        frozen.send(frozen.seal(&[frozen.shard(SHARD)]))
    }),
    (E::ShardsNotAscending, || {
        let mut frozen = Frozen::new();
        frozen.crank()?;
        frozen.send(frozen.open_shard(0))?;
        frozen.send(frozen.seal(&[frozen.shard(SHARD), frozen.shard(0)]))
    }),
    (E::ShardFull, || {
        let mut frozen = Frozen::new();
        frozen.send(frozen.open_shard(SHARD))?;
        let key = frozen.shard(SHARD);
        let full = SnapshotShard {
            count: MAX_LEAVES,
            canopy_height: 16,
            canopy_count: 16,
            sum: 16,
            canopy: [Node { hash: [1; 32], sum: 1 }; 16],
            ..frozen.machine.load(&key)
        };
        forge(&mut frozen.machine, &key, &full);
        frozen.send(frozen.ingest(SHARD, &[position(0)]))
    }),
    (E::InvalidLedger, || {
        register(|args| RegisterLedgerArgs {
            owner_offset: 17,
            ..args
        })
    }),
    (E::TotalUnreadable, || {
        register(|args| RegisterLedgerArgs {
            total: TotalConfig {
                offset: 1,
                ..args.total
            },
            ..args
        })
    }),
    (E::AmountTooLarge, || {
        // An amount of 128 bits, of which the upper half is not empty.
        let mut frozen = Frozen::reading(|args| RegisterLedgerArgs {
            amounts: vec![AmountConfig {
                offset: 32,
                width: 16,
                flags: 0,
            }],
            owner_offset: 0,
            filters: vec![],
            ..args
        });
        let mut wide = frozen.machine.account(&position(0)).expect("written");
        wide.data[47] = 1;
        frozen.machine.write_account(&position(0), wide);
        frozen.send(frozen.open_shard(SHARD))?;
        frozen.send(frozen.ingest(SHARD, &[position(0)]))
    }),
    (E::NotShardCranker, || {
        let mut frozen = Frozen::new();
        frozen.send(frozen.open_shard(SHARD))?;
        let griefer = keypair("griefer");
        let mut ingest = frozen.ingest(SHARD, &[position(0)]);
        ingest.accounts[0].pubkey = griefer.pubkey();
        frozen.machine.send(&[ingest], &[&griefer])
    }),
    (E::SnapshotUnsettled, || {
        let mut frozen = Frozen::new();
        frozen.crank()?;
        frozen.send(frozen.seal(&[frozen.shard(SHARD)]))?;
        let snapshot = frozen.snapshot();
        let sealed = Snapshot {
            shortfall: 1,
            ..frozen.machine.load(&snapshot)
        };
        forge(&mut frozen.machine, &snapshot, &sealed);
        let (domain, payer) = (frozen.protocol.domain, frozen.machine.payer.pubkey());
        frozen
            .machine
            .send(&[ix::open_ballot(domain, payer, payer, frozen.incident, 1)], &[])?;
        let ballot = pda::ballot(&frozen.incident, 1);
        let add = ix::add_candidate(domain, payer, ballot, snapshot);
        frozen.machine.send(&[add], &[])
    }),
    (E::NoSuchLedger, || {
        let mut frozen = Frozen::new();
        let (domain, payer) = (frozen.protocol.domain, frozen.machine.payer.pubkey());
        let open = ix::open_ballot(domain, payer, payer, frozen.incident, 7);
        frozen.machine.send(&[open], &[])
    }),
    (E::WrongLedgerMode, || {
        let mut frozen = Frozen::new();
        frozen.send(frozen.open_shard(SHARD))?;
        let domain = frozen.protocol.domain;
        let mut ledger: Ledger = frozen.machine.load(&pda::ledger(&domain, 1));
        ledger.export.program = Pubkey::default();
        let cranker = frozen.cranker.pubkey();
        let ingest = ix::ingest_export(domain, cranker, frozen.snapshot(), &ledger, SHARD, &[position(0)]);
        frozen.send(ingest)
    }),
    (E::BadExport, || {
        let probe = keypair("export probe").pubkey();
        let mut frozen = Frozen::reading(|args| RegisterLedgerArgs {
            owner_offset: 0,
            amounts: vec![],
            export: Some(ExportConfig {
                program: keypair("export probe").pubkey(),
                data: vec![op::SAY_NOTHING],
                accounts: vec![],
                position_accounts: 0,
            }),
            ..args
        });
        let path = deploy_dir().join("bulkhead_export_probe.so");
        frozen
            .machine
            .svm
            .add_program_from_file(probe, path)
            .expect("run `make build` first");
        frozen.send(frozen.open_shard(SHARD))?;
        let domain = frozen.protocol.domain;
        let ledger: Ledger = frozen.machine.load(&pda::ledger(&domain, 1));
        let cranker = frozen.cranker.pubkey();
        let ingest = ix::ingest_export(domain, cranker, frozen.snapshot(), &ledger, SHARD, &[position(0)]);
        frozen.send(ingest)
    }),
    (E::TooManySlots, || {
        // The amount is taken for the number of slots in use, of which the layout knows one.
        let mut frozen = Frozen::reading(|args| RegisterLedgerArgs {
            amounts: vec![AmountConfig {
                offset: 0,
                width: 1,
                flags: amount_flag::IN_SLOT,
            }],
            slots: Some(SlotTableConfig {
                offset: 47,
                stride: 1,
                count: 1,
                used_offset: 40,
                used_width: 1,
                filter: None,
            }),
            ..args
        });
        frozen.send(frozen.open_shard(SHARD))?;
        frozen.send(frozen.ingest(SHARD, &[position(0)]))
    }),
    (E::NothingRead, || {
        let mut frozen = Frozen::new();
        frozen.send(frozen.seal(&[]))
    }),
    (E::LedgerRestored, || {
        let mut frozen = Frozen::new();
        frozen.crank()?;
        let own = pda::restoration(&frozen.incident, 1);
        forge(
            &mut frozen.machine,
            &own,
            &<bulkhead_interface::layout::Restoration as bytemuck::Zeroable>::zeroed(),
        );
        frozen.send(frozen.seal(&[frozen.shard(SHARD)]))
    }),
    (E::LedgersOverlap, || {
        let (mut machine, protocol) = setting_up();
        let args = protocol.ledger_args(1);
        let register = ix::register_ledger(authority(&protocol), machine.payer.pubkey(), args, &[0]);
        machine.send(&[register], &[&protocol.setup_authority])
    }),
    (E::LedgersMissing, || {
        let (mut machine, protocol) = setting_up();
        let args = protocol.ledger_args(1);
        let register = ix::register_ledger(authority(&protocol), machine.payer.pubkey(), args, &[]);
        machine.send(&[register], &[&protocol.setup_authority])
    }),
    (E::TotalMovable, || {
        register(|args| RegisterLedgerArgs {
            total: TotalConfig {
                account: args.mint,
                program: anchor_spl::token::ID,
                offset: 36,
                ..args.total
            },
            ..args
        })
    }),
    (E::OverrideMismatch, || {
        let mut frozen = Frozen::new();
        let args = OverrideSealArgs {
            snapshot: frozen.snapshot(),
            root: [0; 32],
            total: 0,
            count: 0,
            max_excess: 0,
            max_shortfall: 0,
        };
        let authority = frozen.protocol.mature(&mut frozen.machine, &args);
        let total_account = frozen.protocol.total_account;
        frozen.send(ix::override_seal(
            authority,
            frozen.incident,
            1,
            total_account,
            &[],
            args,
        ))
    }),
];

/// A held protocol with two positions and an open snapshot of ledger 1.
pub(super) struct Frozen {
    pub(super) machine: Machine,
    pub(super) protocol: Protocol,
    incident: Pubkey,
    cranker: Keypair,
}

impl Frozen {
    fn new() -> Self {
        Self::reading(|args| args)
    }

    /// Over a ledger of another layout.
    pub(super) fn reading(change: fn(RegisterLedgerArgs) -> RegisterLedgerArgs) -> Self {
        let (mut machine, protocol) = world_with(&Setup {
            activate: false,
            ledger: false,
            ..Setup::default()
        });
        let register = ix::register_ledger(
            authority(&protocol),
            machine.payer.pubkey(),
            change(protocol.ledger_args(1)),
            &[],
        );
        let activate = ix::activate_domain(protocol.setup_authority.pubkey());
        protocol.must(&mut machine, &[register, activate], &[&protocol.setup_authority]);
        for number in 0..2 {
            protocol.write_position(&mut machine, &position(number), &protocol.domain, 50);
        }
        protocol.write_total(&mut machine, 100);
        let incident = protocol.freeze(&mut machine);
        let open = ix::open_snapshot(protocol.domain, machine.payer.pubkey(), incident, 1);
        protocol.must(&mut machine, &[open], &[]);
        Self {
            machine,
            protocol,
            incident,
            cranker: keypair("cranker"),
        }
    }

    fn snapshot(&self) -> Pubkey {
        pda::snapshot(&self.incident, 1)
    }

    fn shard(&self, number: u8) -> Pubkey {
        pda::shard(&self.snapshot(), number, &self.cranker.pubkey())
    }

    pub(super) fn open_shard(&self, number: u8) -> Instruction {
        let (domain, payer) = (self.protocol.domain, self.machine.payer.pubkey());
        ix::open_shard(domain, self.cranker.pubkey(), payer, self.snapshot(), number)
    }

    pub(super) fn ingest(&self, number: u8, keys: &[Pubkey]) -> Instruction {
        ix::ingest_positions(
            self.protocol.domain,
            self.cranker.pubkey(),
            self.snapshot(),
            1,
            number,
            keys,
        )
    }

    fn seal(&self, shards: &[Pubkey]) -> Instruction {
        let Protocol {
            domain, total_account, ..
        } = self.protocol;
        ix::seal_snapshot(domain, self.incident, 1, total_account, shards, &[])
    }

    /// Reads both positions.
    fn crank(&mut self) -> Refusal {
        self.send(self.open_shard(SHARD))?;
        self.send(self.ingest(SHARD, &[position(0), position(1)]))
    }

    pub(super) fn send(&mut self, instruction: Instruction) -> Refusal {
        self.machine.send(&[instruction], &[&self.cranker])
    }
}

pub(super) fn position(number: u8) -> Pubkey {
    let mut key = [0; 32];
    (key[0], key[31]) = (SHARD << 4, number);
    key.into()
}

fn authority(protocol: &Protocol) -> ix::Authority {
    ix::Authority {
        signer: protocol.setup_authority.pubkey(),
        domain: protocol.domain,
        proposal: None,
    }
}

pub(super) fn register(spoil: fn(RegisterLedgerArgs) -> RegisterLedgerArgs) -> Refusal {
    let (mut machine, protocol) = world_with(&Setup {
        activate: false,
        ledger: false,
        ..Setup::default()
    });
    let args = spoil(protocol.ledger_args(1));
    let register = ix::register_ledger(authority(&protocol), machine.payer.pubkey(), args, &[]);
    machine.send(&[register], &[&protocol.setup_authority])
}
