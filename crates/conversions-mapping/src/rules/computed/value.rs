//! `value` and `currency`. A value means nothing without its currency, so they are decided together.

use facebook_conversions::ServerEvent;

use crate::context::RuleContext;
use crate::rules::known::Known;
use crate::rules::source::{SourcePath, property};
use crate::rules::table::{self, When};

/// Fills `value` by the first applicable row that finds one.
pub(crate) fn apply<'a>(event: &mut ServerEvent<'a>, cx: &mut RuleContext<'_, 'a>) {
    let (is_product, is_purchase) = (cx.has_value_identifier(), cx.is_purchase());
    let identifier = cx.value_identifier_name();
    let (names_value, names_revenue) = (identifier == "value", identifier == "revenue");
    cx.revenue_stays = true;
    let mut used = None;
    for when in When::ALL {
        let applies = match when {
            When::Product => is_product,
            When::Purchase => is_purchase,
            When::Otherwise => !is_product && !is_purchase,
        };
        if !applies || used.is_some() {
            continue;
        }
        used = table::apply_value(when, event, cx);
        match when {
            When::Product => {
                cx.tried_value |= names_value;
                cx.revenue_stays &= !(names_revenue && used.is_some());
            }
            When::Purchase => {
                let before_value = [Known::Revenue, Known::Total].map(|known| property(known).path);
                cx.tried_value |=
                    used.is_none_or(|used: SourcePath<'_>| !before_value.contains(&used));
                cx.revenue_stays = false;
            }
            When::Otherwise => cx.revenue_stays = false,
        }
    }
}

/// Sets the default currency if the event has none; removes `value` if the currency is invalid.
pub(crate) fn settle_currency(event: &mut ServerEvent<'_>, cx: &mut RuleContext<'_, '_>) {
    if !cx.currency_is_invalid {
        if event.custom_data.currency.is_none() {
            event.custom_data.currency = Some(cx.compiled.settings.default_currency);
            cx.notes.defaulted("custom_data.currency");
        }
    } else if !cx.is_purchase() && event.custom_data.value.take().is_some() {
        cx.notes.take_back("custom_data.value");
    }
}
