//! The views of the page, and the links between them.

use url::form_urlencoded::Serializer;

use crate::listing::ListingQuery;

/// What a page shows: a filter, an offset, a time between two refreshes.
#[derive(Clone, Debug)]
pub(super) struct View {
    pub(super) query: ListingQuery,
    pub(super) refresh: Option<u32>,
}

impl View {
    /// The address of this view with a change. The offset is reset: it counts within one filter.
    pub(super) fn link(&self, change: impl FnOnce(&mut Self)) -> String {
        let mut view = self.clone();
        view.query.offset = None;
        change(&mut view);
        let View { query, refresh } = view;
        let number = |number: usize| number.to_string();
        let members = [
            ("pixel_id", query.pixel_id),
            ("event_name", query.event_name),
            ("event_id", query.event_id),
            (
                "connection_method",
                query
                    .connection_method
                    .map(|method| method.name().to_owned()),
            ),
            ("state", query.state.map(|state| state.name().to_owned())),
            ("limit", query.limit.map(number)),
            ("offset", query.offset.map(number)),
            ("refresh", refresh.map(|seconds| seconds.to_string())),
        ];
        let mut link = Serializer::for_suffix(String::from("/?"), 2);
        for (name, value) in members {
            if let Some(value) = value {
                link.append_pair(name, &value);
            }
        }
        link.finish()
    }

    /// The filters in force, as the page shows them.
    pub(super) fn filters(&self) -> Vec<String> {
        let query = &self.query;
        let texts = [&query.event_name, &query.event_id]
            .into_iter()
            .flatten()
            .cloned();
        let pixel = query.pixel_id.as_ref().map(|id| format!("pixel {id}"));
        let method = query
            .connection_method
            .map(|method| method.name().to_owned());
        let state = query.state.map(|state| state.name().to_owned());
        texts.chain(pixel).chain(method).chain(state).collect()
    }
}
