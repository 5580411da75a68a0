//! An answer read from a stream of bytes, within the limits. What cannot be read is `Err` with the reason in words.

use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::exchange::Response;

use super::limits;

/// Reads the answer to a request of this method.
pub async fn read<S: AsyncRead + Unpin>(stream: S, method: &str) -> Result<Response, String> {
    Incoming::from(stream).response(method).await
}

/// A stream of answers.
pub struct Incoming<S> {
    /// Where they come from.
    pub stream: S,
    /// What has come and is not read yet.
    pub buffer: Vec<u8>,
}

impl<S> From<S> for Incoming<S> {
    fn from(stream: S) -> Self {
        Self { stream, buffer: Vec::new() }
    }
}

impl<S: AsyncRead + Unpin> Incoming<S> {
    /// The next answer, to a request of this method.
    pub async fn response(&mut self, method: &str) -> Result<Response, String> {
        let mut response = self.head().await?;
        while response.status / 100 == 1 {
            response = self.head().await?;
        }
        if method != "HEAD" && !matches!(response.status, 204 | 304) {
            response.body = self.body(&response).await?;
        }
        Ok(response)
    }

    async fn head(&mut self) -> Result<Response, String> {
        loop {
            if let Some((response, length)) = head(&self.buffer)? {
                self.buffer.drain(..length);
                return Ok(response);
            }
            if self.buffer.len() > limits::HEAD {
                return Err("the head of the answer does not end".into());
            }
            if !self.more().await? {
                return Err(match self.buffer.is_empty() {
                    true => "the connection was closed without an answer".into(),
                    false => "the head of the answer is cut short".into(),
                });
            }
        }
    }

    async fn body(&mut self, response: &Response) -> Result<Vec<u8>, String> {
        let coding = response.header("transfer-encoding").unwrap_or_default();
        if coding.to_ascii_lowercase().contains("chunked") {
            return self.chunks().await;
        }
        // Which of two lengths holds is where answers are smuggled in; a browser refuses, too.
        let mut lengths = response.headers.iter().filter(|(name, _)| name == "content-length").map(|(_, value)| value);
        let length = lengths.next();
        if lengths.any(|other| Some(other) != length) {
            return Err("the answer gives two lengths that contradict each other".into());
        }
        match length.and_then(|length| length.trim().parse().ok()) {
            Some(length) => self.exactly(limits::BODY.min(length)).await,
            None => Ok(self.until_closed().await),
        }
    }

    async fn chunks(&mut self) -> Result<Vec<u8>, String> {
        let mut body = Vec::new();
        loop {
            let size = self.chunk_size().await?;
            let wanted = size.min(limits::BODY - body.len());
            body.extend(self.exactly(wanted).await?);
            if size == 0 || body.len() == limits::BODY {
                return Ok(body);
            }
            self.exactly(2).await?;
        }
    }

    async fn chunk_size(&mut self) -> Result<usize, String> {
        loop {
            match httparse::parse_chunk_size(&self.buffer) {
                Ok(httparse::Status::Complete((length, size))) => {
                    self.buffer.drain(..length);
                    return Ok(usize::try_from(size).unwrap_or(usize::MAX));
                }
                Ok(httparse::Status::Partial) if self.buffer.len() <= limits::HEAD => {}
                _ => return Err("the chunks of the body cannot be read".into()),
            }
            if !self.more().await? {
                return Err("the body is cut short".into());
            }
        }
    }

    async fn exactly(&mut self, length: usize) -> Result<Vec<u8>, String> {
        while self.buffer.len() < length {
            if !self.more().await? {
                return Err("the body is cut short".into());
            }
        }
        let rest = self.buffer.split_off(length);
        Ok(std::mem::replace(&mut self.buffer, rest))
    }

    /// Without a length any end is the end, a rude one too.
    async fn until_closed(&mut self) -> Vec<u8> {
        while self.buffer.len() < limits::BODY && self.more().await.unwrap_or(false) {}
        self.buffer.truncate(limits::BODY);
        std::mem::take(&mut self.buffer)
    }

    /// Whether anything came before the end.
    pub async fn more(&mut self) -> Result<bool, String> {
        self.buffer.reserve(CHUNK);
        let count = self.stream.read_buf(&mut self.buffer).await;
        Ok(count.map_err(|error| error.to_string())? > 0)
    }
}

/// At least so many bytes are read at once, if there are.
const CHUNK: usize = 4 << 10;

/// The head, and how many bytes it takes; `None` while it is not whole.
fn head(buffer: &[u8]) -> Result<Option<(Response, usize)>, String> {
    let mut fields = [httparse::EMPTY_HEADER; limits::FIELDS];
    let mut parsed = httparse::Response::new(&mut fields);
    let length = match parsed.parse(buffer) {
        Ok(httparse::Status::Partial) => return Ok(None),
        Ok(httparse::Status::Complete(length)) => length,
        Err(error) => return Err(format!("the answer is no HTTP: {error}")),
    };
    let headers = parsed.headers.iter();
    let headers = headers.map(|field| (field.name.to_ascii_lowercase(), limits::text(field.value))).collect();
    let response = Response { status: parsed.code.unwrap_or(0), headers, body: Vec::new() };
    Ok(Some((response, length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn answer(bytes: &[u8]) -> Result<Response, String> {
        read(bytes, "GET").await
    }

    async fn body(bytes: &[u8]) -> Result<String, String> {
        answer(bytes).await.map(|response| response.text())
    }

    #[tokio::test]
    async fn bodies_end_by_length_by_chunks_or_by_the_end() {
        let length = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc";
        assert_eq!(body(length).await.as_deref(), Ok("ab"));
        let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\n1\r\nc\r\n0\r\n\r\n";
        assert_eq!(body(chunked).await.as_deref(), Ok("abc"));
        assert_eq!(body(b"HTTP/1.0 200 OK\r\n\r\nabc").await.as_deref(), Ok("abc"));
        let interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n";
        assert_eq!(answer(interim).await.map(|answer| answer.status), Ok(204));
    }

    #[tokio::test]
    async fn fields_keep_their_order_and_bytes_become_text() {
        let bytes = b"HTTP/1.1 302 Found\r\nSet-Cookie: a=1\r\nX: caf\xe9\r\nset-cookie: b=2\r\n\r\n";
        let names = ["set-cookie", "x", "set-cookie"];
        let headers = answer(bytes).await.unwrap().headers;
        assert!(headers.iter().map(|(name, _)| name.as_str()).eq(names));
        assert_eq!(headers[1].1, "café");
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_a_reason_in_words() {
        let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "a: b\r\n".repeat(limits::FIELDS + 1));
        let long = format!("HTTP/1.1 200 OK\r\na: {}", "b".repeat(limits::HEAD + 1));
        let table: [(&[u8], &str); 7] = [
            (b"", "closed without an answer"),
            (b"HTTP/1.1 200", "cut short"),
            (b"\x00\xffgarbage\r\n\r\n", "no HTTP"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", "cut short"),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "chunks"),
            (many.as_bytes(), "no HTTP"),
            (long.as_bytes(), "does not end"),
        ];
        for (bytes, reason) in table {
            let error = answer(bytes).await.unwrap_err();
            assert!(error.contains(reason), "{error}");
        }
    }

    #[tokio::test]
    async fn bodies_without_an_end_are_cut() {
        let endless = tokio::io::repeat(b'a');
        let heads = [
            "HTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
        ];
        for head in heads {
            let stream = head.as_bytes().chain(tokio::io::repeat(b'a'));
            let response = read(stream, "GET").await.unwrap();
            assert!(response.is_cut() && response.body.len() == limits::BODY, "{head}");
        }
        assert!(read(endless, "GET").await.is_err());
    }
}
