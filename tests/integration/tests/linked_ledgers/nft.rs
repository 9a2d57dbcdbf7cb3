//! Tokens of which there is one, made, moved, burnt and closed by the token programs themselves.

use anchor_lang::{prelude::Pubkey, solana_program::program_pack::Pack};
use anchor_spl::{
    token::spl_token,
    token_2022::spl_token_2022::{
        self as token_2022,
        extension::ExtensionType,
        instruction::{self as ix, AuthorityType},
    },
};
use bulkhead_testbed::{Machine, keypair};
use solana_account::Account;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::named;

pub const CLASSIC: Pubkey = spl_token::ID;
pub const EXTENDED: Pubkey = token_2022::ID;

/// A mint of either program. The newer one's has extensions, and so have its accounts.
#[derive(Clone, Copy)]
pub struct Nft {
    pub program: Pubkey,
    pub mint: Pubkey,
}

fn authority() -> Keypair {
    keypair("mint authority")
}

fn must(machine: &mut Machine, instructions: &[Instruction], signers: &[&Keypair]) {
    if let Err(failure) = machine.send(instructions, signers) {
        panic!("{}\n{}", failure.error, failure.outcome.logs.join("\n"));
    }
}

/// An empty account for a program to initialize.
fn create(machine: &mut Machine, program: Pubkey, key: &Pubkey, len: usize) {
    let account = Account {
        lamports: machine.svm.minimum_balance_for_rent_exemption(len),
        data: vec![0; len],
        owner: program,
        executable: false,
        rent_epoch: u64::MAX,
    };
    machine.write_account(key, account);
}

impl Nft {
    /// A mint that has made nothing yet.
    pub fn mint(machine: &mut Machine, program: Pubkey, name: &str, decimals: u8) -> Self {
        let (mint, minter) = (named(name), authority().pubkey());
        let init = ix::initialize_mint2(&program, &mint, &minter, Some(&minter), decimals).expect("sound");
        if program == CLASSIC {
            create(machine, program, &mint, spl_token::state::Mint::LEN);
            must(machine, &[init], &[]);
        } else {
            let len = ExtensionType::try_calculate_account_len::<token_2022::state::Mint>(&[
                ExtensionType::MintCloseAuthority,
            ]);
            create(machine, program, &mint, len.expect("a length"));
            let closable = ix::initialize_mint_close_authority(&program, &mint, Some(&minter)).expect("sound");
            must(machine, &[closable, init], &[]);
        }
        Self { program, mint }
    }

    /// The only one of its kind, and nobody can make another. Gives the holder's account.
    pub fn sole(machine: &mut Machine, program: Pubkey, name: &str, holder: &Pubkey) -> (Self, Pubkey) {
        let nft = Self::mint(machine, program, name, 0);
        let account = nft.account(machine, holder, 1);
        let (kind, minter) = (AuthorityType::MintTokens, authority());
        let end = ix::set_authority(&program, &nft.mint, None, kind, &minter.pubkey(), &[]).expect("sound");
        must(machine, &[end], &[&minter]);
        (nft, account)
    }

    /// A token account of `holder` with so many of it.
    pub fn account(&self, machine: &mut Machine, holder: &Pubkey, amount: u64) -> Pubkey {
        let key = named(&format!("account of {holder} for {}", self.mint));
        let init = ix::initialize_account3(&self.program, &key, &self.mint, holder).expect("sound");
        if self.program == CLASSIC {
            create(machine, self.program, &key, spl_token::state::Account::LEN);
            must(machine, &[init], &[]);
        } else {
            let len = ExtensionType::try_calculate_account_len::<token_2022::state::Account>(&[
                ExtensionType::ImmutableOwner,
            ]);
            create(machine, self.program, &key, len.expect("a length"));
            let immutable = ix::initialize_immutable_owner(&self.program, &key).expect("sound");
            must(machine, &[immutable, init], &[]);
        }
        if amount != 0 {
            let minter = authority();
            let make = ix::mint_to(&self.program, &self.mint, &key, &minter.pubkey(), &[], amount).expect("sound");
            must(machine, &[make], &[&minter]);
        }
        key
    }

    /// The instruction with which a holder hands it on.
    pub fn hand_on(&self, from: &Pubkey, to: &Pubkey, holder: &Keypair) -> Instruction {
        ix::transfer_checked(&self.program, from, &self.mint, to, &holder.pubkey(), &[], 1, 0).expect("sound")
    }

    pub fn transfer(&self, machine: &mut Machine, from: &Pubkey, to: &Pubkey, holder: &Keypair) {
        must(machine, &[self.hand_on(from, to, holder)], &[holder]);
    }

    pub fn burn(&self, machine: &mut Machine, account: &Pubkey, holder: &Keypair) {
        let burn = ix::burn(&self.program, account, &self.mint, &holder.pubkey(), &[], 1).expect("sound");
        must(machine, &[burn], &[holder]);
    }

    /// Closes the mint, once there is nothing of it.
    pub fn close(&self, machine: &mut Machine) {
        let (closer, receiver) = (authority(), machine.payer.pubkey());
        let close = ix::close_account(&self.program, &self.mint, &receiver, &closer.pubkey(), &[]).expect("sound");
        must(machine, &[close], &[&closer]);
        assert!(
            machine
                .account(&self.mint)
                .is_none_or(|account| account.data.is_empty())
        );
    }

    pub fn close_account(&self, machine: &mut Machine, account: &Pubkey, holder: &Keypair) {
        let receiver = machine.payer.pubkey();
        let close = ix::close_account(&self.program, account, &receiver, &holder.pubkey(), &[]).expect("sound");
        must(machine, &[close], &[holder]);
    }

    pub fn freeze(&self, machine: &mut Machine, account: &Pubkey) {
        let freezer = authority();
        let freeze = ix::freeze_account(&self.program, account, &self.mint, &freezer.pubkey(), &[]).expect("sound");
        must(machine, &[freeze], &[&freezer]);
    }

    pub fn delegate(&self, machine: &mut Machine, account: &Pubkey, to: &Pubkey, holder: &Keypair) {
        let approve = ix::approve(&self.program, account, to, &holder.pubkey(), &[], 1).expect("sound");
        must(machine, &[approve], &[holder]);
    }
}
