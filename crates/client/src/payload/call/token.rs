//! The instructions of both token programs.

use super::Call;

impl Call<'_> {
    pub(super) fn token(&self) -> Option<String> {
        let first = self.account(0)?;
        let second = self.account(1);
        Some(match *self.0.data.first()? {
            3 => {
                self.exact(9)?;
                format!("transfers {} native units from {first} to {}", self.u64(1)?, second?)
            }
            4 => {
                self.exact(9)?;
                format!(
                    "APPROVES {} AS DELEGATE for {} native units of {first}",
                    second?,
                    self.u64(1)?
                )
            }
            5 => {
                self.exact(1)?;
                format!("revokes the delegate of {first}")
            }
            6 => {
                let of = authority_type(*self.0.data.get(1)?);
                match self.0.data.get(2)? {
                    0 => {
                        self.exact(3)?;
                        format!("REMOVES {of} of {first} forever")
                    }
                    1 => {
                        self.exact(35)?;
                        format!("SETS {of} of {first} TO {}", self.key(3)?)
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
            9 => {
                self.exact(1)?;
                format!("closes {first}; its lamports go to {}", second?)
            }
            10 => {
                self.exact(1)?;
                format!("FREEZES {first}")
            }
            11 => {
                self.exact(1)?;
                format!("thaws {first}")
            }
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
                    "APPROVES {} AS DELEGATE for {} native units of the mint {} from {first}",
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
            17 => {
                self.exact(1)?;
                format!("syncs the native balance of {first}")
            }
            _ => return None,
        })
    }

    /// Instructions of Token-2022 only: the extensions that move tokens or stop them.
    pub(super) fn token_extension(&self) -> Option<String> {
        let data = self.0.data.as_slice();
        let (first, second, third) = (self.account(0)?, self.account(1), self.account(2));
        Some(match (data.len(), *data.first()?, data.get(1)) {
            (19, 26, Some(1)) => format!(
                "transfers {} native units of the mint {} from {first} to {}, {} decimals, and withholds {} of it as a fee",
                self.u64(2)?,
                second?,
                third?,
                data.get(10)?,
                self.u64(11)?
            ),
            (2, 26, Some(2)) => format!("withdraws the fees that the mint {first} withholds to {}", second?),
            (3, 26, Some(3)) => format!(
                "withdraws the fees of the mint {first} that accounts withhold to {}",
                second?
            ),
            (12, 26, Some(5)) => format!(
                "SETS THE TRANSFER FEE of the mint {first} to {} bps, at most {} native units",
                self.bytes(2).map(u16::from_le_bytes)?,
                self.u64(4)?
            ),
            (3, 28, Some(1)) => format!(
                "makes new accounts of the mint {first} {}",
                if data.get(2) == Some(&2) { "FROZEN" } else { "usable" }
            ),
            (2, 30, Some(0)) => format!("REQUIRES a memo for transfers to {first}"),
            (2, 30, Some(1)) => format!("no longer requires a memo for transfers to {first}"),
            (4, 33, Some(1)) => format!(
                "sets the interest rate of the mint {first} to {} bps",
                self.bytes(2).map(i16::from_le_bytes)?
            ),
            (2, 34, Some(0)) => format!("enables the CPI guard of {first}"),
            (2, 34, Some(1)) => format!("DISABLES THE CPI GUARD of {first}"),
            (34, 36, Some(1)) => format!(
                "SETS THE TRANSFER HOOK of the mint {first} to the program {}",
                self.key(2)?
            ),
            (1, 38, _) => format!("withdraws the lamports of {first} above its rent to {}", second?),
            (2, 44, Some(1)) => format!("PAUSES the mint {first}"),
            (2, 44, Some(2)) => format!("resumes the mint {first}"),
            _ => return None,
        })
    }
}

fn authority_type(of: u8) -> String {
    match of {
        0 => "the mint authority".into(),
        1 => "the freeze authority".into(),
        2 => "the account ownership".into(),
        3 => "the close authority".into(),
        4 => "the transfer fee config authority".into(),
        5 => "the withheld withdraw authority".into(),
        6 => "the mint close authority".into(),
        7 => "the interest rate authority".into(),
        8 => "the permanent delegate".into(),
        10 => "the transfer hook authority".into(),
        9 => "the confidential transfer authority".into(),
        11 => "the confidential transfer fee authority".into(),
        12 => "the metadata pointer authority".into(),
        13 => "the group pointer authority".into(),
        14 => "the group member pointer authority".into(),
        15 => "the scaled UI amount authority".into(),
        16 => "the pause authority".into(),
        other => format!("authority number {other}"),
    }
}
