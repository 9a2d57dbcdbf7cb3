//! A recovery account pays what claims lack of the ledger its vault backs.

use super::*;

/// As if the incident's evacuation had moved the vault there.
fn evacuate(machine: &mut Machine, recovery: &Recovery, destination: Pubkey, moved: u64) {
    let key = recovery.protocol.vault.vault;
    let mut vault: Vault = machine.load(&key);
    vault.evacuation = Evacuation {
        incident: recovery.incident,
        destination,
        before: moved,
        moved,
        slot: 77,
        ..Evacuation::zeroed()
    };
    forge(machine, &key, &vault);
}

fn draw(recovery: &Recovery, source: Pubkey) -> solana_instruction::Instruction {
    let protocol = &recovery.protocol;
    let vault = protocol.vault.vault;
    ix::fund_from_recovery_account(recovery.keys(), protocol.domain, vault, source)
}

#[test]
fn the_recovery_account_pays_what_claims_lack_and_keeps_the_rest() {
    let (mut machine, recovery) = restored(30);
    let total = recovery.tree.root().sum;
    let domain = recovery.protocol.domain;
    let (mint, recovery_account) = (recovery.protocol.mint, recovery.protocol.recovery_account);
    machine.mint_to(&mint, &recovery_account, total + 500);

    // Other accounts of the domain's, its escrowed votes first of all.
    let votes = pda::votes(&domain);
    let treasury = keypair("treasury").pubkey();
    machine.create_token_account(&treasury, &mint, &domain, 900);
    evacuate(&mut machine, &recovery, recovery_account, total + 500);
    for source in [treasury, votes] {
        refused(
            machine.send(&[draw(&recovery, source)], &[]),
            BulkheadError::WrongDestination,
        );
    }
    evacuate(&mut machine, &recovery, votes, 900);
    refused(
        machine.send(&[draw(&recovery, votes)], &[]),
        BulkheadError::WrongDestination,
    );
    // A route that leads out of the domain.
    let stranger = machine.create_associated(&mint, &keypair("stranger").pubkey(), 900);
    evacuate(&mut machine, &recovery, stranger, 900);
    refused(
        machine.send(&[draw(&recovery, stranger)], &[]),
        BulkheadError::ForeignAccount,
    );

    evacuate(&mut machine, &recovery, recovery_account, total + 500);
    recovery.fund(&mut machine, 1_000);
    recovery
        .protocol
        .must(&mut machine, &[draw(&recovery, recovery_account)], &[]);
    assert_eq!(machine.balance(&recovery.pool()), total);
    assert_eq!(machine.balance(&recovery_account), 1_500);
    let vault: Vault = machine.load(&recovery.protocol.vault.vault);
    assert_eq!(vault.evacuation.drawn, total - 1_000);
    refused(
        machine.send(&[draw(&recovery, recovery_account)], &[]),
        BulkheadError::NothingToMove,
    );
    assert_eq!(machine.balance(&treasury), 900);
}

/// Fault E: the recovery account of an untouched ledger pays the exploited one, both being of one mint.
#[test]
fn a_recovery_account_pays_the_ledger_that_its_vault_backs_and_no_other() {
    let (mut machine, recovery) = restored(30);
    let (mint, recovery_account) = (recovery.protocol.mint, recovery.protocol.recovery_account);
    machine.mint_to(&mint, &recovery_account, 50_000);
    evacuate(&mut machine, &recovery, recovery_account, 50_000);
    let key = recovery.protocol.vault.vault;
    let own: Vault = machine.load(&key);
    for ledger in [LEDGER + 1, NO_LEDGER] {
        forge(&mut machine, &key, &Vault { ledger, ..own });
        refused(
            machine.send(&[draw(&recovery, recovery_account)], &[]),
            BulkheadError::WrongDestination,
        );
    }
    // Nor is there a ledger that is paid by every vault that backs none.
    let plan: Restoration = machine.load(&recovery.restoration);
    let of_none = Restoration {
        ledger_index: NO_LEDGER,
        ..plan
    };
    forge(&mut machine, &recovery.restoration, &of_none);
    refused(
        machine.send(&[draw(&recovery, recovery_account)], &[]),
        BulkheadError::WrongDestination,
    );
    forge(&mut machine, &recovery.restoration, &plan);
    forge(&mut machine, &key, &own);
    recovery
        .protocol
        .must(&mut machine, &[draw(&recovery, recovery_account)], &[]);
}

/// Two vaults share a recovery account: each ledger draws what its own vault brought there.
#[test]
fn a_shared_recovery_account_pays_each_ledger_what_its_own_vault_brought() {
    let (mut machine, recovery) = restored(30);
    let (mint, recovery_account) = (recovery.protocol.mint, recovery.protocol.recovery_account);
    machine.mint_to(&mint, &recovery_account, 30_000);
    evacuate(&mut machine, &recovery, recovery_account, 12_000);
    recovery
        .protocol
        .must(&mut machine, &[draw(&recovery, recovery_account)], &[]);
    assert_eq!(machine.balance(&recovery.pool()), 12_000);
    refused(
        machine.send(&[draw(&recovery, recovery_account)], &[]),
        BulkheadError::NothingToMove,
    );
    assert_eq!(machine.balance(&recovery_account), 18_000);
}

/// Fault F: neither the reopening nor a later incident stops funding, sharing out and claims. A later evacuation of
/// the same vault does end funding from its recovery account: what is there then belongs to that incident.
#[test]
fn an_older_restoration_goes_on_until_a_later_incident_moves_its_vault() {
    let (mut machine, recovery) = restored(30);
    let domain = recovery.protocol.domain;
    let (mint, recovery_account) = (recovery.protocol.mint, recovery.protocol.recovery_account);
    machine.mint_to(&mint, &recovery_account, 5_000);
    evacuate(&mut machine, &recovery, recovery_account, 9_000);
    let mut state: Domain = machine.load(&domain);
    state.open_incident = keypair("later incident").pubkey();
    state.restoration = Default::default();
    forge(&mut machine, &domain, &state);
    recovery
        .protocol
        .must(&mut machine, &[draw(&recovery, recovery_account)], &[]);
    assert_eq!(machine.balance(&recovery.pool()), 5_000);
    recovery.pay_out(&mut machine, 1_000);
    let leaf = leaves(&recovery)[3];
    recovery.claim(&mut machine, &leaf.key).expect("an exit");

    machine.mint_to(&mint, &recovery_account, 4_000);
    let key = recovery.protocol.vault.vault;
    let mut vault: Vault = machine.load(&key);
    (vault.evacuation.incident, vault.evacuation.drawn) = (state.open_incident, 0);
    forge(&mut machine, &key, &vault);
    refused(
        machine.send(&[draw(&recovery, recovery_account)], &[]),
        BulkheadError::WrongDestination,
    );
    assert_eq!(machine.balance(&recovery_account), 4_000);
}
