// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Actions} from "./Actions.sol";
import {Messages} from "./Messages.sol";

/// @title What is closed, by compartment and action
/// @notice One mask per reason, each with an end: a guardian's pause, a freeze, and a pause that another domain sent.
/// Each remembers the tick of its newest reason. An unpause names a tick and ends what is older, so it opens nothing
/// that its proposers did not know of, and nobody voids it by closing something in the meantime.
abstract contract PauseBoard {
    /// Masks of one compartment, or of the whole domain. One slot.
    struct Row {
        uint32 paused;
        uint40 pausedUntil;
        uint48 pausedTick;
        uint32 linked;
        uint40 linkedUntil;
        uint48 linkedTick;
    }

    /// What every check reads. One slot: while nothing is closed, a check reads nothing else.
    struct Summary {
        /// No mask ends later than this.
        uint40 latest;
        uint32 frozen;
        uint40 frozenUntil;
        uint48 frozenTick;
        /// Grows with every pause, freeze, proposal and unpause.
        uint48 tick;
        /// Masks of this tick and older are over.
        uint48 unpausedTick;
    }

    /// The action is paused.
    error ActionPaused(uint32 action, uint8 compartment);
    /// The action is none, or the compartment is out of range: use 0 to 63.
    error NoSuchAction(uint32 action, uint8 compartment);

    event Paused(uint8 indexed scope, uint32 mask, uint40 until, uint48 tick);
    event Linked(uint64 compartments, uint32 mask, uint40 until, uint48 tick);
    event Frozen(uint40 until, uint48 tick);
    event Unpaused(uint48 knownTick, uint48 tick);

    Summary internal _summary;
    mapping(uint8 scope => Row) internal _rows;

    /// @notice Runs the function only while `action` is open in `compartment`.
    modifier whenOpen(uint32 action, uint8 compartment) {
        requireOpen(action, compartment);
        _;
    }

    /// @notice Reverts while `action` is closed in `compartment`. For hosts that are contracts of their own.
    function requireOpen(uint32 action, uint8 compartment) public view {
        if (action == 0 || compartment >= Messages.MAX_COMPARTMENTS) revert NoSuchAction(action, compartment);
        if (_closed(compartment) & action != 0) revert ActionPaused(action, compartment);
    }

    /// @notice The actions that are closed in a compartment, or, with 255, in all of them.
    function closed(uint8 scope) external view returns (uint32) {
        if (!Messages.isScope(scope)) revert NoSuchAction(0, scope);
        return _closed(scope);
    }

    /// @notice The board's clock: the epoch that this domain's messages name.
    function epoch() external view returns (uint48) {
        return _summary.tick;
    }

    function row(uint8 scope) external view returns (Row memory) {
        return _rows[scope];
    }

    function summary() external view returns (Summary memory) {
        return _summary;
    }

    function _closed(uint8 scope) internal view returns (uint32 mask) {
        Summary memory board = _summary;
        if (block.timestamp >= board.latest) return 0;
        if (_inForce(board, board.frozenUntil, board.frozenTick)) mask = board.frozen;
        mask |= _closedBy(board, _rows[Messages.SCOPE_DOMAIN]);
        if (scope != Messages.SCOPE_DOMAIN) mask |= _closedBy(board, _rows[scope]);
    }

    function _closedBy(Summary memory board, Row memory own) private view returns (uint32 mask) {
        if (_inForce(board, own.pausedUntil, own.pausedTick)) mask = own.paused;
        if (_inForce(board, own.linkedUntil, own.linkedTick)) mask |= own.linked;
    }

    function _inForce(Summary memory board, uint40 until, uint48 tick) private view returns (bool) {
        return block.timestamp < until && tick > board.unpausedTick;
    }

    /// A pause of this domain's own. One in force is only extended.
    function _pause(uint8 scope, uint32 mask, uint40 until) internal returns (uint48 tick) {
        Summary memory board = _summary;
        Row memory own = _rows[scope];
        tick = board.tick + 1;
        if (_inForce(board, own.pausedUntil, own.pausedTick))
            (mask, until) = _widen(own.paused, own.pausedUntil, mask, until);
        (own.paused, own.pausedUntil, own.pausedTick) = (mask, until, tick);
        _rows[scope] = own;
        board.tick = tick;
        _store(board, until);
        emit Paused(scope, mask, until, tick);
    }

    /// The whole domain, until a decision or until this end.
    function _freeze(uint40 until) internal returns (uint48 tick) {
        Summary memory board = _summary;
        tick = board.tick + 1;
        if (_inForce(board, board.frozenUntil, board.frozenTick) && board.frozenUntil > until)
            until = board.frozenUntil;
        (board.frozen, board.frozenUntil, board.frozenTick, board.tick) = (Actions.FROZEN, until, tick, tick);
        _store(board, until);
        emit Frozen(until, tick);
    }

    /// Another domain's pause. Returns whether it closed anything more, or for longer.
    function _link(uint64 compartments, uint32 mask, uint40 until) internal returns (bool isTighter) {
        Summary memory board = _summary;
        uint48 tick = board.tick + 1;
        if (compartments == type(uint64).max) {
            isTighter = _linkRow(board, Messages.SCOPE_DOMAIN, mask, until, tick);
        } else {
            for (uint8 i = 0; i < Messages.MAX_COMPARTMENTS; i++) {
                if ((compartments >> i) & 1 != 0) isTighter = _linkRow(board, i, mask, until, tick) || isTighter;
            }
        }
        if (!isTighter) return false;
        board.tick = tick;
        _store(board, until);
        emit Linked(compartments, mask, until, tick);
    }

    function _linkRow(
        Summary memory board,
        uint8 scope,
        uint32 mask,
        uint40 until,
        uint48 tick
    ) private returns (bool isTighter) {
        Row memory own = _rows[scope];
        isTighter = true;
        if (_inForce(board, own.linkedUntil, own.linkedTick)) {
            (mask, until) = _widen(own.linked, own.linkedUntil, mask, until);
            isTighter = mask != own.linked || until != own.linkedUntil;
        }
        if (isTighter) {
            (own.linked, own.linkedUntil, own.linkedTick) = (mask, until, tick);
            _rows[scope] = own;
        }
    }

    /// Ends what is older than `knownTick`. Only a matured proposal comes here.
    function _unpause(uint48 knownTick) internal {
        Summary memory board = _summary;
        board.tick += 1;
        if (knownTick > board.unpausedTick) board.unpausedTick = knownTick;
        _summary = board;
        emit Unpaused(knownTick, board.tick);
    }

    /// A proposal gets a tick of its own: every pause is older or newer than it.
    function _nextTick() internal returns (uint48 tick) {
        tick = _summary.tick + 1;
        _summary.tick = tick;
    }

    function _store(Summary memory board, uint40 until) private {
        if (until > board.latest) board.latest = until;
        _summary = board;
    }

    function _widen(uint32 mask, uint40 until, uint32 newMask, uint40 newUntil) private pure returns (uint32, uint40) {
        return (mask | newMask, until > newUntil ? until : newUntil);
    }
}
