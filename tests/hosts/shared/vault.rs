//! What a host that is not Anchor's writes down, in bytes that are the same under every framework.

/// First bytes of a vault.
pub const TAG: [u8; 8] = *b"hostVlt1";
/// Bytes of a vault's account: tag, owner, board, breaker, compartment, bump.
pub const LEN: usize = 8 + 3 * 32 + 2;
/// Seed of the PDA that signs to Bulkhead: `operator`, the vault's address, the bump.
pub const OPERATOR: &[u8] = b"operator";

/// A vault of one owner's lamports.
pub struct Vault {
    /// Who may withdraw.
    pub owner: [u8; 32],
    /// Bulkhead's board, fixed when the vault is opened.
    pub board: [u8; 32],
    /// The breaker that meters what leaves, fixed too.
    pub breaker: [u8; 32],
    /// Row of the board.
    pub compartment: u8,
    /// Bump of the PDA that signs.
    pub bump: u8,
}

impl Vault {
    /// Reads a vault's account.
    pub fn load(data: &[u8]) -> Option<Self> {
        let data: &[u8; LEN] = data.try_into().ok()?;
        let key = |from: usize| <[u8; 32]>::try_from(data.get(from..from + 32)?).ok();
        if data[..8] != TAG {
            return None;
        }
        Some(Self {
            owner: key(8)?,
            board: key(40)?,
            breaker: key(72)?,
            compartment: data[104],
            bump: data[105],
        })
    }

    /// Writes `owner` and `request`, the board, the breaker, the compartment and the bump, into an empty account.
    pub fn open(account: &mut [u8], owner: &[u8], request: &[u8]) -> Option<()> {
        if account.len() != LEN || account.iter().any(|byte| *byte != 0) || request.len() != LEN - 40 {
            return None;
        }
        account[..8].copy_from_slice(&TAG);
        account[8..40].copy_from_slice(owner);
        account[40..].copy_from_slice(request);
        Some(())
    }
}

/// The amount of a withdrawal.
pub fn amount(request: &[u8]) -> Option<u64> {
    Some(u64::from_le_bytes(request.try_into().ok()?))
}
