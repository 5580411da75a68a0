//! What a broken promise looks like where that takes more than a line in the handler. In a provider that keeps
//! its promises every function here changes nothing.

mod authorize;
mod classic;
mod cleartext;
mod device;
mod direct;
mod forged;
mod front;
mod keys;
mod metadata;
pub mod otp;
mod pkce;
mod practice;
mod redirect_uri;
mod registration;
mod resource;
mod signed_metadata;
mod text;
mod token;
mod web_message;

pub use authorize::*;
pub use classic::*;
pub use cleartext::*;
pub use device::*;
pub use direct::*;
pub use forged::*;
pub use front::*;
pub use keys::*;
pub use metadata::*;
pub use pkce::*;
pub use practice::*;
pub use redirect_uri::*;
pub use registration::*;
pub use resource::*;
pub use signed_metadata::*;
pub use text::*;
pub use token::*;
pub use web_message::*;
