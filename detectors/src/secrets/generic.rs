//! Values assigned to names that say `secret`, `token`, `key` or `password`, under a strict gate: nothing about the value
//! tells whose it is, so it must look generated, and the place must be one where values are written.

use super::assignment::{Assignment, LONGEST_GAP, Operator, Words, around, back_while, is_name};
use super::candidate::{Candidate, Scene};
use super::engine::body;
use super::expression::{self, Written};
use super::named::{is_word, name_ends_with, scheme};
use super::names::{WEAK_NAMES, is_env, is_option, is_public, says_enough, stands_alone};
use super::password_form::{LONGEST_PASSWORD, fits_password, follows_rules, looks_like_password};
use super::path::Place;
use super::sighting::{Reason, Sureness};
use super::strength::{
    LONGEST_SECRET, Strength, counts, hides_words, is_drawn, is_guid, is_key_sized, is_long_and_mixed, is_made_up,
    strength,
};
use super::{password, words};
use std::ops::Range;

/// A value assigned to a name that says `secret`, `token` or `key`.
pub(super) fn secret(scene: &Scene<'_>, literal: &Range<usize>) -> Option<Candidate> {
    let text = scene.text;
    let (literal, is_weak) = named_by(text, literal);
    let mut found = assigned(scene, &literal)?;
    let is_of_service = is_weak && found.name.len() <= literal.len();
    if is_of_service {
        found.name.start = service_before(scene, &literal)?;
    }
    let start = found.value.start + scheme(text.get(found.value.clone())?);
    let value = text.get(start..found.value.end).filter(|value| value.len() <= LONGEST_SECRET)?;
    let next = text.get(found.value.end).copied();
    let written = Written::of(found.quote.is_some(), scene.place);
    if expression::is_reference(value, next, written) || is_made_up(value) || hides_words(value) {
        return None;
    }
    if counts(value) {
        return (found.operator == Operator::Assign || found.operator == Operator::Tag)
            .then(|| example_of(&found, &literal, value))
            .flatten();
    }
    let is_chosen = is_chosen(text, &literal, value);
    let strength = strength(value).or(is_chosen.then_some(Strength::Fair))?;
    // A GUID is a secret only by its name, so that has to say more than `token`.
    let is_named = matches!(found.operator, Operator::Assign | Operator::Tag)
        && (found.name.len() > literal.len() || says_enough(text, &literal));
    let is_value_here = scene.place != Place::Code || stands_alone(text, &found);
    if is_guid(value) && found.quote.is_none() && !(is_named && is_value_here) && !is_option(text, &found) {
        return None;
    }
    let is_written = found.quote.is_some()
        || found.operator == Operator::Tag
        || scene.place != Place::Code
        || (strength == Strength::Strong && stands_alone(text, &found));
    if !is_written && strength < Strength::Strong {
        return None;
    }
    let is_prose = is_prose(scene, &found, &literal);
    let is_guid_option = is_guid(value) && is_option(text, &found) && says_enough(text, &literal);
    if found.operator == Operator::Blank && found.quote.is_none() && strength < Strength::Strong && !is_guid_option {
        return None;
    }
    if is_prose && scene.place == Place::Code {
        return None;
    }
    let is_neighbour = matches!(found.operator, Operator::Comma | Operator::Compare);
    if is_neighbour && strength < Strength::Strong && !is_argument(text, &found, &literal, value) {
        return None;
    }
    if is_weak && (strength < Strength::Strong || !is_written) {
        return None;
    }
    let is_hash = is_of_service && is_number(value);
    let is_key = !is_weak || (!is_hash && is_keys_name(text, &found, &literal, value));
    let is_named_guid = is_guid(value) && is_named && !is_hash && says_enough(text, &literal);
    let is_sure = (strength == Strength::Strong || is_named_guid || is_chosen) && is_written && is_key && !is_prose;
    let sureness = if is_sure { Sureness::Medium } else { Sureness::Low };
    Some(Candidate::sure(start..found.value.end, sureness, Reason::Named))
}

/// `setProperty("ACME_TOKEN", "…")`: the name of a setting before its value. Between arguments, names and values only happen to
/// be neighbours if the value is short.
fn is_argument(text: &[u8], found: &Assignment, literal: &Range<usize>, value: &[u8]) -> bool {
    const SHORTEST: usize = 14;
    let names_setting = found.name.len() > literal.len()
        && text.get(found.name.clone()).is_some_and(|name| !name.iter().any(u8::is_ascii_lowercase));
    found.operator == Operator::Comma && value.len() >= SHORTEST && (!is_guid(value) || names_setting)
}

/// `…_key` may name any key; one of the length that keys have, written where values are, opens something.
fn is_keys_name(text: &[u8], found: &Assignment, literal: &Range<usize>, value: &[u8]) -> bool {
    let whose = text.get(found.name.start..literal.start);
    whose.is_some_and(|name| name.iter().any(u8::is_ascii_alphabetic))
        && matches!(found.operator, Operator::Assign | Operator::Tag)
        && (is_key_sized(value) || is_long_and_mixed(value))
}

/// `SESSION_SECRET=kP3!mW9tR2vB`: what a secret is named, a password may be.
fn is_chosen(text: &[u8], literal: &Range<usize>, value: &[u8]) -> bool {
    text.get(literal.clone()).is_some_and(says_secret)
        && (is_drawn(value) || follows_rules(value))
        && !value.contains(&b'\\')
}

/// Whether a word is for what passwords are used as, too.
fn says_secret(word: &[u8]) -> bool {
    ["secret", "credential", "credentials"].iter().any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
}

/// `the api key 4f…`: prose, where nothing joins the two but the value's looks.
fn is_prose(scene: &Scene<'_>, found: &Assignment, literal: &Range<usize>) -> bool {
    found.operator == Operator::Blank
        && found.quote.is_none()
        && !is_option(scene.text, found)
        && !is_env(scene.text, found)
        && !(scene.place == Place::Config && found.name.len() > literal.len())
}

/// Hex that counts up in parts (`abcdef1234567890abcdef…`), assigned to a name that says more than `key`: so look keys that
/// somebody altered before publishing them, and so look examples. Worth a look at most.
fn example_of(found: &Assignment, literal: &Range<usize>, value: &[u8]) -> Option<Candidate> {
    const SHORTEST: usize = 24;
    let is_named = found.name.len() > literal.len();
    let hex = body(value);
    let has_both = hex.iter().any(u8::is_ascii_digit) && hex.iter().any(u8::is_ascii_alphabetic);
    (is_named && has_both && hex.len() >= SHORTEST && hex.iter().all(u8::is_ascii_hexdigit))
        .then(|| Candidate::sure(found.value.end - value.len()..found.value.end, Sureness::Low, Reason::ExampleText))
}

/// The part of a literal that belongs to the name, and whether it says little.
fn named_by(text: &[u8], literal: &Range<usize>) -> (Range<usize>, bool) {
    const KEY: usize = 3;
    let found = text.get(literal.clone()).unwrap_or_default();
    let is = |name: &&&str| found.eq_ignore_ascii_case(name.as_bytes());
    let is_weak = WEAK_NAMES.iter().any(|name| is(&name));
    let start = literal.start + usize::from(found.first() == Some(&b' '));
    let ends_early = is_weak && text.get(start).is_some_and(u8::is_ascii_alphabetic);
    (start..if ends_early { start + KEY } else { literal.end }, is_weak)
}

/// `object key: 5f4d…`: a hash or the number of something, more often than a key.
fn is_number(value: &[u8]) -> bool {
    value.iter().all(|c| c.is_ascii_hexdigit() || *c == b'-')
}

/// `postmark key: …`, in text: where the word begins that says what the key is of.
fn service_before(scene: &Scene<'_>, literal: &Range<usize>) -> Option<usize> {
    const SHORTEST: usize = 3;
    let blank = literal.start.checked_sub(1).filter(|_| scene.place != Place::Code)?;
    let length = back_while(scene.text, blank, LONGEST_GAP, is_name);
    let name = scene.text.get(blank - length..literal.end)?;
    let is_word = length >= SHORTEST && name.first().is_some_and(u8::is_ascii_alphabetic);
    (scene.text.get(blank) == Some(&b' ') && is_word && !is_public(name)).then_some(blank - length)
}

/// A value assigned to a name that says `password`.
pub(super) fn secret_word(scene: &Scene<'_>, literal: &Range<usize>) -> Option<Candidate> {
    const LONG: usize = 12;
    let text = scene.text;
    let word = word_of(text, literal)?;
    let named = assigned(scene, &word);
    let noted = noted(scene, &word).filter(|_| named.as_ref().is_none_or(|named| named.operator == Operator::Blank));
    let is_noted = noted.is_some();
    let found = noted.or(named)?;
    let value = text.get(found.value.clone()).filter(|value| value.len() <= LONGEST_PASSWORD)?;
    let next = text.get(found.value.end).copied();
    let is_quoted = found.quote.is_some();
    let is_alone = stands_alone(text, &found);
    let written = Written::of(is_quoted || is_alone, scene.place);
    if says_passed(scene, &found, value) {
        return None;
    }
    // `Password: must be at least …`
    let is_word = value.iter().all(u8::is_ascii_lowercase);
    let is_sentence = is_word && !is_quoted && next == Some(b' ');
    if is_sentence || expression::is_reference(value, next, written) || !fits_password(value, is_quoted) {
        return None;
    }
    let is_generated = looks_like_password(value) && !words::is_wordy(value);
    let is_strong = is_generated || follows_rules(value);
    let is_default = is_alone && is_generated;
    let is_telling = (is_generated && value.len() >= LONG) || follows_rules(value);
    if is_noted && !is_telling {
        return None;
    }
    if scene.place == Place::Code && !is_quoted && found.operator != Operator::Tag && !is_default {
        return None;
    }
    // `-Password mo5w1r3jk1gh`: what follows an option is its value.
    let is_options = is_option(text, &found) && value.iter().any(u8::is_ascii_digit) && !words::is_wordy(value);
    let is_deliberate = found.operator == Operator::Blank && (is_quoted || is_options);
    if matches!(found.operator, Operator::Blank | Operator::Comma) && !is_strong && !is_deliberate {
        return None;
    }
    let is_written = is_default || is_written(scene, &found, is_telling);
    let sureness = if is_strong && is_written && !password::is_weak(value) { Sureness::Medium } else { Sureness::Low };
    Some(Candidate::sure(found.value, sureness, Reason::Named))
}

/// `PASS: gas/i386/x86-64-avx512f`: how test runs tell what went well.
fn says_passed(scene: &Scene<'_>, found: &Assignment, value: &[u8]) -> bool {
    let is_name = value.iter().any(|c| matches!(c, b'/' | b'-' | b'_' | b'.' | b':')) || words::is_wordy(value);
    scene.place == Place::Plain
        && is_name
        && scene.text.get(found.name.clone()) == Some(b"PASS")
        && scene.text.get(found.name.end) == Some(&b':')
}

/// A literal without the operator that came with it. Short words have to stand alone: `smtpPass`, not `compass`.
fn word_of(text: &[u8], literal: &Range<usize>) -> Option<Range<usize>> {
    const SHORT: usize = 4;
    let found = text.get(literal.clone())?;
    let length = found.iter().rposition(u8::is_ascii_alphanumeric).map_or(found.len(), |last| last + 1);
    let word = literal.start..literal.start + if found.is_ascii() { length } else { found.len() };
    (length == found.len() || length > SHORT || is_word(text, &word)).then_some(word)
}

/// Whether a password stands where values are written. `…_password=kP3mW9tR2v` says as much in a log as in a file of
/// settings, and so does an option; `Password: kP3mW9tR2vB7` is noted down for somebody where it was made with care.
fn is_written(scene: &Scene<'_>, found: &Assignment, is_telling: bool) -> bool {
    let after = scene.text.get(found.name.end..found.value.start).unwrap_or_default();
    let is_joined = match after.iter().find(|c| **c != b' ') {
        Some(b'=') => is_telling || after.first() == Some(&b'='),
        Some(b':') => is_telling,
        _ => false,
    };
    found.quote.is_some()
        || found.operator == Operator::Tag
        || match scene.place {
            Place::Config => true,
            Place::Plain => is_joined || is_option(scene.text, found),
            Place::Code => false,
        }
}

/// `Kennwort VPN: …`, `senha do banco = …`: a note of what a password is for, in text.
fn noted(scene: &Scene<'_>, word: &Range<usize>) -> Option<Assignment> {
    let found = (scene.place == Place::Plain).then(|| around(scene.text, word, Words::Phrase))??;
    let name = scene.text.get(found.name.clone())?;
    let is_note = found.operator == Operator::Assign && name.contains(&b' ') && !is_public(name);
    is_note.then_some(found)
}

/// The assignment around a literal, if the name ends there and is that of a secret.
fn assigned(scene: &Scene<'_>, literal: &Range<usize>) -> Option<Assignment> {
    let found = around(scene.text, literal, Words::Identifier)?;
    let name = scene.text.get(found.name.clone())?;
    // `arn:aws:secretsmanager:…:secret:db-kP3mW9`: a part of a path. (`:secret: kP3…` names a symbol.)
    let is_part = scene.text.get(..found.name.start).is_some_and(|before| {
        matches!(before, [.., outer, b':'] if outer.is_ascii_alphanumeric())
            && scene.text.get(found.name.end) == Some(&b':')
            && found.value.start == found.name.end + 1
    });
    (name_ends_with(scene.text, &found, literal) && !is_public(name) && !is_part).then_some(found)
}
