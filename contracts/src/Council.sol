// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Actions} from "./Actions.sol";
import {Messages} from "./Messages.sol";
import {PauseBoard} from "./PauseBoard.sol";
import {Rights} from "./Rights.sol";

/// @title Who may tighten at once, and how anything is loosened
/// @notice Guardians pause, within their rights. Everything looser is a proposal: approvals that name its hash, a delay,
/// a veto, and then anyone executes exactly what was proposed. There is no other path, and no owner.
///
/// A veto stands for a week against everything its proposer makes. A vetoer has fewer vetoes standing at a time than
/// there are approvers, so one stolen vetoer stops nobody for good, and nobody stops their own removal alone.
abstract contract Council is PauseBoard {
    using Rights for Rights.Budget;

    uint8 internal constant GUARDIAN = 1;
    uint8 internal constant APPROVER = 2;
    uint8 internal constant VETOER = 4;
    uint8 internal constant CHECKPOINTER = 8;
    uint256 internal constant MAX_MEMBERS = 16;
    uint256 internal constant VETO_SECONDS = 7 days;
    uint256 internal constant MIN_DELAY = 1 hours;
    uint256 internal constant MAX_DELAY = 90 days;
    uint256 internal constant MIN_RUN = 1 days;
    uint256 internal constant MAX_PAUSE = 72 hours;

    /// What a proposal does.
    enum Kind {
        Unpause,
        ChangeCouncil,
        RegisterPeer
    }

    struct Rules {
        /// How long a guardian's pause lasts, and a peer's at most.
        uint32 pauseSeconds;
        uint8 pausesPerDay;
        uint8 pausesInARow;
        /// Pauses of each guardian until the council changes.
        uint8 pauseRights;
        /// Proposers against whom one vetoer's vetoes can stand at the same time.
        uint8 vetoRights;
        /// Approvals that a proposal needs.
        uint8 approvals;
        /// Guardians that freeze.
        uint8 freezeThreshold;
        /// From the last approval needed to execution.
        uint32 delaySeconds;
        /// From creation to the last moment of execution.
        uint32 expirySeconds;
        /// How long a freeze lasts that nobody unpauses.
        uint32 freezeSeconds;
        /// Actions that a pause closes that names none.
        uint32 defaultMask;
    }

    /// A council. Members ascend.
    struct Plan {
        Rules rules;
        address[] members;
        uint8[] roles;
    }

    struct Proposal {
        bytes32 hash;
        /// What approvals name besides the hash; nobody knew it before the proposal's block.
        bytes32 mark;
        address proposer;
        uint48 tick;
        uint40 createdTs;
        uint40 approvedTs;
        uint32 councilEpoch;
        uint8 approvals;
        bool executed;
    }

    /// The sender does not have this role.
    error RoleMissing(uint8 role);
    /// The council's members, thresholds or times cannot work.
    error InvalidCouncil();
    /// The compartment is out of range: use 0 to 63, or 255 for the whole domain.
    error CompartmentOutOfRange();
    /// The approval or the execution does not match the proposal.
    error ApprovalMismatch();
    /// The proposal was executed, has expired, or is of another council.
    error ProposalNotOpen();
    error AlreadyApproved();
    /// The proposal does not have enough approvals.
    error NotApproved();
    error DelayNotPassed(uint256 from);
    /// A veto stands against the proposer, or stood when the proposal was made.
    error VetoStands();
    error AlreadyVetoed();
    /// As many vetoes of this vetoer stand as may stand at the same time.
    error NoVetoRights();
    error AlreadyConfirmed();

    event Proposed(uint256 indexed id, address indexed proposer, Kind kind, bytes args, bytes32 hash, bytes32 mark);
    event Approved(uint256 indexed id, address indexed approver, uint8 approvals);
    event Vetoed(address indexed proposer, address indexed vetoer, uint40 until);
    event Executed(uint256 indexed id, Kind kind);
    event FreezeConfirmed(address indexed guardian, uint8 confirmations);
    event CouncilChanged(uint32 indexed councilEpoch, bytes32 councilHash);

    Rules internal rules;
    uint32 public councilEpoch;
    bytes32 public councilHash;
    uint256 public proposalCount;
    address[] internal _members;
    mapping(uint32 councilEpoch => mapping(address => uint8)) internal _roles;
    mapping(uint32 councilEpoch => mapping(address => Rights.Budget)) internal _budgets;
    mapping(uint256 id => Proposal) internal _proposals;
    mapping(uint256 id => mapping(address => bool)) internal _hasApproved;
    mapping(address vetoer => mapping(address proposer => uint40)) public vetoedUntil;
    mapping(address vetoer => uint40[]) internal _standing;
    uint40 internal _confirmedTs;
    uint8 internal _confirmations;
    uint32 internal _round;
    mapping(uint32 round => mapping(address => bool)) internal _hasConfirmed;

    modifier onlyRole(uint8 role) {
        if (rolesOf(msg.sender) & role == 0) revert RoleMissing(role);
        _;
    }

    function currentRules() external view returns (Rules memory) {
        return rules;
    }

    function rolesOf(address member) public view returns (uint8) {
        return _roles[councilEpoch][member];
    }

    function members() external view returns (address[] memory) {
        return _members;
    }

    function budget(address guardian) external view returns (Rights.Budget memory) {
        return _budgets[councilEpoch][guardian];
    }

    function proposal(uint256 id) external view returns (Proposal memory) {
        return _proposals[id];
    }

    // ---- Tightening: one guardian, one transaction ----

    /// @notice A guardian closes actions; a mask of 0 means the rules' default. It lapses by itself.
    function pause(uint8 scope, uint32 mask) external payable onlyRole(GUARDIAN) {
        if (!Messages.isScope(scope)) revert CompartmentOutOfRange();
        _spendRight();
        uint40 until = uint40(block.timestamp) + rules.pauseSeconds;
        if (mask == 0) mask = rules.defaultMask;
        uint48 tick = _pause(scope, mask, until);
        _sayPaused(scope, tick);
    }

    /// @notice A guardian confirms that the domain is to be frozen; at the threshold it is. Confirmations count for as
    /// long as a pause lasts.
    function confirmFreeze() external payable onlyRole(GUARDIAN) {
        if (_confirmations == 0 || block.timestamp >= uint256(_confirmedTs) + rules.pauseSeconds) {
            (_round, _confirmations, _confirmedTs) = (_round + 1, 0, uint40(block.timestamp));
        }
        if (_hasConfirmed[_round][msg.sender]) revert AlreadyConfirmed();
        _spendRight();
        _hasConfirmed[_round][msg.sender] = true;
        uint8 confirmations = ++_confirmations;
        emit FreezeConfirmed(msg.sender, confirmations);
        if (confirmations < rules.freezeThreshold) return;
        _confirmations = 0;
        uint48 tick = _freeze(uint40(block.timestamp) + rules.freezeSeconds);
        _sayPaused(Messages.SCOPE_DOMAIN, tick);
    }

    function _spendRight() internal {
        _budgets[councilEpoch][msg.sender].spend(_limits());
    }

    // ---- Loosening: never instant ----

    function propose(Kind kind, bytes calldata args) external onlyRole(APPROVER) returns (uint256 id) {
        _judge(kind, args);
        id = proposalCount++;
        bytes32 hash = proposalHash(kind, args);
        bytes32 mark = keccak256(abi.encode(id, hash, blockhash(block.number - 1)));
        _proposals[id] = Proposal({
            hash: hash,
            mark: mark,
            proposer: msg.sender,
            tick: _nextTick(),
            createdTs: uint40(block.timestamp),
            approvedTs: 0,
            councilEpoch: councilEpoch,
            approvals: 0,
            executed: false
        });
        emit Proposed(id, msg.sender, kind, args, hash, mark);
    }

    function proposalHash(Kind kind, bytes memory args) public pure returns (bytes32) {
        return keccak256(abi.encode(kind, args));
    }

    /// @notice Approves exactly what has this hash. It cannot be signed before the proposal is there: its mark has the
    /// hash of the block before it. Its number and its tick alone could be foretold on a quiet board.
    function approve(uint256 id, bytes32 hash, bytes32 mark) external onlyRole(APPROVER) {
        Proposal storage own = _open(id);
        if (own.hash != hash || own.mark != mark) revert ApprovalMismatch();
        if (_hasApproved[id][msg.sender]) revert AlreadyApproved();
        _hasApproved[id][msg.sender] = true;
        uint8 approvals = ++own.approvals;
        if (approvals == rules.approvals) own.approvedTs = uint40(block.timestamp);
        emit Approved(id, msg.sender, approvals);
    }

    /// @notice A veto against everything that a proposer has made, and makes for a week.
    function veto(address proposer) external onlyRole(VETOER) {
        if (vetoedUntil[msg.sender][proposer] > block.timestamp) revert AlreadyVetoed();
        uint40 until = uint40(block.timestamp + VETO_SECONDS);
        vetoedUntil[msg.sender][proposer] = until;
        uint40[] storage standing = _standing[msg.sender];
        uint256 place = standing.length;
        uint256 count = 0;
        for (uint256 i = 0; i < standing.length; i++) {
            if (standing[i] > block.timestamp) count++;
            else place = i;
        }
        if (count >= rules.vetoRights) revert NoVetoRights();
        if (place == standing.length) standing.push(until);
        else standing[place] = until;
        emit Vetoed(proposer, msg.sender, until);
    }

    /// @notice Anyone executes what was proposed, approved, not vetoed, and has waited.
    function execute(uint256 id, Kind kind, bytes calldata args) external payable {
        Proposal storage own = _open(id);
        if (own.hash != proposalHash(kind, args)) revert ApprovalMismatch();
        if (own.approvedTs == 0) revert NotApproved();
        uint256 from = uint256(own.approvedTs) + rules.delaySeconds;
        if (block.timestamp < from) revert DelayNotPassed(from);
        if (_isVetoed(own, kind, args)) revert VetoStands();
        own.executed = true;
        emit Executed(id, kind);
        _execute(kind, args, own.tick);
    }

    function _open(uint256 id) private view returns (Proposal storage own) {
        own = _proposals[id];
        bool isOpen = own.hash != 0 && !own.executed && own.councilEpoch == councilEpoch;
        if (!isOpen || block.timestamp > uint256(own.createdTs) + rules.expirySeconds) revert ProposalNotOpen();
    }

    /// A veto of a vetoer whom the proposal removes does not count alone.
    function _isVetoed(Proposal storage own, Kind kind, bytes calldata args) private view returns (bool) {
        uint256 count = 0;
        for (uint256 i = 0; i < _members.length; i++) {
            address vetoer = _members[i];
            if (rolesOf(vetoer) & VETOER == 0 || vetoedUntil[vetoer][own.proposer] <= own.createdTs) continue;
            if (kind != Kind.ChangeCouncil || _keeps(abi.decode(args, (Plan)), vetoer)) return true;
            count++;
        }
        return count > 1;
    }

    function _keeps(Plan memory plan, address vetoer) private pure returns (bool) {
        for (uint256 i = 0; i < plan.members.length; i++) {
            if (plan.members[i] == vetoer) return plan.roles[i] & VETOER != 0;
        }
        return false;
    }

    // ---- The council itself ----

    /// What can never run is not proposed.
    function _judge(Kind kind, bytes calldata args) internal view virtual {
        if (kind == Kind.ChangeCouncil) _check(abi.decode(args, (Plan)));
    }

    function _execute(Kind kind, bytes calldata args, uint48 tick) internal virtual;

    /// Called after this domain's own pause, to tell other domains.
    function _sayPaused(uint8 scope, uint48 tick) internal virtual;

    function _limits() internal view returns (Rights.Limits memory) {
        return Rights.Limits(rules.pauseSeconds, rules.pausesPerDay, rules.pausesInARow);
    }

    function _changeCouncil(Plan memory plan) internal {
        _check(plan);
        uint32 next = ++councilEpoch;
        rules = plan.rules;
        _members = plan.members;
        for (uint256 i = 0; i < plan.members.length; i++) {
            _roles[next][plan.members[i]] = plan.roles[i];
            _budgets[next][plan.members[i]].left = plan.rules.pauseRights;
        }
        _confirmations = 0;
        councilHash = keccak256(abi.encode(plan));
        emit CouncilChanged(next, councilHash);
    }

    function _check(Plan memory plan) private pure {
        Rules memory next = plan.rules;
        uint256 count = plan.members.length;
        uint256[4] memory having;
        bool isSound = count != 0 && count <= MAX_MEMBERS && count == plan.roles.length;
        for (uint256 i = 0; isSound && i < count; i++) {
            isSound = plan.members[i] > (i == 0 ? address(0) : plan.members[i - 1]);
            isSound = isSound && plan.roles[i] != 0 && plan.roles[i] < 16;
            for (uint256 role = 0; role < 4; role++) if ((plan.roles[i] >> role) & 1 != 0) having[role]++;
        }
        isSound = isSound && next.approvals != 0 && next.approvals <= having[1];
        isSound = isSound && next.freezeThreshold != 0 && next.freezeThreshold <= having[0];
        // One vetoer must not be able to stop every proposer at once.
        isSound = isSound && next.vetoRights < having[1] && (next.vetoRights != 0 || having[2] == 0);
        isSound = isSound && next.delaySeconds >= MIN_DELAY && next.delaySeconds <= MAX_DELAY;
        isSound = isSound && next.expirySeconds >= next.delaySeconds + MIN_RUN && next.expirySeconds <= 2 * MAX_DELAY;
        isSound = isSound && next.pauseSeconds != 0 && next.pauseSeconds <= MAX_PAUSE;
        isSound = isSound && next.freezeSeconds >= next.pauseSeconds && next.freezeSeconds <= MAX_DELAY;
        isSound = isSound && next.pausesPerDay != 0 && next.pausesInARow != 0 && next.pauseRights != 0;
        if (!isSound || next.defaultMask == 0) revert InvalidCouncil();
    }
}
