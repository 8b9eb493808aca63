//! JSON as text, indented or without blanks. Numbers and strings stay exactly as they are written.

/// A longer line of a snapshot is broken into several.
const WIDTH: usize = 96;

/// The text without the white space between its tokens.
///
/// ```
/// assert_eq!(e2e::json_text::compact("{\n  \"a b\": [1.50, 1e400]\n}"), r#"{"a b":[1.50,1e400]}"#);
/// ```
#[must_use]
pub fn compact(json: &str) -> String {
    tokens(json).concat()
}

/// The text indented: a value that fits into a line is written in one line, except the outermost object.
///
/// ```
/// let json = r#"{"name":"Purchase","data":{"value":1.50}}"#;
/// assert_eq!(e2e::json_text::pretty(json), "{\n  \"name\": \"Purchase\",\n  \"data\": {\"value\": 1.50}\n}");
/// ```
#[must_use]
pub fn pretty(json: &str) -> String {
    let tokens = tokens(json);
    let mut shown = String::new();
    write(&tokens, 0, 0, &mut shown);
    shown
}

/// Writes the value that starts at `start`; returns the position behind it.
fn write(tokens: &[&str], start: usize, indent: usize, shown: &mut String) -> usize {
    let Some(first) = tokens.get(start) else {
        return start;
    };
    let end = end_of_value(tokens, start);
    let value = tokens.get(start..end).unwrap_or_default();
    let column = shown.len() - shown.rfind('\n').map_or(0, |newline| newline + 1);
    let one_line = inline(value);
    let is_empty = value.len() <= 2;
    if is_empty || (indent > 0 && column + one_line.chars().count() < WIDTH) {
        shown.push_str(&one_line);
        return end;
    }
    shown.push_str(first);
    let inner = indent + 2;
    let mut position = start + 1;
    while position < end - 1 {
        shown.push('\n');
        shown.push_str(&" ".repeat(inner));
        if *first == "{" {
            shown.push_str(tokens.get(position).copied().unwrap_or_default());
            shown.push_str(": ");
            position += 2;
        }
        position = write(tokens, position, inner, shown);
        if tokens.get(position) == Some(&",") {
            shown.push(',');
            position += 1;
        }
    }
    shown.push('\n');
    shown.push_str(&" ".repeat(indent));
    shown.push_str(tokens.get(end - 1).copied().unwrap_or_default());
    end
}

fn inline(tokens: &[&str]) -> String {
    let blank_behind = |token: &&str| match *token {
        "," => ", ".to_owned(),
        ":" => ": ".to_owned(),
        other => other.to_owned(),
    };
    tokens.iter().map(blank_behind).collect()
}

/// The position behind the value that starts at `start`.
fn end_of_value(tokens: &[&str], start: usize) -> usize {
    let mut depth = 0_usize;
    for (position, token) in tokens.iter().enumerate().skip(start) {
        match *token {
            "{" | "[" => depth += 1,
            "}" | "]" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return position + 1;
        }
    }
    tokens.len()
}

/// Splits the text into brackets, separators, strings with their quotes, and other values, each as written.
fn tokens(json: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = json.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '{' | '}' | '[' | ']' | ',' | ':' => 1,
            '"' => length_of_string(rest),
            _ => rest
                .find(|c: char| c.is_ascii_whitespace() || "{}[],:\"".contains(c))
                .unwrap_or(rest.len()),
        };
        let (token, behind) = rest.split_at(length);
        tokens.push(token);
        rest = behind.trim_start();
    }
    tokens
}

fn length_of_string(text: &str) -> usize {
    let mut escaped = false;
    for (position, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return position + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::{compact, pretty};

    #[test]
    fn pretty_and_compact_are_inverse() {
        for json in [
            r#"{"a":1e400,"b":"x, \"y\": [\\","c":[],"d":{},"e":[1,[2,{"f":null}]]}"#,
            r"[1,2,3]",
            r"{}",
            r#""text""#,
        ] {
            assert_eq!(compact(&pretty(json)), json);
        }
    }

    #[test]
    fn a_value_longer_than_a_line_is_broken() {
        let item = format!("\"{}\"", "x".repeat(60));
        let shown = pretty(&format!("{{\"list\":[{item},{item}]}}"));
        assert_eq!(
            shown,
            format!("{{\n  \"list\": [\n    {item},\n    {item}\n  ]\n}}")
        );
    }
}
