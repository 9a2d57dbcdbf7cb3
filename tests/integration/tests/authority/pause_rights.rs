//! How often a guardian pauses, and how the right comes back.

use super::*;

#[test]
fn a_guardian_pauses_so_often_a_day_and_others_as_often_as_before() {
    let mut table = Table::with(|council| {
        council.pause_rights = 9;
        council.guardian_pauses_per_day = 2;
        council.guardian_pauses_in_a_row = 9;
    });
    let until_midnight = DAY - table.machine.clock().unix_timestamp.rem_euclid(DAY);
    table.machine.warp_seconds(until_midnight);
    for _ in 0..2 {
        table.pause(0).expect("within the cap");
    }
    refused(table.pause(0), BulkheadError::GuardianPauseLimitReached);
    let (domain, payer) = (table.protocol.domain, table.machine.payer.pubkey());
    let open = ix::open_incident(domain, table.member(0), payer, 0);
    refused(table.send(open), BulkheadError::GuardianPauseLimitReached);
    // A stolen key uses up nobody else's.
    for _ in 0..2 {
        table.pause(1).expect("a cap of its own");
    }
    table.machine.warp_seconds(DAY - 1);
    refused(table.pause(0), BulkheadError::GuardianPauseLimitReached);
    table.machine.warp_seconds(1);
    table.pause(0).expect("another day");
    // A limit that is lowered counts as a pause.
    let breaker = table.protocol.vault.breaker;
    let lower = |table: &Table, limit| ix::lower_limit(domain, table.member(0), breaker, lowered(limit));
    let (second, third) = (lower(&table, 90_000), lower(&table, 80_000));
    table.send(second).expect("the second of the day");
    refused(table.send(third), BulkheadError::GuardianPauseLimitReached);
    refused(table.pause(0), BulkheadError::GuardianPauseLimitReached);
}

#[test]
fn a_guardian_cannot_keep_a_pause_up_for_ever() {
    const LASTS: i64 = 6 * 3_600;
    let mut table = Table::with(|council| {
        council.pause_rights = 9;
        council.guardian_pauses_per_day = 9;
        council.guardian_pauses_in_a_row = 2;
    });
    table.pause(0).expect("the first");
    // After the first has lapsed, and not long enough after.
    table.machine.warp_seconds(2 * LASTS - 1);
    table.pause(0).expect("the second in a row");
    table.machine.warp_seconds(2 * LASTS - 1);
    refused(table.pause(0), BulkheadError::GuardianPauseLimitReached);
    table.machine.warp_seconds(1);
    table.pause(0).expect("the row was broken");
}

#[test]
fn pause_rights_come_back_by_proposal_which_voids_no_other() {
    let mut table = Table::new();
    for _ in 0..2 {
        table.pause(0).expect("there are three");
    }
    let raise = table.raise();
    let other = table.protocol.propose(&mut table.machine, &raise);
    let grant = |table: &Table, pause_rights| GrantRightsArgs {
        member: table.member(0),
        pause_rights,
    };
    // What could never be granted is not proposed.
    for none in [0, 4] {
        let args = grant(&table, none);
        let (propose, _) = table.protocol.proposing(&table.machine, &args);
        refused(table.send(propose), BulkheadError::ArgumentOutOfRange);
    }
    for (rights, expected) in [(3, None), (2, Some(3))] {
        let args = grant(&table, rights);
        let authority = table.protocol.mature(&mut table.machine, &args);
        let result = table.send(ix::grant_rights(authority, args));
        match expected {
            None => refused(result, BulkheadError::ArgumentOutOfRange),
            Some(left) => {
                result.expect("no more than the council grants");
                assert_eq!(table.council().members[0].pause_rights, left);
            }
        }
    }
    table.approve(&other, 0).expect("it is still valid");
    let args = GrantRightsArgs {
        member: table.member(3),
        pause_rights: 1,
    };
    let (propose, _) = table.protocol.proposing(&table.machine, &args);
    refused(table.send(propose), BulkheadError::RoleMissing);
}
