//! What detectors look at: forged prices, programs and stake, and arguments that tests start from.

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::{
    OpenAuthorityWatchArgs, OpenPriceBreakerArgs, OpenSolvencyBreakerArgs, PriceRulesConfig, PriceSource,
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::detectors::oracle::{PYTH_DISCRIMINATOR, PYTH_FULL};
use bulkhead_interface::{
    constants::watch_kind,
    ids::{PYTH_RECEIVER, TOKEN, UPGRADEABLE_LOADER},
};
use bulkhead_testbed::{Failure, Machine, Outcome, Protocol, keypair};
use solana_account::Account;
use solana_instruction::Instruction;
use solana_signer::Signer;

/// The feed of every test.
pub const FEED: [u8; 32] = [0xFE; 32];
/// Compartment that detectors guard.
pub const COMPARTMENT: u8 = 2;
/// Seconds between two prices.
pub const PACE: i64 = 10;

/// A price update as Pyth's receiver posts it.
#[derive(Clone)]
pub struct Update {
    /// The feed.
    pub feed: [u8; 32],
    /// Verification level, 1 for `Full`.
    pub level: u8,
    /// Price.
    pub price: i64,
    /// Confidence.
    pub confidence: u64,
    /// Power of ten.
    pub exponent: i32,
    /// Publish time.
    pub ts: i64,
}

impl Update {
    /// A sound one.
    #[must_use]
    pub fn new(price: i64, ts: i64) -> Self {
        Self {
            feed: FEED,
            level: PYTH_FULL,
            price,
            confidence: 1,
            exponent: -8,
            ts,
        }
    }

    /// The account's data.
    #[must_use]
    pub fn data(&self) -> Vec<u8> {
        let mut data = PYTH_DISCRIMINATOR.to_vec();
        data.extend([0xAA; 32]);
        data.push(self.level);
        if self.level != PYTH_FULL {
            // How many signatures were checked.
            data.push(5);
        }
        data.extend(self.feed);
        data.extend(self.price.to_le_bytes());
        data.extend(self.confidence.to_le_bytes());
        data.extend(self.exponent.to_le_bytes());
        data.extend(self.ts.to_le_bytes());
        data.extend((self.ts - 1).to_le_bytes());
        data.extend(self.price.to_le_bytes());
        data.extend(self.confidence.to_le_bytes());
        data.extend(400_000_000_u64.to_le_bytes());
        // Pyth allocates for the longer form.
        data.resize(134, 0);
        data
    }
}

/// Writes any program's account.
pub fn write(machine: &mut Machine, key: &Pubkey, owner: &Pubkey, data: Vec<u8>) {
    let account = Account {
        lamports: machine.svm.minimum_balance_for_rent_exemption(data.len()),
        data,
        owner: *owner,
        executable: false,
        rent_epoch: u64::MAX,
    };
    machine.write_account(key, account);
}

/// Posts an update to the account of a name.
pub fn post(machine: &mut Machine, name: &str, update: &Update) -> Pubkey {
    let key = keypair(name).pubkey();
    write(machine, &key, &PYTH_RECEIVER, update.data());
    key
}

/// Rules that learn from five prices.
#[must_use]
pub fn rules() -> PriceRulesConfig {
    PriceRulesConfig {
        max_age_seconds: 60,
        max_ahead_seconds: 5,
        min_interval_seconds: 5,
        stale_seconds: 0,
        max_confidence_bps: 100,
        warmup: 5,
        deviation_bps: 1_000,
        twap_seconds: 600,
        tau_seconds: 3_600,
        floor_ppm: 1_000,
        cap_ppm: 20_000,
        z_milli: 9_000,
        cusum_h_milli: 12_000,
        cusum_k_milli: 500,
        cusum_clip_milli: 4_000,
    }
}

/// Any update of the feed.
#[must_use]
pub fn pyth_args() -> OpenPriceBreakerArgs {
    OpenPriceBreakerArgs {
        compartment: COMPARTMENT,
        trip_scope: COMPARTMENT,
        latch_seconds: 3_600,
        source: PriceSource::Pyth {
            feed_id: FEED,
            account: None,
        },
        rules: rules(),
    }
}

/// The host's own account: price at 8, 16 bytes, timestamp at 24, confidence at 32.
#[must_use]
pub fn host_args(protocol: &Protocol) -> OpenPriceBreakerArgs {
    OpenPriceBreakerArgs {
        source: PriceSource::Host {
            account: host_price(protocol),
            program: protocol.host_program,
            price_offset: 8,
            width: 16,
            is_signed: false,
            exponent: -6,
            time_offset: 24,
            confidence_offset: Some(32),
        },
        rules: PriceRulesConfig {
            stale_seconds: 300,
            ..rules()
        },
        ..pyth_args()
    }
}

/// The account of [`host_args`].
#[must_use]
pub fn host_price(protocol: &Protocol) -> Pubkey {
    keypair(&format!("{} price", protocol.domain)).pubkey()
}

/// Writes the account of [`host_args`].
pub fn write_host_price(machine: &mut Machine, protocol: &Protocol, price: u128, ts: i64) {
    let mut data = vec![7; 8];
    data.extend(price.to_le_bytes());
    data.extend(ts.to_le_bytes());
    data.extend(1_u128.to_le_bytes());
    write(machine, &host_price(protocol), &protocol.host_program, data);
}

/// A price breaker's address.
#[must_use]
pub fn price_breaker(protocol: &Protocol, args: &OpenPriceBreakerArgs) -> Pubkey {
    pda::price_breaker(&protocol.domain, args.compartment, &args.source_key())
}

/// The protocol's own custody and recovery account against 16 bytes at 8 of a host's account.
#[must_use]
pub fn solvency_args(protocol: &Protocol) -> OpenSolvencyBreakerArgs {
    OpenSolvencyBreakerArgs {
        compartment: COMPARTMENT,
        trip_scope: COMPARTMENT,
        latch_seconds: 3_600,
        liabilities: keypair(&format!("{} books", protocol.domain)).pubkey(),
        program: protocol.host_program,
        offset: 8,
        width: 16,
        tolerance_bps: 100,
        tolerance: 50,
        min_age_seconds: 30,
        reserves: vec![protocol.custody(), protocol.recovery_account],
    }
}

/// Writes the liabilities of [`solvency_args`].
pub fn write_liabilities(machine: &mut Machine, protocol: &Protocol, liabilities: u128) {
    let mut data = vec![7; 8];
    data.extend(liabilities.to_le_bytes());
    let args = solvency_args(protocol);
    write(machine, &args.liabilities, &args.program, data);
}

/// Looks at [`solvency_args`].
#[must_use]
pub fn observe_solvency(protocol: &Protocol) -> Instruction {
    let args = solvency_args(protocol);
    let breaker = pda::solvency_breaker(&protocol.domain, args.compartment, &args.liabilities);
    ix::observe_solvency(protocol.domain, breaker, args.liabilities, &args.reserves)
}

/// Program data of an upgradeable program, with some code behind.
pub fn write_program_data(machine: &mut Machine, key: &Pubkey, slot: u64, authority: Option<&Pubkey>) {
    let mut data = vec![3, 0, 0, 0];
    data.extend(slot.to_le_bytes());
    data.push(u8::from(authority.is_some()));
    // What was there stays there when an authority is given up.
    data.extend(authority.map_or([0xEE; 32], Pubkey::to_bytes));
    data.extend(b"\x7fELF and so on");
    write(machine, key, &UPGRADEABLE_LOADER, data);
}

/// The program data of the host, whose upgrade authority is `authority`.
#[must_use]
pub fn program_args(authority: &Pubkey) -> OpenAuthorityWatchArgs {
    OpenAuthorityWatchArgs {
        compartment: COMPARTMENT,
        trip_scope: COMPARTMENT,
        latch_seconds: 3_600,
        kind: watch_kind::PROGRAM,
        account: keypair("program data").pubkey(),
        program: UPGRADEABLE_LOADER,
        offset: 0,
        watches_upgrades: false,
        expected: [*authority, Pubkey::default(), Pubkey::default()],
    }
}

/// A token account of `holder`.
#[must_use]
pub fn token_args(account: &Pubkey, holder: &Pubkey) -> OpenAuthorityWatchArgs {
    OpenAuthorityWatchArgs {
        kind: watch_kind::TOKEN_ACCOUNT,
        account: *account,
        program: TOKEN,
        ..program_args(holder)
    }
}

/// A watch's address.
#[must_use]
pub fn watch(protocol: &Protocol, args: &OpenAuthorityWatchArgs) -> Pubkey {
    pda::authority_watch(&protocol.domain, &args.account, args.offset)
}

/// The setup authority configures.
#[must_use]
pub fn in_set_up(protocol: &Protocol) -> ix::Authority {
    ix::Authority {
        signer: protocol.setup_authority.pubkey(),
        domain: protocol.domain,
        proposal: None,
    }
}

/// Sends what the setup authority configures.
///
/// # Errors
/// What the program says.
pub fn configure(machine: &mut Machine, protocol: &Protocol, instruction: Instruction) -> Result<Outcome, Failure> {
    machine.send(&[instruction], &[&protocol.setup_authority])
}

/// Carries a latch to the board.
#[must_use]
pub fn propagate(machine: &Machine, protocol: &Protocol, detector: Pubkey) -> Instruction {
    let domain = protocol.state(machine);
    let is_open = domain.open_incident != Pubkey::default();
    let number = domain.incident_count - u64::from(is_open);
    ix::propagate_trip(protocol.domain, machine.payer.pubkey(), detector, number)
}
