//! What the host owes to whom, by ledger.

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::{AmountConfig, ExportConfig, RegisterLedgerArgs};
use bulkhead_export_probe::op;
use bulkhead_snapshot::{Position, Tree};
use bulkhead_testbed::{Machine, POSITION_DISCRIMINATOR, Protocol, keypair};

/// The program that values the positions of the third ledger.
pub fn probe() -> Pubkey {
    keypair("export probe").pubkey()
}

use solana_signer::Signer;

/// One ledger of a host.
pub struct Holdings {
    pub index: u8,
    /// The shard all its positions are in.
    pub shard: u8,
    /// First bytes of its positions.
    discriminator: [u8; 8],
    pub positions: Vec<Position>,
    /// Where the host says what they are together, and what it says.
    pub total: Pubkey,
    pub said: u64,
    /// Its positions are asked for.
    pub is_exported: bool,
}

impl Holdings {
    /// Three ledgers of one token: two that are read and one that is asked for. `miscount` is what the host has lost
    /// count of in the first, which is then sealed by override only.
    pub fn of(protocol: &Protocol, name: &str, owners: &[Pubkey], miscount: u64) -> Vec<Self> {
        let new = |index: u8, shard: u8, discriminator: [u8; 8], amounts: &[u64]| {
            let position = |(number, amount): (usize, &u64)| Position {
                key: key(name, index, shard, number),
                owner: owners[number % owners.len()],
                amount: *amount,
            };
            let positions: Vec<_> = amounts.iter().enumerate().map(position).collect();
            let total = match index {
                0 => protocol.total_account,
                _ => keypair(&format!("{name}/total {index}")).pubkey(),
            };
            Self {
                index,
                shard,
                discriminator,
                said: positions.iter().map(|row| row.amount).sum(),
                positions,
                total,
                is_exported: index == 2,
            }
        };
        let mut all = vec![
            new(0, 5, POSITION_DISCRIMINATOR, &[250, 1, 333, 416]),
            new(1, 9, *b"Position", &[7, 100, 293]),
            new(2, 2, *b"exported", &[50, 60]),
        ];
        all[0].said += miscount;
        all
    }

    /// Writes what the host keeps.
    pub fn write(&self, machine: &mut Machine, protocol: &Protocol) {
        for row in &self.positions {
            let amount = row.amount.to_le_bytes();
            let data = [&self.discriminator[..], row.owner.as_ref(), &amount].concat();
            protocol.write_host_account(machine, &row.key, data);
        }
        protocol.write_host_account(machine, &self.total, self.said.to_le_bytes().to_vec());
    }

    /// How it is registered.
    pub fn args(&self, protocol: &Protocol) -> RegisterLedgerArgs {
        let mut args = protocol.ledger_args(self.index);
        args.filters[0].bytes = self.discriminator.to_vec();
        args.total.account = self.total;
        if self.is_exported {
            args.owner_offset = 0;
            args.amounts = Vec::<AmountConfig>::new();
            args.export = Some(ExportConfig {
                program: probe(),
                data: vec![op::ANSWER],
                accounts: vec![],
                position_accounts: 0,
            });
        }
        args
    }

    /// The positions, in order.
    pub fn keys(&self) -> Vec<Pubkey> {
        let mut keys: Vec<_> = self.positions.iter().map(|row| row.key).collect();
        keys.sort_unstable();
        keys
    }

    /// The tree of those of `keys`.
    pub fn tree_of(&self, tag: [u8; 32], keys: &[Pubkey]) -> Tree {
        let rows = self.positions.iter().filter(|row| keys.contains(&row.key));
        Tree::build(tag, rows.copied().collect()).expect("a few positions")
    }
}

fn key(name: &str, index: u8, shard: u8, number: usize) -> Pubkey {
    let mut bytes = keypair(&format!("{name}/ledger {index}")).pubkey().to_bytes();
    (bytes[0], bytes[1]) = (shard << 4, u8::try_from(number).expect("few"));
    bytes.into()
}
