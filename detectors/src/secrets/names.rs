//! Names that say of their values that they are secret, how they stand, and what else names say.

use super::assignment::{Assignment, Operator};
use super::named::is_word;
use std::ops::Range;

/// Words that say that a value is secret, as names end with them.
pub(super) const SECRET_NAMES: &[&str] = &[
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "api.key",
    "accesskey",
    "access_key",
    "access-key",
    "authkey",
    "auth_key",
    "auth-key",
    "private_key",
    "privatekey",
    "private-key",
    "secretkey",
    "secret_key",
    "secret-key",
    "signingkey",
    "signing_key",
    "signing-key",
    "encryptionkey",
    "encryption_key",
    "encryption-key",
    "accountkey",
    "account_key",
    "account-key",
    "sharedkey",
    "shared_key",
    "masterkey",
    "master_key",
    "master-key",
    "primarykey",
    "primary_key",
    "subscriptionkey",
    "subscription_key",
    "subscription-key",
    "licensekey",
    "license_key",
    "license-key",
    "clientkey",
    "client_key",
    "appkey",
    "app_key",
    "servicekey",
    "service_key",
    "storagekey",
    "storage_key",
    "hmackey",
    "hmac_key",
    "cryptkey",
    "crypt_key",
    "deploykey",
    "deploy_key",
    "webhookkey",
    "functionkey",
    "function_key",
    "function-key",
    "hostkey",
    "functions-key",
    "credential",
    "credentials",
    "authorization",
    "bearer",
    "apitoken",
    "x-api-key",
    "aeskey",
    "aes_key",
    "jwtkey",
    "jwt_key",
    "sas_key",
    "saskey",
    "personal_access",
    "_pat",
    "-pat",
    "const key",
    "api key",
    "secret key",
    "access key",
    "service key",
    "signing key",
    "encryption key",
    "account key",
    "private key",
    "userkey",
    "user_key",
    "write_key",
    "writekey",
    "admin_key",
    "adminkey",
    "server_key",
    "serverkey",
    "apikey_private",
    "api_key_private",
    "key_base",
    "security_key",
    "cookie_key",
    "session_key",
    "sessionkey",
    "encrypt_key",
    "consumer_key",
    "consumerkey",
    "integration_key",
    "application_key",
    "applicationkey",
    "ingestion_key",
    "ingestionkey",
    "transactionkey",
    "agentkey",
    "managementkey",
    "sendingkey",
    "merchantsalt",
    "merchant_salt",
    "principalkey",
    "workspacekey",
    "searchkey",
    "openaikey",
    "visionkey",
    "speechkey",
    "cosmoskey",
    "devicekey",
    "device_key",
    "symmetrickey",
    "symmetric_key",
    "secondarykey",
    "secondary_key",
    "endpointkey",
    "endpoint_key",
    "endpoint-key",
    "cosmosdbkey",
    "cosmosdb_key",
    "pepper",
    "account.key",
    "private.key",
    "secret.key",
    "access.key",
    "shared-key",
    "primary-key",
    "client-key",
    "app-key",
    "service-key",
    "storage-key",
    "hmac-key",
    "crypt-key",
    "deploy-key",
    "aes-key",
    "jwt-key",
    "sas-key",
    "user-key",
    "write-key",
    "admin-key",
    "server-key",
    "security-key",
    "cookie-key",
    "session-key",
    "encrypt-key",
    "consumer-key",
    "integration-key",
    "application-key",
    "ingestion-key",
    "device-key",
    "symmetric-key",
    "secondary-key",
    "otp_seed",
    "otpseed",
    "otp-seed",
];

/// What says little of a value: it must look generated through and through. In camel case the word needs an end, or
/// every `key` would be looked at.
pub(super) const WEAK_NAMES: &[&str] = &[
    "_key",
    "-key",
    "_auth",
    "-auth",
    "key = \"",
    "key = '",
    "key=\"",
    "key='",
    "key: \"",
    "key: '",
    "key\": \"",
    "key := \"",
    " key: ",
    "key\" value=\"",
    "key>",
];

/// Words that say that a value is a password.
pub(super) const PASSWORD_NAMES: &[&str] = &[
    "password",
    "passwd",
    "passwrd",
    "pswd",
    "_psw",
    "passphrase",
    "pass_phrase",
    "_pass",
    "-pass",
    ".pass",
    "_pw",
    "-pw",
    ".pw",
    "pw =",
    "pw=",
    "pw:",
    "pw\":",
    "pwd",
    "userpass",
    "dbpass",
    "kennwort",
    "pass =",
    "pass=",
    "pass:",
    "pass\":",
    "pass\" value=",
    "passwort",
    "contrasena",
    "contraseña",
    "mot_de_passe",
    "motdepasse",
    "mot de passe",
    "senha",
    "wachtwoord",
    "parola",
    "haslo",
    "hasło",
    "heslo",
    "sifre",
    "şifre",
    "salasana",
    "losenord",
    "lösenord",
    "пароль",
    "requirepass",
    "keystorepass",
    "sshpass",
    "wifi_psk",
    "wlan_psk",
    "wpa_psk",
    "vpn_psk",
    "ipsec_psk",
    "psk=",
    "psk =",
    "psk:",
    "psk\":",
    "mdp=",
    "mdp:",
    "mdp ",
    "clave=",
    "clave:",
    "clave ",
    "snmp_community",
    "truststorepass",
    "masterauth",
];

/// Words that say that the value is public, unless it is a password or a secret: `sitekey`, `NEXT_PUBLIC_API_KEY`.
const PUBLIC: &[&str] = &[
    "pubkey",
    "sitekey",
    "site_key",
    "site-key",
    "next_public",
    "nuxt_public",
    "expo_public",
    "appcentersecret",
    "app_center_secret",
];

/// Words that say so of a key or a token right behind them: `public_key`, `publishableKey`. A public client has secrets.
const SHOWN: &[&str] = &["public", "publishable", "pub_", "foreign", "etag"];

/// Words that say that a value is no password, but made of one.
const HASHED: &str = "hashed";

/// Words that say so of a key or a token right behind them, which finds something, goes on with it or guards a form:
/// `cacheKey`, `nextPageToken`, `csrf_token`. The password of a cache is one.
const FINDING: &[&str] = &[
    "csrf",
    "xsrf",
    "csrfmiddleware",
    "next",
    "page",
    "continuation",
    "cancellation",
    "sort",
    "cache",
    "lock",
    "partition",
    "routing",
    "index",
    "hash",
    "map",
    "column",
    "idempotency",
    "skip",
    "delta",
    "sync",
    "requestverification",
    "instrumentation",
];

/// Whether a name says that its value is public, or no value.
pub(super) fn is_public(name: &[u8]) -> bool {
    const KEYS: &[&str] = &["key", "token", "pagetoken"];
    const API_KEYS: &[&str] = &["key", "token", "apikey", "api_key", "api-key"];
    let holds = |words: &[&str], behind: &dyn Fn(&[u8]) -> bool| {
        words.iter().any(|word| holds_word(name, word.as_bytes(), |rest| behind(rest) && !opens(rest)))
    };
    holds(PUBLIC, &|_| true)
        || holds(SHOWN, &|rest| begins_with(rest, API_KEYS))
        || holds(FINDING, &|rest| begins_with(rest, KEYS))
        || holds_word(name, HASHED.as_bytes(), |_| true)
}

/// `_key_password`: whatever stands before it, what opens something is no public value.
fn opens(rest: &[u8]) -> bool {
    ["pass", "pwd", "secret"]
        .iter()
        .any(|word| rest.windows(word.len()).any(|w| w.eq_ignore_ascii_case(word.as_bytes())))
}

/// `Key…`, `_token…`: what follows a word.
fn begins_with(rest: &[u8], words: &[&str]) -> bool {
    let joints = rest.iter().take_while(|c| matches!(c, b'_' | b'-' | b'.' | b' ')).count();
    let rest = rest.get(joints..).unwrap_or_default();
    words.iter().any(|word| rest.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word.as_bytes())))
}

/// Whether a name says by itself that a GUID after it opens something: `api_key`, `client_secret`, not `token`.
pub(super) fn says_enough(text: &[u8], literal: &Range<usize>) -> bool {
    const SAYING: &[&[u8]] = &[b"key", b"secret", b"apitoken"];
    const JOINED: &[&[u8]] =
        &[b"api", b"access", b"auth", b"server", b"http", b"account", b"personal", b"bot", b"user"];
    let word = text.get(literal.clone()).unwrap_or_default();
    let ends = |with: &[u8]| {
        let start = word.len().checked_sub(with.len());
        start.and_then(|start| word.get(start..)).is_some_and(|tail| tail.eq_ignore_ascii_case(with))
    };
    // `api_token`, `AccessToken`: the word before `token`.
    let before = text.get(..literal.start).unwrap_or_default();
    let before =
        before.strip_suffix(b"_").or(before.strip_suffix(b"-")).or(before.strip_suffix(b".")).unwrap_or(before);
    let is_joined = JOINED.iter().any(|joined| {
        let start = before.len().checked_sub(joined.len());
        start.and_then(|start| before.get(start..)).is_some_and(|tail| tail.eq_ignore_ascii_case(joined))
    });
    SAYING.iter().any(|saying| ends(saying)) || (ends(b"token") && is_joined)
}

/// Whether the first letters are the same, in any case: most windows end here.
fn begins_alike(window: &[u8], word: &[u8]) -> bool {
    matches!((window.first(), word.first()), (Some(a), Some(b)) if a.eq_ignore_ascii_case(b))
}

/// Whether a name holds a word as a word of its own (`cacheKey`, `NEXT_TOKEN`, `sortkey`, not `nextauth` and `HASHICORP`),
/// and what follows is as asked for.
fn holds_word(name: &[u8], word: &[u8], is_followed: impl Fn(&[u8]) -> bool) -> bool {
    const JOINED: &[&[u8]] = &[b"key", b"token", b"page", b"s_"];
    name.windows(word.len())
        .enumerate()
        .filter(|(_, window)| begins_alike(window, word) && window.eq_ignore_ascii_case(word))
        .any(|(at, _)| {
            let (before, after) = name.split_at_checked(at + word.len()).unwrap_or_default();
            let goes_on = matches!((before.last(), after.first()), (Some(last), Some(next))
            if last.is_ascii_alphabetic() && next.is_ascii_alphabetic()
                && last.is_ascii_uppercase() == next.is_ascii_uppercase());
            let is_joined =
                |joined: &&[u8]| after.get(..joined.len()).is_some_and(|head| head.eq_ignore_ascii_case(joined));
            let ends = !goes_on || JOINED.iter().any(is_joined);
            ends && is_followed(after) && is_word(name, &(at..at + word.len()))
        })
}

pub(super) fn is_option(text: &[u8], found: &Assignment) -> bool {
    text.get(found.name.start) == Some(&b'-')
}

/// `ENV ACME_TOKEN 4f…`, as Dockerfiles have it, and how other shells and servers say the same.
pub(super) fn is_env(text: &[u8], found: &Assignment) -> bool {
    const SETTERS: &[&[u8]] = &[b"ENV ", b"SetEnv ", b"setenv ", b"set -x ", b"set -gx ", b"set -Ux "];
    let before = text.get(..found.name.start).unwrap_or_default();
    SETTERS.iter().any(|setter| before.ends_with(setter))
}

/// A value that code holds without quotes of its own: a parameter in an address (`?api_key=…&`), the default of a setting
/// (`${acme.key:…}`), a string that is an assignment.
pub(super) fn stands_alone(text: &[u8], found: &Assignment) -> bool {
    let before = text.get(..found.name.start).unwrap_or_default();
    let is_parameter = matches!(before.last(), Some(b'?' | b'&')) && text.get(found.name.end) == Some(&b'=');
    let is_default = before.ends_with(b"${") && text.get(found.name.end) == Some(&b':');
    // `putenv('ACME_TOKEN=…')`: the string is the assignment.
    let is_string =
        matches!((before.last(), text.get(found.value.end)), (Some(b'"' | b'\''), closing) if before.last() == closing);
    found.operator == Operator::Assign && (is_parameter || is_default || is_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_says_that_a_value_is_public_only_where_it_stands_alone() {
        for name in ["cacheKey", "NEXT_TOKEN", "sortkey", "nextPageToken", "PUBLIC_KEY", "hashed_password"] {
            assert!(is_public(name.as_bytes()), "{name}");
        }
        for name in ["NEXTAUTH_SECRET", "HASHICORP_TOKEN", "steamApiKey", "PAGERDUTY_API_KEY", "mapboxToken"] {
            assert!(!is_public(name.as_bytes()), "{name}");
        }
        // What opens a cache, a map or a page is a secret.
        for name in ["PUBLIC_API_SECRET", "AZURE_PUBLIC_CLIENT_SECRET", "public_key_password", "foreign_api_password"] {
            assert!(!is_public(name.as_bytes()), "{name}");
        }
        for name in ["NEXT_PUBLIC_MAPS_API_KEY", "public_api_key", "PUBLISHABLE_KEY", "recaptchaSiteKey"] {
            assert!(is_public(name.as_bytes()), "{name}");
        }
        for name in ["REDIS_CACHE_PASSWORD", "sync_gateway_password", "MAP_API_KEY", "PAGE_ACCESS_TOKEN", "HASH_SECRET"]
        {
            assert!(!is_public(name.as_bytes()), "{name}");
        }
    }
}
