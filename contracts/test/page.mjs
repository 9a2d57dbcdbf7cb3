// A decoder written from docs/cross-chain.md alone: it shares nothing with the contracts.

const text = (bytes) => '0x' + Buffer.from(bytes).toString('hex');

function take(bytes) {
    let at = 0;
    const next = (length) => {
        if (at + length > bytes.length) throw new Error('MessageMalformed');
        at += length;
        return bytes.slice(at - length, at);
    };
    return {
        raw: (length) => text(next(length)),
        number: (length) => next(length).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n),
        isDone: () => at === bytes.length,
    };
}

/** What the page says of a message; throws the page's error name. */
export function decode(bytes) {
    const rest = take(bytes);
    if (rest.raw(4) !== text(Buffer.from('bhMs'))) throw new Error('MessageMalformed');
    if (rest.number(1) !== 1n) throw new Error('MessageVersionUnknown');
    const kind = Number(rest.number(1));
    const message = {
        kind,
        chain: Number(rest.number(2)),
        sender: rest.raw(32),
        epoch: rest.number(8),
        sequence: rest.number(8),
        sent_ts: rest.number(8),
    };
    if (kind === 1) {
        Object.assign(message, { scope: Number(rest.number(1)), mask: Number(rest.number(4)), until: rest.number(8) });
    } else if (kind === 2) {
        message.council_epoch = rest.number(8);
    } else if (kind === 3) {
        message.ledger = Number(rest.number(1));
        message.slot = rest.number(8);
        message.slot_hash = rest.raw(32);
        message.root = rest.raw(32);
        message.total = rest.number(16);
        message.count = rest.number(8);
    } else if (kind === 4) {
        message.council_epoch = rest.number(8);
        message.council_hash = rest.raw(32);
    } else {
        throw new Error('MessageMalformed');
    }
    const isScope = message.scope === undefined || message.scope < 64 || message.scope === 255;
    const isTime = (time) => time < 1n << 63n;
    const sound =
        rest.isDone() &&
        message.chain !== 0 &&
        BigInt(message.sender) !== 0n &&
        message.epoch !== 0n &&
        message.sequence !== 0n &&
        message.sent_ts !== 0n &&
        isTime(message.sent_ts) &&
        isScope &&
        message.mask !== 0 &&
        isTime(message.until ?? 0n) &&
        message.slot !== 0n &&
        !(kind === 4 && message.council_epoch === 0n);
    if (!sound) throw new Error('MessageMalformed');
    return message;
}
