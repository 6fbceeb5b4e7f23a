//! What `--help` ends with: the command as it is used, and how it exits.

pub(super) const CHECK: &str = "\
Examples:
  On site, with a laptop or on the device:
    hubreach contoso.azure-devices.net
    hubreach contoso.azure-devices.net --role gateway --output report.html
  In a script, the hub in HUBREACH_HUB:
    hubreach --protocol mqtt --require mqtt --timeout 8s -q
  For Windows and .NET devices, which check revocation over port 80:
    hubreach contoso.azure-devices.net --companions
  An audit before the hub exists, `hubreach serve --ca-out ca.pem` elsewhere:
    hubreach hub.example --ca ca.pem --hub-ca ca.pem --require all

Exit status: 0 the requirement is met, 1 it is not, 2 wrong usage,
3 the check could not run.";

pub(super) const HEALTH: &str = "\
Examples:
  In a Dockerfile, the hub in the environment:
    ENV HUBREACH_HUB=contoso.azure-devices.net HUBREACH_REQUIRE=mqtt
    HEALTHCHECK --interval=60s --timeout=15s CMD [\"/hubreach\", \"health\"]
  By hand; ends as soon as MQTT is known to be allowed or not:
    hubreach health contoso.azure-devices.net --require mqtt
  Leaving no refused login in the hub's logs:
    hubreach health contoso.azure-devices.net --depth tls

Tests what --protocol names, else what --require names, else all that the kind
of hub has; ends once the requirement is decided.

Exit status: 0 healthy, 1 not, wrong usage and faults included, for container
engines reserve the rest.";

pub(super) const AUDIT: &str = "\
Examples:
  A site's needs, kept in a plan file:
    hubreach audit plan.toml --output report.html --output rules.ticket
  A few hubs, or many, one a line:
    hubreach audit contoso.azure-devices.net fabrikam.azure-devices.net
    hubreach audit - --require mqtt --jobs 100 --format csv < hubs.txt
  Before the firewall ticket, and after it:
    hubreach audit plan.toml --output before.json
    hubreach audit plan.toml --output after.json
    hubreach diff before.json after.json

A plan's keys are the options of `hubreach check` without their dashes:
  [defaults]
  require = \"all\"
  [[target]]
  hub = \"contoso.azure-devices.net\"
  protocol = [\"mqtt\", \"mqtt-ws\"]

Options hold for every hub on the command line or in the list. Ctrl-C ends the
audit with the report so far.

Exit status: 0 every requirement is met, 1 one is not, or was not tested,
2 wrong usage or a plan that cannot be read, 3 a target could not be tested.";

pub(super) const EXPORTER: &str = "\
Examples:
  Two hubs, for a Prometheus on the same machine:
    hubreach exporter contoso.azure-devices.net fabrikam.azure-devices.net
    curl 'http://127.0.0.1:9877/probe?hub=contoso.azure-devices.net'
  A fleet, of which MQTT is needed; Prometheus names the hubs:
    hubreach exporter --allow '*.azure-devices.net' --require mqtt

A request is /probe?hub=HUB, and may add &protocol=mqtt,https and one of
  &module=default   to the hub's answer in each protocol
  &module=connect   to the TCP handshake alone
  &module=tls       to the TLS handshake: leaves no refused login at the hub
  &module=explain   and experiments, where something fails
Only the hubs named here are probed. There is no authentication: whoever
reaches --listen can have those hubs probed, and read what was found.

Exit status: 0 it was told to end, 2 wrong usage, 3 it could not run.";

pub(super) const DIFF: &str = "\
Examples:
  Before the ticket, after it, and what it changed:
    hubreach contoso.azure-devices.net --output before.json
    hubreach contoso.azure-devices.net --output after.json
    hubreach diff before.json after.json
  For the ticket, and for a script:
    hubreach diff before.json after.json --output changes.md --format json

A check that was not tested again is told, but does not count as lost.

Exit status: 0 nothing that was allowed is lost, 1 something is, 2 wrong
usage or a file that is no report.";

pub(super) const SERVE: &str = "\
Examples:
  On a machine outside the site, then on the site:
    hubreach serve --listen 0.0.0.0 --name hub.example --ca-out ca.pem
    hubreach hub.example --ca ca.pem --hub-ca ca.pem --require all
  Here, without privileges:
    hubreach serve --port https=8443";

pub(super) const TRACE: &str = "\
Examples:
  Where is MQTT stopped, and is HTTPS not?
    hubreach trace contoso.azure-devices.net
  One port, over IPv4, with the routers' names:
    hubreach trace contoso.azure-devices.net --protocol mqtt,https -4 --names

Sends TCP SYNs that may take only a few hops; needs no privilege, and Linux.
A router that drops what it should forward looks like one that never lets it
in at the next hop: both are named. Routers may be silent or answer but a few
times a second, and load balancers may send one connection another way than
the next.

Exit status: 0 the paths were traced, 1 the name has no address to trace,
2 wrong usage, 3 they could not be traced.";

pub(super) const COMPLETIONS: &str = "\
Examples:
  Where bash, zsh and fish look for them; make the directory if it is not there:
    hubreach completions bash \\
        > ~/.local/share/bash-completion/completions/hubreach
    hubreach completions zsh > ~/.zfunc/_hubreach
    hubreach completions fish > ~/.config/fish/completions/hubreach.fish
  zsh looks there with this in ~/.zshrc, before compinit:
    fpath+=(~/.zfunc)";

pub(super) const TOP: &str = "\
`hubreach <HUB>` is short for `hubreach check <HUB>`, whose options
`hubreach check --help` lists.

Examples:
  hubreach contoso.azure-devices.net   check every protocol of a hub
  hubreach demo                        see what a report looks like
  hubreach explain silent-drop         what a finding means

Every option can come from the environment, as HUBREACH_ and its name, such as
HUBREACH_WS_PATH=/mqtt; an empty variable counts as unset.";
