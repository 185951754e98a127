//! Whether what stands in a value's place is code, a reference or a template, and no value.

use super::path::Place;

/// References to a value kept elsewhere.
const REFERENCES: &[&str] = &[
    "process.env",
    "os.environ",
    "getenv",
    "env.",
    "env[",
    "environ",
    "secrets.",
    "vault:",
    "secretkeyref",
    "valuefrom",
    "arn:aws:",
    "keyvault.",
    "@microsoft.keyvault",
    "op://",
    "ssm:",
    "projects/",
    "config.",
    "config[",
    "settings.",
    "this.",
    "self.",
    "request.",
    "req.",
    "params.",
    "options.",
    "props.",
    "args.",
    "var.",
    "local.",
    "data.",
    "module.",
    "vault.azure.net",
    "file://",
    "credentials.",
    "secretref:",
    "env:",
    "env(",
    "keyvault:",
    "keyvault://",
    "kv/",
    "read-host",
];

/// How values begin that only another secret opens, or nothing: jasypt, sops, Spring Cloud Config, Vault's transit,
/// Ansible, Jenkins, dotenvx, Windows' and ASP.NET's data protection, Fernet, hashes of Django and Werkzeug.
const ENCRYPTED: &[&str] = &[
    "ENC(",
    "ENC[",
    "{cipher}",
    "vault:v1:",
    "$ANSIBLE_VAULT",
    "{AQAAABAAAA",
    "encrypted:",
    "01000000d08c9ddf",
    "CfDJ8",
    "gAAAAAB",
    "pbkdf2_sha256$",
    "pbkdf2:sha256:",
    "scrypt:32768:",
];

/// Whole values that stand for nothing.
const NOTHING: &[&str] = &[
    "null",
    "none",
    "nil",
    "undefined",
    "true",
    "false",
    "string",
    "str",
    "void",
    "empty",
    "default",
    "optional",
    "required",
    "hidden",
    "masked",
    "secret",
    "token",
    "password",
    "passwd",
    "key",
    "any",
    "object",
    "value",
    "text",
    "number",
    "int",
    "bytes",
    "bool",
    "boolean",
    "yes",
    "no",
    "on",
    "off",
    "n/a",
    "na",
    "unset",
    "filtered",
    "disabled",
    "enabled",
    "unknown",
    "passwort",
    "kennwort",
    "wachtwoord",
    "senha",
    "heslo",
    "parola",
];

/// How a value stands in its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// In quotes.
    Quoted,
    /// Without quotes, where no code stands.
    InText,
    /// Without quotes, in code.
    Bare,
}

impl Written {
    /// Of a value whose quotes and place are known.
    pub(super) fn of(is_quoted: bool, place: Place) -> Self {
        match (is_quoted, place) {
            (true, _) => Self::Quoted,
            (false, Place::Code) => Self::Bare,
            (false, _) => Self::InText,
        }
    }
}

/// Whether the value is a template, a variable, a call or a reference. Where code stands, what has no quotes is read as
/// code.
pub(super) fn is_reference(value: &[u8], next: Option<u8>, written: Written) -> bool {
    let starts = |prefix: &[u8]| value.starts_with(prefix);
    let templated = starts(b"$(")
        || starts(b"${")
        || (starts(b"$") && !is_dollar(value, written))
        || starts(b"<")
        || starts(b"&lt;")
        || (starts(b"{") && !is_braced_value(value))
        || starts(b"%(")
        || starts(b"@{")
        || (starts(b"[") && (value.contains(&b']') || !is_signed(value, written)))
        || starts(b"#{")
        || (starts(b"#") && !is_signed(value, written))
        || (starts(b"/") && !is_base64_key(value))
        || starts(b"./")
        || starts(b"../")
        || starts(b"~/")
        || (starts(b"!") && !is_signed(value, written));
    let is_percent = value.len() > 2 && starts(b"%") && (value.ends_with(b"%") || value.len() < 5);
    templated
        || is_percent
        || is_filtered(value)
        || is_masked(value)
        || ENCRYPTED.iter().any(|start| value.starts_with(start.as_bytes()))
        || is_sealed(value)
        || is_of_kms(value)
        || holds_template(value)
        || names_elsewhere(value)
        || is_nothing(value)
        || (written != Written::Quoted
            && (matches!(next, Some(b'(' | b'[' | b'{' | b'$')) || is_code(value, written == Written::InText)))
}

/// `@API_KEY@` and `__API_KEY__`: a name that a build or a deployment replaces.
fn is_filtered(value: &[u8]) -> bool {
    const MOST_DIGITS: usize = 2;
    let ([b'@', inside @ .., b'@'] | [b'_', b'_', inside @ .., b'_', b'_']) = value else { return false };
    let digits = inside.iter().filter(|c| c.is_ascii_digit()).count();
    !inside.is_empty()
        && inside.iter().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'.' | b'-'))
        && (digits <= MOST_DIGITS || super::words::is_wordy(inside))
}

/// `****9yDR`, `Tr****9y`: stars at an end, or for more than a third, in the place of what was there.
fn is_masked(value: &[u8]) -> bool {
    const MASK: &[u8] = b"****";
    let stars = memchr::memchr_iter(b'*', value).count();
    value.starts_with(MASK) || value.ends_with(MASK) || (stars >= MASK.len() && stars * 3 >= value.len())
}

/// What AWS KMS encrypted, in Base64.
fn is_of_kms(value: &[u8]) -> bool {
    const SHORTEST: usize = 100;
    value.len() >= SHORTEST && (value.starts_with(b"AQICAH") || value.starts_with(b"AQECAH"))
}

/// What a `SealedSecret` holds: the length of an encrypted key (512 bytes, `AgC` or near it in Base64), the key, the text.
fn is_sealed(value: &[u8]) -> bool {
    const SHORTEST: usize = 300;
    value.len() >= SHORTEST
        && matches!(value, [b'A', b'g', b'A'..=b'D', ..])
        && value.iter().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'+' | b'/' | b'='))
}

/// `#Maple2918`, `!fjord2918`: a password may begin with the sign that begins a comment, a colour, a tag or a negation.
fn is_signed(value: &[u8], written: Written) -> bool {
    const SHORTEST: usize = 7;
    const FEWEST_DIGITS: usize = 2;
    const FEWEST_LETTERS: usize = 3;
    let count = |holds: fn(&u8) -> bool| value.iter().filter(|c| holds(c)).count();
    let is_colour = value.iter().skip(1).all(u8::is_ascii_hexdigit);
    written != Written::Bare
        && value.len() >= SHORTEST
        && !is_colour
        && count(u8::is_ascii_digit) >= FEWEST_DIGITS
        && count(u8::is_ascii_alphabetic) >= FEWEST_LETTERS
        && !value.iter().skip(1).any(|c| matches!(c, b'(' | b'[' | b'{' | b' ' | b'=' | b'>'))
}

/// `$Maple!2918` in quotes: no name of a variable has such signs.
fn is_dollar(value: &[u8], written: Written) -> bool {
    let is_sign = |c: &u8| matches!(c, b'!' | b'@' | b'#' | b'%' | b'^' | b'&' | b'*');
    written == Written::Quoted
        && is_signed(value, written)
        && value.iter().any(is_sign)
        && !value.iter().skip(1).any(|c| *c == b'$')
}

/// `/mItabZHp88p…=`: one key in sixty-four begins with a slash, and is no path for it.
fn is_base64_key(value: &[u8]) -> bool {
    const SHORTEST: usize = 40;
    const FEWEST: usize = 3;
    let count = |holds: fn(&u8) -> bool| value.iter().filter(|c| holds(c)).count();
    let is_base64 = value.iter().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'+' | b'/' | b'='));
    value.len() >= SHORTEST
        && is_base64
        && count(u8::is_ascii_digit) >= FEWEST
        && count(u8::is_ascii_uppercase) >= FEWEST
        && count(u8::is_ascii_lowercase) >= FEWEST
        && !super::words::is_wordy(value)
}

/// `{a9Fk…}`: braces around what is no name.
fn is_braced_value(value: &[u8]) -> bool {
    let [b'{', inside @ .., b'}'] = value else { return false };
    let has = |holds: fn(&u8) -> bool| inside.iter().any(holds);
    inside.len() >= 8
        && inside.iter().all(u8::is_ascii_alphanumeric)
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_uppercase)
}

/// `${x}`, `{{x}}`, `<x>`, `%s` and their like within a value, or rules for it.
fn holds_template(value: &[u8]) -> bool {
    [
        "${",
        "{{",
        "}}",
        "$(",
        "#{",
        "<%",
        "%>",
        "%{",
        "{0}",
        "{1}",
        "...",
        "%s",
        "://",
        "&lt;",
        "\" +",
        "' +",
        "picket-secret(",
        "|min:",
        "required|",
    ]
    .iter()
    .any(|mark| value.windows(mark.len()).any(|window| window == mark.as_bytes()))
        || (value.contains(&b'<') && value.ends_with(b">"))
}

fn names_elsewhere(value: &[u8]) -> bool {
    REFERENCES.iter().any(|name| {
        value
            .get(..name.len().max(24).min(value.len()))
            .is_some_and(|head| head.windows(name.len()).any(|window| window.eq_ignore_ascii_case(name.as_bytes())))
    })
}

/// Whether the whole value is a word for nothing.
pub(super) fn is_nothing(value: &[u8]) -> bool {
    NOTHING.iter().any(|word| value.eq_ignore_ascii_case(word.as_bytes()))
}

/// A value without quotes that reads as code: a member, a call, an operator. Elsewhere a random value may hold
/// signs that are operators in code: `kP3!mW9tR2vB`.
fn is_code(value: &[u8], in_text: bool) -> bool {
    let is_random = in_text && is_random(value);
    let has_digit = in_text && value.iter().any(u8::is_ascii_digit);
    let has_call = value.iter().any(|c| {
        matches!(c, b'(' | b'{') || (*c == b'[' && !is_random) || (matches!(c, b'*' | b'!') && !is_random && !has_digit)
    });
    let mut parts = value.split(|c| *c == b'.');
    let is_member = value.contains(&b'.')
        && parts.all(|part| {
            part.first().is_some_and(|c| c.is_ascii_alphabetic() || *c == b'_')
                && part.iter().all(|c| c.is_ascii_alphabetic() || *c == b'_')
        });
    let is_attribute = is_attribute(value);
    let has_variable = value.contains(&b'$') && !is_random && !(has_digit && has_word_behind_dollar(value));
    has_call || has_variable || is_member || is_attribute || value.windows(2).any(|pair| pair == b"::" || pair == b"->")
}

/// `aws_secretsmanager_secret_version.db6.secret_string`: a member of a numbered thing.
fn is_attribute(value: &[u8]) -> bool {
    const FEWEST_PARTS: usize = 3;
    let is_name = |part: &[u8]| {
        part.first().is_some_and(u8::is_ascii_alphabetic)
            && part.iter().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-'))
    };
    let count = value.split(|c| *c == b'.').count();
    count >= FEWEST_PARTS && value.split(|c| *c == b'.').all(is_name) && super::words::is_wordy(value)
}

/// `Maple$Fjord2918`: variables of files of settings are in braces or in capitals.
fn has_word_behind_dollar(value: &[u8]) -> bool {
    value.split(|c| *c == b'$').skip(1).all(|rest| {
        let name = rest.iter().take_while(|c| c.is_ascii_alphanumeric() || **c == b'_');
        name.clone().any(u8::is_ascii_lowercase) || name.count() < 2
    })
}

/// Letters and digits both, and no words.
fn is_random(value: &[u8]) -> bool {
    const SHORTEST: usize = 8;
    let has = |holds: fn(&u8) -> bool| value.iter().any(holds);
    value.len() >= SHORTEST
        && value.first().is_some_and(u8::is_ascii_alphanumeric)
        && (has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic)
            || has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase))
        && !super::words::is_wordy(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_told_from_values() {
        for value in [
            "${X}",
            "$X",
            "{{ .Values.x }}",
            "<your-key>",
            "process.env.X",
            "os.environ",
            "user.password",
            "Foo::bar",
            "%VAR%",
            "{client_secret}",
            "null",
        ] {
            assert!(is_reference(value.as_bytes(), None, Written::Bare), "{value}");
        }
        assert!(is_reference(b"password", Some(b'('), Written::Bare));
        for value in
            ["@API_KEY@", "__API_KEY__", "ENC[AES256_GCM,data:Qm9v]", "{cipher}8f2a1c9b", "****9yDR", "$Maple2918"]
        {
            assert!(is_reference(value.as_bytes(), None, Written::Quoted), "{value}");
        }
        assert!(is_reference(b"kP3mW9!tR2vB", None, Written::Bare));
        assert!(!is_reference(b"kP3mW9!tR2vB", None, Written::InText));
        assert!(!is_reference(b"Maple$Fjord2918", None, Written::InText));
        for value in ["Maple$Fjord2918", "prefix$NAME2"].map(str::as_bytes) {
            assert!(is_reference(value, None, Written::Bare), "{value:?}");
        }
        assert!(is_reference(b"prefix$NAME2", None, Written::InText));
        for value in ["aws_secretsmanager_secret_version.db6.secret_string", "!Ref", "#token", "#ff0099aa"] {
            assert!(is_reference(value.as_bytes(), None, Written::InText), "{value}");
        }
        for value in ["#Maple2918", "!fjord2918"].map(str::as_bytes) {
            assert!(
                is_reference(value, None, Written::Bare) && !is_reference(value, None, Written::InText),
                "{value:?}"
            );
        }
        assert!(is_reference(b"required|min:8|confirmed", None, Written::Quoted));
        let drawn = [
            "$Maple!2918",
            "[Maple2918x",
            "@kP3mW9tR2vB7@",
            "__kP3mW9tR2vB7__",
            "Tr9vKq****2mXw7zkP3m",
            "AQICAHkP3mW9",
        ];
        for value in drawn {
            assert!(!is_reference(value.as_bytes(), None, Written::Quoted), "{value}");
        }
        for value in ["hunter22", "aZ9.xQ-12", "p@ss$word", "%nothing", "{kP3mW9tR2vB7}"] {
            assert!(!is_reference(value.as_bytes(), None, Written::Quoted), "{value}");
        }
    }
}
