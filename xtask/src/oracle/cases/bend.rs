//! Bends a text: case, blanks, punctuation, characters that do not belong, pieces lost or doubled.

use fastrand::Rng;

const BLANKS: &[char] = &[
    ' ', ' ', ' ', '\t', '\n', '\r', '\u{B}', '\u{C}', '\u{A0}', '\u{1680}', '\u{2003}',
    '\u{2028}', '\u{2029}', '\u{202F}', '\u{205F}', '\u{3000}', '\u{FEFF}', '\u{85}', '\u{200B}',
    '\u{200E}', '\u{180E}',
];
const PUNCTUATION: &str = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~.-.-,'’–·…¿";
const STRANGE: &[char] = &[
    'é', 'É', 'ß', 'ẞ', 'İ', 'ı', 'ſ', '\u{212A}', '\u{212B}', 'Σ', 'ς', 'σ', 'Ж', 'ж', 'Ñ', 'ø',
    '山', '田', '정', 'ب', 'א', 'ก', '😀', '👩', '\u{200D}', '\u{301}', '\u{AD}', 'ǅ', 'Ω', '１',
    '٣', '²', 'Ⅳ', '𐐀', '\0', '\u{7F}',
];

/// The text, every second time after one to three changes.
pub(super) fn bent(mut text: String, rng: &mut Rng) -> String {
    for _ in 0..rng.u8(0..6).saturating_sub(2) {
        text = match rng.u8(0..13) {
            0 => text.to_uppercase(),
            1 => text.to_lowercase(),
            2 => text
                .chars()
                .map(|c| {
                    if rng.bool() {
                        c.to_ascii_uppercase()
                    } else {
                        c
                    }
                })
                .collect(),
            3 => format!("{}{text}{}", run(BLANKS, rng), run(BLANKS, rng)),
            4 => inserted(&text, pick(BLANKS, rng), rng),
            5 => inserted(&text, of(PUNCTUATION, rng), rng),
            6 => inserted(&text, pick(STRANGE, rng), rng),
            7 => inserted(&text, rng.digit(10), rng),
            8 => inserted(&text, rng.alphabetic(), rng),
            9 => without_one(&text, rng),
            10 => text.repeat(rng.usize(2..5)),
            11 => text.chars().take(rng.usize(0..20)).collect(),
            _ => text.replace([' ', '-', '.', '/'], &of("- ./,", rng).to_string()),
        };
    }
    text
}

/// A character of an alphabet that is not the Latin one, or a symbol.
pub(super) fn any_character(rng: &mut Rng) -> char {
    match rng.u8(0..8) {
        0 => rng.char('\0'..='\u{FF}'),
        1 => rng.char('\u{100}'..='\u{24F}'),
        2 => rng.char('\u{370}'..='\u{52F}'),
        3 => rng.char('\u{590}'..='\u{6FF}'),
        4 => rng.char('\u{1E00}'..='\u{206F}'),
        5 => rng.char('\u{2100}'..='\u{218F}'),
        6 => rng.char('\u{4E00}'..='\u{4FFF}'),
        _ => pick(STRANGE, rng),
    }
}

fn pick(from: &[char], rng: &mut Rng) -> char {
    rng.choice(from.iter().copied()).unwrap_or(' ')
}

/// One of the characters of a text.
pub(super) fn of(characters: &str, rng: &mut Rng) -> char {
    characters
        .chars()
        .nth(rng.usize(0..characters.chars().count()))
        .unwrap_or(' ')
}

/// Up to two of them.
fn run(from: &[char], rng: &mut Rng) -> String {
    (0..rng.u8(0..3)).map(|_| pick(from, rng)).collect()
}

fn inserted(text: &str, c: char, rng: &mut Rng) -> String {
    let at = rng.usize(0..=text.chars().count());
    text.chars()
        .take(at)
        .chain([c])
        .chain(text.chars().skip(at))
        .collect()
}

fn without_one(text: &str, rng: &mut Rng) -> String {
    let at = rng.usize(0..text.chars().count().max(1));
    text.chars()
        .take(at)
        .chain(text.chars().skip(at + 1))
        .collect()
}
