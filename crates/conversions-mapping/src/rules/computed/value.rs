//! `value` and `currency`, which stand or fall together.

use facebook_conversions::ServerEvent;

use crate::context::Cx;
use crate::rules::source::{SourcePath, props};
use crate::rules::table::{self, When};

/// `value`: of the rows that apply, the first that finds one.
pub(crate) fn apply<'a>(event: &mut ServerEvent<'a>, cx: &mut Cx<'_, 'a>) {
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
                let before_value = [props::REVENUE.path, props::TOTAL.path];
                cx.tried_value |= used.is_none_or(|used: SourcePath| !before_value.contains(&used));
                cx.revenue_stays = false;
            }
            When::Otherwise => cx.revenue_stays = false,
        }
    }
}

/// The default currency for events without one; no value for events whose currency is none.
pub(crate) fn settle_currency(event: &mut ServerEvent<'_>, cx: &mut Cx<'_, '_>) {
    if !cx.currency_is_invalid {
        if event.custom_data.currency.is_none() {
            event.custom_data.currency = Some(cx.mapping.settings().default_currency);
            cx.notes.defaulted("custom_data.currency");
        }
    } else if !cx.is_purchase() && event.custom_data.value.take().is_some() {
        cx.notes.take_back("custom_data.value");
    }
}
