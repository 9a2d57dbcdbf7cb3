//! The fields of a council and of a ledger.

use bulkhead::instructions::*;

use super::Fields;
use crate::payload::words::{filter_text, hex, mask, roles_of};

impl Fields {
    pub(super) fn council(&mut self, council: CouncilConfig) {
        let CouncilConfig {
            members,
            freeze_threshold,
            pause_rights,
            veto_rights,
            guardian_pause_seconds,
            trip_seconds,
            default_mask,
            policies,
            heartbeat_seconds,
            guardian_pauses_per_day,
            guardian_pauses_in_a_row,
            fallback,
            fallback_seconds,
        } = council;
        for (index, MemberConfig { key, roles }) in members.into_iter().enumerate() {
            self.text(format!("member_{index}"), format!("{key} {}", roles_of(roles)));
        }
        self.number("freeze_threshold", freeze_threshold);
        self.number("pause_rights", pause_rights);
        self.number("veto_rights", veto_rights);
        self.seconds("guardian_pause_seconds", guardian_pause_seconds);
        self.seconds("trip_seconds", trip_seconds);
        self.text("default_mask", mask(default_mask));
        let classes = ["loosen", "constitution", "custody", "restoration"];
        for (class, policy) in classes.into_iter().zip(policies) {
            let PolicyConfig {
                threshold,
                delay_seconds,
                expiry_seconds,
            } = policy;
            self.number(format!("{class}_threshold"), threshold);
            self.seconds(format!("{class}_delay_seconds"), delay_seconds);
            self.seconds(format!("{class}_expiry_seconds"), expiry_seconds);
        }
        self.seconds("heartbeat_seconds", heartbeat_seconds);
        self.number("guardian_pauses_per_day", guardian_pauses_per_day);
        self.number("guardian_pauses_in_a_row", guardian_pauses_in_a_row);
        self.key("fallback", fallback);
        self.seconds("fallback_seconds", fallback_seconds);
    }

    pub(super) fn ledger(&mut self, ledger: RegisterLedgerArgs) {
        let RegisterLedgerArgs {
            index,
            program,
            mint,
            total,
            length_rule,
            data_len,
            filters,
            owner_offset,
            amounts,
            scale,
            slots,
            export,
            link,
        } = ledger;
        let TotalConfig {
            account,
            program: total_program,
            offset,
            width,
            unit,
            shortfall_bps,
            excess_bps,
        } = total;
        self.number("index", index);
        self.key("program", program);
        self.key("mint", mint);
        self.key("total_account", account);
        self.key("total_program", total_program);
        self.number("total_offset", offset);
        self.number("total_width", width);
        self.number("total_unit", unit);
        self.number("total_shortfall_bps", shortfall_bps);
        self.number("total_excess_bps", excess_bps);
        self.number("length_rule", length_rule);
        self.number("data_len", data_len);
        for (number, filter) in filters.iter().enumerate() {
            self.text(format!("filter_{number}"), filter_text(filter));
        }
        self.number("owner_offset", owner_offset);
        for (number, AmountConfig { offset, width, flags }) in amounts.into_iter().enumerate() {
            self.text(
                format!("amount_{number}"),
                format!("{width} bytes at {offset}, flags {flags}"),
            );
        }
        let ScaleConfig {
            multiplier,
            divisor,
            shift,
        } = scale;
        self.text("scale", format!("times {multiplier}, by {divisor}, by 2^{shift}"));
        if let Some(SlotTableConfig {
            offset,
            stride,
            count,
            used_offset,
            used_width,
            filter,
        }) = slots
        {
            self.text("slots", format!("{count} of {stride} bytes at {offset}"));
            self.text("slots_used", format!("{used_width} bytes at {used_offset}"));
            let filter = filter.as_ref().map_or_else(|| "none".to_owned(), filter_text);
            self.text("slots_filter", filter);
        }
        if let Some(ExportConfig {
            program,
            data,
            accounts,
            position_accounts,
        }) = export
        {
            self.key("export_program", program);
            self.text("export_data", hex(&data));
            for (number, account) in accounts.into_iter().enumerate() {
                self.key(format!("export_account_{number}"), account);
            }
            self.number("export_position_accounts", position_accounts);
        }
        if let Some(LinkConfig {
            flags,
            program,
            factors,
        }) = link
        {
            self.number("link_flags", flags);
            self.key("factor_program", program);
            for (number, factor) in factors.into_iter().enumerate() {
                let FactorConfig {
                    account,
                    offset,
                    width,
                    flags,
                } = factor;
                self.key(format!("factor_{number}_account"), account);
                self.text(
                    format!("factor_{number}"),
                    format!("{width} bytes at {offset}, flags {flags}"),
                );
            }
        }
    }
}
