//! The variables that Kubernetes sets in every pod for each Service of its namespace. For Services whose names start
//! with `fieldguard` they start like a setting, although the operator never wrote them.

use std::net::IpAddr;

/// Whether Kubernetes sets a variable of this name to such a value. `rest` is the name without `FIELDGUARD_`. For a
/// Service `fieldguard-db` it begins with `DB_`.
pub(super) fn is_service_link(rest: &str, value: &str) -> bool {
    let words: Vec<&str> = rest.split('_').collect();
    match words.as_slice() {
        [.., "SERVICE", "HOST"] => is_address(value),
        [.., "PORT", port, protocol] if is_port(port) && is_protocol(protocol) => is_url(value),
        [.., "PORT", port, protocol, detail] if is_port(port) && is_protocol(protocol) => match *detail {
            "PROTO" => is_protocol(&value.to_uppercase()),
            "PORT" => value == *port,
            "ADDR" => is_address(value),
            _ => false,
        },
        // A port with a name, such as `SERVICE_PORT_HTTP`, has it at the end.
        words if words.windows(2).any(|pair| pair == ["SERVICE", "PORT"]) => is_port(value),
        [.., "PORT"] => is_url(value),
        _ => false,
    }
}

fn is_address(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok()
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok()
}

fn is_protocol(text: &str) -> bool {
    matches!(text, "TCP" | "UDP" | "SCTP")
}

/// `tcp://10.0.0.1:4000`.
fn is_url(text: &str) -> bool {
    let Some((protocol, rest)) = text.split_once("://") else { return false };
    let host = |(host, port): (&str, &str)| is_address(host.trim_matches(['[', ']'])) && is_port(port);
    is_protocol(&protocol.to_uppercase()) && rest.rsplit_once(':').is_some_and(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_services_are_recognized() {
        for (name, value) in [
            ("SERVICE_HOST", "10.96.7.1"),
            ("SERVICE_HOST", "fd00::7"),
            ("SERVICE_PORT", "4000"),
            ("SERVICE_PORT_HTTP", "4000"),
            ("SERVICE_PORT_HTTP_METRICS", "9090"),
            ("PORT", "tcp://10.96.7.1:4000"),
            ("PORT", "tcp://[fd00::7]:4000"),
            ("PORT_4000_TCP", "tcp://10.96.7.1:4000"),
            ("PORT_4000_TCP_PROTO", "tcp"),
            ("PORT_4000_TCP_PORT", "4000"),
            ("PORT_4000_TCP_ADDR", "10.96.7.1"),
            ("PORT_53_UDP_PROTO", "udp"),
            ("DB_SERVICE_HOST", "10.96.7.2"),
            ("DB_HEADLESS_PORT_5432_TCP_ADDR", "10.96.7.2"),
        ] {
            assert!(is_service_link(name, value), "{name}={value}");
        }
    }

    #[test]
    fn other_variables_are_not() {
        for (name, value) in [
            ("PORT", "4000"),
            ("PORT", "https://id.example.org:443"),
            ("PORT", "tcp://10.96.7.1"),
            ("PORTS", "tcp://10.96.7.1:4000"),
            ("SERVICE_HOST", "id.example.org"),
            ("SERVICE_HOSTS", "10.96.7.1"),
            ("SERVICE_PORT", "tcp://10.96.7.1:4000"),
            ("HOST", "10.96.7.1"),
            ("PORT_HTTP_TCP", "tcp://10.96.7.1:4000"),
            ("PORT_4000_HTTP", "tcp://10.96.7.1:4000"),
            ("PORT_4000_TCP_PORT", "4001"),
            ("PORT_4000_TCP_NAME", "tcp"),
            ("MYSERVICE_HOST", "10.96.7.1"),
            ("LISTENN", "10.96.7.1"),
        ] {
            assert!(!is_service_link(name, value), "{name}={value}");
        }
    }
}
