use super::*;
use anchor_lang::solana_program::instruction::AccountMeta;
use bulkhead::instructions::{CancelReleasesArgs, OpenVaultArgs, RegisterEvacuationRouteArgs};

/// The accounts derived from a vault.
#[derive(Clone, Copy)]
pub struct VaultKeys {
    /// The vault.
    pub vault: Pubkey,
    /// Its domain.
    pub domain: Pubkey,
    /// The breaker that meters its releases.
    pub breaker: Pubkey,
    /// Mint of the token that it holds.
    pub mint: Pubkey,
    /// SPL Token or Token-2022.
    pub token_program: Pubkey,
}

/// `open_vault`: during set-up, or with a matured proposal.
#[must_use]
pub fn open_vault(authority: Authority, payer: Pubkey, token_program: Pubkey, args: OpenVaultArgs) -> Instruction {
    let vault = pda::vault(&authority.domain, &args.mint, args.index);
    build(
        &bulkhead::accounts::OpenVault {
            config: authority.accounts(),
            payer,
            breaker: args.breaker,
            mint: args.mint,
            vault,
            custody: pda::custody(&vault),
            token_program,
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::OpenVault { args },
    )
}

/// `register_evacuation_route`: during set-up, or with a matured proposal.
#[must_use]
pub fn register_evacuation_route(authority: Authority, args: RegisterEvacuationRouteArgs) -> Instruction {
    build(
        &bulkhead::accounts::RegisterEvacuationRoute {
            config: authority.accounts(),
            vault: args.vault,
            destination: args.destination,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::RegisterEvacuationRoute { args },
    )
}

/// `release`: signed by the vault's operator. Hosts call it by CPI.
#[must_use]
pub fn release(
    keys: VaultKeys,
    operator: Pubkey,
    payer: Pubkey,
    destination: Pubkey,
    amount: u64,
    index: u64,
) -> Instruction {
    build(
        &bulkhead::accounts::Release {
            operator,
            vault: keys.vault,
            breaker: keys.breaker,
            board: pda::board(&keys.domain),
            custody: pda::custody(&keys.vault),
            destination,
            mint: keys.mint,
            token_program: keys.token_program,
            release: pda::release(&keys.vault, index),
            payer,
            system_program: system_program::ID,
            note: None,
        },
        &bulkhead::instruction::Release { amount, index },
    )
}

/// [`release`] with the deposit note of `asker`: what the asker brought in within the window is not metered, and the
/// release number belongs to the asker.
#[must_use]
pub fn release_to(
    keys: VaultKeys,
    operator: Pubkey,
    (asker, destination): (Pubkey, Pubkey),
    payer: Pubkey,
    amount: u64,
    index: u64,
) -> Instruction {
    let mut release = release(keys, operator, payer, destination, amount, index);
    release.accounts.truncate(11);
    if let Some(record) = release.accounts.get_mut(8) {
        record.pubkey = pda::release_of(&keys.vault, &asker, index);
    }
    let note = pda::deposit_note(&keys.vault, &asker);
    release.accounts.push(AccountMeta::new(note, false));
    release
}

/// `receive_deposit`: signed by the owner and `payer`.
#[must_use]
pub fn receive_deposit(keys: VaultKeys, owner: Pubkey, source: Pubkey, payer: Pubkey, amount: u64) -> Instruction {
    build(
        &bulkhead::accounts::ReceiveDeposit {
            owner,
            vault: keys.vault,
            breaker: keys.breaker,
            board: pda::board(&keys.domain),
            source,
            custody: pda::custody(&keys.vault),
            mint: keys.mint,
            token_program: keys.token_program,
            note: pda::deposit_note(&keys.vault, &owner),
            payer,
            system_program: system_program::ID,
        },
        &bulkhead::instruction::ReceiveDeposit { amount },
    )
}

/// `close_deposit_note`: anyone may crank it once the note covers nothing. The rent goes to `payer`.
#[must_use]
pub fn close_deposit_note(keys: VaultKeys, owner: &Pubkey, payer: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::CloseDepositNote {
            vault: keys.vault,
            breaker: keys.breaker,
            note: pda::deposit_note(&keys.vault, owner),
            payer,
        },
        &bulkhead::instruction::CloseDepositNote {},
    )
}

/// `settle_release`: anyone may crank it once the release is payable.
#[must_use]
pub fn settle_release(keys: VaultKeys, destination: Pubkey, release: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::SettleRelease {
            vault: keys.vault,
            breaker: keys.breaker,
            board: pda::board(&keys.domain),
            custody: pda::custody(&keys.vault),
            destination,
            mint: keys.mint,
            token_program: keys.token_program,
            release,
        },
        &bulkhead::instruction::SettleRelease {},
    )
}

/// The extra accounts of `release` and `settle_release` for a destination that requires a memo.
#[must_use]
pub fn with_memo(mut instruction: Instruction) -> Instruction {
    let memo = AccountMeta::new_readonly(bulkhead::token::MEMO_PROGRAM, false);
    instruction.accounts.push(memo);
    instruction
}

/// `redirect_release`: signed by the owner of the claim.
#[must_use]
pub fn redirect_release(owner: Pubkey, vault: Pubkey, release: Pubkey, destination: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::RedirectRelease {
            owner,
            vault,
            release,
            destination,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::RedirectRelease {},
    )
}

/// `observe_evacuation_route`: anyone may crank it, as the only instruction of its transaction.
#[must_use]
pub fn observe_evacuation_route(domain: Pubkey, vault: Pubkey, route: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::ObserveEvacuationRoute {
            vault,
            board: pda::board(&domain),
            route,
            instructions: INSTRUCTIONS_SYSVAR,
        },
        &bulkhead::instruction::ObserveEvacuationRoute {},
    )
}

/// `cancel_release`: signed by one guardian, during an incident.
#[must_use]
pub fn cancel_release(
    domain: Pubkey,
    guardian: Pubkey,
    incident: Pubkey,
    vault: Pubkey,
    release: Pubkey,
) -> Instruction {
    build(
        &bulkhead::accounts::CancelRelease {
            guardian,
            domain,
            council: pda::council(&domain),
            incident,
            vault,
            release,
            queue_ledger: None,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::CancelRelease {},
    )
}

/// `cancel_releases`: executes a matured proposal.
#[must_use]
pub fn cancel_releases(authority: Authority, args: CancelReleasesArgs) -> Instruction {
    build(
        &bulkhead::accounts::CancelReleases {
            config: authority.accounts(),
            vault: args.vault,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::CancelReleases { args },
    )
}

/// `cancel_listed_release`: anyone may cancel a release on the vault's list.
#[must_use]
pub fn cancel_listed_release(vault: Pubkey, release: Pubkey, proof: Vec<[u8; 32]>) -> Instruction {
    build(
        &bulkhead::accounts::CancelListedRelease {
            vault,
            release,
            list: None,
            incident: None,
            queue_ledger: None,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::CancelListedRelease { proof },
    )
}

/// The same for a release on the list of `guardian` in an incident.
#[must_use]
pub fn cancel_release_listed_by(
    guardian: &Pubkey,
    incident: Pubkey,
    vault: Pubkey,
    release: Pubkey,
    proof: Vec<[u8; 32]>,
) -> Instruction {
    build(
        &bulkhead::accounts::CancelListedRelease {
            vault,
            release,
            list: Some(pda::cancel_list(&incident, &vault, guardian)),
            incident: Some(incident),
            queue_ledger: None,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::CancelListedRelease { proof },
    )
}

/// `set_cancel_list`: signed by one guardian, during an incident.
#[must_use]
pub fn set_cancel_list(
    domain: Pubkey,
    (guardian, payer): (Pubkey, Pubkey),
    incident: Pubkey,
    vault: Pubkey,
    root: [u8; 32],
) -> Instruction {
    build(
        &bulkhead::accounts::SetCancelList {
            guardian,
            payer,
            domain,
            council: pda::council(&domain),
            incident,
            vault,
            list: pda::cancel_list(&incident, &vault, &guardian),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::SetCancelList { root },
    )
}

/// `take_back_release`: signed by the vault's operator. Hosts call it by CPI, and credit the owner. The rent returns to
/// `payer`, who paid it.
#[must_use]
pub fn take_back_release(operator: Pubkey, vault: Pubkey, release: Pubkey, payer: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::TakeBackRelease {
            operator,
            vault,
            release,
            payer,
        },
        &bulkhead::instruction::TakeBackRelease {},
    )
}

/// `requeue_release`: anyone may crank it once the vault pays again. `incident` is the one that evacuated the vault.
#[must_use]
pub fn requeue_release(domain: &Pubkey, vault: Pubkey, incident: Pubkey, release: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::RequeueRelease {
            vault,
            board: pda::board(domain),
            custody: pda::custody(&vault),
            incident,
            release,
            queue_ledger: None,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::RequeueRelease {},
    )
}

/// Adds the ledger of a vault's queue to an instruction about that vault: `evacuate`, `cancel_release`,
/// `cancel_listed_release`, `requeue_release`, `close_release`, `fund_from_recovery_account`, `fund_from_custody`,
/// `fund_interim`, `return_recovered`. They need it if the vault has one.
#[must_use]
pub fn with_queue(instruction: Instruction, ledger: impl Into<Option<Pubkey>>) -> Instruction {
    with_optional(instruction, 1, ledger)
}

/// Adds a vault and the ledger of its queue to `choose_restoration` or `open_escape`, which need both for the state of that
/// queue.
#[must_use]
pub fn with_queue_of(instruction: Instruction, vault: Pubkey, ledger: Pubkey) -> Instruction {
    // Both come before the last account, which is the ballot's or the incident's own snapshot.
    with_optional(with_optional(instruction, 3, vault), 2, ledger)
}

/// Fills in an optional account, by its place from the end of the instruction's own accounts.
fn with_optional(mut instruction: Instruction, from_end: usize, account: impl Into<Option<Pubkey>>) -> Instruction {
    let own = match instruction.accounts.split_last_chunk() {
        Some((own, [events, _])) if events.pubkey == pda::event_authority() => own.len(),
        _ => instruction.accounts.len(),
    };
    let place = own
        .checked_sub(from_end)
        .and_then(|place| instruction.accounts.get_mut(place));
    if let (Some(place), Some(key)) = (place, account.into()) {
        *place = AccountMeta::new(key, false);
    }
    instruction
}

/// `close_release`: anyone may crank it. The rent returns to `payer`, who paid it.
#[must_use]
pub fn close_release(release: Pubkey, payer: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::CloseRelease {
            release,
            payer,
            queue_ledger: None,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::CloseRelease {},
    )
}

/// `confirm_evacuation`: signed by one guardian.
#[must_use]
pub fn confirm_evacuation(domain: Pubkey, guardian: Pubkey, payer: Pubkey, incident: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::ConfirmEvacuation {
            guardian,
            payer,
            domain,
            council: pda::council(&domain),
            incident,
            migration: pda::migration(&incident),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::ConfirmEvacuation {},
    )
}

/// `evacuate`: anyone may crank it once the guardians have confirmed.
#[must_use]
pub fn evacuate(keys: VaultKeys, incident: Pubkey, destination: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::Evacuate {
            domain: keys.domain,
            migration: pda::migration(&incident),
            incident,
            vault: keys.vault,
            custody: pda::custody(&keys.vault),
            destination,
            mint: keys.mint,
            token_program: keys.token_program,
            queue_ledger: None,
        },
        &bulkhead::instruction::Evacuate {},
    )
}
