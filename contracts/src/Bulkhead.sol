// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Council} from "./Council.sol";
import {IWormhole} from "./IWormhole.sol";
import {Messages} from "./Messages.sol";
import {Peers} from "./Peers.sol";

/// @title Bulkhead for an EVM protocol
/// @notice A pause board with its council, which reads and sends the messages of Bulkhead's domains on other chains. A
/// protocol inherits it and marks its functions with `whenOpen`, or deploys it beside itself and asks it through
/// `Guarded`.
contract Bulkhead is Peers {
    // Gas that the core bridge gets. A pause never fails because the bridge does.
    uint256 private constant FEE_GAS = 50_000;
    uint256 private constant PUBLISH_GAS = 250_000;
    // Messages of one member in a day that close nothing.
    uint256 private constant STATEMENTS_PER_DAY = 24;

    struct Statements {
        uint32 day;
        uint32 count;
    }

    /// The chain has forked and this is the other side: other domains hear the original.
    error ChainForked();
    /// Nothing is closed there by this domain's own decision.
    error NothingToAnnounce();
    /// The member has said enough today.
    error StatementLimitReached();

    /// `posted`: whether the core bridge took it. Attesters read this event in any case.
    event MessageSent(uint64 indexed sequence, uint8 indexed kind, bytes payload, bool posted);

    uint256 private immutable _chainId;
    /// Wormhole's consistency level of what is sent, and of pauses.
    uint8 public immutable consistency;
    uint8 public immutable pauseConsistency;
    /// Number of the last message.
    uint64 public sequence;
    /// Council that decided the last unpause.
    uint32 private _requestCouncil;
    mapping(address member => Statements) private _statements;

    constructor(
        uint16 chain_,
        IWormhole wormhole_,
        uint8 consistency_,
        uint8 pauseConsistency_,
        Plan memory plan,
        PeerTerms[] memory peers
    ) Peers(chain_, wormhole_) {
        _chainId = block.chainid;
        consistency = consistency_;
        pauseConsistency = pauseConsistency_;
        // No message names epoch 0.
        _nextTick();
        _changeCouncil(plan);
        for (uint256 i = 0; i < peers.length; i++) _registerPeer(abi.encode(peers[i]), _nextTick());
    }

    /// @notice For the core bridge's fees. Nothing else leaves.
    receive() external payable {}

    /// @notice This domain, as its messages name it.
    function domain() public view returns (bytes32) {
        return bytes32(uint256(uint160(address(this))));
    }

    /// @notice A guardian says again what is closed by this domain's own decision, if a message was lost. It costs a
    /// right, like a pause: a receiver counts pauses, and whoever could say them for nothing would use its rights up.
    function announce(uint8 scope) external payable onlyRole(GUARDIAN) {
        Summary memory board = _summary;
        (uint32 mask, , uint48 tick) = _own(board, scope);
        if (mask == 0) revert NothingToAnnounce();
        _spendRight();
        _sayPaused(scope, tick);
    }

    /// @notice A member says the last request to resume again. Anyone may have executed the unpause without a fee for
    /// the bridge, or without the gas for it.
    function announceRequest() external payable {
        _spendStatement();
        uint48 tick = _summary.unpausedTick;
        if (tick == 0) revert NothingToAnnounce();
        _send(_request(tick, _requestCouncil));
    }

    /// @notice Tells other domains a ledger's root at the end of the block before this one.
    function postCheckpoint(
        uint8 ledger,
        bytes32 root,
        uint128 total,
        uint64 count
    ) external payable onlyRole(CHECKPOINTER) {
        _spendStatement();
        Messages.Message memory message = _message(Messages.CHECKPOINT, _summary.tick);
        message.ledger = ledger;
        message.slot = uint64(block.number - 1);
        message.slotHash = blockhash(block.number - 1);
        message.root = root;
        message.total = total;
        message.count = count;
        _send(message);
    }

    /// @notice Tells other domains which council this one has.
    function announceCouncil() external payable {
        _spendStatement();
        _sayCouncil();
    }

    /// A receiver on Solana refuses a pause that 64 later messages overtook. So that no stolen member buries a pause,
    /// what closes nothing is said a few times a day by each: at most 48 times around a midnight.
    function _spendStatement() private {
        if (rolesOf(msg.sender) == 0) revert RoleMissing(0);
        Statements memory own = _statements[msg.sender];
        uint32 day = uint32(block.timestamp / 1 days);
        if (own.day != day) own = Statements(day, 0);
        if (own.count >= STATEMENTS_PER_DAY) revert StatementLimitReached();
        own.count += 1;
        _statements[msg.sender] = own;
    }

    // ---- Proposals ----

    function _judge(Kind kind, bytes calldata args) internal view override {
        if (kind == Kind.RegisterPeer) _checkPeer(args);
        else if (kind == Kind.Unpause && args.length != 0) revert ApprovalMismatch();
        else super._judge(kind, args);
    }

    function _execute(Kind kind, bytes calldata args, uint48 tick) internal override {
        if (_isForked()) revert ChainForked();
        if (kind == Kind.Unpause) {
            _unpause(tick);
            // The last unpause of all is the one that is asked for again.
            if (tick == _summary.unpausedTick) _requestCouncil = councilEpoch;
            _send(_request(tick, councilEpoch));
        } else if (kind == Kind.ChangeCouncil) {
            _changeCouncil(abi.decode(args, (Plan)));
            _sayCouncil();
        } else {
            _registerPeer(args, tick);
        }
    }

    // ---- Sending ----

    /// What this domain closed itself, never what another one closed here: two domains must not keep each other closed.
    function _own(Summary memory board, uint8 scope) private view returns (uint32 mask, uint40 until, uint48 tick) {
        Row memory own = _rows[scope];
        if (block.timestamp < own.pausedUntil && own.pausedTick > board.unpausedTick) {
            (mask, until, tick) = (own.paused, own.pausedUntil, own.pausedTick);
        }
        bool isFrozen = block.timestamp < board.frozenUntil && board.frozenTick > board.unpausedTick;
        if (scope == Messages.SCOPE_DOMAIN && isFrozen) {
            mask |= board.frozen;
            if (board.frozenUntil > until) until = board.frozenUntil;
            if (board.frozenTick > tick) tick = board.frozenTick;
        }
    }

    function _sayPaused(uint8 scope, uint48 tick) internal override {
        Messages.Message memory message = _message(Messages.PAUSE, tick);
        message.scope = scope;
        (message.mask, message.until, ) = _own(_summary, scope);
        _send(message);
    }

    /// Of the proposal's epoch: every pause that it knew of is older, and every other one newer.
    function _request(uint48 tick, uint32 council) private view returns (Messages.Message memory message) {
        message = _message(Messages.RESUME_REQUEST, tick);
        message.councilEpoch = council;
    }

    function _sayCouncil() private {
        Messages.Message memory message = _message(Messages.COUNCIL_EPOCH, _summary.tick);
        (message.councilEpoch, message.councilHash) = (councilEpoch, councilHash);
        _send(message);
    }

    function _message(uint8 kind, uint48 tick) private view returns (Messages.Message memory message) {
        message.kind = kind;
        message.chain = chain;
        message.sender = domain();
        message.epoch = tick;
        message.sentTs = uint64(block.timestamp);
    }

    /// Sends a message. That it cannot be sent undoes nothing: whoever pauses must not depend on a bridge.
    function _send(Messages.Message memory message) private {
        if (_isForked()) return;
        message.sequence = ++sequence;
        bytes memory payload = Messages.encode(message);
        emit MessageSent(message.sequence, message.kind, payload, _publish(message.kind, payload));
    }

    /// By plain calls: an answer that does not decode must not undo a pause either.
    function _publish(uint8 kind, bytes memory payload) private returns (bool) {
        if (address(wormhole) == address(0)) return false;
        (bool isDone, bytes memory answer) = address(wormhole).staticcall{gas: FEE_GAS}(
            abi.encodeCall(IWormhole.messageFee, ())
        );
        if (!isDone || answer.length != 32) return false;
        uint256 fee = abi.decode(answer, (uint256));
        if (fee > address(this).balance) return false;
        uint8 level = kind == Messages.PAUSE ? pauseConsistency : consistency;
        (isDone, answer) = address(wormhole).call{value: fee, gas: PUBLISH_GAS}(
            abi.encodeCall(IWormhole.publishMessage, (0, payload, level))
        );
        return isDone && answer.length == 32;
    }

    function _isForked() private view returns (bool) {
        return block.chainid != _chainId;
    }
}
