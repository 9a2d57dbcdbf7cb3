//! Restorations: what came into each pool, was shared out and was paid, leaf by leaf.

use std::{collections::BTreeMap, sync::Arc};

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::ChooseRestorationArgs;
use bulkhead_client::pda;
use bulkhead_core::restoration::batch::takes_claims;
use bulkhead_interface::layout::{Restoration, Snapshot};
use bulkhead_snapshot::Tree;
use bulkhead_testbed::Machine;

use super::Scene;
use crate::{acts::Money, site::Site};

/// A restoration.
#[derive(Clone)]
pub struct Plan {
    pub key: Pubkey,
    pub incident: Pubkey,
    pub snapshot: Pubkey,
    pub total: u64,
    /// The leaves, unless they are no sound tree.
    pub tree: Option<Arc<Tree>>,
    /// What the pool ever got, and gave back as more than it needs.
    pub received: u64,
    pub returned: u64,
    pub shared: u64,
    pub paid: BTreeMap<u32, u64>,
}

impl Plan {
    pub fn paid_sum(&self) -> u64 {
        self.paid.values().sum()
    }

    /// ⌊amount · shared / total⌋
    fn share_of(&self, amount: u64) -> u64 {
        let product = u128::from(amount) * u128::from(self.shared);
        u64::try_from(product / u128::from(self.total)).expect("no more than the amount")
    }

    /// Follows what happened to the pool.
    pub fn follow(&mut self, money: &Money, [before, after]: [&Scene; 2], machine: &Machine, story: &str) {
        let pool = pda::pool(&self.key);
        let (old, new) = (before.tokens(&pool), after.tokens(&pool));
        let unpaid = self.total - self.paid_sum();
        let lacking = unpaid.saturating_sub(old);
        match money {
            Money::Fund(_) | Money::Draw(_) => {
                assert!(new > old, "{story}: nothing came");
                assert!(new - old <= lacking, "{story}: more than claims lack");
                if let Money::Fund(amount) = money {
                    assert!(new - old <= *amount, "{story}: more than was offered");
                }
                self.received += new - old;
            }
            Money::Gift => self.received += new - old,
            Money::Share => {
                assert_eq!(new, old, "{story}");
                let free = old - (self.shared - self.paid_sum());
                let added = free.min(self.total - self.shared);
                assert!(added > 0, "{story}: there was nothing to share");
                self.shared += added;
            }
            Money::Claim(index, _) => self.claim(*index, old - new, [before, after], story),
            Money::Batch(leaves) => self.batch(leaves, old - new, [before, after], machine, story),
            Money::Surplus => {
                assert_eq!(new, unpaid, "{story}: what claims need was given back");
                assert!(new < old, "{story}: there was no surplus");
                self.returned += old - new;
            }
            Money::Page => assert_eq!(new, old, "{story}"),
        }
        let held = machine.balance(&pool);
        assert_eq!(
            held,
            self.received - self.returned - self.paid_sum(),
            "{story}: the pool"
        );
        assert!(
            self.paid_sum() <= self.shared.min(self.received),
            "{story}: more than there was"
        );
        let state: Restoration = machine.load(&self.key);
        let own = (self.total, self.shared, self.paid_sum());
        assert_eq!((state.total, state.shared, state.paid), own, "{story}: the books");
    }

    /// Each owner gets the shares of all its leaves, and who cannot be paid gets nothing and keeps nobody from it.
    fn batch(
        &mut self,
        leaves: &[(u32, Pubkey, Pubkey)],
        got: u64,
        [before, after]: [&Scene; 2],
        machine: &Machine,
        story: &str,
    ) {
        assert!(got > 0, "{story}: a batch that paid nothing worked");
        let mint = machine.load::<Restoration>(&self.key).mint;
        let mut owed = BTreeMap::<(Pubkey, Pubkey), u64>::new();
        for (index, owner, account) in leaves {
            let share = self.share_of(self.amount(*index));
            let paid = self.paid.get(index).copied().unwrap_or_default();
            *owed.entry((*owner, *account)).or_default() += share - paid;
        }
        let mut sum = 0;
        for ((owner, account), owed) in owed {
            let takes = machine
                .account(&account)
                .is_some_and(|found| takes_claims(&found.data, &owner, &mint));
            let gained = after.tokens(&account) - before.tokens(&account);
            assert_eq!(gained, if takes { owed } else { 0 }, "{story}: what {account} got");
            sum += gained;
        }
        assert_eq!(sum, got, "{story}: what was paid did not arrive");
        for (index, owner, account) in leaves {
            let found = machine.account(account);
            if found.is_some_and(|found| takes_claims(&found.data, owner, &mint)) {
                let share = self.share_of(self.amount(*index));
                self.paid.insert(*index, share);
            }
        }
    }

    fn amount(&self, index: u32) -> u64 {
        let tree = self.tree.as_ref().expect("its leaves are known");
        tree.leaf(index).expect("a leaf").amount
    }

    /// A leaf gets its share of all that was shared out, once, to the last unit.
    fn claim(&mut self, index: u32, got: u64, [before, after]: [&Scene; 2], story: &str) {
        let share = self.share_of(self.amount(index));
        let paid = self.paid.entry(index).or_default();
        *paid += got;
        assert_eq!(*paid, share, "{story}: not the share of leaf {index}");
        let gained: u64 = after
            .keys()
            .map(|key| after.tokens(key).saturating_sub(before.tokens(key)))
            .sum();
        assert_eq!(gained, got, "{story}: what was paid did not arrive");
    }
}

impl Plan {
    /// The plan that was executed just now: it pays by the leaves that the model knows of.
    pub fn chosen(site: &Site, args: &ChooseRestorationArgs, machine: &Machine, story: &str) -> Self {
        let key = pda::restoration(&args.incident, args.ledger_index);
        let snapshot: Snapshot = machine.load(&args.snapshot);
        let posted = site.posted.iter().find(|posted| {
            let own = pda::checkpoint_snapshot(&args.incident, posted.ledger, posted.slot);
            posted.ledger == args.ledger_index && own == args.snapshot
        });
        let tree = match posted {
            Some(posted) => posted.tree(),
            None => Some(Arc::new(site.tree_of(&args.snapshot, &snapshot))),
        };
        if let Some(tree) = &tree {
            assert_eq!(
                (tree.root().hash, tree.root().sum),
                (args.root, snapshot.total),
                "{story}: another state"
            );
        }
        Self {
            key,
            incident: args.incident,
            snapshot: args.snapshot,
            total: snapshot.total,
            tree,
            received: 0,
            returned: 0,
            shared: 0,
            paid: BTreeMap::new(),
        }
    }
}
