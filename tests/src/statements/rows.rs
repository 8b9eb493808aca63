//! Where each listed property goes.

use super::{Statement, says};

#[rustfmt::skip]
pub(super) const ALL: &[Statement] = &[
    says("row-ip",            "`context.ip` is sent as `user_data.client_ip_address`"),
    says("row-page-url",      "`context.page.url` is sent as `event_source_url`"),
    says("row-city",          "`context.traits.address.city` is sent hashed as `user_data.ct`"),
    says("row-postal-code",   "`context.traits.address.postalCode` is sent hashed as `user_data.zp`"),
    says("row-state",         "`context.traits.address.state` is sent hashed as `user_data.st`"),
    says("row-birthday",      "`context.traits.birthday` is sent hashed as `user_data.db`"),
    says("row-email",         "`context.traits.email` is sent hashed as `user_data.em`"),
    says("row-first-name",    "`context.traits.firstName` is sent hashed as `user_data.fn`"),
    says("row-last-name",     "`context.traits.lastName` is sent hashed as `user_data.ln`"),
    says("row-phone",         "`context.traits.phone` is sent hashed as `user_data.ph`"),
    says("row-user-agent",    "`context.userAgent` is sent as `user_data.client_user_agent`"),
    says("row-event",         "`event` is sent as `event_name`"),
    says("row-message-id",    "`messageId` is sent as `event_id`"),
    says("row-action-source", "`properties.action_source` is sent as `action_source`"),
    says("row-currency",      "`properties.currency` is sent as `custom_data.currency`"),
    says("row-fbc",           "`properties.fbc` is sent as `user_data.fbc`"),
    says("row-fbp",           "`properties.fbp` is sent as `user_data.fbp`"),
    says("row-item-price",    "a product's `price` is sent as `item_price` of its item of `custom_data.contents`"),
    says("row-item-id",       "a product's `product_id` is sent as `id` of its item of `custom_data.contents`"),
    says("row-item-quantity", "a product's `quantity` is sent as `quantity` of its item of `custom_data.contents`"),
    says("row-products",      "`properties.products` is sent as `custom_data.contents`, and `num_items` is its length"),
    says("row-query",         "`properties.query` is sent as `custom_data.search_string`"),
    says("row-revenue",       "`properties.revenue` is sent as `custom_data.value`"),
    says("row-status",        "`properties.status` is sent as `custom_data.status`"),
    says("row-timestamp",     "`timestamp` is sent as `event_time`"),
    says("row-user-id",       "`userId` is sent as `user_data.external_id`"),
];
