//! Which addresses may be called.
//!
//! An endpoint's address is written by whoever has a token, and its name may lead anywhere, to
//! another place each time it is asked for. So the address that is actually connected to decides,
//! right before the connection is made.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use roster_directory::EndpointUrl;

/// Networks of version 4 that are not public, by the registry of special purpose addresses.
const NOT_PUBLIC_4: [([u8; 4], u8); 17] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 31, 196, 0], 24),
    ([192, 52, 193, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];

/// Of version 6 only this network is public at all,
const PUBLIC_6: ([u16; 8], u8) = ([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

/// and within it these are not: special protocols with Teredo's tunnels among them, examples, and
/// what is reserved.
const NOT_PUBLIC_6: [([u16; 8], u8); 4] = [
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
    ([0x2001, 0x0db8, 0, 0, 0, 0, 0, 0], 32),
    ([0x2620, 0x004f, 0x8000, 0, 0, 0, 0, 0], 48),
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20),
];

/// Which addresses may be called: public ones, and what the operator allows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AddressPolicy {
    allowed: Vec<IpNet>,
}

/// Why an endpoint's address is refused when it is registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RefusedUrl {
    /// It is plain `http`, and no network is allowed for it.
    #[error("Must begin with https://.")]
    Plain,
    /// Its host is an address that may not be called.
    #[error("Must not lead to a private, local or reserved address.")]
    Forbidden,
}

impl AddressPolicy {
    /// Public addresses, and those of these networks.
    #[must_use]
    pub fn new(allowed: Vec<IpNet>) -> Self {
        Self { allowed }
    }

    /// Whether an address may be called. What can be read on its way, `plain`, goes to allowed
    /// networks only.
    #[must_use]
    pub fn permits(&self, address: IpAddr, plain: bool) -> bool {
        let address = address.to_canonical();
        let allowed = self.allowed.iter().any(|network| network.contains(&address));
        allowed || (!plain && is_public(address))
    }

    /// Whether an endpoint's address could ever be called, as far as that is written in it.
    pub fn check_url(&self, url: &EndpointUrl) -> Result<(), RefusedUrl> {
        if url.is_plain() && self.allowed.is_empty() {
            return Err(RefusedUrl::Plain);
        }
        match url.host_address() {
            Some(address) if self.permits(address, url.is_plain()) => Ok(()),
            Some(address) if self.permits(address, false) => Err(RefusedUrl::Plain),
            Some(_) => Err(RefusedUrl::Forbidden),
            None => Ok(()),
        }
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_4(address),
        IpAddr::V6(address) => is_public_6(address),
    }
}

fn is_public_4(address: Ipv4Addr) -> bool {
    let within = |(network, length): ([u8; 4], u8)| {
        Ipv4Net::new_assert(network.into(), length).contains(&address)
    };
    !NOT_PUBLIC_4.into_iter().any(within)
}

fn is_public_6(address: Ipv6Addr) -> bool {
    let within = |(network, length): ([u16; 8], u8)| {
        Ipv6Net::new_assert(network.into(), length).contains(&address)
    };
    if let Some(inner) = embedded(address) {
        return is_public_4(inner);
    }
    within(PUBLIC_6) && !NOT_PUBLIC_6.into_iter().any(within)
}

/// The address of version 4 that a translator or a tunnel would reach through this one: NAT64's
/// well-known prefix, and 6to4.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let bytes = address.octets();
    let inner = |from: usize| {
        let inner = bytes.get(from..from + 4)?;
        <[u8; 4]>::try_from(inner).ok().map(Ipv4Addr::from)
    };
    match address.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => inner(12),
        [0x2002, ..] => inner(2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn only_public_addresses_may_be_called() {
        let policy = AddressPolicy::default();
        for forbidden in
            "0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.255 127.0.0.1 \
                      127.255.0.9 169.254.0.1 169.254.169.254 172.16.0.1 172.31.255.255 \
                      192.0.0.170 192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1 198.19.255.255 \
                      198.51.100.7 203.0.113.7 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 \
                      :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 \
                      64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 100::1 2001::1 \
                      2001:0:7f00:1:: 2001:db8::1 2002:7f00:1:: 2002:a9fe:a9fe::1 2002:c0a8:1::1 \
                      3fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1 ff0e::1"
                .split(' ')
        {
            assert!(!policy.permits(address(forbidden), false), "{forbidden}");
        }
        for public in "1.1.1.1 9.255.255.255 11.0.0.1 100.63.255.255 100.128.0.1 126.0.0.1 \
                      128.0.0.1 169.253.0.1 172.15.0.1 172.32.0.1 192.167.0.1 192.169.0.1 \
                      223.255.255.255 ::ffff:1.1.1.1 64:ff9b::101:101 2002:101:101::1 \
                      2606:4700::1111 2a00:1450::1 2001:4860:4860::8888"
            .split(' ')
        {
            assert!(policy.permits(address(public), false), "{public}");
            assert!(!policy.permits(address(public), true), "{public}, plain");
        }
    }

    #[test]
    fn the_operator_may_allow_networks() {
        let policy = AddressPolicy::new(vec!["127.0.0.0/8".parse().unwrap()]);
        for (text, permitted) in
            [("127.0.0.1", true), ("::ffff:127.0.0.1", true), ("::1", false), ("10.0.0.1", false)]
        {
            assert_eq!(policy.permits(address(text), true), permitted, "{text}");
            assert_eq!(policy.permits(address(text), false), permitted, "{text}");
        }
    }

    #[test]
    fn every_notation_of_a_forbidden_address_is_seen() {
        let policy = AddressPolicy::default();
        for host in "127.0.0.1 127.1 127.0.1 2130706433 0x7f000001 0x7f.0.0.1 0177.0.0.1 \
                      017700000001 127.0.0.1. %31%32%37.0.0.1 [::1] [::] [::ffff:127.0.0.1] \
                      [0:0:0:0:0:ffff:7f00:1] [64:ff9b::127.0.0.1] 169.254.169.254 0xa9fea9fe \
                      2852039166 [fd00:ec2::254] ①②⑦.⓪.⓪.① 0 0.0.0.0"
            .split(' ')
        {
            let url = EndpointUrl::new(&format!("https://{host}/hook")).unwrap();
            assert_eq!(policy.check_url(&url), Err(RefusedUrl::Forbidden), "{host}");
        }
        let plain = EndpointUrl::new("http://example.com/").unwrap();
        assert_eq!(policy.check_url(&plain), Err(RefusedUrl::Plain));
        let allowing = AddressPolicy::new(vec!["127.0.0.0/8".parse().unwrap()]);
        let public = EndpointUrl::new("http://8.8.8.8/").unwrap();
        assert_eq!(allowing.check_url(&public), Err(RefusedUrl::Plain));
        let secure = EndpointUrl::new("https://example.com/").unwrap();
        assert_eq!(policy.check_url(&secure), Ok(()));
    }
}
