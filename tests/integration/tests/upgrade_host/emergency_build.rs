//! The emergency build: registered in peace, confirmed by the guardians' threshold in a freeze, deployed by anyone.

use bulkhead::instructions::{RegisterEmergencyActionArgs, RegisterEmergencyBuildArgs, ResumeArgs};
use bulkhead_client::chain::CLOCK;
use bulkhead_interface::constants::build_state;

use super::*;

impl Table {
    /// With the build registered.
    fn registered() -> Self {
        let mut table = Self::new();
        let args = table.build_args();
        table.register(args).expect("it has matured");
        table
    }

    fn build_args(&self) -> RegisterEmergencyBuildArgs {
        RegisterEmergencyBuildArgs {
            program: self.program,
            build_hash: upgrades::hash(&self.build),
            spill: self.spill,
        }
    }

    fn register(&mut self, args: RegisterEmergencyBuildArgs) -> Result<Outcome, Failure> {
        let payer = self.machine.payer.pubkey();
        let authority = self.protocol.mature(&mut self.machine, &args);
        self.send(ix::register_emergency_build(authority, payer, args))
    }

    fn confirm(&mut self, member: usize) -> Result<Outcome, Failure> {
        let hash = upgrades::hash(&self.build);
        let guardian = self.protocol.members[member].pubkey();
        let confirm = ix::confirm_emergency_build(self.protocol.domain, guardian, &self.program, hash);
        self.send(confirm)
    }

    fn deploying(&self) -> Instruction {
        ix::deploy_emergency_build(ix::UpgradeKeys {
            domain: self.protocol.domain,
            program: self.program,
            buffer: self.buffer,
            spill: self.spill,
        })
    }

    fn deploy(&mut self) -> Result<Outcome, Failure> {
        let deploy = self.deploying();
        self.machine.send(&[deploy], &[])
    }
}

#[test]
fn the_threshold_sends_it_out_and_anyone_deploys_it() {
    let mut table = Table::registered();
    let incident = table.protocol.freeze(&mut table.machine);
    refused(table.deploy(), E::BuildNotConfirmed);
    table.confirm(0).expect("a guardian");
    refused(table.confirm(0), E::AlreadyConfirmed);
    refused(table.confirm(3), E::RoleMissing);
    refused(table.deploy(), E::BuildNotConfirmed);
    table.confirm(1).expect("another guardian");
    assert_eq!(
        (table.record().state, table.record().incident),
        (build_state::CONFIRMED, incident)
    );
    let outcome = table.deploy().expect("anyone");
    println!("deploy_emergency_build: {} CU", outcome.compute_units);
    assert!(table.code().starts_with(&table.build));
    assert_eq!(table.record().state, build_state::DEPLOYED);
    // Once in an incident.
    table.machine.next_slot();
    refused(table.deploy(), E::ForeignBuffer);
    refused(table.confirm(2), E::AlreadyConfirmed);
}

/// Attack: one stolen guardian pauses the domain and sends the build out.
#[test]
fn a_pause_that_lapses_is_not_enough() {
    let mut table = Table::registered();
    refused(table.confirm(0), E::WrongPhase);
    let (domain, payer) = (table.protocol.domain, table.machine.payer.pubkey());
    let guardian = table.protocol.members[0].pubkey();
    table
        .send(ix::pause(domain, guardian, SCOPE_DOMAIN, 0))
        .expect("a guardian");
    refused(table.confirm(0), E::WrongPhase);
    table
        .send(ix::open_incident(domain, guardian, payer, 0))
        .expect("a guardian");
    refused(table.confirm(0), E::WrongPhase);
    refused(table.deploy(), E::BuildNotConfirmed);
}

/// Attack: governance is talked into an emergency action that upgrades, and one guardian runs it.
#[test]
fn no_emergency_action_upgrades() {
    let mut table = Table::new();
    let (domain, payer) = (table.protocol.domain, table.machine.payer.pubkey());
    let upgrade = Instruction {
        program_id: UPGRADEABLE_LOADER,
        accounts: vec![
            AccountMeta::new(table.program_data(), false),
            AccountMeta::new(table.program, false),
            AccountMeta::new(table.buffer, false),
            AccountMeta::new(table.spill, false),
            AccountMeta::new_readonly(ix::RENT, false),
            AccountMeta::new_readonly(CLOCK, false),
            AccountMeta::new_readonly(domain, true),
        ],
        data: 3_u32.to_le_bytes().to_vec(),
    };
    let args = RegisterEmergencyActionArgs {
        index: 0,
        instruction: ix::stored(&upgrade),
    };
    let authority = table.protocol.mature(&mut table.machine, &args);
    table
        .send(ix::register_emergency_action(authority, payer, args.clone()))
        .expect("it is well formed");
    let guardian = table.protocol.members[0].pubkey();
    let before = table.code();
    let run = ix::run_emergency_action(domain, guardian, 0, &args.instruction);
    refused(table.send(run), E::ProgramLocked);
    assert_eq!(table.code(), before);
}

#[test]
fn only_the_registered_build_to_the_registered_receiver() {
    let mut table = Table::registered();
    table.protocol.freeze(&mut table.machine);
    table.confirm(0).expect("a guardian");
    table.confirm(1).expect("another");
    let buffer = table.buffer;
    let honest = table.machine.account(&buffer).expect("it is there");
    table.spoil(buffer, |data| *data.last_mut().expect("code") ^= 1);
    refused(table.deploy(), E::BuildMismatch);
    table.machine.write_account(&buffer, honest);
    let mut deploy = table.deploying();
    let at = deploy.accounts.iter().position(|meta| meta.pubkey == table.spill);
    deploy.accounts[at.expect("it names it")].pubkey = keypair("thief").pubkey();
    refused(table.machine.send(&[deploy], &[]), E::WrongDestination);
    table.deploy().expect("the registered one");
}

#[test]
fn confirmations_are_of_one_build_and_one_incident() {
    let mut table = Table::registered();
    let incident = table.protocol.freeze(&mut table.machine);
    table.confirm(0).expect("a guardian");
    // Another build is registered, by governance, in between.
    let old = table.build.clone();
    table.build = upgrades::build("bulkhead_export_probe");
    let args = table.build_args();
    table.register(args).expect("it has matured");
    table.build = old;
    refused(table.confirm(1), E::BuildMismatch);
    table.build = upgrades::build("bulkhead_export_probe");
    table.confirm(1).expect("who has read of it");
    assert_eq!(
        table.record().confirmations.count_ones(),
        1,
        "the first was of another build"
    );
    table.confirm(0).expect("again");
    assert_eq!(table.record().state, build_state::CONFIRMED);
    // The incident ends before anyone deploys.
    let args = ResumeArgs { incident };
    let resume = table.protocol.mature(&mut table.machine, &args);
    table.send(ix::resume(resume, args)).expect("it has matured");
    refused(table.deploy(), E::BuildNotConfirmed);
    table.machine.warp_seconds(3 * 86_400);
    table.protocol.freeze(&mut table.machine);
    refused(table.deploy(), E::BuildNotConfirmed);
    table.confirm(0).expect("anew");
    assert_eq!(table.record().confirmations.count_ones(), 1);
}

/// Attack: once the emergency build is out, execute an upgrade that was approved before.
#[test]
fn an_upgrade_from_before_the_confirmation_does_not_undo_it_and_a_later_one_does() {
    let mut table = Table::registered();
    table.protocol.freeze(&mut table.machine);
    table.machine.next_slot();
    let args = UpgradeHostArgs {
        buffer_hash: upgrades::hash(&upgrades::build("bulkhead_export_probe")),
        ..table.args()
    };
    let (domain, payer) = (table.protocol.domain, table.machine.payer.pubkey());
    let older = table.protocol.mature(&mut table.machine, &args);
    table.confirm(0).expect("a guardian");
    table.confirm(1).expect("another");
    table.deploy().expect("anyone");
    let other = keypair("other buffer").pubkey();
    let build = upgrades::build("bulkhead_export_probe");
    upgrades::buffer(&mut table.machine, &other, Some(&domain), &build);
    table.machine.next_slot();
    let undo = ix::upgrade_host(older, payer, other, args.clone());
    refused(table.send(undo), E::DecidedSince);
    let later = table.protocol.mature(&mut table.machine, &args);
    let upgrade = ix::upgrade_host(later, payer, other, args);
    table.send(upgrade).expect("it knew of the build");
    assert!(table.code().starts_with(&build));
}

/// Governance upgrades after the guardians have confirmed, and before anyone has deployed: its decision is the later one.
#[test]
fn a_later_upgrade_stands_against_a_confirmed_build() {
    let mut table = Table::registered();
    table.protocol.freeze(&mut table.machine);
    table.confirm(0).expect("a guardian");
    table.confirm(1).expect("another");
    table.machine.next_slot();
    let build = upgrades::build("bulkhead_export_probe");
    let args = UpgradeHostArgs {
        buffer_hash: upgrades::hash(&build),
        ..table.args()
    };
    let (domain, payer) = (table.protocol.domain, table.machine.payer.pubkey());
    let other = keypair("other buffer").pubkey();
    upgrades::buffer(&mut table.machine, &other, Some(&domain), &build);
    let authority = table.protocol.mature(&mut table.machine, &args);
    table
        .send(ix::upgrade_host(authority, payer, other, args))
        .expect("it has matured");
    table.machine.next_slot();
    refused(table.deploy(), E::DecidedSince);
}

#[test]
fn a_build_is_removed_by_a_hash_of_zero() {
    let mut table = Table::registered();
    let args = RegisterEmergencyBuildArgs {
        build_hash: [0; 32],
        ..table.build_args()
    };
    table.register(args).expect("it has matured");
    table.protocol.freeze(&mut table.machine);
    refused(table.confirm(0), E::BuildNotConfirmed);
}

#[tokio::test]
async fn the_flows_confirm_and_deploy_and_do_nothing_twice() {
    let mut table = Table::registered();
    table.protocol.freeze(&mut table.machine);
    let guardians = [0, 1].map(|member| table.protocol.members[member].pubkey());
    let (domain, program) = (table.protocol.domain, table.program);
    let members = table.protocol.members.iter().map(Keypair::insecure_clone).collect();
    let chain = OnMachine::new(table.machine, members);
    let session = Session {
        chain: &chain,
        report: &Quiet,
        parallel: 1,
    };
    let early = flows::deploy_emergency_build(&session, domain, program).await;
    assert!(matches!(early, Err(FlowError::Rule(..))), "{early:?}");
    for (guardian, is_reached) in guardians.into_iter().zip([false, true]) {
        let confirmed = flows::confirm_emergency_build(&session, domain, guardian, program).await;
        let confirmed = confirmed.expect("a guardian");
        assert_eq!((confirmed.is_reached, confirmed.done.receipts.len()), (is_reached, 1));
        let again = flows::confirm_emergency_build(&session, domain, guardian, program).await;
        assert_eq!(again.expect("a guardian").done.receipts.len(), 0);
    }
    let done = flows::deploy_emergency_build(&session, domain, program)
        .await
        .expect("anyone");
    assert_eq!(done.receipts.len(), 1);
    let done = flows::deploy_emergency_build(&session, domain, program)
        .await
        .expect("it is out");
    assert_eq!((done.receipts.len(), done.skipped), (0, 1));
    assert!(upgrades::code(&chain.machine(), &program).starts_with(&table.build));
}
