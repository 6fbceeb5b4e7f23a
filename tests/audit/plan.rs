//! Plan files: what they say, and what is said of those that are wrong.

use std::{path::Path, time::Duration};

use hubreach::{
    audit::{Defaults, Plan, PlanError},
    hub::{Depth, HubKind, Protocol, Requirement, Role},
    probe::{Families, Pem},
    report::PlanEntry,
};
use serde_json::Value;

const EXAMPLE: &str = include_str!("../../examples/site-plan.toml");
const SECRET: &str = "c2VjcmV0";

fn read(text: &str) -> Result<Plan, PlanError> {
    Plan::from_toml(text, Path::new("/plans"), &Defaults::default())
}

fn schema() -> jsonschema::Validator {
    let schema: Value = serde_json::from_str(include_str!("../../docs/plan.schema.json")).expect("the schema is JSON");
    jsonschema::meta::validate(&schema).expect("the schema is a JSON Schema");
    jsonschema::validator_for(&schema).expect("the schema compiles")
}

fn json(text: &str) -> Value {
    toml::from_str(text).expect("TOML")
}

#[test]
fn the_example_says_what_its_comments_say() {
    let plan = read(EXAMPLE).expect("a plan");
    assert_eq!(plan.title.as_deref(), Some("Plant 7, packaging line"));
    let said: Vec<(String, &str, String, usize)> = plan
        .targets
        .iter()
        .map(|one| {
            let requirement = one.settings.requirement.to_string();
            (one.target.host.to_string(), one.target.kind.id(), requirement, one.target.checks.len())
        })
        .collect();
    let said: Vec<_> =
        said.iter().map(|(host, kind, need, checks)| (host.as_str(), *kind, need.as_str(), *checks)).collect();
    assert_eq!(
        said,
        [
            ("contoso.azure-devices.net", "azure-iot-hub", "mqtt", 3),
            ("global.azure-devices-provisioning.net", "azure-dps", "all", 2),
            ("contoso-edge.azure-devices.net", "azure-iot-edge", "any", 5),
            ("a1b2c3d4e5f6g7-ats.iot.eu-west-1.amazonaws.com", "aws-iot-core", "any", 5),
            ("broker.plant7.example", "mqtt-broker", "all", 1),
            ("updates.example", "https-endpoint", "none", 1),
            ("contoso.azurecr.io", "https-endpoint", "all", 1),
            ("contoso.blob.core.windows.net", "https-endpoint", "all", 1),
            ("mcr.microsoft.com", "https-endpoint", "all", 1),
        ]
    );
    assert_eq!(plan.targets[2].settings.role, Role::Gateway);
    assert_eq!(plan.targets[4].target.checks[0].endpoint.port, 8884);
    assert_eq!(plan.targets[5].target.checks[0].endpoint.path, "/v2/");
    assert!(plan.targets[6].settings.addresses.is_empty());
    assert!(schema().is_valid(&json(EXAMPLE)));
}

#[test]
fn a_target_s_keys_lie_over_the_defaults() {
    let plan = read(
        r#"
        [defaults]
        timeout = "3s"
        kind = "mqtt-broker"
        protocol = ["mqtt"]
        ca = "device.pem"
        resolver = ["10.0.0.53", "[fd00::53]:5353"]
        [[target]]
        hub = "a.example"
        [[target]]
        hub = "b.example"
        kind = "amqp-broker"
        protocol = ["amqp-ws"]
        ws-path = "/amqp"
        timeout = "250ms"
        ca = "/etc/own.pem"
        hub-ca = "hub.pem"
        resolver = []
        address = ["10.1.2.3"]
        all-addresses = true
        family = "ipv4"
        depth = "tls"
        experiments = false
        require = ["amqp-ws@direct"]
        route = ["direct"]
        "#,
    )
    .expect("a plan");
    let [a, b] = plan.targets.as_slice() else { panic!("two targets: {plan:?}") };
    assert_eq!((a.line, b.line), (9, 11));
    assert_eq!((a.target.kind, b.target.kind), (HubKind::MqttBroker, HubKind::AmqpBroker));
    assert_eq!((a.settings.timeout, b.settings.timeout), (Duration::from_secs(3), Duration::from_millis(250)));
    assert_eq!(a.settings.resolvers.len(), 2);
    assert!(b.settings.resolvers.is_empty());
    assert_eq!(a.settings.ca, Some(Pem::File("/plans/device.pem".into())));
    assert_eq!(b.settings.ca, Some(Pem::File("/etc/own.pem".into())));
    assert_eq!(b.settings.hub_ca, Some(Pem::File("/plans/hub.pem".into())));
    let check = &b.target.checks[0];
    assert_eq!((check.endpoint.protocol, check.endpoint.path.as_str()), (Protocol::AmqpWs, "/amqp"));
    assert_eq!((a.settings.families, b.settings.families), (Families::Both, Families::V4));
    assert_eq!((a.settings.depth, b.settings.depth), (Depth::Exchange, Depth::Tls));
    assert!(a.settings.experiments && !b.settings.experiments && b.settings.all_addresses);
    assert_eq!(
        (&a.settings.requirement, b.settings.requirement.to_string()),
        (&Requirement::Any, "amqp-ws@direct".to_owned())
    );
}

#[test]
fn what_a_plan_says_for_people_is_of_its_targets() {
    let text = "[defaults]\nsite = \"Leeds\"\nnote = \"N\"\n[[target]]\nhub = \"a.example\"\nname = \"Pump\"\ncompanion = [\"c.example\"]\n\
                [[target]]\nhub = \"b.example\"\nsite = \"York\"\ncontact = \"https://me:c2VjcmV0@b.example\"";
    let plan = read(text).expect("a plan").in_file(Path::new("plans/site.toml"));
    let entry = |at: usize| plan.targets[at].entry.clone().expect("of a plan file");
    let [a, b, companion] = [0, 1, 2].map(entry);
    let said = |entry: &PlanEntry| (entry.name.clone(), entry.site.clone(), entry.note.clone(), entry.line);
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(said(&a), (some("Pump"), some("Leeds"), some("N"), Some(5)));
    assert_eq!(said(&b), (None, some("York"), some("N"), Some(9)));
    assert_eq!(said(&companion), (None, some("Leeds"), None, Some(7)));
    assert_eq!(a.file.as_deref(), Some("plans/site.toml"));
    let contact = b.contact.expect("a contact");
    assert!(!contact.contains(SECRET), "{contact}");
    assert!(schema().is_valid(&json(text)));
}

/// Each with its line, and a part of what is said of it.
const WRONG: &[(&str, usize, &str)] = &[
    ("", 1, "there is no target; write [[target]]"),
    ("[[target]]\nprotocol = [\"mqtt\"]", 1, "this target has no hub"),
    ("[[target]]\nhub = \"a.example\"\n\nprotocl = [\"mqtt\"]", 4, "unknown key `protocl`; did you mean `protocol`?"),
    ("[[targets]]\nhub = \"a.example\"", 1, "unknown key `targets`; did you mean `target`?"),
    ("[default]\ntimeout = \"1s\"", 1, "unknown key `default`; did you mean `defaults`?"),
    ("[[target]]\nhub = \"a.example\"\nzzz = 1", 3, "unknown key `zzz`; known are: hub, kind, protocol"),
    ("[[target]]\nhub = \"a.example\"\nkind = \"mqtt-brokr\"", 3, "did you mean `mqtt-broker`?"),
    ("[[target]]\nhub = \"a.example\"\nprotocol = [\"mqtt\", \"amqpws\"]", 3, "did you mean `amqp-ws`?"),
    ("[[target]]\nhub = \"a.example\"\nprotocol = \"mqtt\"", 3, "expected a sequence"),
    ("[[target]]\nhub = \"a.example\"\nrequire = [\"mqt\"]", 3, "a requirement is `any`"),
    ("[[target]]\nhub = \"a.example\"\nrequire = 1", 3, "expected `any`, `all`"),
    ("[[target]]\nhub = \"a.example\"\ntimeout = \"15x\"", 3, "a time from 100ms to 1h"),
    ("[[target]]\nhub = \"a.example\"\naddress = [\"b.example\"]", 3, "10.1.2.3"),
    ("[[target]]\nhub = \"a.example\"\nresolver = [\"dns\"]", 3, "10.0.0.53"),
    ("[[target]]\nhub = \"a.example\"\nport = { mqtt = 70000 }", 3, "1 to 65535"),
    ("[[target]]\nhub = \"a.example\"\nport = { mqtt = 0 }", 2, "1 to 65535"),
    ("[[target]]\nhub = \"a.example\"\nhub = \"b.example\"", 3, "duplicate key"),
    ("[[target]]\nhub = \"a.example", 2, "string"),
    ("[defaults]\nhub = \"a.example\"\n[[target]]\nhub = \"a.example\"", 2, "belongs to a [[target]]"),
    ("[defaults]\nname = \"A\"\n[[target]]\nhub = \"a.example\"", 2, "a name belongs to a [[target]]"),
    ("[[target]]\nhub = \"contoso\"", 2, "contoso.azure-devices.net"),
    ("[[target]]\nhub = \"a b.example\"", 2, "not a hostname"),
    ("[[target]]\nhub = \"a.example\"\n[[target]]\nhub = \"A.example.\"", 4, "by the target of line 2 already"),
    (
        "[[target]]\nhub = \"a.example\"\nprotocol = [\"mqtt\"]\nrequire = \"https\"",
        2,
        "https is required but not tested",
    ),
    (
        "[[target]]\nhub = \"a.example\"\nkind = \"mqtt-broker\"\nprotocol = [\"amqp\"]",
        2,
        "mqtt-broker does not speak amqp",
    ),
    ("[[target]]\nhub = \"a.example\"\naddress = [\"::1\"]\nfamily = \"ipv4\"", 2, "one address family alone"),
    ("[[target]]\nhub = \"a.example\"\naddress = [\"::1\"]\nresolver = [\"::1\"]", 2, "no name server is asked"),
    ("[[target]]\nhub = \"a.example\"\nws-path = \"mqtt\"", 2, "begins with /"),
    ("[[target]]\nhub = \"a.example\"\ncompanion = [\"b.example\",\n\"c c\"]", 4, "not a hostname"),
];

#[test]
fn what_is_wrong_is_told_with_its_line_and_what_was_meant() {
    for (text, line, hint) in WRONG {
        let error = read(text).expect_err(text);
        assert_eq!(error.line, *line, "{text}\n{error}");
        assert!(error.message.contains(hint), "{text}\n{error}");
        assert!(!error.message.contains('\n'), "{error}");
    }
}

#[test]
fn secrets_and_escapes_in_a_plan_are_not_repeated() {
    for text in [
        format!("[[target]]\nhub = \"SharedAccessKey={SECRET}\""),
        format!("[[target]]\nhub = \"a.example\"\nport = \"HostName=a.example;SharedAccessKey={SECRET}\""),
        format!("[[target]]\nhub = \"a.example\"\nkind = \"https://user:{SECRET}@a.example\""),
        format!("[[target]]\n\"SharedAccessKey={SECRET}\" = 1"),
        format!("[[target]]\nhub = \"a.example\"\ncompanion = [\"SharedAccessKey={SECRET}\"]"),
    ] {
        let error = read(&text).expect_err(&text).to_string();
        assert!(!error.contains(SECRET), "{error}");
    }
    let error = read("[[target]]\n\"\\u001b[31m\" = 1").expect_err("unknown").to_string();
    assert!(!error.contains('\u{1b}'), "{error:?}");
}

#[test]
fn the_schema_for_editors_knows_the_same_keys() {
    let schema = schema();
    // Every fault of form, as an editor sees it; what concerns several keys at once no schema can tell.
    let of_form = WRONG.iter().filter(|(.., hint)| {
        ["unknown key", "did you mean", "expected", "a requirement", "no hub", "no target"]
            .iter()
            .any(|mark| hint.contains(mark))
    });
    for (text, ..) in of_form {
        let value: Value = toml::from_str(text).expect("TOML");
        assert!(!schema.is_valid(&value), "{text}");
    }
    // A key that the reader knows and the schema does not, or the other way round.
    let unknown = read("[[target]]\nhub = \"a.example\"\nzzz = 1").expect_err("unknown").message;
    let (_, known) = unknown.split_once("known are: ").expect("lists them");
    let schema: Value = serde_json::from_str(include_str!("../../docs/plan.schema.json")).expect("JSON");
    let mut listed: Vec<&str> = schema["properties"]["target"]["items"]["properties"]
        .as_object()
        .expect("properties")
        .keys()
        .map(String::as_str)
        .collect();
    let mut known: Vec<&str> = known.split(", ").collect();
    listed.sort_unstable();
    known.sort_unstable();
    assert_eq!(listed, known);
    let kinds: Vec<&str> = hubreach::hub::KINDS.iter().map(|facts| facts.kind.id()).collect();
    assert_eq!(schema["$defs"]["keys"]["kind"]["enum"], serde_json::json!(kinds));
}

#[test]
fn a_list_of_hubs_is_a_plan_too() {
    let hubs = [(1, "a.example"), (3, "https://b.example:443/"), (4, "10.1.2.3")];
    let plan = Plan::from_hubs(hubs.into_iter(), &Defaults::default()).expect("a plan");
    let hosts: Vec<String> = plan.targets.iter().map(|one| one.target.host.to_string()).collect();
    assert_eq!(hosts, ["a.example", "b.example", "10.1.2.3"]);
    let twice = [(1, "a.example"), (7, "a.example")];
    let error = Plan::from_hubs(twice.into_iter(), &Defaults::default()).expect_err("twice");
    assert!(error.line == 7 && error.message.contains("line 1 already"), "{error}");
}
