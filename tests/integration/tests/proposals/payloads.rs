//! What a proposal may ask for, and that nothing else runs.

use super::*;

#[test]
fn a_council_that_could_act_at_once_or_never_is_not_elected() {
    type Spoil = fn(&mut CouncilConfig);
    let spoils: [Spoil; 23] = [
        |council| council.policies[0].delay_seconds = 3_599,
        |council| council.policies[1].threshold = 0,
        |council| council.policies[2].threshold = 5,
        |council| council.policies[3].expiry_seconds = 3_600,
        // A day has to be left to run it.
        |council| council.policies[3].expiry_seconds = 3_600 + MIN_RUN_SECONDS - 1,
        |council| council.freeze_threshold = 0,
        |council| council.freeze_threshold = 4,
        |council| council.members.clear(),
        |council| council.members[1].key = council.members[0].key,
        |council| council.members[0].roles = 16,
        |council| council.guardian_pause_seconds = 0,
        |council| council.pause_rights = 0,
        // A vetoer that cannot veto.
        |council| council.veto_rights = 0,
        |council| council.default_mask = 0,
        |council| council.heartbeat_seconds = 86_399,
        |council| council.heartbeat_seconds = 365 * 86_400 + 1,
        |council| council.guardian_pauses_per_day = 0,
        |council| council.guardian_pauses_in_a_row = 0,
        |council| council.fallback = Pubkey::default(),
        |council| council.fallback = council.members[4].key,
        |council| council.fallback_seconds = 7 * 86_400 - 1,
        |council| council.fallback_seconds = i64::MAX,
        // The domain signs towards other programs only: on its own council it could never act.
        |council| council.fallback = pda::domain(&keypair("protocol/setup").pubkey()),
    ];
    let (mut machine, protocol) = world();
    for spoil in spoils {
        let mut council = council_config(&protocol.members);
        spoil(&mut council);
        let (propose, _) = protocol.proposing(&machine, &council);
        refused(
            machine.send(&[propose], &[&protocol.members[0]]),
            BulkheadError::InvalidCouncil,
        );
    }
}

#[test]
fn another_kind_and_another_payload_do_not_run() {
    let mut table = Table::matured();
    let authority = table.authority();
    let route = RegisterEvacuationRouteArgs {
        vault: table.protocol.vault.vault,
        destination: table.protocol.recovery_account,
    };
    refused(
        table.send(ix::register_evacuation_route(authority, route)),
        BulkheadError::WrongProposalKind,
    );
    let more = SetLimitArgs {
        limit: table.args.limit + 1,
        ..table.args.clone()
    };
    refused(
        table.send(ix::set_limit(authority, more)),
        BulkheadError::PayloadMismatch,
    );
    let none = ix::Authority {
        proposal: None,
        ..authority
    };
    refused(
        table.send(ix::set_limit(none, table.args.clone())),
        BulkheadError::ProposalRequired,
    );
    assert_eq!(table.limit(), 100_000);
    table.execute().expect("the one that was approved");
}

#[test]
fn what_nobody_could_read_is_not_proposed() {
    let (mut machine, protocol) = world();
    let (approver, payer) = (&protocol.members[0], machine.payer.pubkey());
    let mut behind = EncodedDecision::from(&council_config(&protocol.members)).0;
    behind.push(0);
    let next = ProposalKind::all().count().try_into().expect("few");
    let cut = [&[ProposalKind::SetLimit.number()][..], &[7; 47]].concat();
    for (decision, error) in [
        (vec![], BulkheadError::WrongProposalKind),
        (vec![next], BulkheadError::WrongProposalKind),
        (vec![ProposalKind::Resume.number()], BulkheadError::PayloadMismatch),
        (cut, BulkheadError::PayloadMismatch),
        (behind, BulkheadError::PayloadMismatch),
    ] {
        let decision = EncodedDecision(decision);
        let propose = ix::propose(protocol.domain, approver.pubkey(), payer, 0, decision);
        refused(machine.send(&[propose], &[approver]), error);
    }
}
