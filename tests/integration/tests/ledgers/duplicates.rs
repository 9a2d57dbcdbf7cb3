//! No position is paid twice, and no ledger pays in a token that somebody else can take back.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token_2022::spl_token_2022::{
    self,
    extension::{ExtensionType, transfer_hook},
};
use bulkhead::{
    error::BulkheadError,
    instructions::{AmountConfig, ByteFilterConfig, ExportConfig, RegisterLedgerArgs, TotalConfig},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::snapshots::layout::token_accounts;
use bulkhead_interface::{
    constants::{amount_flag, length_rule},
    layout::MintLedgers,
};
use bulkhead_testbed::{Failure, Outcome, Setup, keypair};
use bulkhead_tests::{frozen::Frozen, refused, world_with};
use solana_account::Account;
use solana_signer::Signer;

use crate::{amount, scale};

/// A set-up domain with ledger 1 of forged positions, and a second total of the host's.
struct Registered {
    frozen: Frozen,
    second_total: Pubkey,
}

impl Registered {
    fn new() -> Self {
        let mut frozen = Frozen::in_set_up();
        let second_total = keypair("second total").pubkey();
        frozen
            .protocol
            .write_host_account(&mut frozen.machine, &second_total, vec![0; 8]);
        let args = frozen.protocol.ledger_args(1);
        frozen.register(args).expect("the first of its kind");
        Self { frozen, second_total }
    }

    /// A ledger of the same positions by another total, so that the total does not give it away.
    fn twin(&self) -> RegisterLedgerArgs {
        let args = self.frozen.protocol.ledger_args(2);
        RegisterLedgerArgs {
            total: TotalConfig {
                account: self.second_total,
                ..args.total
            },
            ..args
        }
    }

    fn register(&mut self, args: RegisterLedgerArgs, others: &[u8]) -> Result<Outcome, Failure> {
        let frozen = &mut self.frozen;
        let authority = ix::Authority {
            signer: frozen.protocol.setup_authority.pubkey(),
            domain: frozen.protocol.domain,
            proposal: None,
        };
        let register = ix::register_ledger(authority, frozen.machine.payer.pubkey(), args, others);
        frozen.machine.send(&[register], &[&frozen.protocol.setup_authority])
    }

    fn list(&self) -> MintLedgers {
        let protocol = &self.frozen.protocol;
        self.frozen
            .machine
            .load(&pda::mint_ledgers(&protocol.domain, &protocol.mint))
    }
}

fn filter(offset: u32, bytes: &[u8]) -> ByteFilterConfig {
    ByteFilterConfig {
        offset,
        bytes: bytes.to_vec(),
    }
}

#[test]
fn what_counts_the_same_in_other_words_is_refused() {
    let mut site = Registered::new();
    let twin = site.twin();
    let same_total = site.frozen.protocol.ledger_args(2);
    let probe = keypair("export probe").pubkey();
    let duplicates = [
        // The very same, and by the same total whatever it says it reads.
        same_total.clone(),
        RegisterLedgerArgs {
            filters: vec![filter(0, b"another_")],
            ..same_total
        },
        // By another total: the same; longer; by less of the filter, more of it, none of it.
        twin.clone(),
        RegisterLedgerArgs {
            length_rule: length_rule::AT_LEAST,
            data_len: 47,
            ..twin.clone()
        },
        RegisterLedgerArgs {
            filters: vec![filter(0, b"posi")],
            ..twin.clone()
        },
        RegisterLedgerArgs {
            filters: vec![filter(4, b"tion"), filter(0, b"pos")],
            ..twin.clone()
        },
        RegisterLedgerArgs {
            filters: vec![],
            ..twin.clone()
        },
        // In another unit, a part of it, one that is wider; in a slot; by asking.
        RegisterLedgerArgs {
            scale: scale(1, 2, 0),
            ..twin.clone()
        },
        RegisterLedgerArgs {
            amounts: vec![amount(44, 4, 0)],
            ..twin.clone()
        },
        RegisterLedgerArgs {
            owner_offset: 0,
            amounts: vec![amount(32, 16, amount_flag::SIGNED)],
            ..twin.clone()
        },
        RegisterLedgerArgs {
            owner_offset: 0,
            amounts: vec![],
            export: Some(ExportConfig {
                program: probe,
                data: vec![1],
                accounts: vec![],
                position_accounts: 0,
            }),
            ..twin.clone()
        },
    ];
    for args in duplicates {
        refused(site.register(args, &[1]), BulkheadError::LedgersOverlap);
    }
    // What tells them apart: the kind of account, its length, the number in it.
    let apart = [
        RegisterLedgerArgs {
            filters: vec![filter(0, b"another_")],
            ..twin.clone()
        },
        RegisterLedgerArgs {
            data_len: 49,
            ..twin.clone()
        },
        RegisterLedgerArgs {
            owner_offset: 8,
            data_len: 48,
            amounts: vec![AmountConfig {
                offset: 0,
                width: 4,
                flags: 0,
            }],
            ..twin
        },
    ];
    for args in apart {
        let mut site = Registered::new();
        site.register(args, &[1]).expect("other positions, or other numbers");
        assert_eq!(site.list().ledgers[0], 0b110);
    }
}

#[test]
fn no_ledger_of_the_same_token_is_left_out_of_the_comparison() {
    let mut site = Registered::new();
    let twin = site.twin();
    let stranger = {
        let other = bulkhead_testbed::Protocol::set_up(
            &mut site.frozen.machine,
            &Setup {
                name: "other",
                ..Setup::default()
            },
        );
        pda::ledger(&other.domain, 0)
    };
    let other = RegisterLedgerArgs {
        filters: vec![filter(0, b"another_")],
        ..twin.clone()
    };
    for others in [&[][..], &[1, 1]] {
        refused(site.register(other.clone(), others), BulkheadError::LedgersMissing);
    }
    let authority = ix::Authority {
        signer: site.frozen.protocol.setup_authority.pubkey(),
        domain: site.frozen.protocol.domain,
        proposal: None,
    };
    let payer = site.frozen.machine.payer.pubkey();
    let mut forged = ix::register_ledger(authority, payer, twin.clone(), &[1]);
    if let Some(last) = forged.accounts.last_mut() {
        last.pubkey = stranger;
    }
    let setup_authority = site.frozen.protocol.setup_authority.insecure_clone();
    refused(
        site.frozen.machine.send(&[forged], &[&setup_authority]),
        BulkheadError::LedgersMissing,
    );
    // In order, all of them.
    let third = RegisterLedgerArgs {
        index: 0,
        filters: vec![filter(0, b"another_")],
        ..twin
    };
    site.register(third.clone(), &[1]).expect("other positions");
    let fourth = RegisterLedgerArgs {
        index: 200,
        data_len: 50,
        total: TotalConfig {
            account: site.frozen.protocol.total_account,
            offset: 8,
            ..third.total.clone()
        },
        ..third
    };
    let total = site.frozen.protocol.total_account;
    site.frozen
        .protocol
        .write_host_account(&mut site.frozen.machine, &total, vec![0; 16]);
    refused(site.register(fourth.clone(), &[1, 0]), BulkheadError::LedgersMissing);
    site.register(fourth, &[0, 1]).expect("all that there are");
    assert_eq!((site.list().ledgers[0], site.list().ledgers[25]), (0b11, 1));
}

/// A permanent delegate takes the pool, a hook makes every claim fail: what a vault refuses, a ledger refuses.
#[test]
fn mints_that_a_vault_refuses_are_refused() {
    let (mut machine, protocol) = world_with(&Setup {
        activate: false,
        ledger: false,
        ..Setup::default()
    });
    let program = spl_token_2022::ID;
    let authority = keypair("mint authority").pubkey();
    for extension in [
        ExtensionType::PermanentDelegate,
        ExtensionType::TransferHook,
        ExtensionType::NonTransferable,
    ] {
        let mint = keypair(&format!("mint with {extension:?}")).pubkey();
        let len = ExtensionType::try_calculate_account_len::<spl_token_2022::state::Mint>(&[extension]);
        let len = len.expect("a length");
        machine.write_account(
            &mint,
            Account {
                lamports: machine.svm.minimum_balance_for_rent_exemption(len),
                data: vec![0; len],
                owner: program,
                executable: false,
                rent_epoch: u64::MAX,
            },
        );
        let configure = match extension {
            ExtensionType::PermanentDelegate => {
                spl_token_2022::instruction::initialize_permanent_delegate(&program, &mint, &authority)
            }
            ExtensionType::TransferHook => {
                transfer_hook::instruction::initialize(&program, &mint, Some(authority), Some(authority))
            }
            _ => spl_token_2022::instruction::initialize_non_transferable_mint(&program, &mint),
        };
        let open = spl_token_2022::instruction::initialize_mint2(&program, &mint, &authority, None, 6);
        protocol.must(&mut machine, &[configure.expect("sound"), open.expect("sound")], &[]);
        let setup = ix::Authority {
            signer: protocol.setup_authority.pubkey(),
            domain: protocol.domain,
            proposal: None,
        };
        let args = RegisterLedgerArgs {
            mint,
            ..protocol.ledger_args(1)
        };
        let register = ix::register_ledger(setup, machine.payer.pubkey(), args, &[]);
        refused(
            machine.send(&[register], &[&protocol.setup_authority]),
            BulkheadError::UnsafeMintExtension,
        );
    }
}

/// The supply of wrapped SOL says 0 however much there is, so that anything would be too much.
#[test]
fn wrapped_sol_has_no_supply_to_compare_with() {
    let mut frozen = Frozen::in_set_up();
    let native = anchor_lang::pubkey!("So11111111111111111111111111111111111111112");
    let issuer = keypair("issuer").pubkey();
    frozen.machine.create_mint(&native, &issuer, 9);
    let args = ix::ledger_args(1, &token_accounts(&native, &anchor_spl::token::ID));
    refused(frozen.register(args), BulkheadError::InvalidLedger);
    // Positions of a host in wrapped SOL are like any others.
    let args = RegisterLedgerArgs {
        mint: native,
        ..frozen.protocol.ledger_args(1)
    };
    frozen.register(args).expect("the host counts them");
}
