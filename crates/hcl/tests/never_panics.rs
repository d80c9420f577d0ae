//! Expressions put together by chance, mostly wrong: reading and evaluating them ends in a value or in
//! an error, and never in a panic. Each seed makes the same ones; `SEEDS=100000` makes more.

use neargate_hcl::hcl_edit::expr::Expression;
use neargate_hcl::hcl_edit::structure::Body;
use neargate_hcl::{Constants, Source, evaluate, function_names, references, render};

/// A small generator (SplitMix64), so that the same seed makes the same text everywhere.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }

    fn one_of<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

const LEAVES: [&str; 26] = [
    "null",
    "true",
    "false",
    "0",
    "-1",
    "2.5",
    "1e30",
    "9999999999999999999",
    "\"\"",
    "\"abc\"",
    "\"é👨‍👩‍👧\\n\"",
    "\"10.0.0.0/8\"",
    "\"2020-01-02T03:04:05Z\"",
    "\"%s %d\"",
    "\"(a+)(b)?\"",
    "\"{\\\"a\\\": [1]}\"",
    "\"a,b\\n1,2\"",
    "[]",
    "{}",
    "x",
    "tolist([1])",
    "toset([\"a\", null])",
    "tomap({a = 1})",
    "sensitive(\"s\")",
    "\"-1.5h\"",
    "\"%{ if true ~} a %{ endif }\"",
];

const OPERATORS: [&str; 13] =
    ["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||"];

fn expression(chance: &mut Chance, depth: usize) -> String {
    if depth == 0 {
        return chance.one_of(&LEAVES).to_owned();
    }
    let mut part = || expression(chance, depth - 1);
    let (a, b, c) = (part(), part(), part());
    match chance.below(14) {
        0 => format!("{a} {} {b}", chance.one_of(&OPERATORS)),
        1 => format!("({a}) ? {b} : {c}"),
        2 => format!("[{a}, {b}]"),
        3 => format!("{{a = {a}, \"b c\" = {b}, ({c}) = 1}}"),
        4 => format!("[for k, v in {a} : v if {b}]"),
        5 => format!("{{for k, x in {a} : k => x...}}"),
        6 => format!(
            "({a}){}",
            chance.one_of(&["[0]", ".a", "[*]", ".*.a", "[\"a\"]", "[*].a[0]", ".0"])
        ),
        7 => format!("\"x${{{a}}}%{{ for x in {b} ~}} ${{x}} %{{ endfor }}\""),
        8 => format!("{}{a}", chance.one_of(&["-", "!"])),
        _ => {
            let names: Vec<&str> = function_names().filter(|name| *name != "bcrypt").collect();
            let name = chance.one_of(&names);
            let all = [a, b, c];
            let count = chance.below(4);
            let expand = if count > 0 && chance.below(8) == 0 { "..." } else { "" };
            format!("{name}({}{expand})", all[..count].join(", "))
        }
    }
}

/// A character left out, doubled or changed.
fn damaged(chance: &mut Chance, text: &str) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..chance.below(3) {
        let at = chance.below(chars.len().max(1));
        match chance.below(3) {
            _ if chars.is_empty() => {}
            0 => drop(chars.remove(at)),
            1 => chars.insert(at, chars[at]),
            _ => {
                let other =
                    chance.one_of(&["\"", "{", "}", "$", "%", "(", "\\", "~", "\n", ".", "é"]);
                chars[at] = other.chars().next().unwrap_or(' ');
            }
        }
    }
    chars.into_iter().collect()
}

#[test]
fn whatever_is_written_ends_in_a_value_or_an_error() {
    let seeds = std::env::var("SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(3000);
    let (mut values, mut errors) = (0, 0);
    for seed in 0..seeds {
        let mut chance = Chance(seed);
        let depth = 1 + chance.below(3);
        let mut text = expression(&mut chance, depth);
        if chance.below(4) == 0 {
            text = damaged(&mut chance, &text);
        }
        let Ok(parsed) = text.parse::<Expression>() else { continue };
        references(&parsed);
        match evaluate(&parsed, &Source::new("main.tf", text.as_str()), &Constants) {
            Ok(value) => {
                render(&value);
                values += 1;
            }
            Err(error) => {
                assert!(!error.to_string().is_empty());
                errors += 1;
            }
        }
    }
    assert!(values > 100 && errors > 100, "{values} values and {errors} errors");
}

#[test]
fn whatever_is_a_file_is_read_or_refused() {
    for seed in 0..500 {
        let mut chance = Chance(seed);
        let inner = expression(&mut chance, 2);
        let text = format!(
            "resource \"a\" \"b\" {{\n  x = {inner}\n  y {{\n z = <<-EOT\n  a ${{{inner}}}\n EOT\n }}\n}}\n"
        );
        let text = damaged(&mut chance, &text);
        // Only that it ends is asked.
        let _ = text.parse::<Body>();
    }
}
