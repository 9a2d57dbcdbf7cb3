//! Describes instructions of the common programs: system, SPL Token and Token-2022, associated token accounts, the
//! program loaders, compute budget. An approver reads what an instruction does, not its bytes.

mod token;

use anchor_lang::prelude::Pubkey;
use bulkhead::call::StoredInstruction;

const SYSTEM: Pubkey = Pubkey::from_str_const("11111111111111111111111111111111");
const TOKEN: Pubkey = anchor_spl::token::ID;
const TOKEN_2022: Pubkey = anchor_spl::token_2022::ID;
const ASSOCIATED: Pubkey = anchor_spl::associated_token::ID;
const LOADER: Pubkey = Pubkey::from_str_const("BPFLoaderUpgradeab1e11111111111111111111111");
const LOADER_V4: Pubkey = Pubkey::from_str_const("LoaderV411111111111111111111111111111111111");
const COMPUTE_BUDGET: Pubkey = Pubkey::new_from_array(bulkhead_core::transaction::COMPUTE_BUDGET);

/// What an instruction does, one sentence per line, gravest first. Unknown instructions are marked as such.
#[must_use]
pub fn describe(instruction: &StoredInstruction) -> Vec<String> {
    let call = Call(instruction);
    let name = program_name(&instruction.program_id);
    let known = match instruction.program_id {
        SYSTEM => call.system(),
        TOKEN => call.token(),
        // The same numbers as the token program, and more.
        TOKEN_2022 => call.token().or_else(|| call.token_extension()),
        ASSOCIATED => call.associated(),
        LOADER => call.loader(),
        LOADER_V4 => call.loader_v4(),
        COMPUTE_BUDGET => Some("changes the compute budget".to_owned()),
        _ => None,
    };
    match (known, name) {
        (Some(line), Some(name)) => vec![format!("{name}: {line}")],
        (None, Some(name)) => vec![format!(
            "{name}: an instruction that this version cannot read; approve it only if you can decode it"
        )],
        (None | Some(_), None) => vec![format!(
            "calls a program that this version cannot read, {}: read its data with the host's own tools before approving",
            instruction.program_id
        )],
    }
}

/// The programs whose instructions are decoded.
fn program_name(program: &Pubkey) -> Option<&'static str> {
    Some(match *program {
        SYSTEM => "system program",
        TOKEN => "token program",
        TOKEN_2022 => "token-2022 program",
        ASSOCIATED => "associated token program",
        LOADER => "upgradeable loader",
        LOADER_V4 => "loader v4",
        COMPUTE_BUDGET => "compute budget",
        _ => return None,
    })
}

struct Call<'a>(&'a StoredInstruction);

impl Call<'_> {
    fn account(&self, place: usize) -> Option<Pubkey> {
        self.0.accounts.get(place).map(|account| account.pubkey)
    }

    fn bytes<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        self.0.data.get(at..at.checked_add(N)?)?.try_into().ok()
    }

    fn u64(&self, at: usize) -> Option<u64> {
        self.bytes(at).map(u64::from_le_bytes)
    }

    fn key(&self, at: usize) -> Option<Pubkey> {
        self.bytes::<32>(at).map(Pubkey::new_from_array)
    }

    /// Accepts exactly this many bytes: further bytes might have a meaning in another version.
    fn exact(&self, len: usize) -> Option<()> {
        (self.0.data.len() == len).then_some(())
    }

    fn system(&self) -> Option<String> {
        let (first, second) = (self.account(0)?, self.account(1));
        let tag = self.bytes(0).map(u32::from_le_bytes)?;
        Some(match tag {
            0 => {
                self.exact(52)?;
                format!(
                    "creates {} with {} lamports and {} bytes for the program {}, paid by {first}",
                    second?,
                    self.u64(4)?,
                    self.u64(12)?,
                    self.key(20)?
                )
            }
            1 => {
                self.exact(36)?;
                format!("HANDS {first} OVER to the program {}", self.key(4)?)
            }
            2 => {
                self.exact(12)?;
                format!("transfers {} lamports from {first} to {}", self.u64(4)?, second?)
            }
            3 => {
                let (seed, end) = self.seed(36)?;
                self.exact(end.checked_add(48)?)?;
                format!(
                    "creates {} with {} lamports and {} bytes for the program {}, paid by {first}, at the seed `{seed}` of {}",
                    second?,
                    self.u64(end)?,
                    self.u64(end.checked_add(8)?)?,
                    self.key(end.checked_add(16)?)?,
                    self.key(4)?
                )
            }
            4 => {
                self.exact(4)?;
                format!("advances the nonce {first}")
            }
            5 => {
                self.exact(12)?;
                format!(
                    "withdraws {} lamports from the nonce {first} to {}",
                    self.u64(4)?,
                    second?
                )
            }
            7 => {
                self.exact(36)?;
                format!("MAKES {} THE AUTHORITY of the nonce {first}", self.key(4)?)
            }
            8 => {
                self.exact(12)?;
                format!("allocates {} bytes at {first}", self.u64(4)?)
            }
            10 => {
                let (_, end) = self.seed(36)?;
                self.exact(end.checked_add(32)?)?;
                format!("HANDS {first} OVER to the program {}", self.key(end)?)
            }
            11 => {
                let (_, end) = self.seed(12)?;
                self.exact(end.checked_add(32)?)?;
                format!(
                    "transfers {} lamports from {first} to {}",
                    self.u64(4)?,
                    self.account(2)?
                )
            }
            _ => return None,
        })
    }

    fn associated(&self) -> Option<String> {
        Some(match self.0.data.as_slice() {
            [] | [0 | 1] => format!(
                "creates the token account {} of {} for the mint {}",
                self.account(1)?,
                self.account(2)?,
                self.account(3)?
            ),
            [2] => format!(
                "transfers all that the token account {} holds to {}, and closes it",
                self.account(0)?,
                self.account(2)?
            ),
            _ => return None,
        })
    }

    fn loader(&self) -> Option<String> {
        let account = |place| self.account(place);
        let tag = self.bytes(0).map(u32::from_le_bytes)?;
        let len = match tag {
            1 => usize::try_from(self.u64(8)?).ok()?.checked_add(16)?,
            6 => 8,
            _ => 4,
        };
        self.exact(len)?;
        Some(match tag {
            1 => format!("writes {} bytes of code into the buffer {}", self.u64(8)?, account(0)?),
            3 => format!(
                "UPGRADES the program {} to the code in the buffer {}; the remaining lamports go to {}",
                account(1)?,
                account(2)?,
                account(3)?
            ),
            // With two accounts the authority is removed and not replaced.
            4 => match account(2) {
                Some(next) => format!("MAKES {next} THE UPGRADE AUTHORITY of {}", account(0)?),
                None => format!("REMOVES the upgrade authority of {} forever", account(0)?),
            },
            5 => format!("CLOSES {}; its lamports go to {}", account(0)?, account(1)?),
            6 => format!("extends the program {}", account(1)?),
            7 => format!(
                "MAKES {} THE UPGRADE AUTHORITY of {}; the new authority signs",
                account(2)?,
                account(0)?
            ),
            _ => return None,
        })
    }

    fn loader_v4(&self) -> Option<String> {
        let account = |place| self.account(place);
        let tag = self.bytes(0).map(u32::from_le_bytes)?;
        let len = match tag {
            0 => usize::try_from(self.u64(8)?).ok()?.checked_add(16)?,
            1 => 16,
            2 => 8,
            _ => 4,
        };
        self.exact(len)?;
        Some(match tag {
            0 => format!("writes {} bytes of code into the program {}", self.u64(8)?, account(0)?),
            1 => format!("COPIES code of {} into the program {}", account(2)?, account(0)?),
            2 => format!(
                "sets the length of the program {} to {} bytes; 0 CLOSES it",
                account(0)?,
                self.bytes(4).map(u32::from_le_bytes)?
            ),
            3 => match account(2) {
                Some(source) => format!("DEPLOYS the program {} with the code of {source}", account(0)?),
                None => format!("DEPLOYS the program {} with the code written to it", account(0)?),
            },
            4 => format!("RETRACTS the program {}: nobody can call it", account(0)?),
            5 => format!("MAKES {} THE AUTHORITY of the program {}", account(2)?, account(0)?),
            6 => format!("REMOVES the authority of the program {} forever", account(0)?),
            _ => return None,
        })
    }

    /// A bincode string and the offset after it.
    fn seed(&self, at: usize) -> Option<(&str, usize)> {
        let begin = at.checked_add(8)?;
        let end = begin.checked_add(usize::try_from(self.u64(at)?).ok()?)?;
        let text = std::str::from_utf8(self.0.data.get(begin..end)?).ok()?;
        // No honest seed contains control characters.
        text.chars()
            .all(|letter| letter.is_ascii_graphic() || letter == ' ')
            .then_some((text, end))
    }
}
