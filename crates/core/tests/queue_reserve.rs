//! What is kept for a queue: whoever draws on a vault's tokens, in whatever order, the queue's claims get what the queue is
//! owed, and all others share the rest. Restorations, interim claims, insurance pools and the escape draw here as they
//! please.

use bulkhead_core::{
    CoreError,
    acts::{
        self, Backing, InCustody, Queue, RecoveryAccount, Shortfall, VaultFunds, VaultTokens, book_drawn,
        book_interim_drawn, book_kept, custody_due, interim_due, recovery_account_due, to_return, to_slash,
    },
    custody::queue_ledger,
};
use bulkhead_interface::{
    Pubkey,
    constants::{VERSION, phase, snapshot_flag},
    layout::{Domain, Evacuation, InsuranceCover, InsurancePool, Interim, Ledger, Restoration, Snapshot, Vault},
};
use bytemuck::Zeroable;

const DOMAIN: Pubkey = key(1);
const VAULT: Pubkey = key(2);
const INCIDENT: Pubkey = key(3);
const ROUTE: Pubkey = key(4);
const CUSTODY: Pubkey = key(5);
const MINT: Pubkey = key(6);
const NOW: i64 = 1_000_000;
const POSITIONS: u8 = 0;
const QUEUE: u8 = 7;

const fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

fn domain() -> Domain {
    Domain {
        version: VERSION,
        state: phase::FROZEN,
        open_incident: INCIDENT,
        escape_seconds: 1,
        frozen_ts: 1,
        ..Domain::zeroed()
    }
}

/// A vault that held a thousand, of which its queue is owed so much, and that was evacuated or not.
fn vault(queued: u64, is_evacuated: bool) -> (Vault, Ledger) {
    let mut vault = Vault {
        version: VERSION,
        domain: DOMAIN,
        mint: MINT,
        custody: CUSTODY,
        ledger: POSITIONS,
        queued,
        ..Vault::zeroed()
    };
    let mut ledger = Ledger {
        version: VERSION,
        domain: DOMAIN,
        ..queue_ledger::layout(QUEUE, &VAULT, &MINT)
    };
    queue_ledger::join((&VAULT, &mut vault), &mut ledger).expect("of this vault");
    if is_evacuated {
        vault.evacuations = 1;
        vault.evacuation = Evacuation {
            incident: INCIDENT,
            destination: ROUTE,
            moved: 1_000,
            ..Evacuation::zeroed()
        };
        (ledger.queue_until, ledger.queue_reserve) = (1, queued);
    }
    (vault, ledger)
}

fn restoration(ledger_index: u8, total: u64) -> Restoration {
    Restoration {
        version: VERSION,
        domain: DOMAIN,
        incident: INCIDENT,
        ledger_index,
        mint: MINT,
        total,
        ..Restoration::zeroed()
    }
}

fn interim() -> Interim {
    Interim {
        version: VERSION,
        ledger_index: POSITIONS,
        domain: DOMAIN,
        incident: INCIDENT,
        mint: MINT,
        bps: 10_000,
        snapshot_total: 5_000,
        ..Interim::zeroed()
    }
}

/// Who draws next.
#[derive(Clone, Copy, Debug)]
enum Drawer {
    Queue,
    Positions,
    Interim,
    /// What was slashed for the positions, whose claims others have covered since.
    Insurance,
}

/// The vault as an insurance pool counts it, with what custody and the recovery account hold.
fn funds<'a>(vault: &'a Vault, ledger: &Ledger, (custody, recovered): (u64, u64)) -> VaultFunds<'a> {
    VaultFunds {
        vault,
        custody,
        recovered,
        kept: queue_ledger::kept((&VAULT, vault), Some(ledger), &INCIDENT).expect("its own ledger"),
    }
}

/// Draws on the recovery account in this order, all that is due. Gives what the queue got, and what all others did.
fn draw(queued: u64, order: &[Drawer]) -> (u64, u64) {
    let (mut vault, mut ledger) = vault(queued, true);
    let (mut held, mut interim, domain) = (1_000, interim(), domain());
    let (mut to_queue, mut to_others) = (0, 0);
    for drawer in order {
        let plan = match drawer {
            Drawer::Queue => restoration(QUEUE, queued),
            _ => restoration(POSITIONS, 5_000),
        };
        let due = match drawer {
            Drawer::Interim => {
                let from = VaultTokens {
                    vault: (&VAULT, &vault),
                    account: &ROUTE,
                    held,
                    queue: Some(&ledger),
                };
                interim_due(&domain, &interim, from, 0)
            }
            Drawer::Insurance => {
                let cover = InsuranceCover {
                    slashed: 10_000,
                    ..InsuranceCover::zeroed()
                };
                let funds = funds(&vault, &ledger, (0, held));
                to_return(&cover, &plan, plan.total, &funds, None, NOW)
            }
            _ => {
                let from = RecoveryAccount {
                    vault_key: &VAULT,
                    vault: &vault,
                    source: &ROUTE,
                    held,
                    queue: Some(&ledger),
                };
                recovery_account_due(&plan, from, 0)
            }
        };
        let amount = match due {
            Ok(amount) => amount,
            Err(CoreError::NothingToMove) => 0,
            Err(error) => panic!("{drawer:?}: {error:?}"),
        };
        held -= amount;
        match drawer {
            Drawer::Interim => book_interim_drawn(&mut interim, (&VAULT, &mut vault), &ROUTE, amount),
            _ => book_drawn(&plan, &mut vault, Some(&mut ledger), amount),
        }
        .expect("it fits");
        *(if matches!(drawer, Drawer::Queue) {
            &mut to_queue
        } else {
            &mut to_others
        }) += amount;
    }
    (to_queue, to_others)
}

#[test]
fn reserved_and_the_share_of_all_others_are_what_was_moved() {
    use Drawer::{Insurance, Interim, Positions, Queue};
    let orders: [&[Drawer]; 9] = [
        &[Queue, Positions, Interim],
        &[Positions, Queue, Interim],
        &[Interim, Queue, Positions],
        &[Positions, Interim, Queue],
        &[Interim, Positions, Queue, Positions],
        &[Queue, Queue, Interim, Positions, Queue],
        &[Insurance, Queue],
        &[Queue, Insurance, Positions],
        &[Interim, Insurance, Insurance, Queue, Insurance],
    ];
    for queued in [0, 1, 300, 999, 1_000, 1_700] {
        for order in orders {
            let kept = queued.min(1_000);
            assert_eq!(draw(queued, order), (kept, 1_000 - kept), "{queued}: {order:?}");
        }
    }
}

/// What of a restoration's claims an insurance pool would pay now, if it paid everything that others do not hold.
fn slashed(plan: &Restoration, funds: &VaultFunds<'_>) -> u64 {
    let cover = InsuranceCover {
        custody: u64::MAX,
        reserve: plan.total,
        end_ts: i64::MAX,
        ..InsuranceCover::zeroed()
    };
    let shortfall = Shortfall {
        restoration: plan,
        balance: 0,
        backings: &[*funds],
        previous: None,
    };
    match to_slash(&InsurancePool::zeroed(), &cover, &shortfall, NOW) {
        Ok(amount) => amount,
        Err(CoreError::NothingToMove) => 0,
        Err(error) => panic!("{error:?}"),
    }
}

/// Wherever a thousand tokens lie, insurers of the positions count what is not kept, those of the queue what is, and
/// nothing is counted or kept twice.
#[test]
fn insurers_count_what_is_kept_for_the_queue_alone_and_once() {
    for queued in [0, 1, 300, 600, 999, 1_000, 1_700] {
        let kept = queued.min(1_000);
        let (in_place, ledger) = vault(queued, false);
        let funds_in_place = funds(&in_place, &ledger, (1_000, 0));
        assert_eq!(slashed(&restoration(POSITIONS, 5_000), &funds_in_place), 4_000 + kept);
        for recovered in [1_000, 600, 300, 100, 0] {
            let (mut moved, ledger) = vault(queued, true);
            let left = 1_000 - recovered;
            (moved.evacuation.moved, moved.evacuation.after) = (recovered, left);
            moved.evacuation.ts = if recovered == 0 { 0 } else { NOW };
            // Deposits of later beside what was left behind belong to neither.
            let later = if recovered == 0 { 0 } else { 50 };
            let funds = funds(&moved, &ledger, (left + later, recovered));
            let of = |index| 5_000 - slashed(&restoration(index, 5_000), &funds);
            assert_eq!(
                (of(POSITIONS), of(QUEUE)),
                (1_000 - kept, kept),
                "{queued}: {recovered}"
            );
            assert_eq!(of(3), 0, "another ledger's");
        }
    }
}

/// What an earlier incident left at the route is no move of this one: custody still has everything, and insurers count it.
#[test]
fn what_an_earlier_incident_left_at_the_route_hides_no_custody_from_insurers() {
    for (left, ts, counted) in [(0, 0, 1_000), (40, 0, 1_040), (40, NOW, 40)] {
        let (mut begun, ledger) = vault(0, true);
        (begun.evacuation.before, begun.evacuation.moved, begun.evacuation.ts) = (left, left, ts);
        let funds = funds(&begun, &ledger, (1_000, left));
        assert_eq!(slashed(&restoration(POSITIONS, 5_000), &funds), 5_000 - counted);
    }
}

/// A host is not covered by what its vault owes to those who left; what an evacuation has stopped is paid by claims.
#[test]
fn what_is_owed_to_the_queue_covers_nobody_at_a_restart() {
    let positions = Ledger {
        domain: DOMAIN,
        mint: MINT,
        index: POSITIONS,
        ..Ledger::zeroed()
    };
    for (is_evacuated, covered) in [(false, 700), (true, 1_000)] {
        let (vault, _) = vault(300, is_evacuated);
        let mut backing = Backing::default();
        backing
            .add(&positions, &INCIDENT, (&VAULT, &vault), 1_000)
            .expect("it backs them");
        assert_eq!(backing.held(), covered);
    }
    // Stopped, and nothing moved, or not all of it: custody owes the rest.
    for (moved, covered) in [(0, 700), (100, 800), (300, 1_000)] {
        let (mut vault, _) = vault(300, true);
        vault.evacuation.moved = moved;
        let mut backing = Backing::default();
        backing
            .add(&positions, &INCIDENT, (&VAULT, &vault), 1_000)
            .expect("it backs them");
        assert_eq!(backing.held(), covered);
    }
}

/// Before an evacuation, and where none could move anything, the same holds of custody.
#[test]
fn the_escape_and_interim_claims_leave_the_queue_in_custody() {
    let domain = domain();
    for is_evacuated in [false, true] {
        let (vault, mut ledger) = vault(300, is_evacuated);
        let from = VaultTokens {
            vault: (&VAULT, &vault),
            account: &CUSTODY,
            held: 1_000,
            queue: Some(&ledger),
        };
        assert_eq!(interim_due(&domain, &interim(), from, 0), Ok(700));
        let custody = |held| InCustody {
            vault_key: &VAULT,
            vault: &vault,
            queue: Some(&ledger),
            held,
        };
        let positions = restoration(POSITIONS, 5_000);
        assert_eq!(custody_due(&domain, &positions, custody(1_000), 0, NOW), Ok(700));
        assert_eq!(
            custody_due(&domain, &positions, custody(300), 0, NOW),
            Err(CoreError::NothingToMove)
        );
        let queue = restoration(QUEUE, 300);
        assert_eq!(custody_due(&domain, &queue, custody(1_000), 0, NOW), Ok(300));
        if is_evacuated {
            book_kept(&queue, &mut ledger, 300).expect("it was kept");
            assert_eq!(ledger.queue_reserve, 0);
            book_kept(&positions, &mut ledger, 300).expect("not of the queue");
        }
        let mut other = ledger;
        other.total_account = key(9);
        for (given, refusal) in [
            (None, CoreError::QueueLedgerMissing),
            (Some(&other), CoreError::ForeignAccount),
        ] {
            let custody = InCustody {
                vault_key: &VAULT,
                vault: &vault,
                queue: given,
                held: 1_000,
            };
            assert_eq!(custody_due(&domain, &positions, custody, 0, NOW), Err(refusal));
        }
    }
}

#[test]
fn a_queue_is_restored_whole_and_only_where_it_stands_still() {
    let snapshot = |total| Snapshot {
        flags: snapshot_flag::QUEUE,
        ledger_index: QUEUE,
        domain: DOMAIN,
        incident: INCIDENT,
        total,
        ..Snapshot::zeroed()
    };
    let restore = |is_evacuated, total| {
        let (mut vault, mut ledger) = vault(300, is_evacuated);
        let queue = Queue {
            key: &VAULT,
            vault: &mut vault,
            ledger: Some(&mut ledger),
        };
        acts::restore_queue(&snapshot(total), Some(queue)).map(|()| (vault.queued, ledger.queue_from))
    };
    assert_eq!(restore(true, 300), Ok((0, 1)));
    assert_eq!(restore(true, 299), Err(CoreError::QueueChanged));
    assert_eq!(restore(true, 301), Err(CoreError::QueueChanged));
    assert_eq!(restore(false, 300), Err(CoreError::QueueNotEvacuated));
    assert_eq!(
        acts::restore_queue(&snapshot(300), None),
        Err(CoreError::QueueLedgerMissing)
    );
    let plain = Snapshot {
        flags: 0,
        ..snapshot(300)
    };
    assert_eq!(acts::restore_queue(&plain, None), Ok(()), "any other ledger");
}
