//! The provider as its clients and its users see it, through `handle` alone.

mod any_bytes;
mod assertions;
mod audiences;
mod browser;
mod classic;
mod defects;
mod desk;
mod device;
mod dpop;
mod flows;
mod http;
mod probe;
mod refusals;
mod registration;
mod signer;
