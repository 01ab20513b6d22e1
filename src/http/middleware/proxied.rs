//! The PROXY protocol, versions 1 and 2: a proxy that passes connections on without looking into them, as where TLS ends here, says before
//! the first byte whose each is. Only proxies that are named may say it, and they have to.

use proxy_header::{ParseConfig, ProxyHeader};
use std::io;
use std::net::IpAddr;
use tokio::io::{AsyncRead, AsyncReadExt};

/// How version 2 begins.
const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
/// Bytes of the longest header of version 1.
const MOST_1: usize = 107;
/// Bytes of version 2 behind its first 16: addresses, and what else a proxy knows, such as a client's certificate.
const MOST_2: usize = 4096;

/// Reads the header and no byte more: the address that the connection is of, none where it is the proxy's own.
pub(super) async fn source(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<IpAddr>> {
    let mut head = vec![0; SIGNATURE.len()];
    stream.read_exact(&mut head).await?;
    if head == SIGNATURE {
        head.resize(16, 0);
        stream.read_exact(&mut head[12..]).await?;
        let rest = u16::from_be_bytes([head[14], head[15]]) as usize;
        if rest > MOST_2 {
            return Err(malformed());
        }
        head.resize(16 + rest, 0);
        stream.read_exact(&mut head[16..]).await?;
    } else if head.starts_with(b"PROXY ") {
        while !head.ends_with(b"\r\n") {
            if head.len() == MOST_1 {
                return Err(malformed());
            }
            head.push(stream.read_u8().await?);
        }
    } else {
        return Err(malformed());
    }
    let (header, length) = ProxyHeader::parse(&head, ParseConfig::default()).map_err(|_| malformed())?;
    if length != head.len() {
        return Err(malformed());
    }
    Ok(header.proxied_address().map(|of| of.source.ip()))
}

fn malformed() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "a connection of a named proxy begins without a header of the PROXY protocol",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(bytes: &[u8]) -> (io::Result<Option<IpAddr>>, usize) {
        let mut left = bytes;
        let found = source(&mut left).await;
        (found, left.len())
    }

    fn version_2(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let length = (rest.len() as u16).to_be_bytes();
        [SIGNATURE.as_slice(), &[0x20 | command, family], &length, rest].concat()
    }

    #[tokio::test]
    async fn a_header_is_read_and_no_byte_more() {
        let of = |ip: &str| Some(ip.parse().unwrap());
        let v4 = [10, 1, 2, 3, 10, 0, 0, 1, 0x1f, 0x90, 0, 80];
        let v6 = ["2001:db8::7", "2001:db8::1"].map(|ip| ip.parse::<std::net::Ipv6Addr>().unwrap().octets()).concat();
        let with_more = [v4.as_slice(), &[0x04, 0, 3, 1, 2, 3]].concat();
        let unix = [0; 216];
        let cases: [(Vec<u8>, Option<IpAddr>); 9] = [
            (b"PROXY TCP4 10.1.2.3 10.0.0.1 8080 80\r\n".to_vec(), of("10.1.2.3")),
            (b"PROXY TCP6 2001:db8::7 2001:db8::1 8080 80\r\n".to_vec(), of("2001:db8::7")),
            (b"PROXY UNKNOWN\r\n".to_vec(), None),
            (b"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n".to_vec(), None),
            (version_2(1, 0x11, &v4), of("10.1.2.3")),
            (version_2(1, 0x21, &[v6.as_slice(), &[1, 2, 3, 4]].concat()), of("2001:db8::7")),
            (version_2(1, 0x11, &with_more), of("10.1.2.3")),
            // the proxy's own, as it looks whether the service lives
            (version_2(0, 0x00, &[]), None),
            (version_2(1, 0x31, &unix), None),
        ];
        for (header, expected) in cases {
            let (found, left) = read(&[header.as_slice(), b"GET / HTTP/1.1\r\n\r\n"].concat()).await;
            assert_eq!((found.unwrap(), left), (expected, 18), "{}", header.escape_ascii());
        }
    }

    #[tokio::test]
    async fn anything_else_is_refused() {
        let v4 = [10, 1, 2, 3, 10, 0, 0, 1, 0x1f, 0x90, 0, 80];
        let long = [b"PROXY UNKNOWN ".as_slice(), &[b'x'; 200], b"\r\n"].concat();
        let cases: [Vec<u8>; 11] = [
            b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(),
            b"PROXY".to_vec(),
            b"PROXY TCP4 10.1.2.3 10.0.0.1 8080\r\n".to_vec(),
            b"PROXY TCP4 2001:db8::7 10.0.0.1 8080 80\r\n".to_vec(),
            b"PROXY TCP4 10.1.2.3 10.0.0.1 8080 99999\r\n".to_vec(),
            b"proxy tcp4 10.1.2.3 10.0.0.1 8080 80\r\n".to_vec(),
            long,
            version_2(1, 0x11, &v4[..8]),
            version_2(7, 0x11, &v4),
            version_2(1, 0x11, &[0; MOST_2 + 1]),
            SIGNATURE.to_vec(),
        ];
        for header in cases {
            let (found, _) = read(&header).await;
            assert!(found.is_err(), "{}: {found:?}", header.escape_ascii());
        }
        // each beginning of a header that is whole
        for header in [b"PROXY TCP4 10.1.2.3 10.0.0.1 8080 80\r\n".to_vec(), version_2(1, 0x11, &v4)] {
            for length in 0..header.len() {
                assert!(read(&header[..length]).await.0.is_err(), "{length}");
            }
        }
    }
}
