//! What is kept for a queue: whoever draws on a vault's tokens, in whatever order, the queue's claims get what the queue is
//! owed, and all others share the rest. Restorations, interim claims and the escape draw here as they please.

use bulkhead_core::{
    CoreError,
    acts::{
        self, InCustody, Queue, RecoveryAccount, VaultTokens, book_drawn, book_interim_drawn, book_kept, custody_due,
        interim_due, recovery_account_due,
    },
    custody::queue_ledger,
};
use bulkhead_interface::{
    Pubkey,
    constants::{VERSION, phase, snapshot_flag},
    layout::{Domain, Evacuation, Interim, Ledger, Restoration, Snapshot, Vault},
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
    use Drawer::{Interim, Positions, Queue};
    let orders: [&[Drawer]; 6] = [
        &[Queue, Positions, Interim],
        &[Positions, Queue, Interim],
        &[Interim, Queue, Positions],
        &[Positions, Interim, Queue],
        &[Interim, Positions, Queue, Positions],
        &[Queue, Queue, Interim, Positions, Queue],
    ];
    for queued in [0, 1, 300, 999, 1_000, 1_700] {
        for order in orders {
            let kept = queued.min(1_000);
            assert_eq!(draw(queued, order), (kept, 1_000 - kept), "{queued}: {order:?}");
        }
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
