//! The accounts of a token as a ledger, with accounts that the token programs themselves have written.

use anchor_lang::{prelude::Pubkey, solana_program::program_pack::Pack};
use anchor_spl::{
    token::spl_token,
    token_2022::spl_token_2022::{
        self,
        extension::{ExtensionType, transfer_fee::instruction as fees},
    },
};
use bulkhead::error::BulkheadError;
use bulkhead_client::instructions as ix;
use bulkhead_core::snapshots::{layout::token_accounts, merkle};
use bulkhead_snapshot::Position;
use bulkhead_testbed::{Machine, keypair};
use bulkhead_tests::{frozen::Frozen, refused};
use solana_account::Account;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{assert_sealed_as, owner};

/// A mint and accounts, of either program.
struct Token {
    program: Pubkey,
    mint: Pubkey,
    authority: Keypair,
}

impl Token {
    /// An empty account that the program is to initialize.
    fn create(&self, machine: &mut Machine, key: &Pubkey, len: usize) {
        machine.write_account(
            key,
            Account {
                lamports: machine.svm.minimum_balance_for_rent_exemption(len),
                data: vec![0; len],
                owner: self.program,
                executable: false,
                rent_epoch: u64::MAX,
            },
        );
    }

    fn must(&self, machine: &mut Machine, instructions: &[Instruction], signers: &[&Keypair]) {
        if let Err(failure) = machine.send(instructions, signers) {
            panic!("{}\n{}", failure.error, failure.outcome.logs.join("\n"));
        }
    }

    fn account(&self, number: u8) -> Pubkey {
        keypair(&format!("account {number} of {}", self.mint)).pubkey()
    }

    fn mint_to(&self, machine: &mut Machine, number: u8, amount: u64) {
        let authority = self.authority.pubkey();
        let mint = spl_token_2022::instruction::mint_to(
            &self.program,
            &self.mint,
            &self.account(number),
            &authority,
            &[],
            amount,
        );
        self.must(machine, &[mint.expect("sound")], &[&self.authority]);
    }

    /// What the accounts hold, as leaves.
    fn positions(&self, machine: &Machine, count: u8) -> Vec<Position> {
        (0..count)
            .map(|number| Position {
                key: self.account(number),
                owner: owner(number),
                amount: machine.balance(&self.account(number)),
            })
            .collect()
    }
}

fn registered(frozen: &mut Frozen, token: &Token) {
    let layout = token_accounts(&token.mint, &token.program);
    frozen
        .register(ix::ledger_args(1, &layout))
        .expect("a token can be read");
    frozen.freeze();
}

#[test]
fn accounts_of_a_spl_token() {
    let mut frozen = Frozen::in_set_up();
    let token = Token {
        program: spl_token::ID,
        mint: keypair("a mint").pubkey(),
        authority: keypair("mint authority"),
    };
    let machine = &mut frozen.machine;
    let authority = token.authority.pubkey();
    token.create(machine, &token.mint, spl_token::state::Mint::LEN);
    let mint = spl_token::instruction::initialize_mint2(&token.program, &token.mint, &authority, Some(&authority), 6);
    token.must(machine, &[mint.expect("sound")], &[]);
    for number in 0..5 {
        let key = token.account(number);
        token.create(machine, &key, spl_token::state::Account::LEN);
        let open = spl_token::instruction::initialize_account3(&token.program, &key, &token.mint, &owner(number));
        token.must(machine, &[open.expect("sound")], &[]);
        if number > 0 {
            token.mint_to(machine, number, 1_000 * u64::from(number));
        }
    }
    // A frozen account counts.
    let freeze =
        spl_token::instruction::freeze_account(&token.program, &token.account(2), &token.mint, &authority, &[]);
    token.must(machine, &[freeze.expect("sound")], &[&token.authority]);
    registered(&mut frozen, &token);

    let keys: Vec<_> = (0..5).map(|number| token.account(number)).collect();
    let shards = frozen.crank(&keys);
    // Neither the mint, nor an account that was never initialized, nor one of another mint.
    let empty = keypair("empty").pubkey();
    token.create(&mut frozen.machine, &empty, spl_token::state::Account::LEN);
    frozen.cranker = keypair("another cranker");
    for other in [token.mint, empty, frozen.protocol.recovery_account] {
        let number = merkle::shard_of(other.as_array());
        if frozen.machine.account(&frozen.shard(number)).is_none() {
            frozen.must(frozen.open_shard(number));
        }
        refused(
            frozen.send(frozen.ingest(number, &[other])),
            BulkheadError::NotAPosition,
        );
    }
    frozen.must(frozen.seal(&shards));
    let positions = token.positions(&frozen.machine, 5);
    assert_eq!(frozen.snapshot().total, 10_000);
    assert_sealed_as(&frozen, positions);
}

/// A fee withheld is nobody's until it is withdrawn: it is in the supply and in no amount.
#[test]
fn accounts_of_a_token_2022_with_a_transfer_fee() {
    use spl_token_2022::{
        instruction as token_ix,
        state::{Account as TokenAccount, Mint},
    };
    let mut frozen = Frozen::in_set_up();
    let token = Token {
        program: spl_token_2022::ID,
        mint: keypair("a mint with a fee").pubkey(),
        authority: keypair("mint authority"),
    };
    let machine = &mut frozen.machine;
    let (program, authority) = (&token.program, token.authority.pubkey());
    let len = |extensions: &[ExtensionType]| {
        ExtensionType::try_calculate_account_len::<TokenAccount>(extensions).expect("a length")
    };
    let mint_len = ExtensionType::try_calculate_account_len::<Mint>(&[ExtensionType::TransferFeeConfig]);
    token.create(machine, &token.mint, mint_len.expect("a length"));
    let configure = fees::initialize_transfer_fee_config(program, &token.mint, None, Some(&authority), 100, 1_000_000);
    let mint = token_ix::initialize_mint2(program, &token.mint, &authority, None, 6);
    token.must(machine, &[configure.expect("sound"), mint.expect("sound")], &[]);
    for number in 0..4 {
        let key = token.account(number);
        // Accounts of one mint differ in length: the second has another extension.
        let is_immutable = number == 1;
        let mut extensions = vec![ExtensionType::TransferFeeAmount];
        let mut steps = vec![];
        if is_immutable {
            extensions.push(ExtensionType::ImmutableOwner);
            steps.push(token_ix::initialize_immutable_owner(program, &key).expect("sound"));
        }
        token.create(machine, &key, len(&extensions));
        steps.push(token_ix::initialize_account3(program, &key, &token.mint, &owner(number)).expect("sound"));
        token.must(machine, &steps, &[]);
        token.mint_to(machine, number, 100_000);
    }
    let payer = keypair("owner 0");
    let transfer = fees::transfer_checked_with_fee(
        program,
        &token.account(0),
        &token.mint,
        &token.account(1),
        &payer.pubkey(),
        &[],
        50_000,
        6,
        500,
    );
    token.must(machine, &[transfer.expect("sound")], &[&payer]);
    registered(&mut frozen, &token);

    let keys: Vec<_> = (0..4).map(|number| token.account(number)).collect();
    let shards = frozen.crank(&keys);
    let sum: u64 = token
        .positions(&frozen.machine, 4)
        .iter()
        .map(|position| position.amount)
        .sum();
    assert_eq!(sum, 399_500);
    // The sum is short of the supply by what is withheld.
    refused(frozen.send(frozen.seal(&shards)), BulkheadError::TotalMismatch);
    let withdraw = fees::withdraw_withheld_tokens_from_accounts(
        program,
        &token.mint,
        &token.account(3),
        &authority,
        &[],
        &[&token.account(1)],
    );
    token.must(&mut frozen.machine, &[withdraw.expect("sound")], &[&token.authority]);
    for shard in &shards {
        frozen.must(ix::close_shard(
            frozen.cranker.pubkey(),
            frozen.snapshot,
            *shard,
            frozen.cranker.pubkey(),
        ));
    }
    let shards = frozen.crank(&keys);
    frozen.must(frozen.seal(&shards));
    assert_eq!(frozen.snapshot().total, 400_000);
    let positions = token.positions(&frozen.machine, 4);
    assert_sealed_as(&frozen, positions);
    // A mint with extensions is 165 bytes and more as well, and does not pass.
    assert!(frozen.machine.account(&token.mint).expect("written").data.len() > 165);
    let layout = token_accounts(&token.mint, program);
    let mint = frozen.machine.account(&token.mint).expect("written");
    let mut forged = mint.data.clone();
    forged[..32].copy_from_slice(token.mint.as_ref());
    assert!(!bulkhead_core::snapshots::layout::accepts(&layout, &forged));
}
