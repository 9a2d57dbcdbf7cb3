//! Instructions of the programs everybody uses, in words: system, SPL Token and Token-2022, associated token accounts,
//! the upgradeable loader, compute budget. Whoever approves an instruction reads what it does, not its bytes.

use anchor_lang::prelude::Pubkey;
use bulkhead::call::StoredInstruction;

const SYSTEM: Pubkey = Pubkey::from_str_const("11111111111111111111111111111111");
const TOKEN: Pubkey = anchor_spl::token::ID;
const TOKEN_2022: Pubkey = anchor_spl::token_2022::ID;
const ASSOCIATED: Pubkey = anchor_spl::associated_token::ID;
const LOADER: Pubkey = Pubkey::from_str_const("BPFLoaderUpgradeab1e11111111111111111111111");
const COMPUTE_BUDGET: Pubkey = Pubkey::from_str_const("ComputeBudget111111111111111111111111111111");

/// What an instruction does, a sentence a line, gravest first. Says so where it is not known.
#[must_use]
pub fn told(instruction: &StoredInstruction) -> Vec<String> {
    let call = Call(instruction);
    let name = program_name(&instruction.program_id);
    let known = match instruction.program_id {
        SYSTEM => call.system(),
        TOKEN | TOKEN_2022 => call.token(),
        ASSOCIATED => call.associated(),
        LOADER => call.loader(),
        COMPUTE_BUDGET => Some("changes the compute budget".to_owned()),
        _ => None,
    };
    match (known, name) {
        (Some(line), Some(name)) => vec![format!("{name}: {line}")],
        (None, Some(name)) => vec![format!(
            "{name}: an instruction that this version cannot read; approve it only if you can"
        )],
        (None | Some(_), None) => vec![format!(
            "calls a program that this version cannot read, {}: read its data with the host's own tools before approving",
            instruction.program_id
        )],
    }
}

/// The programs that are read.
fn program_name(program: &Pubkey) -> Option<&'static str> {
    Some(match *program {
        SYSTEM => "system program",
        TOKEN => "token program",
        TOKEN_2022 => "token-2022 program",
        ASSOCIATED => "associated token program",
        LOADER => "upgradeable loader",
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

    /// Exactly so many bytes: what is behind could mean something to another version.
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
            4 => format!("advances the nonce {first}"),
            5 => format!(
                "withdraws {} lamports from the nonce {first} to {}",
                self.u64(4)?,
                second?
            ),
            7 => format!("MAKES {} THE AUTHORITY of the nonce {first}", self.key(4)?),
            8 => format!("allocates {} bytes at {first}", self.u64(4)?),
            _ => return None,
        })
    }

    fn token(&self) -> Option<String> {
        let first = self.account(0)?;
        let second = self.account(1);
        Some(match *self.0.data.first()? {
            3 => {
                self.exact(9)?;
                format!("transfers {} native units from {first} to {}", self.u64(1)?, second?)
            }
            4 => {
                self.exact(9)?;
                format!("LETS {} SPEND {} native units of {first}", second?, self.u64(1)?)
            }
            5 => format!("takes back the right of any delegate to spend from {first}"),
            6 => {
                let of = authority_type(*self.0.data.get(1)?);
                match self.0.data.get(2)? {
                    0 => {
                        self.exact(3)?;
                        format!("GIVES UP {of} of {first} for ever")
                    }
                    1 => {
                        self.exact(35)?;
                        format!("MAKES {} THE HOLDER of {of} of {first}", self.key(3)?)
                    }
                    _ => return None,
                }
            }
            7 => {
                self.exact(9)?;
                format!("MINTS {} native units of {first} to {}", self.u64(1)?, second?)
            }
            8 => {
                self.exact(9)?;
                format!(
                    "burns {} native units of the mint {} from {first}",
                    self.u64(1)?,
                    second?
                )
            }
            9 => format!("closes {first}; its lamports go to {}", second?),
            10 => format!("FREEZES {first}"),
            11 => format!("thaws {first}"),
            12 => {
                self.exact(10)?;
                format!(
                    "transfers {} native units of the mint {} from {first} to {}, {} decimals",
                    self.u64(1)?,
                    second?,
                    self.account(2)?,
                    self.0.data.get(9)?
                )
            }
            13 => {
                self.exact(10)?;
                format!(
                    "LETS {} SPEND {} native units of the mint {} from {first}",
                    self.account(2)?,
                    self.u64(1)?,
                    second?
                )
            }
            14 => {
                self.exact(10)?;
                format!("MINTS {} native units of {first} to {}", self.u64(1)?, second?)
            }
            15 => {
                self.exact(10)?;
                format!(
                    "burns {} native units of the mint {} from {first}",
                    self.u64(1)?,
                    second?
                )
            }
            17 => format!("brings {first} up to the lamports it holds"),
            _ => return None,
        })
    }

    fn associated(&self) -> Option<String> {
        match self.0.data.first() {
            None | Some(0 | 1) => Some(format!(
                "creates the token account {} of {} for the mint {}",
                self.account(1)?,
                self.account(2)?,
                self.account(3)?
            )),
            _ => None,
        }
    }

    fn loader(&self) -> Option<String> {
        let account = |place| self.account(place);
        let tag = self.bytes(0).map(u32::from_le_bytes)?;
        Some(match tag {
            1 => format!("writes {} bytes of code into the buffer {}", self.u64(8)?, account(0)?),
            3 => format!(
                "UPGRADES the program {} to the code in the buffer {}; what is left goes to {}",
                account(1)?,
                account(2)?,
                account(3)?
            ),
            // With two accounts nobody is made the authority: it is given up.
            4 => match account(2) {
                Some(next) => format!("MAKES {next} THE UPGRADE AUTHORITY of {}", account(0)?),
                None => format!("GIVES UP the upgrade authority of {} for ever", account(0)?),
            },
            5 => format!("CLOSES {}; its lamports go to {}", account(0)?, account(1)?),
            6 => format!("extends the program {}", account(1)?),
            7 => format!(
                "MAKES {} THE UPGRADE AUTHORITY of {}, who signs",
                account(2)?,
                account(0)?
            ),
            _ => return None,
        })
    }
}

fn authority_type(of: u8) -> String {
    match of {
        0 => "the right to mint".into(),
        1 => "the right to freeze accounts".into(),
        2 => "the ownership".into(),
        3 => "the right to close".into(),
        4 => "the transfer fee configuration".into(),
        5 => "the withheld transfer fees".into(),
        6 => "the right to close the mint".into(),
        7 => "the interest rate".into(),
        8 => "the permanent delegate".into(),
        10 => "the transfer hook".into(),
        12 => "the metadata pointer".into(),
        16 => "the right to pause".into(),
        other => format!("authority number {other}"),
    }
}

#[cfg(test)]
mod tests {
    use anchor_lang::solana_program::{instruction::Instruction, system_instruction};
    use anchor_spl::token::spl_token::{self, instruction::AuthorityType};

    use super::*;
    use crate::instructions::stored;

    const A: Pubkey = Pubkey::new_from_array([1; 32]);
    const B: Pubkey = Pubkey::new_from_array([2; 32]);
    const C: Pubkey = Pubkey::new_from_array([3; 32]);

    fn line(instruction: &Instruction) -> String {
        told(&stored(instruction)).join("\n")
    }

    #[test]
    fn tokens_and_authorities_are_told_in_words() {
        let token = spl_token::ID;
        let owner = spl_token::instruction::set_authority(&token, &A, Some(&B), AuthorityType::AccountOwner, &C, &[]);
        assert_eq!(
            line(&owner.unwrap()),
            format!("token program: MAKES {B} THE HOLDER of the ownership of {A}")
        );
        let mint = spl_token::instruction::set_authority(&token, &A, None, AuthorityType::MintTokens, &C, &[]);
        assert_eq!(
            line(&mint.unwrap()),
            format!("token program: GIVES UP the right to mint of {A} for ever")
        );
        let approve = spl_token::instruction::approve(&token, &A, &B, &C, &[], u64::MAX).unwrap();
        assert_eq!(
            line(&approve),
            format!("token program: LETS {B} SPEND 18446744073709551615 native units of {A}")
        );
        let transfer = spl_token::instruction::transfer_checked(&token, &A, &B, &C, &A, &[], 7, 6).unwrap();
        assert_eq!(
            line(&transfer),
            format!("token program: transfers 7 native units of the mint {B} from {A} to {C}, 6 decimals")
        );
    }

    #[test]
    fn lamports_and_upgrades_are_told_in_words() {
        assert_eq!(
            line(&system_instruction::transfer(&A, &B, 5)),
            format!("system program: transfers 5 lamports from {A} to {B}")
        );
        let upgrade = |data: &[u8], accounts: &[Pubkey]| StoredInstruction {
            program_id: LOADER,
            accounts: accounts
                .iter()
                .map(|key| bulkhead::call::StoredAccount {
                    pubkey: *key,
                    is_signer: false,
                    is_writable: true,
                })
                .collect(),
            data: data.to_vec(),
        };
        assert_eq!(
            told(&upgrade(&[3, 0, 0, 0], &[A, B, C, A])),
            [format!(
                "upgradeable loader: UPGRADES the program {B} to the code in the buffer {C}; what is left goes to {A}"
            )]
        );
        assert_eq!(
            told(&upgrade(&[4, 0, 0, 0], &[A, B])),
            [format!(
                "upgradeable loader: GIVES UP the upgrade authority of {A} for ever"
            )]
        );
    }

    #[test]
    fn what_is_not_known_or_has_bytes_behind_is_said_to_be_unread() {
        let mut transfer = stored(&system_instruction::transfer(&A, &B, 5));
        transfer.data.push(0);
        assert!(told(&transfer)[0].contains("cannot read"));
        transfer.program_id = C;
        assert!(told(&transfer)[0].contains("cannot read"));
        transfer.program_id = TOKEN;
        transfer.data = vec![];
        assert!(told(&transfer)[0].contains("cannot read"));
    }
}
