use super::*;
use bulkhead::instructions::RegisterLedgerArgs;

/// `register_ledger`: during set-up, or a matured proposal.
#[must_use]
pub fn register_ledger(authority: Authority, payer: Pubkey, args: RegisterLedgerArgs) -> Instruction {
    build(
        &bulkhead::accounts::RegisterLedger {
            config: authority.accounts(),
            payer,
            ledger: pda::ledger(&authority.domain, args.index),
            mint: args.mint,
            total_account: args.total_account,
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::RegisterLedger { args },
    )
}

/// `open_snapshot`: anyone may crank it while the domain is held.
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

/// `open_shard`: signed by the cranker, who alone may then add to it.
#[must_use]
pub fn open_shard(domain: Pubkey, cranker: Pubkey, payer: Pubkey, snapshot: Pubkey, number: u8) -> Instruction {
    build(
        &bulkhead::accounts::OpenShard {
            cranker,
            payer,
            domain,
            snapshot,
            shard: pda::shard(&snapshot, number, &cranker),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::OpenShard { number },
    )
}

/// `ingest_positions`: `positions` in ascending order of their keys, all of shard `number`.
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
        },
        &bulkhead::instruction::IngestPositions {},
        positions.iter().map(|key| AccountMeta::new_readonly(*key, false)),
    )
}

/// `seal_snapshot`: `shards` are the accounts of every shard with positions, in order.
#[must_use]
pub fn seal_snapshot(
    domain: Pubkey,
    incident: Pubkey,
    ledger_index: u8,
    total_account: Pubkey,
    shards: &[Pubkey],
) -> Instruction {
    build_with(
        &bulkhead::accounts::SealSnapshot {
            domain,
            incident,
            ledger: pda::ledger(&domain, ledger_index),
            snapshot: pda::snapshot(&incident, ledger_index),
            total_account,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::SealSnapshot {},
        shards.iter().map(|key| AccountMeta::new(*key, false)),
    )
}

/// `close_shard`: the cranker takes back the rent of a shard that was not sealed.
#[must_use]
pub fn close_shard(cranker: Pubkey, shard: Pubkey, receiver: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::CloseShard {
            cranker,
            shard,
            receiver,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::CloseShard {},
    )
}
