//! `[tls]` of a target file, and the files that it names.

use std::path::Path;

use schemars::JsonSchema;
use serde::Deserialize;

/// TLS.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Tls {
    /// A file with the certificate (PEM) of an authority that is trusted besides the system's; relative to the target file.
    pub ca: Option<String>,
    /// A file with the certificate (PEM, with its chain) that is shown where the server asks for one; relative to the target file.
    pub client_cert: Option<String>,
    /// A file with its private key (PEM); `client_cert` has it unless given.
    pub client_key: Option<String>,
    /// Whether a certificate that proves nothing is put up with. Reports say so: whoever is on the way can be the server.
    pub insecure: bool,
    /// An origin, `http://…`, at which the same host may be asked without TLS: nothing should be served there. Tokens and
    /// secrets travel to it in the clear, so name it for a server that only serves tests.
    pub cleartext: Option<String>,
    /// The text of the file `ca`.
    #[serde(skip)]
    pub authority: Option<String>,
    /// The texts of the files `client_cert` and `client_key`.
    #[serde(skip)]
    pub identity: Option<Identity>,
}

/// With what the harness proves itself in a handshake.
#[derive(Clone, Default)]
pub struct Identity {
    /// A chain of certificates in PEM.
    pub certificate: String,
    /// The private key of the first one, in PEM.
    pub key: String,
}

/// The key is nobody's business.
impl std::fmt::Debug for Identity {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Identity").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

/// A file that cannot be used: as it is named, why, and what helps.
pub type Unusable = (String, String, &'static str);

impl Tls {
    /// Reads the files that it names; relative ones lie in this folder.
    pub fn read(&mut self, folder: &Path) -> Result<(), Unusable> {
        let read = |name: &Option<String>, what| name.as_ref().map(|name| pem(folder, name, what)).transpose();
        self.authority = read(&self.ca, AUTHORITY)?;
        let key_file = self.client_key.clone().or_else(|| self.client_cert.clone());
        self.identity = match (read(&self.client_cert, CERTIFICATE)?, read(&key_file, KEY)?) {
            (Some(certificate), Some(key)) => Some(Identity { certificate, key }),
            (None, Some(_)) => {
                return Err((key_file.unwrap_or_default(), "it is a key without `client_cert`".into(), CERTIFICATE.1));
            }
            (_, None) => None,
        };
        Ok(())
    }

    /// Trusts the authority of this file, too.
    pub fn trust(&mut self, file: &Path) -> Result<(), Unusable> {
        let more = pem(Path::new(""), &file.display().to_string(), AUTHORITY)?;
        self.authority = Some(self.authority.take().map_or_else(|| more.clone(), |known| format!("{known}\n{more}")));
        Ok(())
    }
}

/// What a file has to contain, and what helps where it does not.
type Kind = (&'static str, &'static str);
const AUTHORITY: Kind = ("CERTIFICATE", "give the certificate of the authority in PEM");
const CERTIFICATE: Kind =
    ("CERTIFICATE", "give the certificate for clients in PEM as `client_cert`, its chain behind it");
const KEY: Kind = ("PRIVATE KEY", "give the key of the certificate in PEM, not encrypted");

fn pem(folder: &Path, name: &str, (label, help): Kind) -> Result<String, Unusable> {
    let file = folder.join(name);
    let wrong = |error: String| (name.to_owned(), format!("{}: {error}", file.display()), help);
    let text = std::fs::read_to_string(&file).map_err(|error| wrong(error.to_string()))?;
    let has =
        text.lines().any(|line| line.starts_with("-----BEGIN ") && line.trim_end().ends_with(&format!("{label}-----")));
    if has { Ok(text) } else { Err(wrong(format!("there is no {} in it", label.to_lowercase()))) }
}
