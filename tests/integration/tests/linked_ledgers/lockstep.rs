//! Random linked ledgers, rates, tokens and accounts: the built program answers as the rules do, and every byte of the
//! shard is the same.

use anchor_lang::{error::Error, prelude::Pubkey};
use bulkhead::{
    authority::core_error,
    instructions::{AmountConfig, ByteFilterConfig, RegisterLedgerArgs, ScaleConfig, SlotTableConfig},
};
use bulkhead_core::{
    CoreError, acts,
    proofs::NoCurve,
    snapshots::layout::{
        Factors, Seen,
        linked::{accounts_each, factor_count, factor_fields, has_records, owner_is_token},
    },
};
use bulkhead_interface::{
    constants::{amount_flag, factor_flag, length_rule, link_flag},
    layout::{Ledger, SnapshotShard},
};
use bulkhead_testbed::{Machine, Protocol};
use bulkhead_tests::frozen::{Frozen, NUMBER};
use solana_account::Account;

use crate::{
    SHARD, key, link, named,
    nft::{CLASSIC, EXTENDED},
    owner,
};

const WORLDS: u64 = 45;
const STEPS: u64 = 40;
/// Accounts of positions, and tokens.
const COUNT: u8 = 8;

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

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).expect("few")]
    }

    /// Mostly small, once in `seldom` times as large as it gets, or nothing.
    fn number(&mut self, seldom: u64) -> u128 {
        if self.below(seldom) != 0 {
            return 1 + u128::from(self.below(1_000));
        }
        match self.below(5) {
            0 => 0,
            1 => u128::MAX,
            2 => i128::MAX as u128,
            3 => u64::MAX.into(),
            _ => u128::from(self.below(1 << 50)) << self.below(70),
        }
    }
}

fn bank(number: u64) -> Pubkey {
    named(&format!("bank {number}"))
}

/// A ledger of some kind that can be registered: 64 bytes of head, or slots of 64 behind 16 bytes.
fn layout(rng: &mut Rng, protocol: &Protocol) -> RegisterLedgerArgs {
    let kind = rng.below(3);
    let flags = [0, link_flag::OWNER_IS_TOKEN, link_flag::RECORDS][usize::try_from(kind).expect("few")];
    let count = if flags == 0 { 1 + rng.below(2) } else { rng.below(3) };
    let factors: Vec<_> = (0..count)
        .map(|_| {
            let (width, flags) = rng.one(&[
                (8, 0),
                (16, 0),
                (4, 0),
                (8, factor_flag::DIVIDE),
                (2, factor_flag::DIVIDE),
            ]);
            (bank(rng.below(2)), rng.one(&[0, 16]), width, flags)
        })
        .collect();
    let is_record = flags == link_flag::RECORDS;
    let in_slot = if is_record { amount_flag::IN_SLOT } else { 0 };
    let field = |offset, width, flags| AmountConfig {
        offset,
        width,
        flags: flags | in_slot,
    };
    let mut amounts = vec![field(40, rng.one(&[8, 16]), rng.one(&[0, amount_flag::SIGNED]))];
    if rng.below(2) == 0 {
        amounts.push(field(56, 8, rng.one(&[0, amount_flag::SUBTRACT])));
    }
    let slots = SlotTableConfig {
        offset: 16,
        stride: 64,
        count: 50,
        used_offset: 8,
        used_width: rng.one(&[0, 4]),
        filter: Some(ByteFilterConfig {
            offset: 0,
            bytes: vec![1],
        }),
    };
    let slots = SlotTableConfig {
        used_offset: if slots.used_width == 0 { 0 } else { 8 },
        ..slots
    };
    let scale = rng.one(&[(1, 1, 0), (1, 1, 4), (1_000, 7, 0), (1_000, 7, 2), (u64::MAX, 3, 62)]);
    RegisterLedgerArgs {
        length_rule: if is_record {
            length_rule::AT_LEAST
        } else {
            length_rule::EXACT
        },
        data_len: if is_record { 16 } else { 64 },
        owner_offset: 8,
        amounts,
        scale: ScaleConfig {
            multiplier: scale.0,
            divisor: scale.1,
            shift: scale.2,
        },
        slots: is_record.then_some(slots),
        link: Some(link(flags, protocol.host_program, &factors)),
        ..protocol.ledger_args(NUMBER)
    }
}

fn write(machine: &mut Machine, key: &Pubkey, owner: Pubkey, data: Vec<u8>) {
    let account = Account {
        lamports: 1_000_000_000,
        data,
        owner,
        executable: false,
        rent_epoch: u64::MAX,
    };
    machine.write_account(key, account);
}

fn token(number: u8) -> Pubkey {
    named(&format!("token {number}"))
}

fn holding(number: u8) -> Pubkey {
    named(&format!("holding {number}"))
}

/// Position or market `number`, which names token or owner `number`.
fn write_position(rng: &mut Rng, frozen: &mut Frozen, ledger: &Ledger, number: u8) {
    let often = if has_records(ledger) { 200 } else { 12 };
    let body = |rng: &mut Rng, name: &[u8; 8], owner: Pubkey| {
        let (amount, minus) = (rng.number(often).to_le_bytes(), rng.below(500).to_le_bytes());
        [&name[..], owner.as_ref(), &amount, &minus].concat()
    };
    let data = if has_records(ledger) {
        let count = rng.below(45);
        let mut data = [&b"position"[..], &(count as u32).to_le_bytes(), &[0; 4]].concat();
        for _ in 0..count {
            let mark = [u8::from(rng.below(3) != 0); 8];
            let owner = owner(u8::try_from(rng.below(9)).expect("few"));
            data.extend(body(rng, &mark, owner));
        }
        if rng.below(9) == 0 {
            data.pop();
        }
        data
    } else {
        let owner = if owner_is_token(ledger) {
            token(number)
        } else {
            owner(number)
        };
        body(rng, b"position", owner)
    };
    let host = if rng.below(16) == 0 {
        named("another program")
    } else {
        frozen.protocol.host_program
    };
    write(&mut frozen.machine, &key(number), host, data);
}

/// A token of some kind, and somebody's account of some token.
fn write_token(rng: &mut Rng, machine: &mut Machine, number: u8) {
    let program = rng.one(&[CLASSIC, EXTENDED]);
    let mut mint = vec![0; 82];
    mint[36] = [0, 2, 1][usize::try_from(rng.below(20).min(2)).expect("few")];
    mint[44] = u8::from(rng.below(24) == 0);
    mint[45] = u8::from(rng.below(24) != 0);
    let of = if rng.below(24) == 0 {
        named("another program")
    } else {
        program
    };
    if rng.below(24) == 0 {
        machine.write_account(&token(number), Account::default());
    } else {
        write(machine, &token(number), of, mint);
    }
    let named = if rng.below(24) == 0 { number ^ 1 } else { number };
    let holder = owner(u8::try_from(rng.below(9)).expect("few"));
    let mut account = [token(named).as_ref(), holder.as_ref(), &[0; 101]].concat();
    account[64] = [0, 2, 1][usize::try_from(rng.below(24).min(2)).expect("few")];
    account[108] = [0, 2, 1][usize::try_from(rng.below(24).min(2)).expect("few")];
    let of = if rng.below(24) == 0 { CLASSIC } else { program };
    write(machine, &holding(number), of, account);
}

/// The accounts of one transaction: mostly as they should be.
fn given(rng: &mut Rng, ledger: &Ledger, shard: &SnapshotShard) -> Vec<Pubkey> {
    let mut accounts = vec![];
    // Mostly what comes next, or once more the account that is not done.
    let last = if shard.seen == 0 {
        0
    } else {
        shard.last_key.as_array()[1]
    };
    let mut next = match rng.below(6) {
        0 => u8::try_from(rng.below(COUNT.into())).expect("few"),
        1 => last,
        _ if shard.seen == 0 => 0,
        _ => (last + u8::from(!has_records(ledger))) % COUNT,
    };
    for _ in 0..=rng.below(2) {
        accounts.push(key(next));
        if owner_is_token(ledger) {
            let other = if rng.below(14) == 0 { next ^ 1 } else { next };
            accounts.extend([token(next), holding(other)]);
        }
        let again = if has_records(ledger) {
            rng.below(3)
        } else {
            rng.below(16)
        };
        next = (next + u8::from(again != 0)) % COUNT;
    }
    if rng.below(14) == 0 {
        accounts.pop();
    }
    accounts
}

/// What the rules make of these accounts.
fn expected(
    frozen: &Frozen,
    ledger: &Ledger,
    factors: &Factors,
    accounts: &[Pubkey],
) -> Result<SnapshotShard, CoreError> {
    let mut shard = frozen.shard_state(SHARD);
    let state = |key: &Pubkey| frozen.machine.account(key).unwrap_or_default();
    for group in accounts.chunks(accounts_each(ledger)) {
        let found: Vec<_> = group.iter().map(state).collect();
        let seen: Vec<_> = group
            .iter()
            .zip(&found)
            .map(|(key, account)| Seen {
                key,
                program: &account.owner,
                data: &account.data,
            })
            .collect();
        acts::take_linked(ledger, factors, &mut shard, seen[0], &seen[1..], &NoCurve)?;
    }
    Ok(shard)
}

fn code(error: CoreError) -> Option<u32> {
    match core_error(error) {
        Error::AnchorError(error) => Some(error.error_code_number),
        Error::ProgramError(_) => None,
    }
}

fn write_banks(rng: &mut Rng, frozen: &mut Frozen) {
    for number in 0..2 {
        let data = [rng.number(3).to_le_bytes(), rng.number(3).to_le_bytes()].concat();
        let host = frozen.protocol.host_program;
        write(&mut frozen.machine, &bank(number), host, [&data[..], &[0; 16]].concat());
    }
}

/// The factors, as the rules read them now.
fn factors_now(frozen: &Frozen, ledger: &Ledger) -> Result<Factors, CoreError> {
    let keys: Vec<_> = factor_fields(ledger).map(|(account, _)| *account).collect();
    let accounts: Vec<_> = keys
        .iter()
        .map(|key| frozen.machine.account(key).unwrap_or_default())
        .collect();
    let seen = keys.iter().zip(&accounts).map(|(key, account)| Seen {
        key,
        program: &account.owner,
        data: &account.data,
    });
    Ok(Factors::read(ledger, seen)?)
}

#[derive(Debug, Default)]
struct Seldom {
    read: u32,
    refused: u32,
    unopened: u32,
    of_tokens: u32,
    of_records: u32,
    rated: u32,
    codes: std::collections::BTreeSet<u32>,
}

fn play(rng: &mut Rng, seldom: &mut Seldom) {
    let mut frozen = Frozen::in_set_up();
    for number in 0..2 {
        let host = frozen.protocol.host_program;
        let rates = 1_u128.to_le_bytes().repeat(3);
        write(&mut frozen.machine, &bank(number), host, rates);
    }
    let args = layout(rng, &frozen.protocol);
    if let Err(failure) = frozen.register(args) {
        panic!("{}\n{}", failure.error, failure.outcome.logs.join("\n"));
    }
    frozen.hold();
    let ledger = frozen.ledger();
    // Opened with whatever the rates are, as soon as they are any.
    let factors = loop {
        write_banks(rng, &mut frozen);
        let open = frozen.open();
        match (factors_now(&frozen, &ledger), frozen.send(open)) {
            (Ok(factors), Ok(_)) => break factors,
            (Err(error), Err(failure)) => {
                assert_eq!(code(error), failure.code());
                seldom.unopened += 1;
            }
            (rules, program) => panic!("{rules:?} and {program:?}"),
        }
    };
    frozen.must(frozen.open_shard(SHARD));
    for number in 0..COUNT {
        write_token(rng, &mut frozen.machine, number);
        write_position(rng, &mut frozen, &ledger, number);
    }
    for step in 0..STEPS {
        match rng.below(8) {
            0 => write_banks(rng, &mut frozen),
            1 => write_token(
                rng,
                &mut frozen.machine,
                u8::try_from(step % u64::from(COUNT)).expect("few"),
            ),
            2 => write_position(
                rng,
                &mut frozen,
                &ledger,
                u8::try_from(step % u64::from(COUNT)).expect("few"),
            ),
            _ => {}
        }
        if rng.below(9) == 0 || frozen.shard_state(SHARD).last_key.as_array()[1] == COUNT - 1 {
            let cranker = bulkhead_testbed::keypair(&format!("cranker {step}"));
            frozen.cranker = cranker;
            frozen.must(frozen.open_shard(SHARD));
        }
        let before = frozen.shard_state(SHARD);
        let accounts = given(rng, &ledger, &before);
        let rules = expected(&frozen, &ledger, &factors, &accounts);
        let first = (factor_count(&ledger) != 0).then_some(frozen.snapshot);
        let passed: Vec<_> = first.into_iter().chain(accounts).collect();
        let ingest = frozen.ingest(SHARD, &passed);
        let cranker = frozen.cranker.insecure_clone();
        let budget = solana_instruction::Instruction {
            program_id: anchor_lang::pubkey!("ComputeBudget111111111111111111111111111111"),
            accounts: vec![],
            data: [&[2][..], &1_400_000u32.to_le_bytes()].concat(),
        };
        let after = match (rules, frozen.machine.send(&[budget, ingest], &[&cranker])) {
            (Ok(shard), Ok(_)) => {
                seldom.read += shard.seen - before.seen;
                let number = shard.seen - before.seen;
                seldom.of_tokens += u32::from(owner_is_token(&ledger)) * number;
                seldom.of_records += u32::from(has_records(&ledger)) * number;
                seldom.rated += u32::from(factor_count(&ledger) != 0) * number;
                shard
            }
            (Err(error), Err(failure)) => {
                assert_eq!(code(error), failure.code(), "step {step}: {error:?}\n{failure:?}");
                seldom.refused += 1;
                seldom.codes.extend(failure.code());
                before
            }
            (rules, program) => panic!("step {step}: {:?} and {program:?}", rules.map(|_| ())),
        };
        let found = frozen.shard_state(SHARD);
        assert_eq!(bytemuck::bytes_of(&found), bytemuck::bytes_of(&after), "step {step}");
    }
}

#[test]
fn the_built_program_reads_linked_ledgers_as_the_rules_do() {
    let (mut rng, mut seldom) = (Rng(11), Seldom::default());
    for _ in 0..WORLDS {
        play(&mut rng, &mut seldom);
    }
    println!("{seldom:?}");
    // All kinds were reached, and most ways to be refused.
    assert!(
        seldom.of_tokens > 20 && seldom.of_records > 100 && seldom.rated > 50,
        "{seldom:?}"
    );
    assert!(seldom.unopened > 5 && seldom.refused > 50, "{seldom:?}");
    for error in [
        CoreError::NotAPosition,
        CoreError::AmountTooLarge,
        CoreError::PositionsNotAscending,
        CoreError::LinkedAccountMissing,
        CoreError::NotASingleToken,
        CoreError::NotTheHolder,
    ] {
        assert!(
            code(error).is_some_and(|code| seldom.codes.contains(&code)),
            "{error:?}: {seldom:?}"
        );
    }
}
