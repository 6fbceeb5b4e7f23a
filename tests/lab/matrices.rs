//! What becomes of a file with a `[matrix]` table, and of one whose table is wrong. Needs no network.

use super::matrix::expand;

/// Each combination has a name and its own words; a word alone keeps its type.
pub fn a_matrix_gives_a_scenario_each() -> Result<(), String> {
    let text = r#"
        about = "{router} over IP{family}"
        arguments = ["{flag}"]
        [matrix]
        router = ["r1", "r3"]
        family = ["v4", "v6"]
        words.alternatives = { r1 = [], r3 = ["port-closed"] }
        words.tables = { v4 = "iptables", v6 = "ip6tables" }
        [nodes."{router}"]
        commands = ["{tables} -A FORWARD; echo { 443 }"]
        [expect]
        alternatives = "{alternatives}"
        location = { hop = "{hop}", address = "{address}", next = "{next}" }
    "#;
    let first = r#"
        about = "r1 over IPv4"
        arguments = ["-4"]
        [nodes.r1]
        commands = ["iptables -A FORWARD; echo { 443 }"]
        [expect]
        alternatives = []
        location = { hop = 1, address = "10.77.1.1", next = "10.77.2.2" }
    "#;
    let last = r#"
        about = "r3 over IPv6"
        arguments = ["-6"]
        [nodes.r3]
        commands = ["ip6tables -A FORWARD; echo { 443 }"]
        [expect]
        alternatives = ["port-closed"]
        location = { hop = 3, address = "fd77:3::2", next = "fd77:4::2" }
    "#;
    let scenarios = expand("x-{router}-{family}", text.to_owned())?;
    let names: Vec<&str> = scenarios.iter().map(|(name, _)| name.as_str()).collect();
    if names != ["x-r1-v4", "x-r1-v6", "x-r3-v4", "x-r3-v6"] {
        return Err(format!("{names:?}"));
    }
    let table = |text: &str| toml::from_str::<toml::Table>(text).map_err(|error| error.to_string());
    for ((name, text), expected) in [(&scenarios[0], first), (&scenarios[3], last)] {
        if table(text)? != table(expected)? {
            return Err(format!("{name}:\n{text}\nis not\n{expected}"));
        }
    }
    Ok(())
}

/// A variant changes tables within, continues lists, and replaces all else.
pub fn a_variant_is_a_scenario_of_its_own() -> Result<(), String> {
    let text = r#"
        about = "open"
        [expect]
        verdicts = { mqtt = "blocked" }
        findings = [{ code = "one" }]
        [variants.closed]
        about = "closed"
        expect.verdicts = { amqp = "blocked" }
        expect.findings = [{ code = "another" }]
    "#;
    let closed = r#"
        about = "closed"
        [expect]
        verdicts = { mqtt = "blocked", amqp = "blocked" }
        findings = [{ code = "one" }, { code = "another" }]
    "#;
    let scenarios = expand("proxy", text.to_owned())?;
    let names: Vec<&str> = scenarios.iter().map(|(name, _)| name.as_str()).collect();
    let table = |text: &str| toml::from_str::<toml::Table>(text).map_err(|error| error.to_string());
    let is_right = names == ["proxy", "proxy-closed"]
        && table(&scenarios[1].1)? == table(closed)?
        && !scenarios[0].1.contains("closed");
    if is_right { Ok(()) } else { Err(format!("{scenarios:?}")) }
}

/// A file without the table is left as it is, line by line, so that errors name its lines.
pub fn a_file_without_a_matrix_is_one_scenario() -> Result<(), String> {
    let text = "about = \"tcp dport {established}\" # {router}\n".to_owned();
    let scenarios = expand("healthy", text.clone())?;
    if scenarios == [("healthy".to_owned(), text)] { Ok(()) } else { Err(format!("{scenarios:?}")) }
}

/// The message names what is wrong.
pub fn a_bad_matrix_says_what_is_wrong() -> Result<(), String> {
    let both = "router = ['r1', 'r2']\nfamily = ['v4', 'v6']";
    let word = |word: &str| format!("router = ['r1', 'r2']\nwords.{word}");
    let incomplete = "words.used needs a value for each `router`";
    let cases = [
        ("x-{router}", "router = ['r1', 'r4']", "unknown variant `r4`, expected one of `r1`, `r2`, `r3`"),
        ("x-{family}", "family = ['v5']", "unknown variant `v5`, expected `v4` or `v6`"),
        ("x-{router}", "routers = ['r1', 'r2']", "unknown field `routers`"),
        ("x", "", "`router` or `family` must list two values or more"),
        ("x", "router = ['r1']", "`router` or `family` must list two values or more"),
        ("x-{router}", both, "two scenarios would have the name x-r1"),
        ("x-{router}", "router = ['r1', 'r1']", "two scenarios would have the name x-r1"),
        ("x-{ruter}", "router = ['r1', 'r2']", "{ruter} is not known"),
        ("x-{family}", "router = ['r1', 'r2']", "{family} is not known"),
        ("x-{router}", &word("unused = { r1 = 'a', r2 = 'b' }"), "nothing uses {unused}"),
        ("x-{router}", &word("used = 'a'"), "a word takes a table"),
        ("x-{router}", &word("used = { r1 = 'a', v4 = 'b' }"), "a word takes a table"),
        ("x-{router}", &word("used = { r1 = 'a' }"), incomplete),
        ("x-{router}", &word("used = { r1 = 'a', r2 = 'b', r3 = 'c' }"), incomplete),
        ("x-{router}", &word("used = { v4 = 'a', v6 = 'b' }"), incomplete),
        ("x-{router}", &word("hop = { r1 = 3, r2 = 4 }"), "{hop} has a meaning already"),
    ];
    for (stem, matrix, wanted) in cases {
        let used = if matrix.contains("words.used") { "{used}" } else { "" };
        match expand(stem, format!("about = '{used} {{hop}}'\n[matrix]\n{matrix}\n")) {
            Err(why) if why.starts_with("matrix: ") && why.contains(wanted) => {}
            other => return Err(format!("{stem}, {matrix}: {other:?}, not {wanted:?}")),
        }
    }
    Ok(())
}
