//! Logging in: TLS and SASL, with a broker that asks for it.

use crate::broker::Broker;
use crate::feed;
use crate::world::World;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A token without a signature, as the development broker takes it.
fn unsecured_token() -> String {
    let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
    let now = picket::clock::now().micros() / 1_000_000;
    let claims = format!(r#"{{"sub":"picket","iat":{},"exp":{}}}"#, now - 10, now + 600);
    format!("{head}.{}.", URL_SAFE_NO_PAD.encode(claims))
}

#[test]
#[cfg_attr(not(feature = "kafka-tls"), ignore = "needs the feature kafka-tls")]
fn every_way_to_log_in_works() {
    let Some(broker) = Broker::own(&["--sasl"]) else { return };
    let (plain, secure) = (broker.get("KAFKA_SASL_BOOTSTRAP"), broker.get("KAFKA_SASL_SSL_BOOTSTRAP"));
    let tls = format!("\"ssl.ca.location\" = '{}'\n", broker.get("KAFKA_CA"));
    let password = format!(
        "\"sasl.username\" = '{}'\n\"sasl.password\" = {{ file = '{}' }}\n",
        broker.get("KAFKA_USER"),
        broker.get("KAFKA_PASSWORD_FILE")
    );
    let by_password = |protocol: &str, mechanism: &str, more: &str| {
        format!(
            "[kafka.properties]\n\"security.protocol\" = '{protocol}'\n\"sasl.mechanism\" = '{mechanism}'\n{password}{more}"
        )
    };
    let by_token = format!(
        "[kafka.token]\ncommand = ['echo', '{}']\n[kafka.properties]\n\"security.protocol\" = 'SASL_SSL'\n\
         \"sasl.mechanism\" = 'OAUTHBEARER'\n{tls}",
        unsecured_token()
    );
    let ways = [
        ("plain", plain, by_password("SASL_PLAINTEXT", "PLAIN", "")),
        ("plain-tls", secure, by_password("SASL_SSL", "PLAIN", &tls)),
        ("scram", secure, by_password("SASL_SSL", "SCRAM-SHA-256", &tls)),
        ("token", secure, by_token),
    ];
    for (name, bootstrap, login) in ways {
        println!("logging in by {name}");
        // The tests' own clients use the open door.
        let mut world = World::new(&broker, name);
        if name == "token" {
            world.create_all();
        }
        world.extra = login;
        world.instances_at(bootstrap);
        let instance = world.start("a", "score").ready();
        world.produce("observations", &feed::records(0..20, 5));
        world.drained("score", "observations");
        instance.stop();
        assert_eq!(world.read("risk-detections").len(), 20, "by {name}");
    }
}
