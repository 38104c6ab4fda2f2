//! From a URL to where the database is and how it is spoken to.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::open_error::OpenError;

/// Where the database is, and how it is spoken to.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) config: Config,
    pub(crate) tls: MakeRustlsConnect,
}

/// How much of the server's certificate is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verify {
    Nothing,
    Authority,
    Full,
}

impl Target {
    /// Reads a URL.
    pub(crate) fn of(url: &str) -> Result<Self, OpenError> {
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(OpenError::Url("it does not begin with postgres://".to_owned()));
        }
        let (rest, ssl) = split_off_ssl(url)?;
        let malformed = |error: tokio_postgres::Error| OpenError::Url(url_fault(&error));
        let mut config: Config = rest.parse().map_err(malformed)?;
        config.ssl_mode(ssl.mode);
        config.application_name("roster");
        // A standby would answer from before what was acknowledged.
        if config.get_target_session_attrs() == TargetSessionAttrs::Any {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(Duration::from_secs(10));
        }
        if config.get_hosts().is_empty() {
            return Err(OpenError::Url("it names no host".to_owned()));
        }
        // A password with what is special in it ends too early; the rest must not be told as a name.
        let target = Self { config, tls: MakeRustlsConnect::new(client_config(&ssl)?) };
        if target.name().contains('@') {
            return Err(OpenError::Url(FORM.to_owned()));
        }
        Ok(target)
    }

    /// How connections are made within a time that is enough to try every host.
    pub(crate) fn config_within(&self, limit: Duration) -> Config {
        let hosts = u32::try_from(self.config.get_hosts().len()).unwrap_or(u32::MAX);
        let share = limit / hosts.max(1);
        let wanted = self.config.get_connect_timeout().copied();
        let mut config = self.config.clone();
        config.connect_timeout(wanted.map_or(share, |wanted| wanted.min(share)));
        config
    }

    /// Which database it is, without the secrets of the URL.
    pub(crate) fn name(&self) -> String {
        let ports = self.config.get_ports();
        let hosts = self.config.get_hosts().iter().enumerate().map(|(place, host)| {
            let host = match host {
                Host::Tcp(host) => host.clone(),
                Host::Unix(path) => path.display().to_string(),
            };
            let port = ports.get(place).or(ports.first()).copied().unwrap_or(5432);
            format!("{host}:{port}")
        });
        let hosts = hosts.collect::<Vec<_>>().join(",");
        format!("{hosts}/{}", self.config.get_dbname().unwrap_or_default())
    }
}

/// Which database a URL names, without the secrets in it, once it is sure that it can be used.
pub fn database_name(url: &str) -> Result<String, OpenError> {
    Target::of(url).map(|target| target.name())
}

/// What a URL should be like.
const FORM: &str = "it should be like postgres://user:password@host:5432/database, with what is \
                    special in the password written like %40";

/// What a malformed URL has wrong. Some causes quote what they could not read, which may be a part
/// of the password; only what looks like the name of an option is told.
fn url_fault(error: &tokio_postgres::Error) -> String {
    let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    let option = cause.strip_prefix("unknown option `").and_then(|rest| rest.strip_suffix('`'));
    let is_name = |name: &&str| name.chars().all(|sign| sign.is_ascii_lowercase() || sign == '_');
    match option.filter(is_name) {
        Some(name) => format!("unknown option {name}"),
        None => FORM.to_owned(),
    }
}

/// What the URL says of TLS.
struct Ssl {
    mode: SslMode,
    verify: Verify,
    roots: Option<PathBuf>,
}

/// Takes out of a URL what only this crate understands.
fn split_off_ssl(url: &str) -> Result<(String, Ssl), OpenError> {
    let mut ssl = Ssl { mode: SslMode::Prefer, verify: Verify::Nothing, roots: None };
    // One before that belongs to the password.
    let place_from = url.find('@').unwrap_or(0);
    let Some(mark) = url[place_from..].find('?').map(|mark| place_from + mark) else {
        return Ok((url.to_owned(), ssl));
    };
    let (place, query) = (&url[..mark], &url[mark + 1..]);
    let mut kept = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let Some((name, value)) = form_urlencoded::parse(pair.as_bytes()).next() else { continue };
        match &*name {
            "sslmode" => (ssl.mode, ssl.verify) = ssl_mode(&value)?,
            "sslrootcert" => ssl.roots = Some(PathBuf::from(&*value)),
            _ => kept.push(pair),
        }
    }
    // Like libpq: who says whom to trust wants that to be looked at.
    if ssl.roots.is_some() && ssl.mode == SslMode::Require && ssl.verify == Verify::Nothing {
        ssl.verify = Verify::Authority;
    }
    Ok((format!("{place}?{}", kept.join("&")), ssl))
}

fn ssl_mode(name: &str) -> Result<(SslMode, Verify), OpenError> {
    match name {
        "disable" => Ok((SslMode::Disable, Verify::Nothing)),
        "prefer" => Ok((SslMode::Prefer, Verify::Nothing)),
        "require" => Ok((SslMode::Require, Verify::Nothing)),
        "verify-ca" => Ok((SslMode::Require, Verify::Authority)),
        "verify-full" => Ok((SslMode::Require, Verify::Full)),
        _ => Err(OpenError::Url(
            "sslmode must be disable, prefer, require, verify-ca or verify-full".to_owned(),
        )),
    }
}

fn client_config(ssl: &Ssl) -> Result<ClientConfig, OpenError> {
    let provider = Arc::new(ring::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = match ssl.verify {
        Verify::Nothing => Arc::new(Lenient { provider: Arc::clone(&provider), authority: None }),
        Verify::Authority => {
            let authority = Some(web_pki(ssl, &provider)?);
            Arc::new(Lenient { provider: Arc::clone(&provider), authority })
        }
        Verify::Full => web_pki(ssl, &provider)?,
    };
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| OpenError::Tls(error.to_string()))?;
    Ok(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
}

fn web_pki(
    ssl: &Ssl,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, OpenError> {
    let mut roots = RootCertStore::empty();
    match &ssl.roots {
        Some(path) => add_file(&mut roots, path)?,
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .map_err(|error| OpenError::Tls(error.to_string()))
}

fn add_file(roots: &mut RootCertStore, path: &Path) -> Result<(), OpenError> {
    let fault =
        |detail: String| OpenError::Tls(format!("sslrootcert {}: {detail}", path.display()));
    let pem = fs::read(path).map_err(|error| fault(error.to_string()))?;
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| fault(error.to_string()))?;
        roots.add(certificate).map_err(|error| fault(error.to_string()))?;
    }
    if roots.is_empty() { Err(fault("there is no certificate in it".to_owned())) } else { Ok(()) }
}

/// Looks at less than everything of a certificate: at who signed it, or at nothing. What is
/// spoken is hidden from who listens, as libpq's modes below `verify-full` have it.
#[derive(Debug)]
struct Lenient {
    provider: Arc<CryptoProvider>,
    authority: Option<Arc<WebPkiServerVerifier>>,
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(authority) = &self.authority else { return Ok(ServerCertVerified::assertion()) };
        let verified = authority.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        match verified {
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
