//! How a parameter object is declared: each member once, with its wire name, its documentation and its type.
//!
//! Events are written by `WriteJson`, not by a derived `serde::Serialize`. Values that the crate passes on are JSON
//! texts already, and `serde_json` writes such a text only as a `RawValue`, which parses it once more; texts that are
//! known to need no escapes would be searched again. Both would happen for most members of every event, and writing is
//! a tenth of the time of mapping one. `Serialize` is there for callers that put an event inside a value of their own.
//! It writes the event and passes the text on, so that both ways give the same bytes.

/// Declares a struct whose members are written in order and left out when there is nothing to say.
///
/// A member is `"wire name" field: Type`; what is `flattened` writes members of the object itself, a comma after each.
macro_rules! json_object {
    (
        $(#[$meta:meta])*
        pub struct $name:ident $(<$life:lifetime>)? {
            $( $(#[$doc:meta])* $wire:literal $field:ident: $type:ty, )*
        }
        $( flattened { $( $(#[$flat_doc:meta])* $flat:ident: $flat_type:ty, )* } )?
    ) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name $(<$life>)? {
            $( $(#[$doc])* pub $field: $type, )*
            $( $( $(#[$flat_doc])* pub $flat: $flat_type, )* )?
        }

        impl $(<$life>)? $name $(<$life>)? {
            /// The wire names of the members, in the order in which they are written.
            pub const MEMBERS: &'static [&'static str] = &[$($wire),*];

            /// The wire names of the members that have something to say.
            pub fn present(&self) -> impl Iterator<Item = &'static str> {
                use $crate::json::WriteJson as _;
                [$((!self.$field.is_absent()).then_some($wire)),*].into_iter().flatten()
            }

            /// The members that have something to say, as bits: the first of [`MEMBERS`](Self::MEMBERS) is the lowest.
            #[must_use]
            pub fn present_bits(&self) -> u64 {
                use $crate::json::WriteJson as _;
                let mut next = 1_u64;
                let mut bits = 0;
                $(
                    if !self.$field.is_absent() {
                        bits |= next;
                    }
                    next = next.wrapping_shl(1);
                )*
                let _ = next;
                bits
            }
        }

        impl $(<$life>)? $crate::json::WriteJson for $name $(<$life>)? {
            fn is_absent(&self) -> bool {
                $( self.$field.is_absent() && )* $( $( self.$flat.is_absent() && )* )? true
            }

            fn write_json(&self, out: &mut String) {
                out.push('{');
                $(
                    if !self.$field.is_absent() {
                        let key = $crate::json::Key {
                            before_value: concat!("\"", $wire, "\":"),
                            before_string: concat!("\"", $wire, "\":\""),
                        };
                        self.$field.write_member(&key, out);
                    }
                )*
                $( $( self.$flat.write_members(out); )* )?
                if out.ends_with(',') {
                    out.pop();
                }
                out.push('}');
            }
        }

        /// For `serde_json` only: the object is written as text, and passed on as a raw value.
        impl $(<$life>)? serde::Serialize for $name $(<$life>)? {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut json = String::new();
                $crate::json::WriteJson::write_json(self, &mut json);
                $crate::json::RawJson::trusted(json).serialize(serializer)
            }
        }

        /// Names the members that are there, never their values.
        impl $(<$life>)? std::fmt::Debug for $name $(<$life>)? {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(stringify!($name))?;
                f.debug_set().entries(self.present()).finish()
            }
        }
    };
}
pub(crate) use json_object;
