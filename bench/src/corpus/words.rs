//! The words of the corpus, in three flavours.

use super::Mix;

/// Words that one kind of traffic is made of.
pub(super) struct Words {
    pub(super) first_names: &'static [&'static str],
    pub(super) last_names: &'static [&'static str],
    pub(super) places: &'static [&'static Place],
    pub(super) adjectives: &'static [&'static str],
    pub(super) nouns: &'static [&'static str],
    pub(super) categories: &'static [&'static str],
    pub(super) queries: &'static [&'static str],
}

/// Where people live.
pub(super) struct Place {
    pub(super) city: &'static str,
    pub(super) state: &'static str,
    pub(super) postal_code: &'static str,
    pub(super) country: &'static str,
    pub(super) currency: &'static str,
    pub(super) locale: &'static str,
    pub(super) timezone: &'static str,
    /// The telephone number without its last four digits.
    pub(super) phone: &'static str,
}

impl Words {
    pub(super) fn of(mix: Mix) -> &'static Self {
        match mix {
            Mix::Shop | Mix::Tiny | Mix::Orders => &USUAL,
            Mix::Escapes => &QUOTED,
            Mix::NonAscii => &FOREIGN,
        }
    }
}

const fn place(
    [
        city,
        state,
        postal_code,
        country,
        currency,
        locale,
        timezone,
        phone,
    ]: [&'static str; 8],
) -> Place {
    Place {
        city,
        state,
        postal_code,
        country,
        currency,
        locale,
        timezone,
        phone,
    }
}

#[rustfmt::skip]
mod places {
    use super::{place, Place};

    pub(super) const SEATTLE: Place = place(["Seattle", "WA", "98101", "US", "USD", "en-US", "America/Los_Angeles", "+1 (206) 555-"]);
    pub(super) const CHICAGO: Place = place(["Chicago", "IL", "60601-2105", "US", "USD", "en-US", "America/Chicago", "1-312-555-"]);
    pub(super) const HAMBURG: Place = place(["Hamburg", "HH", "20095", "DE", "EUR", "de-DE", "Europe/Berlin", "+49 40 5555"]);
    pub(super) const LEEDS:   Place = place(["Leeds", "ENG", "LS1 4AP", "GB", "GBP", "en-GB", "Europe/London", "+44 113 496 "]);
    pub(super) const ZURICH:  Place = place(["Zürich", "ZH", "8001", "CH", "CHF", "de-CH", "Europe/Zurich", "+41 44 555 "]);
    pub(super) const BELEM:   Place = place(["Belém", "PA", "66010-000", "BR", "BRL", "pt-BR", "America/Belem", "+55 91 95555-"]);
    pub(super) const OSAKA:   Place = place(["大阪", "27", "530-0001", "JP", "JPY", "ja-JP", "Asia/Tokyo", "+81 6-5555-"]);
    pub(super) const KAZAN:   Place = place(["Казань", "Татарстан", "420111", "RU", "RUB", "ru-RU", "Europe/Moscow", "+7 843 555-"]);
}

use places::{BELEM, CHICAGO, HAMBURG, KAZAN, LEEDS, OSAKA, SEATTLE, ZURICH};

/// Mostly ASCII, as in shops of Europe and America.
#[rustfmt::skip]
const USUAL: Words = Words {
    first_names: &[
        "Ada", "Bruno", "Clara", "Dario", "Emma", "Farid", "Grace", "Hugo", "Irina", "Jürgen", "Kate", "Lars",
        "Mary-Ann", "Nils", "Olivia", "Paul", "René", "Sofia", "Tom", "Zoë",
    ],
    last_names: &[
        "Miller", "Schmidt", "O'Brien", "de la Cruz", "Novak", "Sato", "Costa", "Moreau", "Bianchi", "Lee", "Nguyen",
        "Wójcik", "Lindqvist", "Rahman", "Patel", "Kim", "Núñez-Vega", "Fischer",
    ],
    places: &[&SEATTLE, &CHICAGO, &HAMBURG, &LEEDS, &ZURICH, &BELEM, &OSAKA],
    adjectives: &[
        "Classic", "Deluxe", "Foldable", "Organic", "Wireless", "Compact", "Kids", "27\" Wide", "Premium", "Light",
    ],
    nouns: &[
        "Card Game", "Trail Shoe", "Rain Jacket", "Coffee Grinder", "Headphones", "Jigsaw", "Sketchbook",
        "Hand Cream",
    ],
    categories: &[
        "Games", "Shoes", "Apparel > Women > Jackets", "Home & Kitchen", "Electronics", "Toys", "Books", "Beauty",
    ],
    queries: &[
        "green coat", "phone case", "noise cancelling headphones under $80", "bottes d’hiver", "chess",
        "hdmi cable 3m",
    ],
};

/// Texts that have to be escaped in JSON.
#[rustfmt::skip]
const QUOTED: Words = Words {
    first_names: &["Jo \"JJ\"", "Zoë", "Ann\tMarie", "Søren", "Back\\slash", "Noé", "Lu \"The\" Cat"],
    last_names: &["O\"Neil", "García", "Line\nBreak", "d\\Artagnan", "Müller", "Smith \"Jr.\""],
    places: USUAL.places,
    adjectives: &["24\" Ultra", "\"Best\" of", "1/2 Price", "Two\nLine", "A\\B", "Été"],
    nouns: &["Monitor 16\"", "Cable 3/4\"", "Shirt \"XL\"", "Mug\t(blue)", "Café Crème", "Book \\ Pen"],
    categories: &["Home/Kitchen", "A \"quoted\" shelf", "Books/Sci-Fi/\"New\"", "Möbel/Tische"],
    queries: &["\"exact phrase\"", "16\" laptop", "a/b/c", "tab\there", "crème brûlée"],
};

/// Scripts outside of ASCII.
#[rustfmt::skip]
const FOREIGN: Words = Words {
    first_names: &["正孝", "Мария", "Łukasz", "فاطمة", "Søren", "Ελένη", "ИВАН", "美咲", "Åsa", "José"],
    last_names: &["山田", "Петрова", "Åkesson", "الحداد", "Παπαδόπουλος", "Żółkiewski", "Núñez", "渡辺"],
    places: &[&OSAKA, &KAZAN, &ZURICH, &BELEM],
    adjectives: &["新しい", "Классический", "Größter", "Édition", "限定", "Μεγάλο"],
    nouns: &["ボードゲーム", "Кроссовки", "Füllfederhalter", "コーヒーミル", "Крем для рук", "Παπούτσια"],
    categories: &["おもちゃ", "Обувь > Женская", "Küche & Haus", "本", "Красота"],
    queries: &["赤い ドレス", "зимние сапоги", "chaussures d’été", "größe 42", "παιχνίδια"],
};
