//! 6400: custody.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token_2022::spl_token_2022::{self, extension::ExtensionType};
use bulkhead::{error::BulkheadError as E, instructions::OpenVaultArgs};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::layout::Vault;
use bulkhead_testbed::{Machine, Protocol, Setup, keypair};
use bulkhead_tests::{receiver, recovery::forge, world, world_with};
use solana_account::Account;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{Case, Refusal, accounts::setting_up};

const DAY: i64 = 86_400;

pub const CASES: &[Case] = &[
    (E::NotOperator, || {
        let (mut machine, protocol) = world();
        let (user, stranger) = (receiver(&mut machine, &protocol, "user"), keypair("stranger"));
        let payer = machine.payer.pubkey();
        let release = ix::release(protocol.vault, stranger.pubkey(), payer, user, 5, 1);
        machine.send(&[release], &[&stranger])
    }),
    (E::VaultEvacuated, || {
        let (mut machine, protocol, incident) = evacuating()?;
        machine.send(
            &[ix::evacuate(protocol.vault, incident, protocol.recovery_account)],
            &[],
        )?;
        let user = receiver(&mut machine, &protocol, "user");
        protocol.release(&mut machine, user, 5, 1)
    }),
    (E::WrongEvacuationRoute, || {
        let (mut machine, protocol, incident) = evacuating()?;
        let thief = receiver(&mut machine, &protocol, "thief");
        machine.send(&[ix::evacuate(protocol.vault, incident, thief)], &[])
    }),
    (E::ReleaseNotPayable, || {
        let (mut machine, protocol, user) = queued()?;
        machine.send(&[settle(&protocol, user)], &[])
    }),
    (E::ReleaseNotQueued, || {
        let (mut machine, protocol, _) = queued()?;
        let payer = machine.payer.pubkey();
        let trip = ix::propagate_trip(protocol.domain, payer, protocol.vault.breaker, 0);
        machine.send(&[trip], &[])?;
        let cancel = cancel(&protocol, &protocol.members[0]);
        machine.send(std::slice::from_ref(&cancel), &[&protocol.members[0]])?;
        machine.send(&[cancel], &[&protocol.members[0]])
    }),
    (E::LimitUsedUp, || {
        let (mut machine, protocol, user) = queued()?;
        // Payable, but the latch lasts three days.
        machine.warp_seconds(DAY);
        machine.send(&[settle(&protocol, user)], &[])
    }),
    (E::ConservationBroken, || {
        let (mut machine, protocol, incident) = evacuating()?;
        // Sums that have more left in the vault than the vault has.
        let key = protocol.vault.vault;
        let mut vault: Vault = machine.load(&key);
        vault.evacuation.incident = incident;
        vault.evacuation.destination = protocol.recovery_account;
        vault.evacuation.after = 1_000_001;
        forge(&mut machine, &key, &vault);
        machine.send(
            &[ix::evacuate(protocol.vault, incident, protocol.recovery_account)],
            &[],
        )
    }),
    (E::EvacuationNotConfirmed, || {
        let (mut machine, protocol) = world();
        let incident = protocol.freeze(&mut machine);
        confirm(&mut machine, &protocol, incident, 0)?;
        machine.send(
            &[ix::evacuate(protocol.vault, incident, protocol.recovery_account)],
            &[],
        )
    }),
    (E::UnfitEvacuationRoute, || {
        let (mut machine, protocol, incident) = evacuating()?;
        let mut account = machine.account(&protocol.recovery_account).expect("it exists");
        account.data[108] = 2;
        machine.write_account(&protocol.recovery_account, account);
        let evacuate = ix::evacuate(protocol.vault, incident, protocol.recovery_account);
        // The first closes the vault.
        machine.send(std::slice::from_ref(&evacuate), &[])?;
        machine.next_slot();
        machine.send(&[evacuate], &[])
    }),
    (E::CannotReceive, || {
        let (mut machine, protocol, user) = queued()?;
        let mut account = machine.account(&user).expect("it exists");
        account.data[108] = 2;
        machine.write_account(&user, account);
        machine.warp_seconds(4 * DAY);
        machine.send(&[settle(&protocol, user)], &[])
    }),
    (E::NotReleaseOwner, || {
        let (mut machine, protocol, user) = queued()?;
        let stranger = keypair("stranger");
        let redirect = ix::redirect_release(stranger.pubkey(), protocol.vault.vault, record(&protocol), user);
        machine.send(&[redirect], &[&stranger])
    }),
    (E::UnsafeMintExtension, || open_vault_of(close_authority())),
    (E::UnsafeTransferFee, || open_vault_of(fee_authority())),
    (E::NothingToMove, || {
        let (mut machine, protocol, incident) = evacuating()?;
        let evacuate = ix::evacuate(protocol.vault, incident, protocol.recovery_account);
        machine.send(std::slice::from_ref(&evacuate), &[])?;
        machine.send(&[evacuate], &[])
    }),
    (E::ZeroAmount, || release(&Setup::default(), 0)),
    (E::WrongDestination, || {
        let (mut machine, protocol) = world();
        let nobody = machine.payer.pubkey();
        protocol.release(&mut machine, nobody, 5, 1)
    }),
    (E::BalanceTooSmall, || {
        let poor = Setup {
            funds: 100,
            ..Setup::default()
        };
        release(&poor, 101)
    }),
    (E::ReleaseBeforeBreach, || {
        let (mut machine, protocol, _) = queued()?;
        // Payable long before the alarm.
        machine.warp_seconds(4 * DAY);
        protocol.freeze(&mut machine);
        machine.send(&[cancel(&protocol, &protocol.members[2])], &[&protocol.members[2]])
    }),
    (E::ReleaseNotListed, || {
        let (mut machine, protocol, _) = queued()?;
        let cancel = ix::cancel_listed_release(protocol.vault.vault, record(&protocol), vec![]);
        machine.send(&[cancel], &[])
    }),
    (E::NoteInForce, || {
        let (mut machine, protocol) = world();
        let owner = keypair("depositor");
        machine.fund(&owner.pubkey(), 1_000_000_000);
        let wallet = machine.create_associated(&protocol.mint, &owner.pubkey(), 10);
        let deposit = ix::receive_deposit(protocol.vault, owner.pubkey(), wallet, owner.pubkey(), 10);
        machine.send(&[deposit], &[&owner])?;
        let close = ix::close_deposit_note(protocol.vault, &owner.pubkey(), owner.pubkey());
        machine.send(&[close], &[])
    }),
    (E::ReleaseStillQueued, || {
        let (mut machine, protocol, _) = queued()?;
        let close = ix::close_release(record(&protocol), machine.payer.pubkey());
        machine.send(&[close], &[])
    }),
];

type Prepared<T> = Result<T, bulkhead_testbed::Failure>;

fn release(setup: &Setup, amount: u64) -> Refusal {
    let (mut machine, protocol) = world_with(setup);
    let user = receiver(&mut machine, &protocol, "user");
    protocol.release(&mut machine, user, amount, 1)
}

/// One release over the slot's limit, to a user.
fn queued() -> Prepared<(Machine, Protocol, Pubkey)> {
    let (mut machine, protocol) = world();
    let user = receiver(&mut machine, &protocol, "user");
    protocol.release(&mut machine, user, 100_001, 1)?;
    Ok((machine, protocol, user))
}

fn record(protocol: &Protocol) -> Pubkey {
    pda::release(&protocol.vault.vault, 1)
}

fn settle(protocol: &Protocol, user: Pubkey) -> Instruction {
    ix::settle_release(protocol.vault, user, record(protocol))
}

fn cancel(protocol: &Protocol, guardian: &Keypair) -> Instruction {
    let incident = pda::incident(&protocol.domain, 0);
    let vault = protocol.vault.vault;
    ix::cancel_release(protocol.domain, guardian.pubkey(), incident, vault, record(protocol))
}

/// A held protocol whose guardians have confirmed the evacuation.
fn evacuating() -> Prepared<(Machine, Protocol, Pubkey)> {
    let (mut machine, protocol) = world();
    let incident = protocol.freeze(&mut machine);
    for member in 0..2 {
        confirm(&mut machine, &protocol, incident, member)?;
    }
    Ok((machine, protocol, incident))
}

fn confirm(machine: &mut Machine, protocol: &Protocol, incident: Pubkey, member: usize) -> Refusal {
    let guardian = &protocol.members[member];
    let payer = machine.payer.pubkey();
    let confirm = ix::confirm_evacuation(protocol.domain, guardian.pubkey(), payer, incident);
    machine.send(&[confirm], &[guardian])
}

/// A vault of a Token-2022 mint with one extension, during set-up.
fn open_vault_of((extension, contents): (ExtensionType, Vec<u8>)) -> Refusal {
    let (mut machine, protocol) = setting_up();
    let mint = keypair("unsafe mint").pubkey();
    machine.create_mint(&mint, &keypair("issuer").pubkey(), 6);
    let mut data = machine.account(&mint).expect("it was made").data;
    data.resize(165, 0);
    data.push(1);
    data.extend_from_slice(&u16::from(extension).to_le_bytes());
    data.extend_from_slice(&u16::try_from(contents.len()).expect("it is short").to_le_bytes());
    data.extend_from_slice(&contents);
    let account = Account {
        lamports: machine.svm.minimum_balance_for_rent_exemption(data.len()),
        data,
        owner: spl_token_2022::ID,
        executable: false,
        rent_epoch: u64::MAX,
    };
    machine.write_account(&mint, account);
    let authority = ix::Authority {
        signer: protocol.setup_authority.pubkey(),
        domain: protocol.domain,
        proposal: None,
    };
    let args = OpenVaultArgs {
        index: 0,
        compartment: 0,
        operator: protocol.operator.pubkey(),
        breaker: protocol.vault.breaker,
        mint,
        queue_seconds: DAY,
        ledger: 0,
    };
    let open = ix::open_vault(authority, machine.payer.pubkey(), spl_token_2022::ID, args);
    machine.send(&[open], &[&protocol.setup_authority])
}

/// Somebody can close the mint, and open it again as another.
fn close_authority() -> (ExtensionType, Vec<u8>) {
    (ExtensionType::MintCloseAuthority, vec![7; 32])
}

/// Somebody can raise the fee, which is nothing today.
fn fee_authority() -> (ExtensionType, Vec<u8>) {
    let mut config = vec![7; 32];
    config.resize(108, 0);
    (ExtensionType::TransferFeeConfig, config)
}
