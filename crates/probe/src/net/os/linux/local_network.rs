//! This machine's links, addresses and routes, as the kernel tells them to any user.

use std::{env, fs, io::Read, net::IpAddr, path::Path};

use super::netlink::{self, Netlink};
use crate::{
    net::os::{
        kernel_route_to,
        network::{MAX_ADDRESSES, MAX_DEFAULT_ROUTES, MAX_INTERFACES, local_network_by},
    },
    observation::{
        ContainerMark, DefaultRoute, Filled, Interface, InterfaceAddress, KernelRoute, LocalNetwork, Neighbour,
    },
};

/// The files read here are some lines long.
const MAX_FILE_SIZE: u64 = 256 * 1024;
/// What the first process's control group is called where an engine has made it.
const ENGINES: [&str; 6] = ["docker", "containerd", "kubepods", "libpod", "lxc", "crio"];
/// Where engines keep what they mount into each container.
const STORES: [&str; 4] = ["/docker/containers/", "/containers/storage/", "/kubelet/pods/", "/containerd/"];
/// What engines mount into each container.
const MOUNTED: [&str; 3] = ["/etc/hosts", "/etc/hostname", "/etc/resolv.conf"];

/// What is known of this machine's network now, and of the ways to the addresses of a hub and of name servers.
pub(crate) fn local_network(hub: &[IpAddr], resolvers: &[IpAddr]) -> LocalNetwork {
    let tables = Tables::read();
    let network = local_network_by(hub, resolvers, |address| kernel_route(tables.as_ref(), address));
    LocalNetwork {
        interfaces: tables.as_ref().map(Tables::interfaces),
        default_routes: tables.as_ref().map(Tables::default_routes),
        container: container_marks(),
        tracked_connections: tracked_connections(),
        ..network
    }
}

/// The tables of the kernel.
struct Tables {
    netlink: std::cell::RefCell<Netlink>,
    links: Vec<netlink::Link>,
    addresses: Vec<netlink::Address>,
    neighbours: Vec<netlink::Neighbour>,
    default_routes: Vec<netlink::Route>,
}

impl Tables {
    /// `None` where a sandbox forbids to ask.
    fn read() -> Option<Self> {
        let mut netlink = Netlink::open().ok()?;
        let (links, addresses) = (netlink.links().ok()?, netlink.addresses().ok()?);
        let neighbours = netlink.neighbours().unwrap_or_default();
        let default_routes = netlink.default_routes().ok()?;
        Some(Self { netlink: netlink.into(), links, addresses, neighbours, default_routes })
    }

    fn interfaces(&self) -> Vec<Interface> {
        let links = self.links.iter().filter(|link| !link.is_loopback).take(MAX_INTERFACES);
        links.map(|link| self.interface(link)).collect()
    }

    fn interface(&self, link: &netlink::Link) -> Interface {
        let addresses = self.addresses.iter().filter(|address| address.link == link.index).take(MAX_ADDRESSES);
        let addresses =
            addresses.map(|one| InterfaceAddress { address: one.address, prefix: one.prefix, usable: one.usable });
        Interface {
            name: link.name.clone(),
            kind: link.kind.clone().unwrap_or_else(|| hardware(&link.name)),
            enabled: link.enabled,
            running: link.running,
            master: link.master.and_then(|master| self.name(master)),
            addresses: addresses.collect(),
            reverse_path_filter: reverse_path_filter(&link.name),
        }
    }

    fn default_routes(&self) -> Vec<DefaultRoute> {
        let routes = self.default_routes.iter().map(|route| DefaultRoute {
            interface: route.link.and_then(|link| self.name(link)),
            gateway: route.gateway,
            v6: route.v6,
            metric: route.metric,
            neighbour: self.neighbour(route.link, route.gateway),
        });
        let mut routes: Vec<DefaultRoute> = routes.collect();
        routes.sort_by_key(|route| (route.v6, route.metric));
        routes.truncate(MAX_DEFAULT_ROUTES);
        routes
    }

    fn name(&self, index: u32) -> Option<String> {
        self.links.iter().find(|link| link.index == index).map(|link| link.name.clone())
    }

    fn neighbour(&self, link: Option<u32>, address: Option<IpAddr>) -> Option<Neighbour> {
        let (link, address) = (link?, address?);
        let found = self.neighbours.iter().find(|one| one.link == link && one.address == address)?;
        Some(found.state)
    }
}

/// Where packets to an address go: who is the next on which link, only the kernel's tables tell.
fn kernel_route(tables: Option<&Tables>, to: IpAddr) -> KernelRoute {
    let Some((tables, KernelRoute::Found { source, .. })) = tables.map(|tables| (tables, kernel_route_to(to))) else {
        return kernel_route_to(to);
    };
    let route = tables.netlink.borrow_mut().route_to(to).ok().flatten();
    let link = route.as_ref().and_then(|route| route.link);
    let gateway = route.and_then(|route| route.gateway);
    KernelRoute::Found {
        source,
        interface: link.and_then(|link| tables.name(link)),
        gateway,
        neighbour: tables.neighbour(link, gateway.or(Some(to))),
    }
}

/// What kind of hardware, by what its driver says.
fn hardware(interface: &str) -> String {
    let uevent = read(&format!("/sys/class/net/{interface}/uevent")).unwrap_or_default();
    uevent.lines().find_map(|line| line.strip_prefix("DEVTYPE=")).unwrap_or("ethernet").to_owned()
}

/// The stricter of an interface's own mode and that of all.
fn reverse_path_filter(interface: &str) -> Option<u8> {
    let mode = |of: &str| number(&format!("/proc/sys/net/ipv4/conf/{of}/rp_filter"));
    let stricter = mode(interface)?.max(mode("all").unwrap_or_default());
    u8::try_from(stricter).ok()
}

fn tracked_connections() -> Option<Filled> {
    let used = number("/proc/sys/net/netfilter/nf_conntrack_count")?;
    Some(Filled { used, limit: number("/proc/sys/net/netfilter/nf_conntrack_max")? })
}

fn container_marks() -> Vec<ContainerMark> {
    let exists = |path: &str| Path::new(path).exists();
    let kubernetes = env::var_os("KUBERNETES_SERVICE_HOST").is_some() || exists("/var/run/secrets/kubernetes.io");
    let cgroup = read("/proc/1/cgroup").is_some_and(|groups| is_an_engines(&groups));
    let mounts = read("/proc/self/mountinfo").is_some_and(|mounts| are_an_engines(&mounts));
    let marks = [
        (exists("/.dockerenv"), ContainerMark::Docker),
        (exists("/run/.containerenv"), ContainerMark::Podman),
        (kubernetes, ContainerMark::Kubernetes),
        (cgroup, ContainerMark::ControlGroup),
        (mounts, ContainerMark::Mounts),
    ];
    marks.into_iter().filter(|(shows, _)| *shows).map(|(_, mark)| mark).collect()
}

fn is_an_engines(control_groups: &str) -> bool {
    ENGINES.iter().any(|engine| control_groups.contains(engine))
}

/// proc_pid_mountinfo(5): the fourth column is what of the file system is mounted, the fifth where.
fn are_an_engines(mounts: &str) -> bool {
    mounts.lines().any(|line| {
        let mut columns = line.split(' ').skip(3);
        let (Some(source), Some(target)) = (columns.next(), columns.next()) else { return false };
        MOUNTED.contains(&target) && STORES.iter().any(|store| source.contains(store))
    })
}

fn number(path: &str) -> Option<u64> {
    read(path)?.trim().parse().ok()
}

fn read(path: &str) -> Option<String> {
    let mut text = Vec::new();
    fs::File::open(path).ok()?.take(MAX_FILE_SIZE).read_to_end(&mut text).ok()?;
    Some(String::from_utf8_lossy(&text).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_is_known_by_what_it_mounts() {
        let docker = "706 688 253:0 /var/lib/docker/containers/0a/hosts /etc/hosts rw,relatime - ext4 /dev/vda rw\n";
        assert!(are_an_engines(docker));
        assert!(!are_an_engines(&docker.replace("/etc/hosts rw", "/mnt rw")), "a directory of the engine, elsewhere");
        assert!(!are_an_engines("706 688 253:0 /tmp/hosts /etc/hosts rw - ext4 /dev/vda rw\nshort line\n"));
    }

    #[test]
    fn an_engine_is_known_by_its_control_group() {
        assert!(is_an_engines("0::/kubepods.slice/kubepods-burstable.slice/cri-containerd-0a.scope\n"));
        assert!(!is_an_engines("9:name=systemd:/\n0::/init.scope\n"));
    }

    #[test]
    fn loopback_is_a_way_and_a_name_server_on_it_is_told_apart() {
        let local = IpAddr::from([127, 0, 0, 53]);
        let network = local_network(&[], &[local]);
        assert!(network.resolves_itself && network.resolvers.is_empty());
        let interfaces = network.interfaces.expect("the kernel tells");
        assert!(interfaces.iter().all(|interface| interface.name != "lo"));
    }
}
