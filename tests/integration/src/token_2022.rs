//! Token-2022 mints and accounts as their bytes lie, and a vault of such a mint.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token_2022::spl_token_2022::ID;
use bulkhead::instructions::{OpenBreakerArgs, OpenVaultArgs};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_testbed::{Machine, Protocol, keypair};
use solana_account::Account;
use solana_signer::Signer;

/// Kind and contents of an extension.
pub type Extension<'a> = (u16, &'a [u8]);

/// `MemoTransfer`: takes transfers with a memo only.
pub const WANTS_MEMO: Extension = (8, &[1]);
/// `ImmutableOwner`.
pub const IMMUTABLE_OWNER: Extension = (7, &[]);

/// Bytes of a base, its kind and extensions.
fn extended(mut base: Vec<u8>, kind: u8, extensions: &[Extension]) -> Vec<u8> {
    if extensions.is_empty() {
        return base;
    }
    base.resize(165, 0);
    base.push(kind);
    for (kind, contents) in extensions {
        base.extend_from_slice(&kind.to_le_bytes());
        base.extend_from_slice(&u16::try_from(contents.len()).unwrap_or(u16::MAX).to_le_bytes());
        base.extend_from_slice(contents);
    }
    base
}

fn write(machine: &mut Machine, key: &Pubkey, data: Vec<u8>) {
    let account = Account {
        lamports: machine.svm.minimum_balance_for_rent_exemption(data.len()),
        data,
        owner: ID,
        executable: false,
        rent_epoch: u64::MAX,
    };
    machine.write_account(key, account);
}

/// A mint without anybody's authority.
pub fn mint(machine: &mut Machine, name: &str, extensions: &[Extension]) -> Pubkey {
    let key = keypair(name).pubkey();
    machine.create_mint(&key, &keypair("issuer").pubkey(), 6);
    let base = machine.account(&key).map(|account| account.data).unwrap_or_default();
    write(machine, &key, extended(base, 1, extensions));
    key
}

/// A token account, at `key`.
pub fn account(
    machine: &mut Machine,
    key: Pubkey,
    mint: &Pubkey,
    owner: &Pubkey,
    amount: u64,
    extensions: &[Extension],
) -> Pubkey {
    let mut base = [mint.as_ref(), owner.as_ref(), &amount.to_le_bytes()].concat();
    base.resize(165, 0);
    base[108] = 1;
    write(machine, &key, extended(base, 2, extensions));
    key
}

/// A vault of a mint, with a breaker of its own (100,000 an hour, 60,000 a slot) and 1,000,000 in it, of a protocol that
/// is being set up.
///
/// # Panics
/// When the program refuses it.
pub fn vault(machine: &mut Machine, protocol: &Protocol, mint: Pubkey, token_program: Pubkey) -> ix::VaultKeys {
    let authority = ix::Authority {
        signer: protocol.setup_authority.pubkey(),
        domain: protocol.domain,
        proposal: None,
    };
    let keys = ix::VaultKeys {
        vault: pda::vault(&protocol.domain, &mint, 0),
        domain: protocol.domain,
        breaker: pda::outflow_breaker(&protocol.domain, 1, &mint, 0),
        mint,
        token_program,
    };
    let breaker = OpenBreakerArgs {
        compartment: 1,
        mint,
        authority: keys.vault,
        sub_windows: 12,
        trip_scope: 1,
        window_seconds: 3_600,
        limit: 100_000,
        slot_limit: 60_000,
        latch_seconds: 3_600,
        shards: 1,
        ..OpenBreakerArgs::default()
    };
    let vault = OpenVaultArgs {
        index: 0,
        compartment: 1,
        operator: protocol.operator.pubkey(),
        breaker: keys.breaker,
        mint,
        queue_seconds: 86_400,
        ledger: 0,
    };
    let payer = machine.payer.pubkey();
    let instructions = [
        ix::open_breaker(authority, payer, breaker),
        ix::open_vault(authority, payer, token_program, vault),
    ];
    protocol.must(machine, &instructions, &[&protocol.setup_authority]);
    let custody = pda::custody(&keys.vault);
    let mut account = machine.account(&custody).unwrap_or_default();
    account.data[64..72].copy_from_slice(&1_000_000_u64.to_le_bytes());
    machine.write_account(&custody, account);
    keys
}
