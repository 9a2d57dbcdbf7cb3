// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title How often somebody may pause
/// @notice A guardian and a peer pause under the same limits: a few rights, a few a day, a few in a row. So a stolen key
/// cannot keep anything closed.
library Rights {
    /// No pause rights are left; another council, or setting the peer again, restores them.
    error NoPauseRights();
    /// The limit of pauses in one day or of pauses in a row is reached.
    error GuardianPauseLimitReached();

    struct Limits {
        uint32 pauseSeconds;
        uint8 perDay;
        uint8 inARow;
    }

    struct Budget {
        uint8 left;
        uint8 today;
        uint8 inARow;
        uint32 day;
        uint40 lastTs;
    }

    /// @notice Spends a right. Pauses count as in a row unless the last one has lapsed and the same time has passed
    /// again.
    function spend(Budget storage budget, Limits memory limits) internal returns (uint8) {
        Budget memory own = budget;
        if (own.left == 0) revert NoPauseRights();
        uint32 day = uint32(block.timestamp / 1 days);
        if (own.day != day) (own.day, own.today) = (day, 0);
        if (block.timestamp >= uint256(own.lastTs) + 2 * uint256(limits.pauseSeconds)) own.inARow = 0;
        if (own.today >= limits.perDay || own.inARow >= limits.inARow) revert GuardianPauseLimitReached();
        own.left -= 1;
        own.today += 1;
        own.inARow += 1;
        own.lastTs = uint40(block.timestamp);
        budget.left = own.left;
        budget.today = own.today;
        budget.inARow = own.inARow;
        budget.day = own.day;
        budget.lastTs = own.lastTs;
        return own.left;
    }
}
