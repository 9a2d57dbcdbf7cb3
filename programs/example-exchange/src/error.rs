//! Named errors, append-only.

use anchor_lang::prelude::*;
use bulkhead_guard::GuardError;

#[error_code]
#[derive(PartialEq, Eq)]
pub enum ExchangeError {
    // 6000: accounts, authority, arguments
    #[msg("The account does not belong to this exchange")]
    ForeignAccount = 0,
    #[msg("The signer does not own the margin account")]
    NotTheOwner = 1,
    #[msg("The signer is not the admin")]
    NotTheAdmin = 2,
    #[msg("This program does not support the account's layout version")]
    UnknownVersion = 3,
    #[msg("The custody mode does not exist")]
    UnknownCustodyMode = 4,
    #[msg("The amount is zero")]
    ZeroAmount = 5,
    #[msg("A sum or product does not fit its type")]
    Overflow = 6,
    #[msg("The same account was passed twice")]
    DuplicateAccount = 7,

    // 6100: the guard's errors, by the guard's numbers
    #[msg("The action is paused")]
    ActionPaused = 100,
    #[msg("The account is not the pause board that this exchange stored")]
    WrongBoard = 101,
    #[msg("The account is not a Bulkhead pause board")]
    ForeignBoard = 102,
    #[msg("The guard does not support the board's version")]
    UnknownBoardVersion = 103,
    #[msg("The compartment is out of range: use 0 to 63")]
    CompartmentOutOfRange = 104,

    // 6200: custody
    #[msg("An account that this custody mode requires is missing")]
    CustodyAccountMissing = 200,
    #[msg("The vault or breaker does not belong to this exchange")]
    NotOurCustody = 201,
    #[msg("The exchange does not control the token account alone")]
    TokensNotOurs = 202,
    #[msg("Bulkhead returned no verdict")]
    NoVerdict = 203,

    // 6300: margin accounts
    #[msg("The deposit is smaller than the requested amount")]
    DepositTooSmall = 300,
    #[msg("The amount exceeds the exchange's own limit for one outflow")]
    OverWithdrawLimit = 301,
    #[msg("The margin account holds a different collateral")]
    WrongCollateral = 302,
    #[msg("The collateral does not cover the debt")]
    CollateralTooSmall = 303,
    #[msg("The repayment exceeds the debt")]
    DebtTooSmall = 304,
    #[msg("Redemption is disabled")]
    RedemptionDisabled = 305,
    #[msg("The account is not the oracle that values this collateral")]
    WrongOracle = 306,
    #[msg("The oracle's price is zero, or too old to lend against")]
    PriceNotUsable = 307,
    #[msg("The signer is not the publisher of this price")]
    NotThePublisher = 308,
    #[msg("The position requested a loan in this slot: withdraw its collateral in a later slot")]
    LoanInThisSlot = 309,

    // 6400: liquidity pool
    #[msg("The amount is too small to buy one share")]
    NoSharesForAmount = 400,
    #[msg("The shares are worth less than one native unit")]
    NoAmountForShares = 401,

    // 6500: order books
    #[msg("The lot, tick or minimum order is zero, the fee is too high, or base and quote are the same token")]
    InvalidMarket = 500,
    #[msg("The market's tokens do not have a compartment of their own")]
    CompartmentShared = 501,
    #[msg("The order side does not exist")]
    UnknownSide = 502,
    #[msg("The order kind does not exist")]
    UnknownOrderKind = 503,
    #[msg("The price is zero, or price times size does not fit in 64 bits")]
    OrderOutOfRange = 504,
    #[msg("The order is smaller than the market's minimum")]
    OrderTooSmall = 505,
    #[msg("The free balance of the open-orders account is too small")]
    NotEnoughFree = 506,
    #[msg("The client id must be greater than the account's last client id")]
    ClientIdUsed = 507,
    #[msg("The post-only order would match immediately")]
    WouldTake = 508,
    #[msg("That side of the book is full of better orders")]
    BookFull = 509,
    #[msg("The account has reached its limit of resting orders")]
    TooManyOrders = 510,
    #[msg("The open-orders account of the order to evict is missing")]
    EvictedAccountMissing = 511,
    #[msg("The account has no such order in the book")]
    NoSuchOrder = 512,
    #[msg("No orders cross, or the accounts of the first crossing orders are missing")]
    NothingToMatch = 513,
    #[msg("The market's fee account cannot place orders")]
    FeesDoNotTrade = 514,
    #[msg("The action mask names no action, or no defined action")]
    UnknownAction = 515,
    #[msg("Only Bulkhead's domain may do this")]
    NotTheDomain = 516,
}

impl From<GuardError> for ExchangeError {
    fn from(error: GuardError) -> Self {
        match error {
            GuardError::ActionPaused => Self::ActionPaused,
            GuardError::WrongBoard => Self::WrongBoard,
            GuardError::ForeignBoard => Self::ForeignBoard,
            GuardError::UnknownBoardVersion => Self::UnknownBoardVersion,
            GuardError::CompartmentOutOfRange => Self::CompartmentOutOfRange,
            GuardError::UnknownAction => Self::UnknownAction,
        }
    }
}
