use super::*;
use bulkhead::instructions::{RegisterEmergencyBuildArgs, UpgradeHostArgs};
use bulkhead_interface::ids::UPGRADEABLE_LOADER;

use crate::chain::CLOCK;

/// The sysvar with the price of rent, which the loader of upgradeable programs takes.
pub const RENT: Pubkey = Pubkey::from_str_const("SysvarRent111111111111111111111111111111111");

/// What an upgrade is made of.
#[derive(Clone, Copy, Debug)]
pub struct UpgradeKeys {
    /// The domain, which is the program's upgrade authority and the buffer's authority.
    pub domain: Pubkey,
    /// The program.
    pub program: Pubkey,
    /// The buffer with the build.
    pub buffer: Pubkey,
    /// Receives the buffer's lamports.
    pub spill: Pubkey,
}

impl UpgradeKeys {
    fn accounts(&self) -> bulkhead::accounts::Upgraded {
        let program_data = pda::program_data(&self.program);
        bulkhead::accounts::Upgraded {
            program: self.program,
            program_data,
            buffer: self.buffer,
            spill: self.spill,
            watch: pda::authority_watch(&self.domain, &program_data, 0),
            rent: RENT,
            clock: CLOCK,
            loader: UPGRADEABLE_LOADER,
        }
    }
}

/// `upgrade_host`: executes a matured proposal. `buffer` holds the build that it names.
#[must_use]
pub fn upgrade_host(authority: Authority, payer: Pubkey, buffer: Pubkey, args: UpgradeHostArgs) -> Instruction {
    let keys = UpgradeKeys {
        domain: authority.domain,
        program: args.program,
        buffer,
        spill: args.spill,
    };
    build(
        &bulkhead::accounts::UpgradeHost {
            config: authority.accounts(),
            payer,
            record: pda::host_program(&authority.domain, &args.program),
            upgraded: keys.accounts(),
            system_program: system_program::ID,
        },
        &bulkhead::instruction::UpgradeHost { args },
    )
}

/// `register_emergency_build`: executes a matured proposal, or configures during set-up.
#[must_use]
pub fn register_emergency_build(authority: Authority, payer: Pubkey, args: RegisterEmergencyBuildArgs) -> Instruction {
    build(
        &bulkhead::accounts::RegisterEmergencyBuild {
            config: authority.accounts(),
            payer,
            record: pda::host_program(&authority.domain, &args.program),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::RegisterEmergencyBuild { args },
    )
}

/// `confirm_emergency_build`: signed by one guardian, who has read of the build with this hash.
#[must_use]
pub fn confirm_emergency_build(
    domain: Pubkey,
    guardian: Pubkey,
    program: &Pubkey,
    build_hash: [u8; 32],
) -> Instruction {
    build(
        &bulkhead::accounts::ConfirmEmergencyBuild {
            guardian,
            domain,
            council: pda::council(&domain),
            record: pda::host_program(&domain, program),
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::ConfirmEmergencyBuild { build_hash },
    )
}

/// `deploy_emergency_build`: anyone may crank it. The receiver of the lamports is the registered one.
#[must_use]
pub fn deploy_emergency_build(keys: UpgradeKeys) -> Instruction {
    build(
        &bulkhead::accounts::DeployEmergencyBuild {
            domain: keys.domain,
            record: pda::host_program(&keys.domain, &keys.program),
            upgraded: keys.accounts(),
        },
        &bulkhead::instruction::DeployEmergencyBuild {},
    )
}
