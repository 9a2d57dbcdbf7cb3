use super::*;
use bulkhead::instructions::{
    AmountConfig, ByteFilterConfig, ExportConfig, FactorConfig, LinkConfig, OverrideSealArgs, RegisterLedgerArgs,
    ScaleConfig, SlotTableConfig, TotalConfig,
};
use bulkhead_core::snapshots::layout::linked;
use bulkhead_interface::{
    constants::ledger_mode,
    layout::{ByteFilter, Ledger},
};

/// Appends the accounts of a ledger's factors, for an instruction that reads them.
#[must_use]
pub fn with_factors(mut instruction: Instruction, ledger: &Ledger) -> Instruction {
    let accounts = linked::factor_fields(ledger).map(|(account, _)| AccountMeta::new_readonly(*account, false));
    instruction.accounts.extend(accounts);
    instruction
}

/// `register_ledger`: during set-up, or with a matured proposal. `others` are the numbers of all ledgers that already
/// pay the same token, in ascending order.
#[must_use]
pub fn register_ledger(authority: Authority, payer: Pubkey, args: RegisterLedgerArgs, others: &[u8]) -> Instruction {
    let domain = authority.domain;
    let others = others.iter().map(|index| pda::ledger(&domain, *index));
    let link = args.link.as_ref();
    let factors: Vec<_> = link
        .iter()
        .flat_map(|link| &link.factors)
        .map(|factor| factor.account)
        .collect();
    build_with(
        &bulkhead::accounts::RegisterLedger {
            config: authority.accounts(),
            payer,
            ledger: pda::ledger(&authority.domain, args.index),
            mint: args.mint,
            total_account: args.total.account,
            mint_ledgers: pda::mint_ledgers(&domain, &args.mint),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::RegisterLedger { args },
        factors
            .into_iter()
            .chain(others)
            .map(|key| AccountMeta::new_readonly(key, false)),
    )
}

/// The arguments that register `layout`, for example a layout of `core::layout`, as number `index`.
#[must_use]
pub fn ledger_args(index: u8, layout: &Ledger) -> RegisterLedgerArgs {
    let filter = |filter: &ByteFilter| ByteFilterConfig {
        offset: filter.offset,
        bytes: filter.bytes.iter().take(filter.len as usize).copied().collect(),
    };
    let export = &layout.export;
    let slots = &layout.slots;
    RegisterLedgerArgs {
        index,
        program: layout.program,
        mint: layout.mint,
        total: TotalConfig {
            account: layout.total_account,
            program: layout.total_program,
            offset: layout.total_offset,
            width: layout.total_width,
            unit: layout.total_unit,
            shortfall_bps: layout.shortfall_bps,
            excess_bps: layout.excess_bps,
        },
        length_rule: layout.length_rule,
        data_len: layout.data_len,
        filters: layout.filters.iter().filter(|own| own.len != 0).map(filter).collect(),
        owner_offset: layout.owner_offset,
        amounts: layout
            .amounts
            .iter()
            .take(layout.amount_count.into())
            .map(|amount| AmountConfig {
                offset: amount.offset,
                width: amount.width,
                flags: amount.flags,
            })
            .collect(),
        scale: ScaleConfig {
            multiplier: layout.scale.multiplier,
            divisor: layout.scale.divisor,
            shift: layout.scale.shift,
        },
        slots: (slots.count != 0).then(|| SlotTableConfig {
            offset: slots.offset,
            stride: slots.stride,
            count: slots.count,
            used_offset: slots.used_offset,
            used_width: slots.used_width,
            filter: (slots.filter.len != 0).then(|| filter(&slots.filter)),
        }),
        export: (layout.mode == ledger_mode::EXPORT).then(|| ExportConfig {
            program: export.program,
            data: export.data.iter().take(export.data_len.into()).copied().collect(),
            accounts: export
                .accounts
                .iter()
                .take(export.account_count.into())
                .copied()
                .collect(),
            position_accounts: export.position_accounts,
        }),
        link: linked::is_linked(layout).then(|| LinkConfig {
            flags: layout.flags,
            program: export.program,
            factors: linked::factor_fields(layout)
                .map(|(account, field)| FactorConfig {
                    account: *account,
                    offset: field.offset,
                    width: field.width,
                    flags: field.flags,
                })
                .collect(),
        }),
    }
}

/// `open_snapshot`: anyone may crank it while the domain is frozen.
#[must_use]
pub fn open_snapshot(domain: Pubkey, payer: Pubkey, incident: Pubkey, ledger_index: u8) -> Instruction {
    build(
        &bulkhead::accounts::OpenSnapshot {
            payer,
            domain,
            incident,
            ledger: pda::ledger(&domain, ledger_index),
            snapshot: pda::snapshot(&incident, ledger_index),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::OpenSnapshot {},
    )
}

/// The same for a ledger that may have factors.
#[must_use]
pub fn open_snapshot_of(domain: Pubkey, payer: Pubkey, incident: Pubkey, ledger: &Ledger) -> Instruction {
    with_frozen_factors(open_snapshot(domain, payer, incident, ledger.index), ledger)
}

/// Adds what opening a snapshot reads of a ledger's factors: the instructions sysvar, and their accounts.
pub(super) fn with_frozen_factors(mut open: Instruction, ledger: &Ledger) -> Instruction {
    if linked::factor_count(ledger) != 0 {
        open.accounts
            .push(AccountMeta::new_readonly(INSTRUCTIONS_SYSVAR, false));
    }
    with_factors(open, ledger)
}

/// `open_shard`: signed by the cranker. Only this cranker may then add to the shard.
#[must_use]
pub fn open_shard(domain: Pubkey, cranker: Pubkey, payer: Pubkey, snapshot: Pubkey, number: u8) -> Instruction {
    build(
        &bulkhead::accounts::OpenShard {
            cranker,
            payer,
            domain,
            snapshot,
            shard: pda::shard(&snapshot, number, &cranker),
            rules: pda::proof_rules(&domain),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::OpenShard { number },
    )
}

/// `ingest_positions`: `positions` in ascending order of their keys, all in shard `number`. Of a linked ledger, the
/// snapshot if it has factors, and each position with what follows it.
#[must_use]
pub fn ingest_positions(
    domain: Pubkey,
    cranker: Pubkey,
    snapshot: Pubkey,
    ledger_index: u8,
    number: u8,
    positions: &[Pubkey],
) -> Instruction {
    build_with(
        &bulkhead::accounts::IngestPositions {
            cranker,
            domain,
            ledger: pda::ledger(&domain, ledger_index),
            shard: pda::shard(&snapshot, number, &cranker),
            instructions: INSTRUCTIONS_SYSVAR,
        },
        &bulkhead::instruction::IngestPositions {},
        positions.iter().map(|key| AccountMeta::new_readonly(*key, false)),
    )
}

/// `ingest_export`: like [`ingest_positions`], but the program that the ledger names reports each position.
#[must_use]
pub fn ingest_export(
    domain: Pubkey,
    cranker: Pubkey,
    snapshot: Pubkey,
    ledger: &Ledger,
    number: u8,
    positions: &[Pubkey],
) -> Instruction {
    let fixed = ledger.export.accounts.iter().take(ledger.export.account_count.into());
    build_with(
        &bulkhead::accounts::IngestExport {
            cranker,
            domain,
            shard: pda::shard(&snapshot, number, &cranker),
            ledger: pda::ledger(&domain, ledger.index),
            export_program: ledger.export.program,
            instructions: INSTRUCTIONS_SYSVAR,
        },
        &bulkhead::instruction::IngestExport {},
        fixed.chain(positions).map(|key| AccountMeta::new_readonly(*key, false)),
    )
}

/// `override_seal`: executes a matured proposal, for the difference that it states.
#[must_use]
pub fn override_seal(
    authority: Authority,
    incident: Pubkey,
    ledger_index: u8,
    total_account: Pubkey,
    shards: &[Pubkey],
    args: OverrideSealArgs,
) -> Instruction {
    build_with(
        &bulkhead::accounts::OverrideSeal {
            config: authority.accounts(),
            incident,
            ledger: pda::ledger(&authority.domain, ledger_index),
            snapshot: args.snapshot,
            total_account,
            restoration: pda::restoration(&incident, ledger_index),
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::OverrideSeal { args },
        shards.iter().map(|key| AccountMeta::new(*key, false)),
    )
}

/// `seal_snapshot`: `shards` are the accounts of all shards with positions, in order.
#[must_use]
pub fn seal_snapshot(
    domain: Pubkey,
    incident: Pubkey,
    ledger_index: u8,
    total_account: Pubkey,
    shards: &[Pubkey],
    crankers: &[Pubkey],
) -> Instruction {
    build_with(
        &bulkhead::accounts::SealSnapshot {
            domain,
            incident,
            ledger: pda::ledger(&domain, ledger_index),
            snapshot: pda::snapshot(&incident, ledger_index),
            total_account,
            restoration: pda::restoration(&incident, ledger_index),
            instructions: INSTRUCTIONS_SYSVAR,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::SealSnapshot {},
        shards_and_crankers(shards, crankers),
    )
}

/// Shards to seal, and the crankers who declare theirs complete.
pub(super) fn shards_and_crankers(shards: &[Pubkey], crankers: &[Pubkey]) -> impl Iterator<Item = AccountMeta> {
    let shards = shards.iter().map(|key| AccountMeta::new(*key, false));
    shards.chain(crankers.iter().map(|key| AccountMeta::new_readonly(*key, true)))
}

/// `close_shard`: the cranker reclaims the rent of a shard that the snapshot's last seal does not use. The snapshot is
/// required if the shard was sealed.
#[must_use]
pub fn close_shard(
    cranker: Pubkey,
    snapshot: impl Into<Option<Pubkey>>,
    shard: Pubkey,
    receiver: Pubkey,
) -> Instruction {
    build(
        &bulkhead::accounts::CloseShard {
            cranker,
            snapshot: snapshot.into(),
            shard,
            receiver,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::CloseShard {},
    )
}
