//! Every error by name, append-only.

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
    #[msg("The account's layout version is not one this program knows")]
    UnknownVersion = 3,
    #[msg("There is no such custody mode")]
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
    #[msg("The account is not the board this exchange stored")]
    WrongBoard = 101,
    #[msg("The account is no pause board of Bulkhead")]
    ForeignBoard = 102,
    #[msg("The board's version is not one the guard knows")]
    UnknownBoardVersion = 103,
    #[msg("Compartments are numbered 0 to 63")]
    CompartmentOutOfRange = 104,

    // 6200: custody
    #[msg("An account that this custody mode needs is missing")]
    CustodyAccountMissing = 200,
    #[msg("The vault or breaker is not one that answers to this exchange")]
    NotOurCustody = 201,
    #[msg("The token account is not held by the exchange alone")]
    TokensNotOurs = 202,
    #[msg("Bulkhead gave no verdict")]
    NoVerdict = 203,

    // 6300: margin accounts
    #[msg("The deposit is smaller than what was asked for")]
    DepositTooSmall = 300,
    #[msg("The amount is over the exchange's own limit for one outflow")]
    OverWithdrawLimit = 301,
    #[msg("The margin account holds another collateral")]
    WrongCollateral = 302,
    #[msg("The collateral does not cover the debt")]
    CollateralTooSmall = 303,
    #[msg("The debt is smaller than what was repaid")]
    DebtTooSmall = 304,
    #[msg("Redemption is not available")]
    RedemptionDisabled = 305,
    #[msg("The collateral is valued by an oracle, and this is not it")]
    WrongOracle = 306,
    #[msg("The oracle's price is zero, or too old to lend against")]
    PriceNotUsable = 307,
    #[msg("The signer does not publish this price")]
    NotThePublisher = 308,
    #[msg("The position asked for a loan in this slot, so its collateral leaves in a later one")]
    LoanInThisSlot = 309,

    // 6400: liquidity pool
    #[msg("The amount is too small to be worth a share")]
    NoSharesForAmount = 400,
    #[msg("The shares are too few to be worth a unit")]
    NoAmountForShares = 401,

    // 6500: order books
    #[msg(
        "A lot, the tick or the smallest order is zero, the fee is too high, or the market trades a token for itself"
    )]
    InvalidMarket = 500,
    #[msg("The market's tokens have no compartment of their own")]
    CompartmentShared = 501,
    #[msg("There is no such side of a book")]
    UnknownSide = 502,
    #[msg("There is no such kind of order")]
    UnknownOrderKind = 503,
    #[msg("The price is zero, or price and size multiply to more than 64 bits")]
    OrderOutOfRange = 504,
    #[msg("The order is smaller than the market's smallest")]
    OrderTooSmall = 505,
    #[msg("What is free in the open-orders account does not cover this")]
    NotEnoughFree = 506,
    #[msg("Client ids of an account ascend, and this one is not above the last")]
    ClientIdUsed = 507,
    #[msg("The order would take, and was to rest only")]
    WouldTake = 508,
    #[msg("That side of the book is full of better orders")]
    BookFull = 509,
    #[msg("The account has as many resting orders as it may have")]
    TooManyOrders = 510,
    #[msg("The open-orders account of the order that has to make room is missing")]
    EvictedAccountMissing = 511,
    #[msg("No such order of this account rests in the book")]
    NoSuchOrder = 512,
    #[msg("Nothing crosses, or the accounts of what crosses first are missing")]
    NothingToMatch = 513,
    #[msg("The market's fees place no orders")]
    FeesDoNotTrade = 514,
    #[msg("The action asked about is none, or none that has a meaning")]
    UnknownAction = 515,
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
