//! The built program does what the acts say: random steps of two crankers, a council and a host whose total moves, each
//! run through both from the same accounts; outcome, reason and every byte are compared.

use anchor_lang::{error::Error, prelude::Pubkey};
use bulkhead::{authority::core_error, instructions::OverrideSealArgs};
use bulkhead_client::instructions as ix;
use bulkhead_core::{
    CoreError,
    acts::{self, At, Gathered, ReaderKeys, Sealing, Stated},
    snapshots::{
        frontier::Intake,
        layout::{Factors, Reader, read_total},
    },
};
use bulkhead_interface::{
    constants::RESEAL_SECONDS,
    layout::{Domain, Incident, Proposal, Snapshot, SnapshotShard},
};
use bulkhead_testbed::{Failure, Outcome, keypair};
use bulkhead_tests::frozen::Frozen;
use solana_signer::Signer;

use crate::{SHARD, key, owner};

const STEPS: u64 = 400;
const POSITIONS: u8 = 4;

/// SplitMix64: the same steps on every run.
struct Rng(u64);

impl Rng {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % most
    }
}

/// Accounts as they are, or as an act leaves them.
#[derive(Clone, Copy)]
struct Accounts {
    snapshot: Snapshot,
    incident: Incident,
    shard: Option<SnapshotShard>,
}

fn accounts(frozen: &Frozen) -> Accounts {
    Accounts {
        snapshot: frozen.snapshot(),
        incident: frozen.machine.load(&frozen.incident),
        shard: frozen.machine.try_load(&frozen.shard(SHARD)),
    }
}

fn bytes(accounts: &Accounts) -> Vec<u8> {
    let mut bytes = bytemuck::bytes_of(&accounts.snapshot).to_vec();
    bytes.extend(bytemuck::bytes_of(&accounts.incident));
    bytes.extend(accounts.shard.iter().flat_map(bytemuck::bytes_of));
    bytes
}

fn code(error: CoreError) -> Option<u32> {
    match core_error(error) {
        Error::AnchorError(error) => Some(error.error_code_number),
        Error::ProgramError(_) => None,
    }
}

/// The act's answer and the program's are one.
#[track_caller]
fn same(frozen: &Frozen, step: u64, expected: Result<Accounts, CoreError>, found: Result<Outcome, Failure>) -> bool {
    match (expected, found) {
        (Ok(expected), Ok(_)) => {
            assert_eq!(bytes(&expected), bytes(&accounts(frozen)), "step {step}");
            true
        }
        (Err(expected), Err(failure)) => {
            assert_eq!(code(expected), failure.code(), "step {step}: {expected:?}\n{failure:?}");
            false
        }
        (expected, found) => panic!("step {step}: {:?} and {found:?}", expected.map(|_| ())),
    }
}

fn at(frozen: &Frozen) -> At {
    let clock = frozen.machine.clock();
    At {
        slot: clock.slot,
        now: clock.unix_timestamp,
    }
}

/// What a seal does to these accounts, by crank or by an override.
fn sealed(frozen: &Frozen, stated: Option<(Stated, u64)>) -> Result<Accounts, CoreError> {
    let (mut now, ledger) = (accounts(frozen), frozen.ledger());
    let domain: Domain = frozen.machine.load(&frozen.protocol.domain);
    let total = frozen.machine.account(&ledger.total_account);
    let sealing = Sealing {
        domain: &domain,
        ledger: &ledger,
        host_total: total.and_then(|account| read_total(&ledger, &account.owner, &account.data)),
        factors: Factors::default(),
        is_restored: false,
        at: at(frozen),
    };
    let mut gathered = Gathered::default();
    let shard = now.shard.as_mut().ok_or(CoreError::ForeignAccount)?;
    gathered.take((&frozen.snapshot, &now.snapshot), shard, true)?;
    match stated {
        None => acts::seal_snapshot(&mut now.snapshot, &mut now.incident, gathered, &sealing)?,
        Some((stated, slot)) => {
            acts::override_seal(&mut now.snapshot, &mut now.incident, gathered, &stated, slot, &sealing)?;
        }
    }
    Ok(now)
}

fn ingested(frozen: &Frozen, position: &Pubkey) -> Result<Accounts, CoreError> {
    let (mut now, ledger) = (accounts(frozen), frozen.ledger());
    let domain: Domain = frozen.machine.load(&frozen.protocol.domain);
    let shard = now.shard.as_mut().ok_or(CoreError::ForeignAccount)?;
    let keys = ReaderKeys {
        cranker: &frozen.cranker.pubkey(),
        domain: &frozen.protocol.domain,
        ledger: &bulkhead_client::pda::ledger(&frozen.protocol.domain, ledger.index),
    };
    acts::require_reader(&domain, shard, &keys)?;
    let data = frozen.machine.account(position).expect("written").data;
    let read = Reader::new(&ledger).read(&data).expect("a position");
    let mut intake = Intake::new(shard).map_err(CoreError::from)?;
    let taken = intake.append(position.as_array(), read.owner, read.amount);
    drop(intake);
    taken.map_err(CoreError::from)?;
    Ok(now)
}

#[test]
fn the_built_program_runs_in_lockstep_with_the_acts() {
    let mut rng = Rng(7);
    let (mut seals, mut overrides, mut refused) = (0, 0, 0);
    let mut frozen = fresh();
    let mut matured: Option<(ix::Authority, OverrideSealArgs, u64)> = None;
    for step in 0..STEPS {
        if step % 80 == 0 {
            frozen = fresh();
            matured = None;
        }
        frozen.cranker = keypair(["first", "second"][usize::from(rng.below(2) == 1)]);
        let (cranker, shard) = (frozen.cranker.pubkey(), frozen.shard(SHARD));
        let is_open = frozen.machine.account(&shard).is_some();
        match rng.below(12) {
            _ if !is_open => {
                frozen.must(frozen.open_shard(SHARD));
            }
            0 | 10 => {
                // Mostly what some shard could be sealed with.
                let sum = frozen.shard_state(SHARD).sum;
                let total = [0, sum, sum, sum + 1, sum.saturating_sub(1), 1_000, 1_004];
                let total = total[usize::try_from(rng.below(7)).expect("few")];
                frozen.protocol.write_total(&mut frozen.machine, total);
            }
            1 if rng.below(5) == 0 => frozen.machine.warp_seconds(RESEAL_SECONDS),
            1 => frozen.machine.next_slot(),
            2 => {
                let expected = {
                    let now = accounts(&frozen);
                    let state = now.shard.expect("it is open");
                    acts::close_shard(Some((&frozen.snapshot, &now.snapshot)), &state, &cranker)
                        .map(|()| Accounts { shard: None, ..now })
                };
                let close = ix::close_shard(cranker, frozen.snapshot, shard, cranker);
                let found = frozen.send(close);
                refused += u32::from(!same(&frozen, step, expected, found));
            }
            3 if matured.is_none() => {
                let args = OverrideSealArgs {
                    max_excess: 500,
                    max_shortfall: 500,
                    ..frozen.stated(&[shard], 0)
                };
                let authority = frozen.mature(&args);
                let proposal = authority.proposal.expect("it is by a proposal");
                let slot = frozen.machine.load::<Proposal>(&proposal).created_slot;
                matured = Some((authority, args, slot));
            }
            4 | 5 => {
                let Some((authority, args, slot)) = matured.take() else {
                    continue;
                };
                let stated = Stated {
                    root: args.root,
                    total: args.total,
                    count: args.count,
                    max_excess: args.max_excess,
                    max_shortfall: args.max_shortfall,
                };
                let expected = sealed(&frozen, Some((stated, slot)));
                let found = frozen.send(frozen.override_seal(authority, &[shard], args));
                let passed = same(&frozen, step, expected, found);
                overrides += u32::from(passed);
                refused += u32::from(!passed);
            }
            6 | 11 => {
                let expected = sealed(&frozen, None);
                let found = frozen.send(frozen.seal(&[shard]));
                let passed = same(&frozen, step, expected, found);
                seals += u32::from(passed);
                refused += u32::from(!passed);
            }
            _ => {
                let position = key(u8::try_from(rng.below(POSITIONS.into())).expect("few"));
                let expected = ingested(&frozen, &position);
                let found = frozen.send(frozen.ingest(SHARD, &[position]));
                refused += u32::from(!same(&frozen, step, expected, found));
            }
        }
    }
    println!("{seals} seals, {overrides} overrides, {refused} refused");
    assert!(
        seals > 0 && overrides > 0 && refused > 20,
        "{seals} {overrides} {refused}"
    );
}

/// Positions of 100, 200, 300 and 400, and a tolerance of one in a hundred.
fn fresh() -> Frozen {
    let mut frozen = Frozen::reading(|protocol| {
        let mut args = protocol.ledger_args(1);
        (args.total.shortfall_bps, args.total.excess_bps) = (100, 100);
        args
    });
    for number in 0..POSITIONS {
        let amount = 100 * (1 + u64::from(number));
        frozen
            .protocol
            .write_position(&mut frozen.machine, &key(number), &owner(number), amount);
    }
    frozen.protocol.write_total(&mut frozen.machine, 1_000);
    frozen
}
