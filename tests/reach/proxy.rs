//! A proxy that knows one way only: every tunnel leads to the same server, or none is opened.

use std::io::{BufRead as _, BufReader, Write as _, copy};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

/// A running proxy; its thread ends with the test.
pub struct Proxy {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Tunnels lead there; without a server each is answered with 403.
    pub fn to(server: Option<SocketAddr>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let seen = asked.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let seen = seen.clone();
                std::thread::spawn(move || serve(stream, server, &seen));
            }
        });
        Self { address, asked }
    }

    pub fn url(&self) -> String {
        format!("http://somebody:a-password-of-the-proxy@{}", self.address)
    }

    /// The heads of the requests so far.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A connection that breaks ends its own thread and nothing else.
fn serve(stream: TcpStream, server: Option<SocketAddr>, seen: &Mutex<Vec<String>>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).ok()? > 0 {}
    seen.lock().unwrap_or_else(PoisonError::into_inner).push(head.clone());
    let mut near = stream;
    let Some(mut far) = server.filter(|_| head.starts_with("CONNECT ")).and_then(|to| TcpStream::connect(to).ok())
    else {
        return near.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno").ok();
    };
    near.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").ok()?;
    let mut back = (far.try_clone().ok()?, near.try_clone().ok()?);
    let returning = std::thread::spawn(move || {
        let copied = copy(&mut back.0, &mut back.1);
        drop(back.1.shutdown(Shutdown::Both));
        copied.is_ok()
    });
    drop(copy(&mut reader, &mut far));
    drop(far.shutdown(Shutdown::Write));
    returning.join().ok().map(drop)
}
