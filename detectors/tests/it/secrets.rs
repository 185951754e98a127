//! The secret scanner from outside: formats, encodings, owners, foreign rules, hostile input, what it never tells.

use picket_detectors::secrets::{
    FingerprintKey, Origin, Reason, RuleError, RuleFile, Scanner, Side, Sighting, Sureness,
};
use proptest::prelude::*;
use std::sync::LazyLock;

static SCANNER: LazyLock<Scanner> = LazyLock::new(|| Scanner::shipped(FingerprintKey::default()));

const APP: &str = "a0000001-9a1b-4c2d-8e3f-0123456789ab";
const TENANT: &str = "b0000001-9a1b-4c2d-8e3f-0123456789ab";

/// A secret whose checksum holds: the published vector.
fn entra() -> String {
    format!("zzz8Q~{}blP", "z".repeat(31))
}

/// A made-up value that looks generated.
fn random(length: usize) -> String {
    const CHARACTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(CHARACTERS[(state >> 33) as usize % CHARACTERS.len()])
    };
    (0..length).map(|_| next()).collect()
}

fn scan(text: &str) -> Vec<Sighting> {
    SCANNER.scan(text.as_bytes(), &Origin::default())
}

fn base64(text: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |bits: u32, at: usize| char::from(DIGITS[(bits >> (18 - 6 * at) & 63) as usize]);
    text.chunks(3)
        .flat_map(|chunk| {
            let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
            (0..4).map(move |at| if at <= chunk.len() { digit(bits, at) } else { '=' })
        })
        .collect()
}

#[test]
fn a_client_secret_is_one_finding_with_its_owner_in_every_format() {
    let secret = entra();
    let notebook = serde_json::to_string(&format!("client_id = '{APP}'\ntenant = '{TENANT}'\nsecret = '{secret}'\n"));
    for (format, text) in [
        ("dotenv", format!("AZURE_CLIENT_ID={APP}\nAZURE_TENANT_ID={TENANT}\nAZURE_CLIENT_SECRET={secret}\n")),
        ("yaml", format!("azure:\n  clientId: {APP}\n  tenantId: {TENANT}\n  clientSecret: \"{secret}\"\n")),
        ("json", format!("{{\"appId\": \"{APP}\", \"password\": \"{secret}\", \"tenant\": \"{TENANT}\"}}")),
        ("hcl", format!("client_id = \"{APP}\"\nclient_secret = \"{secret}\"\ntenant_id = \"{TENANT}\"\n")),
        (
            "c#",
            format!(
                "ClientId = \"{APP}\"; TenantId = \"{TENANT}\"; var c = new ClientSecretCredential(t, i, \"{secret}\");"
            ),
        ),
        (
            "python",
            format!("cred = ClientSecretCredential(tenant_id='{TENANT}', client_id='{APP}', client_secret='{secret}')"),
        ),
        ("shell", format!("az login --service-principal -u {APP} -p {secret} --tenant {TENANT}")),
        (
            "xml",
            format!(
                "<add key=\"ClientId\" value=\"{APP}\"/><add key=\"TenantId\" value=\"{TENANT}\"/><add key=\"S\" value=\"{secret}\"/>"
            ),
        ),
        ("properties", format!("azure.client-id={APP}\nazure.tenant-id={TENANT}\nazure.client-secret={secret}\n")),
        ("notebook", notebook.expect("text is JSON")),
    ] {
        let found = scan(&text);
        let [only] = found.as_slice() else { panic!("{format}: {found:?}") };
        assert_eq!((only.rule.as_str(), only.confidence), ("entra-client-secret", Sureness::High), "{format}");
        assert!(only.reasons.contains(&Reason::ChecksumHolds), "{format}");
        assert_eq!(only.owner.hint.as_deref(), Some("zzz"), "{format}");
        let apps: Vec<String> = only.owner.apps.iter().map(ToString::to_string).collect();
        // What labels an id in XML stands in another attribute.
        let unlabelled: Vec<String> = only.owner.unlabelled.iter().map(ToString::to_string).collect();
        assert!(apps == [APP] || unlabelled.contains(&APP.to_owned()), "{format}: {:?}", only.owner);
        assert_eq!(&text[only.start..only.end], secret, "{format}");
    }
}

#[test]
fn encodings_hide_nothing() {
    let text = format!("AZURE_CLIENT_ID={APP} AZURE_CLIENT_SECRET={}", entra());
    let plain = SCANNER.scan(text.as_bytes(), &Origin::default()).remove(0);
    let once = base64(text.as_bytes());
    let twice = base64(once.as_bytes());
    let percent = entra().bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
    let json = entra().bytes().map(|byte| format!("\\u{byte:04x}")).collect::<Vec<_>>().concat();
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (encoding, bytes) in [
        ("base64", format!("data: {once}\n").into_bytes()),
        ("base64 twice", format!("data: {twice}\n").into_bytes()),
        ("percent", format!("client_secret={percent}").into_bytes()),
        ("json", format!("{{\"s\": \"{json}\"}}").into_bytes()),
        ("utf-16", utf16.clone()),
        ("utf-16 with its mark", [vec![0xff, 0xfe], utf16].concat()),
    ] {
        let found = SCANNER.scan(&bytes, &Origin::default());
        let [only] = found.as_slice() else { panic!("{encoding}: {found:?}") };
        assert_eq!((only.rule.as_str(), only.fingerprint), ("entra-client-secret", plain.fingerprint), "{encoding}");
        assert!(only.end <= bytes.len() && only.start < only.end, "{encoding}");
    }
}

#[test]
fn sides_of_a_diff_and_comments_that_allow_are_told() {
    let (old, new) = (entra(), format!("ghp_{}", random(36)));
    let diff = format!("@@ -1,2 +1,2 @@\n-SECRET={old}\n+TOKEN={new}\n same\n");
    let sides: Vec<_> = scan(&diff).iter().map(|sighting| sighting.side).collect();
    assert_eq!(sides, [Some(Side::Removed), Some(Side::Added)]);
    assert_eq!(scan(&format!("SECRET={old} # picket:allow\nTOKEN={new}\n")).len(), 1);
    assert_eq!(scan(&format!("SECRET={old}\n"))[0].side, None);
}

#[test]
fn home_ground_is_found_with_its_account() {
    let key = |length: usize| format!("{}{}", random(length), if length == 86 { "==" } else { "=" });
    for (text, rule, host) in [
        (
            format!(
                "DefaultEndpointsProtocol=https;AccountName=billing01;AccountKey={};EndpointSuffix=core.windows.net",
                key(86)
            ),
            "azure-storage-key",
            None,
        ),
        (
            format!(
                "Endpoint=sb://orders.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey={}",
                key(43)
            ),
            "azure-shared-access-key",
            Some("orders.servicebus.windows.net"),
        ),
        (
            format!("HostName=hub1.azure-devices.net;SharedAccessKeyName=owner;SharedAccessKey={}", key(43)),
            "azure-shared-access-key",
            Some("hub1.azure-devices.net"),
        ),
        (
            format!("Endpoint=https://conf1.azconfig.io;Id=ab-l0-s0:xyz;Secret={}", key(43)),
            "azure-app-configuration",
            Some("conf1.azconfig.io"),
        ),
        (
            format!(
                "Server=tcp:db1.database.windows.net,1433;Initial Catalog=app;User ID=svc;Password={};Encrypt=True",
                random(14)
            ),
            "azure-sql-connection",
            Some("tcp:db1.database.windows.net,1433"),
        ),
        (
            format!("mongodb+srv://svc:{}@cluster0.abcde.mongodb.net/app", random(14)),
            "url-password",
            Some("cluster0.abcde.mongodb.net"),
        ),
        (format!("amqps://svc:{}@mq.prod.internal:5671/v", random(14)), "url-password", Some("mq.prod.internal:5671")),
        (
            format!("rediss://:{}@cache1.redis.cache.windows.net:6380/0", random(20)),
            "url-password",
            Some("cache1.redis.cache.windows.net:6380"),
        ),
    ] {
        let found = scan(&text);
        let [only] = found.as_slice() else { panic!("{text}: {found:?}") };
        assert_eq!((only.rule.as_str(), only.owner.host.as_deref()), (rule, host), "{text}");
        assert_eq!(only.confidence, Sureness::High, "{text}");
    }
}

/// Its keys say what it is: neither the quotes nor what stands before the first key matter.
#[test]
fn a_connection_string_is_known_wherever_it_begins() {
    let pairs = format!("Server=db1.corp.net;Database=orders;User Id=svc;Password={};", random(14));
    for text in [
        format!("conn = '{pairs}'"),
        format!("ConnectionStrings__Default: {pairs}\n"),
        format!("2026-11-02T10:00:00Z INFO opening {pairs}\n"),
        format!("env('DB', '{pairs}')"),
        format!("@Value(\"${{db.url:{pairs}}}\")"),
    ] {
        let found = scan(&text);
        let [only] = found.as_slice() else { panic!("{text}: {found:?}") };
        assert!(only.confidence >= Sureness::Medium, "{text}: {only:?}");
        assert_eq!(only.owner.host.as_deref(), Some("db1.corp.net"), "{text}");
    }
}

#[test]
fn a_password_is_one_whatever_host_the_code_puts_behind_it() {
    for host in ["{host}/app\"", "${DB_HOST}:27017`", "$DB_HOST/app\"", "\" + host", "{{ .Values.mq.host }}\""] {
        let found = scan(&format!("f\"postgresql://app:{}@{host}", random(18)));
        let [only] = found.as_slice() else { panic!("{host}: {found:?}") };
        let told = (only.rule.as_str(), only.confidence, only.owner.account.as_deref(), only.owner.host.as_deref());
        assert_eq!(told, ("url-password", Sureness::Medium, Some("app"), None), "{host}");
    }
}

/// What every client is given is worth a look at most.
#[test]
fn what_is_public_by_design_is_never_sure() {
    let anon = format!(
        "{}.{}.{}",
        base64(br#"{"alg":"HS256","typ":"JWT"}"#).trim_end_matches('='),
        base64(br#"{"iss":"supabase","ref":"abcdefgh","role":"anon"}"#).trim_end_matches('='),
        random(43)
    );
    for text in [
        format!("RECAPTCHA_SITE_KEY=6L{}", random(38)),
        format!("ALGOLIA_SEARCH_API_KEY={}", random(32).to_lowercase()),
        format!("SUPABASE_ANON_KEY={anon}"),
        format!("PAYPAL_CLIENT_ID=A{}", random(79)),
    ] {
        let found = scan(&text);
        assert!(found.iter().all(|one| one.confidence == Sureness::Low), "{text}: {found:?}");
    }
    assert!(scan(&format!("RECAPTCHA_SECRET_KEY=6L{}", random(38))).iter().any(|one| one.confidence > Sureness::Low));
}

/// Passwords that no form gives away, in the places where people write them.
#[test]
fn a_good_password_is_known_by_its_name_or_its_place() {
    let password = format!("{}!7", random(14));
    for (path, text) in [
        (".env", format!("SMTP_AUTH_PASSWORD={}", random(20))),
        ("app.properties", "db.password=Maple$Fjord2918".to_owned()),
        ("notes.txt", format!("Password: {password}")),
        ("Graph.cs", format!("new X509Certificate2(\"graph.pfx\", \"{password}\")")),
        ("setup.cmd", format!("cmdkey /add:files /user:svc /pass:{password}")),
        ("settings.json", format!("{{\"SmtpPass\": \"{password}\"}}")),
        ("secret.yaml", format!("data:\n  db-password: {}", base64(format!("#{}", random(14)).as_bytes()))),
        (".env", format!("REDIS_CACHE_PASSWORD={password}")),
        (".env", format!("PASS={password}")),
        (".env", format!("DB_ROOT_PW={password}")),
        (".env", format!("SESSION_SECRET={password}")),
        ("app.yml", format!("unlock_key: {}", random(40))),
        ("config.ini", format!("mot_de_passe = {password}")),
        ("config.yml", format!("db:\n  contraseña: \"{password}\"")),
        ("settings.php", format!("$пароль = '{password}';")),
        ("settings.py", "EMAIL_HOST_PASSWORD = 'runxdyatmpbfpfgw'".to_owned()),
        ("dump.sql", format!("CREATE USER 'svc' IDENTIFIED BY '{password}%e';")),
        ("App.java", format!("@Value(\"${{redis.password:{password}}}\")")),
        ("cli.py", format!("parser.add_argument(\"--api-key\", default=\"{}\")", random(40))),
        ("server.xml", format!("<Connector keystoreFile=\"k.jks\" keystorePass=\"{password}\"/>")),
        ("fstab", format!("//fs/share /mnt cifs username=svc,password={},vers=3.0 0 0", random(17))),
        ("switch.cfg", format!("username admin privilege 15 password 0 {}", random(20))),
        ("main.go", format!("req.SetBasicAuth(\"svc-ci\", \"{password}\")")),
        ("api.js", format!("jwt.sign(payload, '{}', {{ expiresIn: '1h' }});", random(40))),
    ] {
        let found = SCANNER.scan(text.as_bytes(), &Origin { path: Some(path) });
        assert!(found.iter().any(|one| one.confidence >= Sureness::Medium), "{path}: {text}: {found:?}");
    }
}

#[test]
fn an_aws_pair_is_one_finding_that_names_its_account() {
    let id = ["ASIA", "QNZGKIQY56JQ7WML"].concat();
    let found = scan(&format!("aws_access_key_id = {id}\naws_secret_access_key = {}\n", random(40)));
    let [only] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(only.rule, "aws-secret-key-pair");
    assert_eq!(
        (only.owner.key_id.as_deref(), only.owner.account.as_deref()),
        (Some(id.as_str()), Some("029608264753"))
    );
}

#[test]
fn a_gitleaks_configuration_loads_as_it_is() {
    let toml = r#"
        title = "ours"
        [allowlist]
        paths = ['''(^|/)go\.sum$''']
        [[rules]]
        id = "our-token"
        description = "Our own token"
        regex = '''(?i)\b(our_[0-9a-f]{8})\b'''
        keywords = ["our_"]
        [rules.allowlist]
        stopwords = ["00000000"]
        [[rules]]
        id = "numbered"
        regex = '''num-(\d+)-(\d{4})'''
        secretGroup = 2
    "#;
    let file = RuleFile { name: "gitleaks.toml", text: toml };
    let scanner = Scanner::with_rules(FingerprintKey::default(), &[file]).expect("it loads");
    let rules = |text: &str, path| {
        let found = scanner.scan(text.as_bytes(), &Origin { path });
        found
            .iter()
            .map(|sighting| (sighting.rule.to_string(), text[sighting.start..sighting.end].to_owned()))
            .collect::<Vec<_>>()
    };
    assert_eq!(rules("x OUR_0123abcd y", None), [("our-token".to_owned(), "OUR_0123abcd".to_owned())]);
    assert_eq!(rules("x our_00000000 y", None), []);
    assert_eq!(rules("x our_0123abcd y", Some("a/go.sum")), []);
    assert_eq!(rules("num-1-2345", None), [("numbered".to_owned(), "2345".to_owned())]);
}

#[test]
fn rules_that_cannot_be_loaded_say_which_and_why() {
    for (text, wanted) in [
        ("- id: x\n  title: t\n", "own.yaml: not a file of rules"),
        ("- {id: x, title: t, provider: p, kind: token, keywords: [abc], pattern: 'abc('}", "own.yaml: rule `x`"),
        ("- {id: x, title: t, provider: p, kind: token, keywords: [abc], pattern: 'a*'}", "matches nothing at all"),
        ("- {id: x, title: t, provider: p, kind: token, pattern: 'abc'}", "give `keywords` and `pattern`"),
    ] {
        let own = [RuleFile { name: "own.yaml", text }];
        let error: RuleError = Scanner::with_rules(FingerprintKey::default(), &own).expect_err("a bad file");
        assert!(error.to_string().contains(wanted), "{error}");
    }
}

/// The canary: nothing of a secret appears in what a sighting can print or serialise.
#[test]
fn a_sighting_tells_nothing_of_its_secret() {
    let password = "hunter-Xy7".to_owned();
    let token = random(44);
    for (text, secret) in [
        (format!("client_secret = {}", entra()), entra()),
        (format!("api_token = \"{token}\""), token),
        (format!("postgres://svc:{password}@db.prod.internal/app"), password),
    ] {
        let found = scan(&text);
        assert_eq!(found.len(), 1, "{text}");
        let printed = format!("{found:?} {:#?} {}", found, serde_json::to_string(&found).expect("it serialises"));
        for window in secret.as_bytes().windows(6) {
            assert!(!printed.contains(&*String::from_utf8_lossy(window)), "{printed}");
        }
    }
}

/// Hostile text of 64 KiB each: a quadratic step anywhere would run for minutes.
#[test]
fn hostile_text_takes_linear_time() {
    const SIZE: usize = 1 << 16;
    for piece in [
        "AccountKey=",
        "sig=",
        "password=",
        "token: ",
        "://",
        "a:b@",
        "-----BEGIN RSA PRIVATE KEY-----",
        "eyJ",
        ".eyJ-",
        "curl -u ",
        "AKIA",
        "%41",
        "\\u0041",
        "Password=a;",
        "Server=x;Password=",
        "-eyJ",
        "secret=\"",
        "AAAA",
        "\\\"",
        "service_account",
        "Basic ",
        "jdbc:",
        "T3BlbkFJ",
        "8Q~",
        "sk-",
        "=",
        "\n",
        " ",
        "\\",
        "%",
    ] {
        let text = piece.repeat(SIZE / piece.len());
        SCANNER.scan(text.as_bytes(), &Origin::default());
    }
}

#[test]
fn what_each_rule_looks_for_may_repeat_without_end() {
    const SIZE: usize = 1 << 13;
    for rule in SCANNER.rules() {
        for example in &rule.examples {
            // As it is written in the rule: all its fixed parts, and braces.
            let text = example.repeat(SIZE / example.len() + 1);
            for sighting in SCANNER.scan(text.as_bytes(), &Origin::default()) {
                assert!(sighting.start < sighting.end && sighting.end <= text.len(), "{}", rule.id);
            }
        }
    }
}

proptest! {
    #[test]
    fn parts_of_secrets_in_any_order_do(
        parts in prop::collection::vec((any::<prop::sample::Index>(), 0..40_usize, 0..40_usize, any::<u8>()), 0..12),
    ) {
        let examples: Vec<&String> = SCANNER.rules().flat_map(|rule| &rule.examples).collect();
        let mut text = Vec::new();
        for (which, from, length, byte) in parts {
            let example = which.get(&examples).as_bytes();
            let from = from.min(example.len());
            text.extend_from_slice(&example[from..example.len().min(from + length)]);
            text.push(byte);
        }
        for sighting in SCANNER.scan(&text, &Origin::default()) {
            prop_assert!(sighting.start < sighting.end && sighting.end <= text.len());
        }
    }

    #[test]
    fn any_bytes_do(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        for sighting in SCANNER.scan(&bytes, &Origin::default()) {
            prop_assert!(sighting.start < sighting.end && sighting.end <= bytes.len());
        }
    }

    #[test]
    fn a_proven_secret_is_found_between_any_text(before in "\\PC{0,40}", after in "\\PC{0,40}") {
        let text = format!("{before} {} {after}", entra());
        prop_assert!(scan(&text).iter().any(|sighting| sighting.rule == "entra-client-secret"));
    }
}

#[test]
fn keys_that_vendors_publish_are_none() {
    let azurite =
        ["Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq", "/K1SZFPTOtr/KBHBeksoGMGw=="].concat();
    let example = ["wJalrXUtnFEMI/K7MDENG", "/bPxRfiCYEXAMPLEKEY"].concat();
    for text in [
        format!("DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={azurite};"),
        format!("aws_access_key_id = {}\naws_secret_access_key = {example}", ["AKIAIOSFODNN7", "EXAMPLE"].concat()),
    ] {
        assert_eq!(scan(&text), [], "{text}");
    }
}
