/** Peers on other chains: the rules of `crates/client/src/watch/differ/messages.rs`. */
import { peerFlag } from './constants.ts';
import type { Peer } from './generated/bulkhead/index.ts';
import { detail, differing, hex, type Entry } from './watch-entries.ts';

export const MESSAGE_RULES = {
    Peer: (before: Peer, after: Peer, isNew: boolean) => {
        const entries: Entry[] = [];
        const terms = (peer: Peer) => {
            const heard = [hex(peer.sender), peer.transports, peer.bridge, peer.finality, peer.pauseFinality];
            const closed = [peer.remoteScope, peer.remoteMask, peer.compartments, peer.mask];
            return [...heard, ...closed, peer.maxAgeSeconds, peer.rotationSeconds, peer.decidedSlot].join(' ');
        };
        const [had, has] = [before.rights.pauseRights, after.rights.pauseRights];
        // Only new terms give rights back.
        if (isNew || terms(before) !== terms(after) || has > had) {
            const fields = ['transports', 'bridge', 'compartments', 'remoteMask', 'mask', 'decidedSlot'] as const;
            entries.push(['PeerRegistered', differing(before, after, fields, isNew)]);
        } else if (before.sequence !== after.sequence || before.window !== after.window) {
            const fields = ['sequence', 'epoch', 'pauseEpoch', 'requestEpoch', 'councilEpoch'] as const;
            entries.push(['MessageAccepted', differing(before, after, fields, false)]);
        }
        if (had > has) entries.push(['PauseRightBurnt', [detail('pauseRights', had, has)]]);
        const [was, is] = [before.nextAttesters, after.nextAttesters];
        if (is.count !== 0 && (was.count !== is.count || was.epoch !== is.epoch)) {
            entries.push(['RotationAnnounced', differing(before, after, ['nextFromTs'], false)]);
        }
        if ((after.flags & ~before.flags & peerFlag.ROTATION_STOPPED) !== 0) entries.push(['RotationStopped']);
        return entries;
    },
};
