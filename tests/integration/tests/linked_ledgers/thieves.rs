//! To steal a position that a token owns: pass accounts of one's own that look like the holder's.

use anchor_lang::prelude::Pubkey;
use bulkhead::error::BulkheadError;
use bulkhead_testbed::keypair;
use bulkhead_tests::{frozen::Frozen, refused};
use solana_account::Account;
use solana_signer::Signer;

use crate::{
    SHARD, assert_sealed_as,
    holders::{owned_by_tokens, position, write},
    key, named,
    nft::{CLASSIC, EXTENDED, Nft},
    owner, seal,
};

/// A world with one position of `owner(0)`, by a token of this program, and an open shard.
struct Prey {
    frozen: Frozen,
    nft: Nft,
    held: Pubkey,
}

impl Prey {
    fn of(program: Pubkey) -> Self {
        let mut frozen = Frozen::reading(owned_by_tokens);
        let (nft, held) = Nft::sole(&mut frozen.machine, program, "nft", &owner(0));
        write(&mut frozen, 0, &nft.mint, 70);
        frozen.protocol.write_total(&mut frozen.machine, 70);
        frozen.must(frozen.open_shard(SHARD));
        Self { frozen, nft, held }
    }

    /// These accounts are refused, and nothing of them is left in the shard.
    #[track_caller]
    fn refuses(&mut self, accounts: &[Pubkey], error: BulkheadError) {
        let before = self.frozen.shard_state(SHARD);
        let ingest = self.frozen.ingest(SHARD, accounts);
        refused(self.frozen.send(ingest), error);
        let after = self.frozen.shard_state(SHARD);
        assert_eq!(bytemuck::bytes_of(&before), bytemuck::bytes_of(&after));
    }

    /// The position, read with this account as the holder's.
    #[track_caller]
    fn refuses_holder(&mut self, account: Pubkey) {
        let mint = self.nft.mint;
        self.refuses(&[key(0), mint, account], BulkheadError::NotTheHolder);
    }

    /// The holder's account with this done to it, at another address.
    fn forge(&mut self, name: &str, change: impl FnOnce(&mut Account)) -> Pubkey {
        let mut account = self.frozen.machine.account(&self.held).expect("made");
        account.data[32..64].copy_from_slice(named("thief").as_ref());
        change(&mut account);
        self.frozen.machine.write_account(&named(name), account);
        named(name)
    }

    /// Nothing that was tried keeps the holder from what is theirs.
    fn counts_for_the_holder(mut self) {
        let accounts = [key(0), self.nft.mint, self.held];
        self.frozen.must(self.frozen.ingest(SHARD, &accounts));
        self.frozen.must(seal(&self.frozen));
        assert_sealed_as(&self.frozen, vec![position(0, owner(0), 70)]);
    }
}

#[test]
fn an_account_that_does_not_hold_it_names_no_owner() {
    for program in [CLASSIC, EXTENDED] {
        let mut prey = Prey::of(program);
        let thief = named("thief");
        let machine = &mut prey.frozen.machine;
        let empty = prey.nft.account(machine, &thief, 0);
        let (other, others) = Nft::sole(machine, program, "the thief's own", &thief);
        let other_program = if program == CLASSIC { EXTENDED } else { CLASSIC };
        let (_, elsewhere) = Nft::sole(machine, other_program, "in the other program", &thief);
        prey.refuses_holder(empty);
        prey.refuses_holder(others);
        prey.refuses_holder(elsewhere);
        prey.refuses_holder(other.mint);
        prey.refuses_holder(prey.nft.mint);
        prey.refuses_holder(key(0));
        prey.refuses_holder(thief);
        // A whole pair of one's own does not fit the position.
        prey.refuses(&[key(0), other.mint, others], BulkheadError::LinkedAccountMissing);
        prey.counts_for_the_holder();
    }
}

/// What no token program has written, and what one wrote that is no account.
#[test]
fn a_forged_account_names_no_owner() {
    for program in [CLASSIC, EXTENDED] {
        let mut prey = Prey::of(program);
        let own = prey.forge("the thief's program", |account| {
            account.owner = named("thief's program")
        });
        let host = prey.frozen.protocol.host_program;
        let hosts = prey.forge("the host's program", |account| account.owner = host);
        let other_program = if program == CLASSIC { EXTENDED } else { CLASSIC };
        let other = prey.forge("the other program", |account| account.owner = other_program);
        let unused = prey.forge("not initialized", |account| account.data[108] = 0);
        let cut = prey.forge("cut off", |account| account.data.truncate(164));
        let two = prey.forge("two of one", |account| account.data[64] = 2);
        // Signers of a multisig are chosen by whoever makes it.
        let multisig = prey.forge("multisig", |account| {
            account.data.resize(355, 2);
            account.data[165] = 2;
        });
        for account in [own, hosts, other, unused, cut, two, multisig] {
            prey.refuses_holder(account);
        }
        prey.counts_for_the_holder();
    }
}

/// A layout that takes the token of a pool for the position's: whoever has one unit would own it all.
#[test]
fn a_token_of_which_there_may_be_more_than_one_names_no_owner() {
    for program in [CLASSIC, EXTENDED] {
        let mut prey = Prey::of(program);
        let thief = named("thief");
        for (number, (decimals, first, second)) in [(0, 1, 1), (0, 1, 999), (1, 1, 0), (1, 10, 0), (6, 0, 0), (9, 1, 0)]
            .into_iter()
            .enumerate()
        {
            let machine = &mut prey.frozen.machine;
            let many = Nft::mint(machine, program, &format!("many {number}"), decimals);
            let account = many.account(machine, &thief, first);
            if second != 0 {
                many.account(machine, &owner(9), second);
            }
            write(&mut prey.frozen, 1, &many.mint, 9);
            prey.refuses(&[key(1), many.mint, account], BulkheadError::NotASingleToken);
        }
        prey.counts_for_the_holder();
    }
}

#[test]
fn what_is_no_mint_names_no_owner() {
    for program in [CLASSIC, EXTENDED] {
        let mut prey = Prey::of(program);
        let genuine = prey.frozen.machine.account(&prey.nft.mint).expect("made");
        let held = prey.held;
        let names = |prey: &mut Prey, token: Pubkey| {
            write(&mut prey.frozen, 1, &token, 9);
            prey.refuses(&[key(1), token, held], BulkheadError::NotASingleToken);
        };
        // A mint that some other program has written, with an account that it wrote to go with it.
        let forged = named("forged mint");
        let foreign = Account {
            owner: named("thief's program"),
            ..genuine.clone()
        };
        prey.frozen.machine.write_account(&forged, foreign);
        write(&mut prey.frozen, 1, &forged, 9);
        let own = prey.forge("forged account", |account| {
            account.owner = named("thief's program");
            account.data[..32].copy_from_slice(forged.as_ref());
        });
        prey.refuses(&[key(1), forged, own], BulkheadError::NotASingleToken);
        // A wallet that holds something, the token account itself, a mint that was never initialized, a program.
        let wallet = owner(3);
        prey.frozen.machine.write_account(
            &wallet,
            Account {
                lamports: 1_000_000_000,
                data: vec![0; 82],
                ..Account::default()
            },
        );
        let unused = named("unused mint");
        let mut data = genuine.data.clone();
        data[45] = 0;
        prey.frozen.machine.write_account(
            &unused,
            Account {
                data,
                ..genuine.clone()
            },
        );
        for token in [wallet, held, unused, bulkhead::ID] {
            names(&mut prey, token);
        }
        prey.counts_for_the_holder();
    }
}

#[test]
fn a_position_is_passed_with_all_that_follows_it_in_its_order() {
    use BulkheadError::{LinkedAccountMissing, NotAPosition};
    let mut prey = Prey::of(CLASSIC);
    let (mint, held) = (prey.nft.mint, prey.held);
    let (nft, account) = Nft::sole(&mut prey.frozen.machine, EXTENDED, "second nft", &owner(1));
    write(&mut prey.frozen, 1, &nft.mint, 30);
    prey.refuses(&[key(0)], LinkedAccountMissing);
    prey.refuses(&[key(0), mint], LinkedAccountMissing);
    prey.refuses(&[key(0), held, mint], LinkedAccountMissing);
    prey.refuses(&[mint, key(0), held], NotAPosition);
    // The groups begin where the one before ends. One that is wrong takes those before with it.
    let first = [key(0), mint, held];
    prey.refuses(&[&first[..], &[key(1), nft.mint]].concat(), LinkedAccountMissing);
    prey.refuses(&[&first[..], &[key(1), mint, held]].concat(), LinkedAccountMissing);
    prey.refuses(
        &[&first[..], &[key(1), nft.mint, held]].concat(),
        BulkheadError::NotTheHolder,
    );
    prey.refuses(
        &[key(1), nft.mint, account, key(0), mint, held],
        BulkheadError::PositionsNotAscending,
    );
    // Another program's account with a position's bytes.
    let forged = key(2);
    let mut data = prey.frozen.machine.account(&key(0)).expect("written");
    data.owner = keypair("another program").pubkey();
    prey.frozen.machine.write_account(&forged, data);
    prey.refuses(&[forged, mint, held], NotAPosition);
    // Nobody else reads into this shard.
    let mut ingest = prey.frozen.ingest(SHARD, &first);
    let thief = keypair("thief");
    ingest.accounts[0].pubkey = thief.pubkey();
    let result = prey.frozen.machine.send(&[ingest], &[&thief]);
    refused(result, BulkheadError::NotShardCranker);
    prey.counts_for_the_holder();
}
